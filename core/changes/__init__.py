"""Rows that change tell it to this process: one connection that listens, any number of listeners."""
