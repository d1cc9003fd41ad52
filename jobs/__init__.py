"""What runs by the clock or on request: one job a file, found by its place, and the processes that run them."""
