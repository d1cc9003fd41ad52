"""The basic kinds of step, one file each; a file with a `KIND` is found by its place."""
