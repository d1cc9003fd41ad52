"""Durable execution on DBOS: enqueue, run, fail over. Nothing outside this room imports DBOS."""
