"""SMTP2GO, as the contract suite sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from core.connectors.plan import Plan
from tests.core.connectors.counterpart import Counterpart, Trouble
from tests.doubles.smtp2go import KEY, Smtp2goServer, running_smtp2go

_BEFALLS = {
    Trouble.REFUSED: "refuse", Trouble.THROTTLED: "throttle", Trouble.LOST_BEFORE: "lose_before",
    Trouble.LOST_AFTER: "lose_after", Trouble.SILENT: "silent", Trouble.GATEWAY: "gateway",
}  # fmt: skip


class Smtp2goCounterpart(Counterpart):
    system = "smtp2go"
    secrets = (KEY,)

    def __init__(self, server: Smtp2goServer) -> None:
        self._server = server

    def account(self) -> Mapping[str, Any]:
        return {"api_key": KEY, "sender": "Countersign <ops@example.com>", "base_url": self._server.url}

    def wrong_account(self) -> Mapping[str, Any]:
        return {**self.account(), "api_key": "api-wrong"}

    def calls(self) -> Mapping[str, Mapping[str, Any]]:
        letter = {
            "to": ["ravi@example.com", "mona@example.com"], "subject": "Größe", "body": "Grüße,\n\nAsha\n",
            "html": "<p>Grüße,</p><p>Asha</p>", "reply_to": "asha@example.com",
            "bulk": True, "unsubscribe": "https://example.com/leave?who=1",
        }  # fmt: skip
        return {"email_send": letter}

    def effects(self) -> int:
        return len(self._server.sent)

    def holds(self, plan: Plan) -> bool:
        (letter,) = self._server.sent
        assert plan.message is not None
        headers = {one["header"]: one["value"] for one in letter["custom_headers"]}
        shown = {change.field: change.after for change in plan.changes}
        return (
            (letter["sender"], tuple(letter["to"]), letter["subject"], letter["text_body"], letter["html_body"])
            == (plan.message.sender, plan.message.recipients, plan.message.subject, plan.message.text,
                plan.message.html)
            and headers["Reply-To"] == shown["reply_to"]
            and headers["List-Unsubscribe"] == f"<{shown['unsubscribe']}>"
            and headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        )  # fmt: skip

    def befall(self, trouble: Trouble) -> None:
        self._server.befalls = _BEFALLS[trouble]


@contextmanager
def running() -> Iterator[Counterpart]:
    with running_smtp2go() as server:
        yield Smtp2goCounterpart(server)
