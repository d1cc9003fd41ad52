"""Everybody's tokens, for admins: whose each is, what it may, when and from where it was used, and the way to revoke it."""

from __future__ import annotations

import streamlit as st

from core.errors import NotFound
from core.identifiers import parse_id
from core.identity.queries import ApiToken, TokenRow
from core.identity.rules import Scope
from pages.components.empty import empty_state
from pages.components.facts import facts_table
from pages.components.page import Screen, carried_out, show_messages
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.status import Colour
from pages.components.tokens import SCOPE_WORDS, ends_soon
from pages.components.words import ago, moment, plain

PER_PAGE = 20
_PAGE, _PLACE = "tokens_page", "token-register"
_COLUMNS = (
    Column("Whose", wide=True),
    Column("What for"),
    Column("May"),
    Column("Made"),
    Column("Last used"),
    Column("Until"),
)


def show_register(screen: Screen) -> None:
    """The table, page by page; a row opens what can be done about it."""
    show_messages(_PLACE)
    place = max(1, int(st.session_state.get(_PAGE, 1)))
    found, total = screen.app.identity_queries.token_page(
        screen.actor, everybody=True, offset=(place - 1) * PER_PAGE, limit=PER_PAGE
    )
    if not found:
        empty_state("No token yet. Give one to an agent above, or make one of your own.", icon=":material/key:")
        return
    row_table(_COLUMNS, [_row(screen, one) for one in found], label="Tokens", key="tokens", on_open=_open)
    if total > PER_PAGE:
        st.pagination(-(-total // PER_PAGE), key=_PAGE, bind="query-params")
    if wanted := parse_id(st.query_params.get("token", "")):
        try:
            chosen = screen.app.identity_queries.token(screen.actor, wanted)
        except NotFound:
            return
        st.dialog(plain(chosen.token.label), on_dismiss=_close)(_draw)(screen, chosen)


def _row(screen: Screen, one: TokenRow) -> Row:
    token, now = one.token, screen.app.clock.now()
    until, exact, tone = _until(screen, token)
    used = ago(token.last_used_at, now) if token.last_used_at else "never"
    used_exact = moment(token.last_used_at, screen.zone) if token.last_used_at else ""
    if token.last_used_from:
        used, used_exact = f"{used}, {token.last_used_from}", f"{used_exact} from {token.last_used_from}"
    cells = (
        Cell(one.owner, "An agent" if token.agent_id else "A person"), Cell(token.label), Cell(_may(token)),
        Cell(ago(token.created_at, now), moment(token.created_at, screen.zone)), Cell(used, used_exact),
        Cell(until, exact, tone),
    )  # fmt: skip
    return Row(str(token.id), cells, f"/people?show=Agents+and+tokens&token={token.id}")


def _may(token: ApiToken) -> str:
    if len(token.scopes) == len(Scope):
        return "Everything"
    return ", ".join(SCOPE_WORDS[scope].lower() for scope in Scope if scope in token.scopes).capitalize()


def _until(screen: Screen, token: ApiToken) -> tuple[str, str, Colour]:
    now = screen.app.clock.now()
    if token.revoked_at is not None:
        return "Revoked", moment(token.revoked_at, screen.zone), "gray"
    if token.expires_at is None:
        return "Until revoked", "", "green"
    exact = moment(token.expires_at, screen.zone)
    if token.expires_at <= now:
        return "Ended", exact, "gray"
    return f"Ends {ago(token.expires_at, now)}", exact, "orange" if ends_soon(token, now) else "green"


def _draw(screen: Screen, one: TokenRow) -> None:
    token = one.token
    until, exact, _ = _until(screen, token)
    used = moment(token.last_used_at, screen.zone) if token.last_used_at else "never"
    facts_table(
        {
            "Whose": f"{one.owner}, {'an agent' if token.agent_id else 'a person'}",
            "May": _may(token),
            "Made": moment(token.created_at, screen.zone),
            "Last used": f"{used} from {token.last_used_from}" if token.last_used_from else used,
            "Until": f"{until} ({exact})" if exact else until,
        }
    )
    now = screen.app.clock.now()
    if token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
        return
    st.markdown("Programs that use it are refused from the moment it is revoked. It cannot be taken back.")
    if st.button("Revoke", icon=":material/block:", type="primary", key="register-revoke"):
        carried_out(
            lambda actor: screen.app.tokens.revoke_token(actor, token.id),
            done=f"{token.label} of {one.owner} is revoked.", place=_PLACE,
        )  # fmt: skip
        _close()
        st.rerun()


def _open(token_id: str) -> None:
    st.query_params["token"] = token_id


def _close() -> None:
    st.query_params.pop("token", None)
