"""The append-only chain of who did what, when, before and after."""
