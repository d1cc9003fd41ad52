"""The doubles of outside systems, as the contract suite sees them."""
