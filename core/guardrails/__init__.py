"""What this installation lets happen: rules as data, judged at proposal, at approval and again at execution."""
