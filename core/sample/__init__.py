"""A believable half year of sample data, marked as such and removable."""
