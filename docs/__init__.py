"""Documents, and the scripts that keep their pictures true."""
