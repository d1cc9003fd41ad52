"""My profile: my password and my API tokens."""

from __future__ import annotations

import streamlit as st

from core.actor import Role
from core.identity.rules import Scope
from pages.components.delegations import while_away
from pages.components.first_call import first_call
from pages.components.notify_choice import notify_choice
from pages.components.page import carried_out, open_page, show_messages
from pages.components.tokens import new_token, token_list
from pages.components.words import plain

screen = open_page(
    title="My profile",
    icon=":material/account_circle:",
    roles=(Role.USER, Role.OPERATOR, Role.COUNCIL, Role.ANALYST, Role.ADMIN),
    position=150,
)
app, actor = screen.app, screen.actor
roles = ", ".join(sorted(role.value for role in actor.roles))
st.markdown(f"You are {plain(actor.name)}: {roles}, tier {actor.tier.value}. An admin changes roles and tier.")


def change_password() -> None:
    typed = st.session_state
    if typed["new"] != typed["again"]:
        st.session_state["_mismatch"] = True
        return
    carried_out(
        lambda me: app.identity.change_own_password(me, current=typed["current"], new=typed["new"]), place="password"
    )


notify_choice(screen)
while_away(screen)

st.header("Password", anchor=False)
show_messages("password")
if st.session_state.pop("_mismatch", False):
    st.error("The two new passwords differ. Nothing was changed.", icon=":material/error:")
with st.form("password", border=True, clear_on_submit=True):
    st.text_input("Present password", type="password", key="current", max_chars=200, autocomplete="current-password")
    st.text_input(
        "New password, 12 characters or more", type="password", key="new", max_chars=200, autocomplete="new-password"
    )
    st.text_input("New password once more", type="password", key="again", max_chars=200, autocomplete="new-password")
    st.form_submit_button("Change password", on_click=change_password)
    st.caption("You sign in again afterwards, on every device.")

st.header("API tokens", anchor=False)
st.markdown(
    "Programs that use one act as you, within what you allow it. An agent has tokens of its own: an admin makes them."
)
token_list(screen, [token for token in app.identity_queries.tokens(actor) if token.user_id == actor.user_id])
if st.button("New token", icon=":material/key:", key="token-own"):
    new_token(screen, tuple(scope for scope in Scope if scope is not Scope.ADMIN or actor.has(Role.ADMIN)))
first_call(screen)
