"""Execution and outcome logic: everything Countersign knows, with no screen and no HTTP in it."""
