"""What a package says of itself, signed, and how anybody checks it."""
