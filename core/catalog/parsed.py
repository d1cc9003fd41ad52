"""Definitions read once: a revision never changes, so what its digest names is parsed once a process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from core.catalog.automated import AutomatedWorkflow
from core.catalog.model import GuidedWorkflow
from core.catalog.tables import WorkflowKind

MOST_KEPT = 256

_kept: OrderedDict[str, GuidedWorkflow | AutomatedWorkflow] = OrderedDict()
_lock = Lock()


def parsed(digest: str, kind: WorkflowKind, source: Mapping[str, Any]) -> GuidedWorkflow | AutomatedWorkflow:
    found = kept(digest)
    if found is None:
        model = AutomatedWorkflow if kind is WorkflowKind.AUTOMATED else GuidedWorkflow
        found = model.model_validate(source)
        with _lock:
            _kept[digest] = found
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
    return found


def kept(digest: str) -> GuidedWorkflow | AutomatedWorkflow | None:
    """What was parsed before; None where it must be fetched."""
    with _lock:
        found = _kept.get(digest)
        if found is not None:
            _kept.move_to_end(digest)
    return found
