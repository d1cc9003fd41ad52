"""Roads to the outside that connectors share or choose between; nothing here is an operation."""
