"""The REST API: one router a resource, found by its place; it calls services and queries and holds no rule."""
