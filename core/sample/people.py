"""The people, agents and councils of the sample data: invented, diverse, and unable to sign in."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from core.actor import Role, Tier
from core.decisions.rules import AtDeadline, Rule
from core.identity.rules import Goal, Market, SkillLevel

_NAMES = """
Ananya Raghunath IN|Rohan Kulkarne IN|Ishita Banerji IN|Devika Nairan IN|Arjun Thakore IN|Farhan Qureshy IN
Lakshmi Venkatar IN|Neelam Chaudhry IN|Kabir Malhotre IN|Sunita Deshpandey IN|Imran Sheikhan IN|Pooja Ramakrish IN
Vikrant Solanke IN|Meher Daruwala IN|Tenzin Wangmo IN|Gurleen Sandhar IN|Aditya Menonal IN|Zoya Siddique IN
Harish Goudar IN|Revathi Sundarar IN|Nikhil Bhandare IN|Shabnam Ansaria IN
Maya Lindqvist-Rowe US|Terrence Okafor-Hill US|Camila Ortegon US|Wyatt Brannigan US|Jasmine Pruitt-Lee US
Dana Whitefeather US|Luis Marroquin-Paz US|Priscilla Vanterpool US|Noah Steinfeldt US|Kim-Ly Tranh US
Oluwaseun Adebanjo-Cole NG|Chiamaka Ezeobi NG|Ibrahim Danladin NG|Wanjiru Kamauro KE|Otieno Barasah KE
Thandeka Mokoenane ZA|Pieter Vosloon ZA|Amina Diallore SN|Fatou Camaraye GM
Beatriz Antunesco BR|Thiago Cardosim BR|Renata Vilasboas BR|Joaquin Belmontez AR|Ximena Quirogar MX|Mateo Salcedor MX
Eleanor Ashgrove GB|Callum Dunmorrow GB|Sian Penhallow GB|Rashida Begumar GB|Hanne Brinkhoff DE|Jonas Ettlinger DE
Sofie Kjeldahl DK|Aino Rautamaa FI|Giulia Farnetti IT|Mei-Ting Zhuan SG|Putri Wulandara ID|Jomar Villacruz PH
Haruka Minamoto-Sage JP
"""

# How many people each segment has: some cells are small, as they are in life.
_SEGMENTS = {
    (Market.FREELANCER, SkillLevel.BEGINNER): 8,
    (Market.FREELANCER, SkillLevel.INTERMEDIATE): 6,
    (Market.FREELANCER, SkillLevel.ADVANCED): 3,
    (Market.SHOP_OWNER, SkillLevel.BEGINNER): 6,
    (Market.SHOP_OWNER, SkillLevel.INTERMEDIATE): 5,
    (Market.SHOP_OWNER, SkillLevel.ADVANCED): 2,
    (Market.CONTENT_CREATOR, SkillLevel.BEGINNER): 5,
    (Market.CONTENT_CREATOR, SkillLevel.INTERMEDIATE): 4,
    (Market.CONTENT_CREATOR, SkillLevel.ADVANCED): 2,
    (Market.AGENCY, SkillLevel.BEGINNER): 1,
    (Market.AGENCY, SkillLevel.INTERMEDIATE): 4,
    (Market.AGENCY, SkillLevel.ADVANCED): 5,
    (Market.STUDENT, SkillLevel.BEGINNER): 6,
    (Market.STUDENT, SkillLevel.INTERMEDIATE): 2,
    (Market.STUDENT, SkillLevel.ADVANCED): 1,
}

_GOALS = {
    Market.FREELANCER: (Goal.EARN_MONEY, Goal.EARN_MONEY, Goal.SAVE_TIME),
    Market.SHOP_OWNER: (Goal.SAVE_TIME, Goal.SAVE_TIME, Goal.SCALE_BUSINESS),
    Market.CONTENT_CREATOR: (Goal.EARN_MONEY, Goal.SCALE_BUSINESS, Goal.EARN_MONEY),
    Market.AGENCY: (Goal.SCALE_BUSINESS, Goal.SAVE_TIME, Goal.SCALE_BUSINESS),
    Market.STUDENT: (Goal.EARN_MONEY, Goal.EARN_MONEY, Goal.SAVE_TIME),
}

_TIERS = {
    SkillLevel.BEGINNER: (Tier.STARTER, Tier.STARTER, Tier.STARTER, Tier.PRO),
    SkillLevel.INTERMEDIATE: (Tier.PRO, Tier.STARTER, Tier.PRO, Tier.SCALE),
    SkillLevel.ADVANCED: (Tier.SCALE, Tier.SCALE, Tier.PRO),
}

AGENTS = (
    ("sample-collections", "Collections clerk", "Watches unpaid invoices and drafts reminders that grow firmer."),
    ("sample-pipeline", "Pipeline scout", "Looks for deals that stand still and proposes the next step."),
    ("sample-support", "Support drafter", "Drafts answers to customers and notices what is asked most."),
    ("sample-onboarding", "Onboarding guide", "Starts the workflow that suits a new person and keeps them at it."),
    ("sample-reporting", "Reporting clerk", "Writes the weekly figures for those who decide."),
)

SPENDING, PUBLISHING = "sample-spending", "sample-publishing"
COUNCILS = (
    (
        SPENDING, "Spending council", "Looks at money: large claims, and work that is said to save much.", "finance",
        ["The sum and its currency are right", "The earlier reminders went out", "The tone fits the customer"], 2_000,
    ),
    (
        PUBLISHING, "Publishing council", "Looks at what customers and the public will read.", "media",
        ["Nobody's personal data is in it", "We can keep what it promises"], None,
    ),
)  # fmt: skip
"""Id, name, description, domain, criteria, and weekly savings in US dollars above which it reviews."""


@dataclass(frozen=True)
class SamplePerson:
    id: UUID
    name: str
    email: str
    country: str
    market: Market
    skill_level: SkillLevel
    goal: Goal
    tier: Tier
    roles: tuple[Role, ...]
    joined_at: datetime
    talent: float
    """How much better or worse than their segment this person does, on the log-odds scale."""
    eagerness: float
    """How often they start something, next to the others."""

    @property
    def currency(self) -> str:
        return "INR" if self.country == "IN" else "USD"

    def user_row(self) -> dict[str, Any]:
        """Without a password and not active: nobody can sign in as an invented person."""
        return {
            "id": self.id, "email": self.email, "name": self.name, "password_hash": None, "oidc_subject": None,
            "roles": sorted(self.roles), "tier": self.tier, "active": False, "sample": True,
            "created_at": self.joined_at,
        }  # fmt: skip

    def profile_row(self) -> dict[str, Any]:
        return {
            "user_id": self.id, "goal": self.goal, "market": self.market, "skill_level": self.skill_level,
            "country": self.country, "updated_at": self.joined_at,
        }  # fmt: skip


def invent_people(rng: Random, start: datetime) -> list[SamplePerson]:
    """About sixty people; half were there from the beginning, the others joined over the first four months."""
    names = [line.rsplit(" ", 1) for line in _NAMES.strip().replace("\n", "|").split("|")]
    rng.shuffle(names)
    segments = [segment for segment, count in _SEGMENTS.items() for _ in range(count)]
    found = []
    for number, ((name, country), (market, skill)) in enumerate(zip(names, segments, strict=True)):
        joined = start if number % 2 else start + timedelta(days=rng.uniform(0, 120))
        found.append(
            SamplePerson(
                id=sample_id(joined, rng),
                name=name,
                email=f"{_ascii(name)}@sample.example.com",
                country=country,
                market=market,
                skill_level=skill,
                goal=rng.choice(_GOALS[market]),
                tier=rng.choice(_TIERS[skill]),
                roles=_roles(number),
                joined_at=joined,
                talent=rng.gauss(0, 0.3),
                eagerness=rng.lognormvariate(0, 0.6),
            )
        )
    return found


def agent_rows(start: datetime) -> list[dict[str, Any]]:
    return [
        {"id": key, "name": name, "description": words, "active": True, "sample": True, "created_at": start}
        for key, name, words in AGENTS
    ]


def council_rows(start: datetime) -> list[dict[str, Any]]:
    policy = {"rule": Rule.MAJORITY.value, "recusal": True, "at_deadline": AtDeadline.REJECT.value}
    return [
        {
            "id": key, "name": name, "description": words, "domains": [domain], "policy": policy,
            "criteria": criteria, "weekly_savings_threshold": threshold, "threshold_currency": threshold and "USD",
            "active": True, "sample": True, "created_at": start,
        }
        for key, name, words, domain, criteria, threshold in COUNCILS
    ]  # fmt: skip


def members_of(people: list[SamplePerson]) -> dict[str, list[SamplePerson]]:
    voters = [person for person in people if Role.COUNCIL in person.roles]
    return {SPENDING: voters[:5], PUBLISHING: voters[4:]}


def operators_of(people: list[SamplePerson]) -> list[SamplePerson]:
    return [person for person in people if Role.OPERATOR in person.roles]


def sample_id(at: datetime, rng: Random) -> UUID:
    """A UUID version 7 of the instant `at`, so that sample rows sort by time like all others, from the seed alone."""
    value = int(at.timestamp() * 1000) << 80 | 0x7 << 76 | rng.getrandbits(12) << 64 | 0b10 << 62 | rng.getrandbits(62)
    return UUID(int=value)


def _roles(number: int) -> tuple[Role, ...]:
    if number % 7 == 3:
        return (Role.USER, Role.COUNCIL)
    if number % 20 == 5:
        return (Role.USER, Role.OPERATOR)
    return (Role.USER,)


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", ".")
