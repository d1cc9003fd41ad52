"""How the processes are started, on one machine and on several."""
