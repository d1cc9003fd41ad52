"""Making a council, or changing one: every field says what it does, and the rule is read back in a sentence."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from uuid import UUID

import streamlit as st

from core.actor import Actor
from core.catalog.currencies import currencies
from core.decisions.council_queries import CouncilRow, Member
from core.decisions.councils import MOST_MEMBERS, Terms
from core.decisions.policy import AtDeadline, Base, InvalidPolicy, Policy, RiskLevel, Rule
from core.errors import InvalidInput
from pages.components.council_words import BASES, DEADLINES, RULES, rule_details, rule_sentence
from pages.components.page import Screen, carried_out, show_messages
from pages.components.words import plain, sentence

PLACE = "council"
ANY_RISK = "Whatever its risk"


def council_form(screen: Screen, council: CouncilRow | None) -> None:
    """Draws the form for `council`, or for a new one. What is typed belongs to the version it was begun on."""
    mark = f"{council.id}-{council.version}" if council else "new"
    asked = _asked_for() if council is None else []
    st.button("All councils", icon=":material/arrow_back:", type="tertiary", key="back", on_click=_close)
    st.header(plain(council.name) if council else "New council", anchor=False)
    show_messages(PLACE)
    with st.container(border=True):
        first = council.name if council else f"{sentence(asked[0])} council" if asked else ""
        st.text_input("Name", value=first, key=f"name-{mark}", max_chars=120)
        st.text_input(
            "What it is for", value=council.description if council else "", key=f"about-{mark}", max_chars=500,
            placeholder="One line for those who come before it",
        )  # fmt: skip
        people = _people(screen, council)
        st.multiselect(
            "Members", list(people), default=[one.id for one in council.members] if council else [],
            format_func=lambda one: people[one].name, key=f"members-{mark}", placeholder="Who sits on it",
            max_selections=MOST_MEMBERS,
            help="Active people with the role council, operator or admin. Roles are given under People.",
        )  # fmt: skip
    st.subheader("When it has decided", anchor=False)
    with st.container(border=True):
        _rule_fields(council.policy if council else Policy(council="it"), people, mark)
    st.subheader("What comes before it", anchor=False)
    with st.container(border=True):
        _review_fields(screen, council, mark, asked)
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Save" if council else "Create the council", type="primary", icon=":material/check:", key=f"save-{mark}",
            on_click=_save, args=(screen, council, mark),
        )  # fmt: skip
        st.button("Cancel", key=f"cancel-{mark}", on_click=_close)
    if council:
        st.caption("Decisions that are open go on by the rule they were opened under; members change at once.")


def _rule_fields(policy: Policy, people: dict[UUID, Member], mark: str) -> None:
    chosen = [people[one] for one in st.session_state.get(f"members-{mark}", ()) if one in people]
    rule = st.radio(
        "Who must approve", list(Rule), index=list(Rule).index(policy.rule), key=f"rule-{mark}",
        format_func=lambda one: RULES[one][0], captions=[RULES[one][1] for one in Rule],
    )  # fmt: skip
    if rule is Rule.N_OF:
        st.number_input("How many must approve", 1, MOST_MEMBERS, policy.n, key=f"n-{mark}", width=220)
    if rule is Rule.MAJORITY:
        st.selectbox(
            "More than half of", list(Base), index=list(Base).index(policy.base), format_func=BASES.__getitem__,
            key=f"base-{mark}",
        )  # fmt: skip
    left, right = st.columns(2, gap="medium")
    left.number_input(
        "How many must take part", 0, MOST_MEMBERS, policy.quorum, key=f"quorum-{mark}",
        help="Abstentions take part. 0: it does not matter. A rejection never needs it.",
    )  # fmt: skip
    right.selectbox(
        "Undecided at the deadline", list(AtDeadline), index=list(AtDeadline).index(policy.at_deadline),
        format_func=DEADLINES.__getitem__, key=f"deadline-{mark}",
        help="When admins are asked too, they have as long again; then it expires.",
    )  # fmt: skip
    veto = [one.id for one in chosen if str(one.id) in policy.veto]
    st.multiselect(
        "Whose rejection alone ends it", [one.id for one in chosen], default=veto,
        format_func=lambda one: people[one].name, key=f"veto-{mark}", placeholder="Nobody has a veto",
    )  # fmt: skip
    st.toggle(
        "Who proposed or edited it may vote", value=not policy.recusal, key=f"authors-{mark}",
        help="Off is four eyes: nobody approves their own work.",
    )  # fmt: skip
    try:
        read = _policy(mark)
    except InvalidPolicy:
        return
    seats = sum(one.active for one in chosen)
    if seats:
        names = {str(one.id): one.name for one in chosen}
        st.info(plain(" ".join([rule_sentence(read, seats), *rule_details(read, names)])), icon=":material/gavel:")


def _asked_for() -> list[str]:
    """What a council is missing for, as a link that led here says it."""
    said = str(st.query_params.get("domains", "")).replace("\0", "")[:200]
    return [one.strip() for one in said.split(",") if one.strip()][:5]


def _review_fields(screen: Screen, council: CouncilRow | None, mark: str, asked: list[str]) -> None:
    operations = dict(screen.app.councils_queries.operations())
    overseen = list(council.domains) if council else asked
    known = sorted({*overseen, *screen.app.actions_queries.channels(), *operations})
    st.multiselect(
        "What it oversees", known, default=overseen, key=f"domains-{mark}",
        format_func=lambda one: f"{operations[one]} ({one})" if one in operations else one, accept_new_options=True,
        placeholder="Choose, or type a word of your own",
        help="A channel, an operation, or a word that proposers use, for example finance.",
    )  # fmt: skip
    left, middle, right = st.columns([3, 2, 3], gap="medium")
    amount, currency = (council.threshold if council else None) or (None, "USD")
    left.text_input(
        "Or it saves a week more than", value=f"{amount.normalize():f}" if amount is not None else "",
        key=f"amount-{mark}", placeholder="No limit", max_chars=16,
        help="By the proposer's own estimate. An estimate in another currency always comes before it.",
    )  # fmt: skip
    middle.selectbox("Currency", sorted(currencies()), sorted(currencies()).index(currency), key=f"currency-{mark}")
    levels: list[RiskLevel | None] = [None, *RiskLevel]
    right.selectbox(
        "Or its risk is at least", levels, index=levels.index(council.risk_from if council else None),
        format_func=lambda one: sentence(one.value) if one else ANY_RISK, key=f"risk-{mark}",
    )  # fmt: skip
    st.text_area(
        "What its members look at", value="\n".join(council.criteria) if council else "", key=f"criteria-{mark}",
        placeholder="One criterion a line: it becomes the checklist on the ballot", height=120, max_chars=4200,
    )  # fmt: skip
    st.multiselect(
        "Never executed while it is active", list(operations),
        default=[one for one in council.blocked_operations if one in operations] if council else [],
        format_func=operations.__getitem__, key=f"blocked-{mark}", placeholder="Nothing is blocked",
        help="Whoever approves: these operations stop right before they would run.",
    )  # fmt: skip


def _people(screen: Screen, council: CouncilRow | None) -> dict[UUID, Member]:
    """Whom one can choose: who may sit, and who sits already."""
    found = {one.id: one for one in screen.app.councils_queries.candidates()}
    return found | {one.id: one for one in (council.members if council else ())}


def _policy(mark: str) -> Policy:
    typed = st.session_state
    return Policy(
        council="it", rule=typed[f"rule-{mark}"], n=int(typed.get(f"n-{mark}", 1)),
        base=typed.get(f"base-{mark}", Base.VOTES), quorum=int(typed[f"quorum-{mark}"]),
        veto=frozenset(str(one) for one in typed[f"veto-{mark}"]), recusal=not typed[f"authors-{mark}"],
        at_deadline=typed[f"deadline-{mark}"],
    )  # fmt: skip


def _terms(mark: str) -> Terms:
    typed = st.session_state
    amount = str(typed[f"amount-{mark}"]).strip().replace(",", "")
    try:
        threshold = (Decimal(amount), str(typed[f"currency-{mark}"])) if amount else None
    except InvalidOperation:
        raise InvalidInput(field="Weekly savings", problem="use an amount, for example 500.") from None
    return Terms(
        name=typed[f"name-{mark}"], description=typed[f"about-{mark}"], policy=_policy(mark),
        domains=tuple(typed[f"domains-{mark}"]), threshold=threshold, risk_from=typed[f"risk-{mark}"],
        criteria=tuple(line for line in str(typed[f"criteria-{mark}"]).splitlines() if line.strip()),
        blocked_operations=tuple(typed[f"blocked-{mark}"]),
    )  # fmt: skip


def _save(screen: Screen, council: CouncilRow | None, mark: str) -> None:
    members = list(st.session_state[f"members-{mark}"])

    def act(actor: Actor) -> None:
        terms = _terms(mark)
        if council is None:
            screen.app.councils.create(actor, council_id_of(terms.name), terms, members)
        else:
            screen.app.councils.change(actor, council.id, terms, members, expected_version=council.version)

    if carried_out(act, done="The council is saved.", place=PLACE):
        _close()


def council_id_of(name: str) -> str:
    """`Money & risk` → `money-risk`: what the council is called in addresses and in the API."""
    ascii_ = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    word = re.sub(r"[^a-z0-9]+", "-", ascii_).strip("-")[:60]
    return word if re.match(r"[a-z][a-z0-9-]", word) else f"council-{word}".rstrip("-")


def _close() -> None:
    st.query_params.pop("council", None)
    st.query_params.pop("new", None)
    st.query_params.pop("domains", None)
