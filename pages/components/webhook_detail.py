"""One webhook: whether it is reached, what can be done about it, and each delivery with what came back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.errors import NotFound
from core.identifiers import parse_id
from core.notifications.queries import DeliveryView, WebhookView
from core.notifications.rules import MAX_TRIES, TEST_EVENT, DeliveryState, WebhookEvent
from pages.components.empty import empty_state
from pages.components.facts import facts_table
from pages.components.page import Screen, carried_out, perform, show_messages
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.status import Colour
from pages.components.webhook_dialogs import change_webhook, event_title, renew_secret
from pages.components.words import ago, count, moment, plain

PER_PAGE = 20
LOOK_EVERY_SECONDS = 2.0
_PLACE = "webhook"
_OPENED = "_delivery_opened"
_COLUMNS = (
    Column("Event", wide=True),
    Column("State"),
    Column("When"),
    Column("Tries", number=True),
    Column("Answer"),
)
_STATES: dict[DeliveryState, tuple[str, str, Colour]] = {
    DeliveryState.WAITING: ("Waiting", ":material/schedule:", "gray"),
    DeliveryState.DELIVERED: ("Delivered", ":material/check_circle:", "green"),
    DeliveryState.FAILED: ("Given up", ":material/error:", "red"),
    DeliveryState.DROPPED: ("Dropped", ":material/block:", "gray"),
}


def state_words(webhook: WebhookView) -> tuple[str, str]:
    """How it stands, in a word or two, with its colour."""
    if not webhook.active:
        return "Switched off", "gray"
    if webhook.failures:
        return f"{count(webhook.failures, 'try', 'tries')} failed", "red"
    return ("Reached", "green") if webhook.last_success_at else ("Not tried yet", "gray")


def last_words(screen: Screen, last: DeliveryView | None) -> tuple[str, str]:
    """When it was last tried and how that went; the exact time."""
    if last is None or last.last_try_at is None:
        return "", ""
    return f"{ago(last.last_try_at, screen.app.clock.now())}: {_result(last)}", moment(last.last_try_at, screen.zone)


def told_words(webhook: WebhookView) -> str:
    """Every event by its name; all of them in a word."""
    if len(webhook.events) == len(WebhookEvent):
        return f"Everything: all {len(webhook.events)} events"
    return ", ".join(event_title(event).lower() for event in webhook.events).capitalize()


def show_webhook(screen: Screen, webhook: WebhookView | None) -> None:
    st.button("All webhooks", icon=":material/arrow_back:", type="tertiary", key="back", on_click=_back)
    if webhook is None:
        st.info("There is no such webhook. Choose one from the list.", icon=":material/info:")
        return
    st.header(plain(webhook.description or webhook.url), anchor=False)
    show_messages(_PLACE)
    if not webhook.active:
        st.warning(plain(webhook.inactive_because), icon=":material/power_off:")
    _facts(screen, webhook)
    _buttons(screen, webhook)
    st.subheader("Deliveries", anchor=False)
    busy = webhook.active and webhook.waiting > 0
    st.fragment(_deliveries, run_every=LOOK_EVERY_SECONDS if busy else None)(screen, webhook)
    if wanted := parse_id(st.query_params.get("delivery", "")):
        try:
            delivery = screen.app.notifications_queries.delivery(screen.actor, webhook.id, wanted)
        except NotFound:
            return
        st.dialog(event_words(delivery.event), on_dismiss=_close, width="medium")(_draw)(screen, webhook, delivery)


def event_words(event: str) -> str:
    return "Test event" if event == TEST_EVENT else event_title(WebhookEvent(event))


def _facts(screen: Screen, webhook: WebhookView) -> None:
    state, _ = state_words(webhook)
    facts_table(
        {
            "Address": webhook.url,
            "State": state,
            "Told of": told_words(webhook),
            "Last reached": moment(webhook.last_success_at, screen.zone) if webhook.last_success_at else "never",
            "Added": f"{moment(webhook.created_at, screen.zone)} by {webhook.created_by}",
        }
    )


def _buttons(screen: Screen, webhook: WebhookView) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Send a test event", icon=":material/send:", type="primary", key="test", disabled=not webhook.active,
            on_click=_test, args=(screen, webhook),
        )  # fmt: skip
        st.button("Change…", icon=":material/tune:", key="change", on_click=change_webhook, args=(screen, webhook))
        st.button("New secret…", icon=":material/key:", key="renew", on_click=renew_secret, args=(screen, webhook))
        words, icon = ("Switch off", ":material/power_off:") if webhook.active else ("Switch on", ":material/power:")
        st.button(words, icon=icon, key="switch", on_click=_switch, args=(screen, webhook))


def _deliveries(screen: Screen, webhook: WebhookView) -> None:
    if st.session_state.pop(_OPENED, False):
        st.rerun()  # the dialog is drawn outside this fragment
    if _standing(screen.app.notifications_queries.webhook(screen.actor, webhook.id)) != _standing(webhook):
        st.rerun()  # so is how the webhook stands
    place = max(1, int(st.session_state.get("page", 1)))
    found, total = screen.app.notifications_queries.deliveries(
        screen.actor, webhook.id, offset=(place - 1) * PER_PAGE, limit=PER_PAGE
    )
    if not found:
        empty_state("Nothing was sent yet. A test event shows whether it is reached.", icon=":material/outbox:")
        return
    row_table(
        _COLUMNS, [_row(screen, webhook, one) for one in found], label="Deliveries", key="deliveries", on_open=_open
    )
    if total > PER_PAGE:
        st.pagination(-(-total // PER_PAGE), key="page", bind="query-params")


def _standing(webhook: WebhookView) -> tuple[object, ...]:
    return webhook.active, webhook.failures, webhook.last_success_at, webhook.waiting > 0


def _row(screen: Screen, webhook: WebhookView, one: DeliveryView) -> Row:
    word, _, tone = _state(screen, one)
    title = _title(one.payload.get("data") or {})
    at = one.last_try_at or one.created_at
    cells = (
        Cell(f"{event_words(one.event)}{': ' + title if title else ''}"), Cell(word, one.error, tone),
        Cell(ago(at, screen.app.clock.now()), moment(at, screen.zone)),
        Cell(f"{one.attempts} of {MAX_TRIES}" if one.attempts else ""), Cell(_result(one), one.error),
    )  # fmt: skip
    return Row(str(one.id), cells, f"/webhooks?webhook={webhook.id}&delivery={one.id}")


def _title(data: Mapping[str, Any]) -> str:
    """What it happened to: the action, the run or the package that it names."""
    named = (data.get(kind, {}).get("title") for kind in ("action", "package", "execution"))
    return str(next(filter(None, named), ""))


def _state(screen: Screen, one: DeliveryView) -> tuple[str, str, Colour]:
    if one.next_try_at is not None and one.error:
        now = screen.app.clock.now()
        # One after the other: a try that is due may wait for another webhook event's turn.
        words = f"Next try {ago(one.next_try_at, now)}" if one.next_try_at > now else "Next try is due"
        return words, ":material/update:", "orange"
    return _STATES[one.state]


def _result(one: DeliveryView) -> str:
    if one.status is not None:
        return f"answered {one.status}"
    return "no answer" if one.error else ("under way" if one.attempts else "")


def _draw(screen: Screen, webhook: WebhookView, one: DeliveryView) -> None:
    word, icon, colour = _state(screen, one)
    st.badge(word, icon=icon, color=colour)
    if one.error:
        st.markdown(plain(one.error))
    facts_table(
        {
            "Happened": moment(one.created_at, screen.zone),
            "Last try": moment(one.last_try_at, screen.zone) if one.last_try_at else "not yet",
            "Next try": moment(one.next_try_at, screen.zone) if one.next_try_at and webhook.active else "none",
            "Tries": f"{one.attempts} of {MAX_TRIES}",
            "Status": str(one.status or ""),
            "Answer": one.answer,
            "webhook-id": f"msg_{one.id.hex}",
        }
    )
    st.code(json.dumps(dict(one.payload), indent=2, ensure_ascii=False), language="json", wrap_lines=True)
    if st.button(
        "Redeliver", icon=":material/replay:", type="primary", key="again",
        disabled=not webhook.active or (one.state is DeliveryState.WAITING and not one.attempts),
    ):  # fmt: skip
        perform(
            lambda actor: screen.app.webhooks.retry(actor, webhook.id, one.id), done="It is sent again now.",
            place=_PLACE,
        )  # fmt: skip
        _close()
        st.rerun()


def _test(screen: Screen, webhook: WebhookView) -> None:
    perform(
        lambda actor: screen.app.webhooks.send_test(actor, webhook.id), done="A test event is on its way.", place=_PLACE
    )


def _switch(screen: Screen, webhook: WebhookView) -> None:
    done = "Nothing is sent to it any more." if webhook.active else "It is told of what happens from now on."
    carried_out(
        lambda actor: screen.app.webhooks.change(actor, webhook.id, active=not webhook.active), done=done, place=_PLACE
    )


def _open(delivery_id: str) -> None:
    st.query_params["delivery"] = delivery_id
    st.session_state[_OPENED] = True


def _close() -> None:
    st.query_params.pop("delivery", None)


def _back() -> None:
    st.query_params.pop("webhook", None)
    st.query_params.pop("delivery", None)
