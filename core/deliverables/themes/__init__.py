"""The looks of houses that deliverables are handed over in."""
