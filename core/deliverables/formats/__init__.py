"""One file a format, found by its place: each renders the same report."""
