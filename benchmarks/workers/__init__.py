"""The processes that the benchmark of runs starts: our worker, a plain DBOS one, and what both wait for."""
