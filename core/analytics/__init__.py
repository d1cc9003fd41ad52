"""Savings, rates, durations and trends, from rollups."""
