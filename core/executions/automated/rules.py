"""The states of nodes, gates and model calls, and what each means to those who read a run."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from core.errors import CountersignError


class NodeState(StrEnum):
    """Of a step or an item. All but `waiting` are the words of SPEC W3."""

    PENDING = "pending"
    EXECUTING = "executing"
    CLARIFYING = "clarifying"
    """A model asked, and people have not answered."""
    QA_CHECKING = "qa_checking"
    """A word of SPEC W3 that no row holds: a document is checked before the transaction that keeps it."""
    REMEDIATING = "remediating"
    WAITING = "waiting"
    """At any other gate."""
    COMPLETED = "completed"
    FAILED = "failed"


AT_GATE = frozenset({NodeState.CLARIFYING, NodeState.WAITING})
OVER = frozenset({NodeState.COMPLETED, NodeState.FAILED})

STEP_WORDS: Mapping[NodeState, str] = {
    **{state: state.value for state in NodeState},
    NodeState.WAITING: NodeState.EXECUTING.value,
}
"""As SPEC W3 names a step's state."""


class GateKind(StrEnum):
    START = "start"
    """A step that a person starts (`execution_mode: manual`)."""
    CLARIFICATION = "clarification"
    """A model's questions."""
    FORM = "form"
    """A person writes the document."""
    GUIDE = "guide"
    """A person does the step."""
    ACCEPTANCE = "acceptance"
    APPROVAL = "approval"
    VOTE = "vote"
    ACTION = "action"
    """A proposed action; its own card decides."""
    TIME = "time"


DECIDED = frozenset({GateKind.ACCEPTANCE, GateKind.APPROVAL, GateKind.VOTE})
"""Opened by ballots."""

ANSWERED = frozenset({GateKind.START, GateKind.CLARIFICATION, GateKind.FORM, GateKind.GUIDE})
"""Opened by what one person answers; who may is asked of the decision engine as well."""


class GateState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    """The run ended, or its step began anew."""


class CallOutcome(StrEnum):
    """What a model's call gave."""

    RECEIVED = "received"
    """Kept, and nothing made of it yet."""
    DOCUMENT = "document"
    QUESTIONS = "questions"
    SENT_BACK = "sent_back"
    """Quality assurance found errors."""
    FAILED = "failed"
    """No answer came; `response` says why."""


MOST_ATTEMPTS = 3
"""How often an output may be sent back, per item (SPEC W5)."""

MOST_CLARIFICATIONS = 10
"""Rounds of questions of one step; a model that asks more gets nowhere."""


class GateClosed(CountersignError):
    """This was answered already, by {who}. Nothing was changed."""

    http_status = 409


class GateChanged(CountersignError):
    """What you saw is not what is asked now. Look at it again; nothing was changed."""

    http_status = 409
