"""Measurements, each a ratio or a figure with its target beside it; run with `make bench`, never as tests."""
