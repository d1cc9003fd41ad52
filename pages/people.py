"""People: who may do what, and the agents and tokens that act for them."""

from __future__ import annotations

import streamlit as st

from core.actor import Role, Tier
from core.identifiers import parse_id
from core.identity.queries import PersonRow
from pages.components.agents import agents_sentence, show_agents
from pages.components.empty import empty_state
from pages.components.page import carried_out, open_page, show_messages
from pages.components.person_form import ROLE_WORDS, roles_and_tier, show_person
from pages.components.row_table import Cell, Column, Row, row_table
from pages.components.words import ago, count, moment, sentence

screen = open_page(title="People", icon=":material/group:", roles=(Role.ADMIN,), position=120)
queries = screen.app.identity_queries
PER_PAGE = 20
PEOPLE, AGENTS = "People", "Agents and tokens"
_COLUMNS = (
    Column("Name", wide=True),
    Column("State"),
    Column("Roles"),
    Column("Tier"),
    Column("Profile"),
    Column("Added"),
)


def draw_people() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            "Search", key="q", bind="query-params", type="search", icon=":material/search:",
            placeholder="Name or e-mail", label_visibility="collapsed",
        )  # fmt: skip
        kinds = {"Everyone": None, "Real people": False, "Sample people": True}
        kind = st.selectbox("Who", list(kinds), key="who", bind="query-params", label_visibility="collapsed", width=170)
        st.button("Add a person", icon=":material/person_add:", type="primary", key="add", on_click=add_person)
    place = max(1, int(st.session_state.get("page", 1)))
    found, total = queries.people(
        text=(text or "")[:200].replace("\0", ""), sample=kinds.get(kind or "Everyone"),
        offset=(place - 1) * PER_PAGE, limit=PER_PAGE,
    )  # fmt: skip
    lead.markdown(
        f"{count(total, 'person', 'people')} {'matches' if total == 1 else 'match'}." if text else sentence_of(total)
    )
    if not found:
        empty_state("Nobody matches. Change the filters to see others.", icon=":material/person_search:")
        return
    row_table(_COLUMNS, [row_of(person) for person in found], label="People", key="people", on_open=open_person)
    if total > PER_PAGE:
        st.pagination(-(-total // PER_PAGE), key="page", bind="query-params")


def sentence_of(total: int) -> str:
    _, sample = queries.people(sample=True, limit=0)
    real = total - sample if total >= sample else total
    return (
        f"{count(real, 'person', 'people')} and {count(sample, 'sample person', 'sample people')}."
        if sample
        else (f"{count(real, 'person', 'people')} may sign in here.")
    )


def row_of(person: PersonRow) -> Row:
    user, profile = person.user, person.profile
    if user.sample:
        state = Cell("Sample", "Invented; cannot sign in", "violet")
    elif user.active:
        state = Cell("Active", "", "green")
    else:
        state = Cell("Inactive", "Cannot sign in", "gray")
    segment = f"{sentence(profile.market)}, {profile.skill_level}" if profile else ""
    cells = (
        Cell(user.name, user.email), state, Cell(", ".join(ROLE_WORDS[Role(role)] for role in user.roles)),
        Cell(sentence(user.tier)), Cell(segment),
        Cell(ago(user.created_at, screen.app.clock.now()), moment(user.created_at, screen.zone)),
    )  # fmt: skip
    return Row(str(user.id), cells, f"/people?person={user.id}")


def open_person(user_id: str) -> None:
    st.query_params["person"] = user_id


@st.dialog("Add a person")
def add_person() -> None:
    show_messages("add-person")
    # In a form, because Streamlit loses a password that is left with the Tab key outside of one.
    with st.form("add-person", border=False):
        name = st.text_input("Name", key="new-name", max_chars=120)
        email = st.text_input("E-mail", key="new-email", max_chars=254)
        password = st.text_input(
            "First password", type="password", key="new-password", max_chars=200,
            help="At least 12 characters. Hand it over on another way than e-mail; they can change it.",
        )  # fmt: skip
        roles, tier = roles_and_tier("new", [Role.USER], Tier.STARTER)
        submitted = st.form_submit_button("Add", type="primary", key="new-save")
    if submitted:
        added = carried_out(
            lambda actor: screen.app.identity.add_user(
                actor, email=email, name=name, password=password, roles=roles, tier=tier
            ),
            done=f"{name} can sign in now.", place="add-person",
        )  # fmt: skip
        if added:
            st.rerun()
        else:
            st.rerun(scope="fragment")


if wanted := st.query_params.get("person"):
    show_person(screen, parse_id(wanted))
else:
    lead = st.empty()
    shown = st.segmented_control(
        "Show", [PEOPLE, AGENTS], default=PEOPLE, key="show", bind="query-params", label_visibility="collapsed",
        required=True,
    )  # fmt: skip
    if shown == AGENTS:
        lead.markdown(agents_sentence(screen))
        show_agents(screen)
    else:
        draw_people()
