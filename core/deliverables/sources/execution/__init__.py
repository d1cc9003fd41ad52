"""The source that reports on one run."""

from core.deliverables.sources.execution.source import SOURCE as SOURCE
