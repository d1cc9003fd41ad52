"""Social networks: how each counts, publishes, finds and deletes; one module a network."""
