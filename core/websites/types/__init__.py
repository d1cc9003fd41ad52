"""One folder a type, found by its place: what is asked, which pages come of it, and what must be true in the end."""
