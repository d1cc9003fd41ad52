"""What an installation looks like from outside: its numbers for a monitoring system, and whether it is ready."""
