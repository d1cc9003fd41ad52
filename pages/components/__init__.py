"""The widgets pages share; each returns a value or calls one service."""
