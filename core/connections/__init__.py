"""Accounts of outside systems: kept encrypted, tested, switched off, and found by the operations that act through them."""
