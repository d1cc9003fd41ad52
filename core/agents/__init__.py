"""What agents ask for in words or by name, put before people: runs of workflows, proposed and started as approved."""
