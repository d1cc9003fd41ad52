"""Workflow definitions: the model, its validation, and the revisions an installation has seen."""
