"""API tokens: a list with the button that revokes, and the dialog that makes one and shows it once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from core.identity.queries import ApiToken
from core.identity.rules import Scope
from pages.components.page import Screen, carried_out, perform, show_messages
from pages.components.words import ago, moment, plain

SCOPE_WORDS = {
    Scope.READ: "Read",
    Scope.PROPOSE: "Propose actions",
    Scope.DECIDE: "Decide",
    Scope.EXECUTE: "Run workflows",
    Scope.ADMIN: "Administer",
}
_LASTS = {"30 days": 30, "90 days": 90, "1 year": 365, "Until revoked": None}
_SOON = timedelta(days=14)
"""Before its end a token says so: time enough to replace it."""
_MADE = "_made_token"


def token_list(screen: Screen, tokens: Sequence[ApiToken]) -> None:
    """Tokens in force first; those revoked or expired are folded."""
    now = screen.app.clock.now()
    in_force = [t for t in tokens if t.revoked_at is None and (t.expires_at is None or t.expires_at > now)]
    ended = [token for token in tokens if token not in in_force]
    if not tokens:
        st.markdown(":small[No token yet.]")
    for token in in_force:
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(_words(screen, token))
            st.button(
                "Revoke", icon=":material/block:", key=f"revoke-{token.id}", type="tertiary", on_click=_revoke,
                args=(screen, token),
            )  # fmt: skip
    if ended:
        with st.expander(f"{len(ended)} no longer in force"):
            for token in ended:
                st.markdown(_words(screen, token))


def ends_soon(token: ApiToken, now: datetime) -> bool:
    return token.revoked_at is None and token.expires_at is not None and now < token.expires_at < now + _SOON


def _forget() -> None:
    st.session_state.pop(_MADE, None)


@st.dialog("New token", on_dismiss=_forget)
def new_token(
    screen: Screen, offered: Sequence[Scope], *, agent_id: str | None = None, agent_name: str | None = None
) -> None:
    """`offered` are the scopes to choose from; without an agent the token is the person's own."""
    if made := st.session_state.get(_MADE):
        st.markdown("Copy it now: it is shown this once and kept nowhere.")
        st.code(made, language=None, wrap_lines=True)
        if st.button("I have copied it", type="primary", key="token-copied"):
            _forget()
            st.rerun()
        return
    st.markdown(f"For {plain(agent_name)}." if agent_name else "It acts as you.")
    show_messages("token")
    label = st.text_input("What is it for?", key="token-label", max_chars=80, placeholder="Nightly import")
    scopes = st.pills(
        "May", list(offered), selection_mode="multi", default=[Scope.READ], format_func=SCOPE_WORDS.__getitem__,
        key="token-scopes",
    )  # fmt: skip
    lasts = st.segmented_control("Lasts", list(_LASTS), default="90 days", key="token-lasts", required=True)
    if st.button("Make the token", type="primary", key="token-make"):
        days = _LASTS[lasts or "90 days"]
        expires = screen.app.clock.now() + timedelta(days=days) if days else None
        st.session_state[_MADE] = perform(
            lambda actor: screen.app.tokens.issue_token(
                actor, label=label, scopes=frozenset(Scope(scope) for scope in scopes), agent_id=agent_id,
                expires_at=expires,
            ),
            place="token",
        )  # fmt: skip
        st.rerun(scope="fragment")


def _words(screen: Screen, token: ApiToken) -> str:
    now = screen.app.clock.now()
    scopes = ", ".join(SCOPE_WORDS[scope].lower() for scope in Scope if scope in token.scopes)
    used = f"used {ago(token.last_used_at, now)}" if token.last_used_at else "never used"
    if token.last_used_from:
        used += f" from {plain(token.last_used_from)}"
    if token.revoked_at is not None:
        ends = f"revoked {moment(token.revoked_at, screen.zone)}"
    elif token.expires_at is None:
        ends = "until revoked"
    else:
        ends = f"{'until' if token.expires_at > now else 'expired'} {moment(token.expires_at, screen.zone)}"
    words = "Ends soon: make another and replace it before then."
    warning = f"  \n:orange[:material/warning: :small[{words}]]" if ends_soon(token, now) else ""
    return f"{plain(token.label)}  \n:small[May {scopes}; {ends}; {used}]{warning}"


def _revoke(screen: Screen, token: ApiToken) -> None:
    carried_out(
        lambda actor: screen.app.tokens.revoke_token(actor, token.id),
        done=f"{token.label} is revoked. Programs that use it are refused from now on.",
    )
