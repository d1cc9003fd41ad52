"""What came of a run: metrics, units, proofs, review."""
