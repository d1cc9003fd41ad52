"""One page a file: who may be here, fetch, show, act."""
