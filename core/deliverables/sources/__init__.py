"""One file a source, found by its place: each reads what is known of one thing and makes a report of it."""
