"""What work costs and what it saves: rate cards, calculator profiles, dated exchange rates."""
