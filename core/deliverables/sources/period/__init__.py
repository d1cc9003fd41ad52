"""The source that reports on the figures of a period."""

from core.deliverables.sources.period.source import SOURCE as SOURCE
