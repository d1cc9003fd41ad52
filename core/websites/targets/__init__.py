"""One file a target, found by its place: where a site is published, and how it is taken back."""
