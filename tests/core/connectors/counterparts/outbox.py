"""The outbox folder, as the contract suite sees it: no account, and nothing that could trouble it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from core.connectors.plan import Plan
from tests.core.connectors.counterpart import Counterpart, Trouble
from tests.core.connectors.counterparts.smtp import shows


class OutboxCounterpart(Counterpart):
    system = None
    troubles = frozenset[Trouble]()

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def settings(self) -> Mapping[str, Any]:
        return {"var_dir": self._folder, "email_from": "Countersign <ops@example.com>"}

    def account(self) -> Mapping[str, Any]:
        return {}

    def wrong_account(self) -> None:
        return None

    def calls(self) -> Mapping[str, Mapping[str, Any]]:
        letter = {
            "to": ["ravi@example.com"], "subject": "Größe", "body": "Grüße,\n\nAsha\n", "html": "<p>Grüße,</p>\n",
            "reply_to": "asha@example.com", "bulk": True, "unsubscribe": "https://example.com/leave?who=1",
        }  # fmt: skip
        return {"email_send": letter}

    def effects(self) -> int:
        return len(list(self._folder.glob("outbox/*.eml")))

    def holds(self, plan: Plan) -> bool:
        (file,) = self._folder.glob("outbox/*.eml")
        return shows(message_from_bytes(file.read_bytes(), policy=policy.default), plan)

    def befall(self, trouble: Trouble) -> None:
        """A folder has none of them."""


@contextmanager
def running() -> Iterator[Counterpart]:
    with tempfile.TemporaryDirectory() as folder:
        yield OutboxCounterpart(Path(folder))
