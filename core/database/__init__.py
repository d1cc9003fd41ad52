"""PostgreSQL: the engine, the embedded server, the schema's base and the unit of work."""
