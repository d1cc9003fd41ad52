"""Adding a webhook, and its secret, which is shown once with the way to verify what is signed with it."""

from __future__ import annotations

import streamlit as st

from core.notifications.queries import WebhookView
from core.notifications.rules import WebhookEvent
from core.notifications.webhooks import NewSecret
from pages.components.page import Screen, carried_out, perform, show_messages
from pages.components.words import plain

_MADE = "_made_webhook_secret"
_PLACE = "new-webhook"

EVENT_WORDS = {
    WebhookEvent.DECISION_WAITING: "Waits",
    WebhookEvent.DECISION_CLOSED: "Made",
    WebhookEvent.ACTION_APPROVED: "Approved",
    WebhookEvent.ACTION_REJECTED: "Rejected",
    WebhookEvent.ACTION_EXECUTED: "Executed",
    WebhookEvent.ACTION_FAILED: "Failed",
    WebhookEvent.ACTION_UNKNOWN: "Outcome unknown",
    WebhookEvent.ACTION_EXPIRED: "Expired",
    WebhookEvent.EXECUTION_STARTED: "Started",
    WebhookEvent.EXECUTION_COMPLETED: "Completed",
    WebhookEvent.EXECUTION_FAILED: "Failed",
    WebhookEvent.EXECUTION_CANCELLED: "Cancelled",
    WebhookEvent.OUTCOME_LOGGED: "Logged",
    WebhookEvent.OUTCOME_REVIEWED: "Reviewed",
    WebhookEvent.PACKAGE_COMPLETED: "Ready",
    WebhookEvent.PACKAGE_FAILED: "Failed",
}
_FAMILIES = {
    "decision": "Decisions", "action": "Actions", "execution": "Runs", "outcome": "Outcomes", "package": "Packages",
}  # fmt: skip

_SUBJECTS = {
    "decision": "Decision", "action": "Action", "execution": "Run", "outcome": "Outcome", "package": "Package",
}  # fmt: skip


def event_title(event: WebhookEvent) -> str:
    """The event by itself, where no heading says what it is about."""
    return f"{_SUBJECTS[event.family]} {EVENT_WORDS[event].lower()}"


_VERIFY = """\
sent, at = headers["webhook-signature"], headers["webhook-timestamp"]
key = base64.b64decode(secret.removeprefix("whsec_"))
signed = f"{headers['webhook-id']}.{at}.".encode() + body
mine = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
assert any(hmac.compare_digest(f"v1,{mine}", one) for one in sent.split())
assert abs(time.time() - int(at)) < 300"""


def _forget() -> None:
    st.session_state.pop(_MADE, None)


@st.dialog("Add a webhook", on_dismiss=_forget, width="medium")
def add_webhook(screen: Screen) -> None:
    if made := st.session_state.get(_MADE):
        _show_secret(made)
        return
    show_messages(_PLACE)
    url = st.text_input(
        "Address", key="webhook-url", max_chars=2000, placeholder="https://chat.example.com/hooks/countersign",
        help="It gets a POST with JSON. Redirects are not followed.",
    )  # fmt: skip
    description = st.text_input("What is it? (optional)", key="webhook-description", max_chars=200)
    events = event_pills("webhook-events", list(WebhookEvent))
    if st.button("Add", type="primary", key="webhook-add"):
        st.session_state[_MADE] = perform(
            lambda actor: screen.app.webhooks.add(actor, url=url, events=events, description=description), place=_PLACE
        )
        st.rerun(scope="fragment")


@st.dialog("New secret", on_dismiss=_forget, width="medium")
def renew_secret(screen: Screen, webhook: WebhookView) -> None:
    if made := st.session_state.get(_MADE):
        _show_secret(made)
        return
    show_messages(_PLACE)
    st.markdown(
        f"From then on {plain(webhook.description or webhook.url)} must verify with the new one; the one before is "
        "used no more."
    )
    if st.button("Make a new secret", type="primary", key="webhook-renew"):
        st.session_state[_MADE] = perform(
            lambda actor: screen.app.webhooks.renew_secret(actor, webhook.id), place=_PLACE
        )
        st.rerun(scope="fragment")


@st.dialog("What it is told of", width="medium")
def change_webhook(screen: Screen, webhook: WebhookView) -> None:
    show_messages(_PLACE)
    description = st.text_input("What is it?", webhook.description, key="change-description", max_chars=200)
    events = event_pills("change-events", list(webhook.events))
    if st.button("Save", type="primary", key="change-save"):
        saved = carried_out(
            lambda actor: screen.app.webhooks.change(actor, webhook.id, events=events, description=description),
            done="Saved. It holds for what happens from now on.", place=_PLACE,
        )  # fmt: skip
        st.rerun(scope="app" if saved else "fragment")


def event_pills(key: str, chosen: list[WebhookEvent]) -> list[WebhookEvent]:
    """One row for each thing an event can be about."""
    picked: list[WebhookEvent] = []
    st.markdown("**Tell it of**")
    for family, title in _FAMILIES.items():
        offered = [event for event in WebhookEvent if event.family == family]
        picked += st.pills(
            title, offered, selection_mode="multi", key=f"{key}-{family}",
            default=[event for event in offered if event in chosen], format_func=EVENT_WORDS.__getitem__,
        )  # fmt: skip
    return [WebhookEvent(event) for event in picked]


def _show_secret(made: NewSecret) -> None:
    st.markdown("Copy the secret now: it is shown this once and kept nowhere.")
    st.code(made.secret, language=None, wrap_lines=True)
    st.markdown(
        "Each call is signed after [Standard Webhooks](https://www.standardwebhooks.com), for which there are libraries "
        "in most languages. By hand, in Python:"
    )
    st.code(_VERIFY, language="python", wrap_lines=True)
    if st.button("I have copied it", type="primary", key="secret-copied"):
        _forget()
        st.rerun()
