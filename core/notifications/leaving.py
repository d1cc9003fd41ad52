"""Whether anything may leave this machine now: notifications obey the kill switch like everything else."""

from __future__ import annotations

from core.database.unit_of_work import UnitOfWork
from core.guardrails import row as guardrails
from core.guardrails.limits import ExecutionMode
from core.settings import Settings


def may_leave(uow: UnitOfWork, settings: Settings, *, channel: str | None = None) -> bool:
    """True if execution is on (and `channel` open, where one is named). Nobody changes that until `uow` ends.

    Preview means that nothing leaves this machine, so not even a call to another port of it: who listens there may
    pass it on. Guardrails that cannot be read let nothing out.
    """
    limits = guardrails.current(uow, settings, hold=True)
    if limits.damaged or limits.mode is not ExecutionMode.ON:
        return False
    return channel is None or channel in limits.channels
