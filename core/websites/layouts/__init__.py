"""One folder a layout, found by its place: how the same site looks."""
