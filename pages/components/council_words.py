"""What a council's rule and terms mean, in sentences that need no glossary."""

from __future__ import annotations

from collections.abc import Mapping

from core.decisions.council_queries import CouncilRow
from core.decisions.policy import AtDeadline, Base, Policy, Rule
from pages.components.words import count, money

RULES: Mapping[Rule, tuple[str, str]] = {
    Rule.ANY_ONE: ("Any one member", "The first to approve or reject decides for all."),
    Rule.N_OF: ("A fixed number", "So many members must approve; it is rejected once that is out of reach."),
    Rule.MAJORITY: ("More than half", "A tie is a rejection. It closes as soon as no further vote can change it."),
    Rule.UNANIMOUS: ("Everybody", "All vote, nobody rejects, and somebody approves."),
}
BASES: Mapping[Base, str] = {
    Base.VOTES: "the votes for and against",
    Base.BALLOTS: "all ballots, abstentions too",
    Base.MEMBERS: "all members",
}
_MAJORITIES: Mapping[Base, str] = {
    Base.VOTES: "It approves when there are more votes for than against.",
    Base.BALLOTS: "It approves when more than half of those who vote are for it; an abstention is a vote.",
    Base.MEMBERS: "It approves when more than half of its {members} members are for it.",
}
DEADLINES: Mapping[AtDeadline, str] = {
    AtDeadline.EXPIRE: "It expires",
    AtDeadline.REJECT: "It is rejected",
    AtDeadline.ESCALATE: "Admins are asked too",
}


def rule_sentence(policy: Policy, members: int) -> str:
    """The one sentence that says when it is decided."""
    match policy.rule:
        case Rule.ANY_ONE:
            return "Its one member decides." if members == 1 else f"Any one of its {members} members decides."
        case Rule.N_OF:
            whom = "its one member" if members == 1 else f"{policy.n} of its {members} members"
            return f"It takes the approval of {whom}."
        case Rule.MAJORITY:
            return _MAJORITIES[policy.base].format(members=members)
        case Rule.UNANIMOUS:
            return "It approves when all members have voted and nobody is against."


def rule_details(policy: Policy, names: Mapping[str, str]) -> list[str]:
    """What else its rule says, one sentence each; `names` are people's by id."""
    found = []
    if policy.quorum:
        found.append(f"At least {count(policy.quorum, 'member')} must take part.")
    for voter in sorted(policy.veto, key=lambda one: names.get(one, "")):
        found.append(f"A rejection by {names.get(voter, 'a former member')} alone ends it.")
    if not policy.recusal:
        found.append("Who proposed or edited it may vote.")
    if policy.at_deadline is not AtDeadline.EXPIRE:
        found.append(f"Undecided at the deadline: {DEADLINES[policy.at_deadline].lower()}.")
    return found


def review_sentence(council: CouncilRow, operations: Mapping[str, str]) -> str:
    """What comes before it."""
    parts = []
    if council.domains:
        parts.append("is about " + _listed([_domain(one, operations) for one in council.domains], "or"))
    if council.threshold is not None:
        amount, currency = council.threshold
        parts.append(f"is said to save more than {money(amount, currency, digits=False)} a week")
    if council.risk_from is not None:
        above = "" if council.risk_from.value == "critical" else " or higher"
        parts.append(f"has {council.risk_from.value} risk{above}")
    if not parts:
        return "Only what a proposer brings before it by name."
    return f"What {_listed(parts, 'or')}."


def blocked_sentence(council: CouncilRow, operations: Mapping[str, str]) -> str:
    names = [operations.get(one, one) for one in council.blocked_operations]
    return f"{_listed(names, 'and')}: never executed while it is active." if names else ""


def _domain(word: str, operations: Mapping[str, str]) -> str:
    title = operations.get(word)
    return f"“{title}”" if title else word


def _listed(parts: list[str], last: str) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"
