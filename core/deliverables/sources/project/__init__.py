"""The source that reports on a project."""

from core.deliverables.sources.project.source import SOURCE as SOURCE
