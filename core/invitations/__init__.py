"""Links by which somebody without an account, or another program, answers one gate of one run."""
