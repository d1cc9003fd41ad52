"""Runs of workflows: states, guided progress, time kept apart."""
