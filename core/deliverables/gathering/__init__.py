"""What several sources tell: decisions, audit entries, outcomes, and phrases they share."""
