"""What the jobs did: slots, runs and results."""
