"""A dashboard process on a filled database, an empty route beside it, and a client that costs little."""
