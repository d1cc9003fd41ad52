"""Webhooks: which programs are told what waits and what was done, and whether it reached them."""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from core.guardrails.limits import ExecutionMode
from core.identifiers import parse_id
from core.notifications.queries import WebhookView
from core.notifications.rules import WebhookEvent
from pages.components.empty import empty_state
from pages.components.page import open_page
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.webhook_detail import last_words, show_webhook, state_words
from pages.components.webhook_dialogs import add_webhook
from pages.components.words import count, moment

screen = open_page(title="Webhooks", icon=":material/webhook:", roles=(Role.ADMIN,), position=115)
_COLUMNS = (
    Column("Address", wide=True),
    Column("State"),
    Column("Told of"),
    Column("Last delivery"),
    Column("Waiting", number=True),
)


def sentence_of(webhooks: list[WebhookView]) -> str:
    """The page's answer: is everybody reached?"""
    active = [one for one in webhooks if one.active]
    if not webhooks:
        return (
            "Programs can be called when a decision waits, when something was approved, executed or failed, and when "
            "runs, outcomes and packages come to an end."
        )
    failing = sum(one.failures > 0 for one in active)
    tried = all(one.last_success_at for one in active)
    words = f"{count(len(active), 'webhook')} in use" if active else "No webhook is in use"
    if failing:
        words += f", {failing} cannot be reached"
    elif active and tried:
        words += ", all reached"
    off = len(webhooks) - len(active)
    return f"{words}, {off} switched off." if off else f"{words}."


def row_of(webhook: WebhookView) -> Row:
    state, tone = state_words(webhook)
    told = "Everything" if len(webhook.events) == len(WebhookEvent) else count(len(webhook.events), "event")
    last, exact = last_words(screen, webhook.last)
    cells = (
        Cell(webhook.description or webhook.url, webhook.url), Cell(state, webhook.inactive_because, tone),
        Cell(told, ", ".join(webhook.events)), Cell(last, exact), Cell(str(webhook.waiting) if webhook.waiting else ""),
    )  # fmt: skip
    return Row(str(webhook.id), cells, f"/webhooks?webhook={webhook.id}")


def open_webhook(webhook_id: str) -> None:
    st.query_params["webhook"] = webhook_id


def say_what_waits(webhooks: list[WebhookView]) -> None:
    rails = screen.app.guardrails_queries.current()
    if rails.mode is ExecutionMode.ON or not any(one.active for one in webhooks):
        return
    waiting = sum(one.waiting for one in webhooks)
    words = f"{count(waiting, 'delivery', 'deliveries')} wait" if waiting > 1 else "What is to be sent waits"
    st.info(
        f"Execution is not on, so nothing leaves this machine. {words} until an admin turns it on "
        f"(Guardrails, since {moment(rails.mode_at, screen.zone)}).",
        icon=":material/pause_circle:",
    )


found = list(screen.app.notifications_queries.webhooks(screen.actor))
if wanted := st.query_params.get("webhook"):
    chosen = next((one for one in found if one.id == parse_id(wanted)), None)
    say_what_waits([chosen] if chosen else [])
    show_webhook(screen, chosen)
else:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(sentence_of(found))
        st.button(
            "Add a webhook", icon=":material/add:", type="primary", key="add", on_click=add_webhook, args=(screen,)
        )
    say_what_waits(found)
    if found:
        row_table(_COLUMNS, [row_of(one) for one in found], label="Webhooks", key="webhooks", on_open=open_webhook)
    else:
        empty_state(
            "No webhook yet. Add the address of a chat room, an n8n flow or a program of yours.",
            icon=":material/webhook:",
        )
