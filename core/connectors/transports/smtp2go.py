"""E-mail through SMTP2GO's HTTP API; an answer of 200 may still say that nothing was sent."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from core.connectors.plan import Message, Receipt, confirmed, rejected, unknown
from core.connectors.transports.calls import CallFailed, Lost, receipt_of, sentence
from core.connectors.transports.http import Answer, HttpApi, Means
from core.connectors.transports.mime import NOTHING, Enclosed, list_headers, message_id

PUBLIC_API = "https://api.smtp2go.com/v3"

ANSWERS: Mapping[int, Means] = {
    400: Means.REFUSED,
    401: Means.SIGN_IN,
    402: Means.REFUSED,  # understood, and not done
    403: Means.SIGN_IN,  # the key lacks the permission
    429: Means.LATER,  # for a minute at least
}
"""What its statuses mean (developers.smtp2go.com/docs/response-codes); 5xx: nobody knows."""

CODES: Mapping[str, Means] = {
    "E_ApiResponseCodes.ENDPOINT_PERMISSION_DENIED": Means.SIGN_IN,
    "E_ApiResponseCodes.NON_VALIDATING_IN_PAYLOAD": Means.REFUSED,
    "E_ApiResponseCodes.API_EXCEPTION": Means.REFUSED,
}
"""What its own codes mean beneath a status of 4xx; they come with 400, whatever the reason is."""


class Smtp2go:
    """One API key and one verified sender. Two messages with the same Message-ID are two messages to it."""

    leaves_machine = True
    repeatable = False

    def __init__(self, base: str, key: str, sender: str, *, timeout: float) -> None:
        self.sender = sender
        self._base = base
        self._api = HttpApi(
            base, headers={"x-smtp2go-api-key": key}, timeout=timeout,
            answers=ANSWERS, words=_words, codes=_meaning,
        )  # fmt: skip

    @property
    def account(self) -> str:
        return f"SMTP2GO at {self._base} for {self.sender}"

    def send(self, message: Message, key: str, enclosed: Enclosed = NOTHING) -> Receipt:
        reference = message_id(key, message.sender)
        try:
            answer = self._api.send("POST", "/email/send", json=_body(message, reference, enclosed))
            return _receipt(answer, reference, len(message.recipients))
        except Lost as problem:
            return unknown(
                f"SMTP2GO did not answer ({str(problem).rstrip('.')}). It may have been sent: look for "
                f"“{message.subject}” in SMTP2GO under Reports → Activity.",
                reference=reference,
            )
        except CallFailed as problem:
            return receipt_of(problem, "SMTP2GO")

    def find(self, message: Message, key: str) -> Receipt | None:
        return None  # its search finds subjects and addresses, no Message-ID: another letter may look the same

    def test(self) -> str:
        """Asks how much of the month's allowance is used; sends nothing."""
        answer = self._api.ask("/stats/email_cycle", method="POST", json={}).object()
        data = answer.get("data")
        used = data if isinstance(data, Mapping) else {}
        counts = f" {used['cycle_used']} of {used['cycle_max']} e-mails of this month are used." if used else ""
        return f"Signed in to SMTP2GO.{counts}"

    def close(self) -> None:
        self._api.close()


def _body(message: Message, reference: str, enclosed: Enclosed) -> dict[str, Any]:
    headers = {"Message-ID": reference, **list_headers(enclosed.unsubscribe)}
    if enclosed.reply_to:
        headers["Reply-To"] = enclosed.reply_to
    body: dict[str, Any] = {
        "sender": message.sender, "to": list(message.recipients), "subject": message.subject,
        "text_body": message.text,
        "custom_headers": [{"header": name, "value": value} for name, value in headers.items()],
    }  # fmt: skip
    if message.html is not None:
        body["html_body"] = message.html
    if enclosed.attachments:
        body["attachments"] = [
            {"filename": one.name, "fileblob": b64encode(one.data).decode(), "mimetype": one.media_type}
            for one in enclosed.attachments
        ]
    return body


def _receipt(answer: Answer, reference: str, recipients: int) -> Receipt:
    data = answer.object().get("data")
    if not isinstance(data, Mapping) or not isinstance(data.get("succeeded"), int):
        raise Lost("the answer could not be read")
    sent, failures = data["succeeded"], [str(one) for one in data.get("failures") or ()]
    told = sentence("; ".join(failures) or "no reason was given")
    if sent == 0:
        return rejected(f"SMTP2GO sent it to nobody: {told}", failures=failures)
    words = "Accepted by SMTP2GO."
    if data.get("failed") or sent < recipients:
        words = f"Accepted by SMTP2GO for {sent} of {recipients} recipients. Not for the others: {told}"
    name = str(data.get("email_id") or reference)
    return confirmed(words, reference=name, message_id=reference, failures=failures)


def _error(answer: Answer) -> Mapping[str, Any]:
    """Errors come bare or below `data`, depending on what refused."""
    said = answer.object()
    inner = said.get("data")
    return inner if isinstance(inner, Mapping) and "error" in inner else said


def _words(answer: Answer) -> str:
    said = _error(answer)
    fields = said.get("field_validation_errors")
    if isinstance(fields, Mapping) and fields.get("message"):
        return str(fields["message"])
    return str(said.get("error") or f"it answered {answer.status}")


def _meaning(answer: Answer) -> Means | None:
    return CODES.get(str(_error(answer).get("error_code"))) if 400 <= answer.status < 500 else None
