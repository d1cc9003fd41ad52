"""The kinds of step from inputs to a published, measured site: one a file, found by its place."""
