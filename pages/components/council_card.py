"""One council as everybody sees it: what comes before it, when it has decided, who sits, and what they look at."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st

from core.actor import Role
from core.decisions.council_queries import CouncilRow
from pages.components.council_words import blocked_sentence, review_sentence, rule_details, rule_sentence
from pages.components.page import Screen, carried_out
from pages.components.way import way
from pages.components.words import count, plain


def council_card(screen: Screen, council: CouncilRow, operations: Mapping[str, str]) -> None:
    names = {str(member.id): member.name for member in council.members}
    sitting = screen.actor.id in names
    with st.container(border=True, key=f"council-{council.id}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
                st.header(plain(council.name), anchor=False, width="content")
                if not council.active:
                    st.badge("Switched off", icon=":material/pause_circle:", color="gray")
                if council.sample:
                    st.badge("Sample", icon=":material/science:", color="violet")
                if sitting:
                    st.badge("You sit here", icon=":material/how_to_vote:", color="blue")
            if screen.actor.has(Role.ADMIN):
                with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
                    _for_admins(screen, council)
        st.html(_terms(council, operations, names, sitting=sitting))
        if council.waiting and sitting:
            waits = "waits" if council.waiting == 1 else "wait"
            way(f"{count(council.waiting, 'decision')} {waits} for it", "/review")


def _terms(council: CouncilRow, operations: Mapping[str, str], names: Mapping[str, str], *, sitting: bool) -> str:
    lines = [f'<p class="rule">{escape(rule_sentence(council.policy, council.voters))}</p>']
    more = " ".join([*rule_details(council.policy, names)])
    rows = [
        ("Reviews", review_sentence(council, operations)),
        ("Also", more),
        ("Blocked", blocked_sentence(council, operations)),
        ("Members", _members(council)),
        ("Looks at", _criteria(council)),
        ("Waiting", "" if not council.waiting or sitting else f"{count(council.waiting, 'decision')} now"),
    ]
    if council.description:
        lines.insert(0, f'<p class="quiet">{escape(council.description)}</p>')
    cells = "".join(
        f"<dt>{name}</dt><dd>{value if name in _HTML else escape(value)}</dd>" for name, value in rows if value
    )
    return f'<div class="council">{"".join(lines)}<dl>{cells}</dl></div>'


_HTML = frozenset({"Members", "Looks at"})


def _members(council: CouncilRow) -> str:
    if not council.members:
        return "Nobody sits on it, so it approves nothing."
    names = [f'<span class="member">{escape(one.name)}</span>' for one in council.members if one.active]
    gone = [one.name for one in council.members if not one.active]
    if gone:
        words = f"{'and ' if names else ''}{len(gone)} who cannot vote"
        names.append(f'<span class="member gone" title="{escape(", ".join(gone))}">{words}</span>')
    return f'<span class="members">{"".join(names)}</span>'


def _criteria(council: CouncilRow) -> str:
    return "<ol>" + "".join(f"<li>{escape(one)}</li>" for one in council.criteria) + "</ol>" if council.criteria else ""


def _for_admins(screen: Screen, council: CouncilRow) -> None:
    st.button("Change", icon=":material/edit:", key=f"change-{council.id}", on_click=_edit, args=(council.id,))
    words, icon = ("Switch off", ":material/pause:") if council.active else ("Switch on", ":material/play_arrow:")
    st.button(
        words, icon=icon, type="tertiary", key=f"switch-{council.id}", on_click=_switch, args=(screen, council),
        help="Off: nothing new needs it and it blocks nothing; what waits for it is approved by nobody."
        if council.active else "On: it reviews and blocks again.",
    )  # fmt: skip


def _edit(council_id: str) -> None:
    st.query_params["council"] = council_id


def _switch(screen: Screen, council: CouncilRow) -> None:
    done = f"{council.name} is switched off." if council.active else f"{council.name} is switched on."
    carried_out(
        lambda actor: screen.app.councils.set_active(
            actor, council.id, not council.active, expected_version=council.version
        ),
        done=done,
    )
