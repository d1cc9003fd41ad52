"""Past runs from event logs, so that a new installation starts with its own history."""
