"""Keys that make a repeated request the same request, kept durably until they expire."""
