"""Projects: plans with many items over several channels, approved once and executed item by item."""
