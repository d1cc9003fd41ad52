"""Which workflow suits whom, with n, interval and reason."""
