"""Four answers that let the first recommendation be a good one."""

from __future__ import annotations

from functools import cache
from typing import TypeVar

import streamlit as st
from babel import Locale

from core.identity.rules import Goal, Market, SkillLevel
from core.identity.service import ProfileForm
from pages.components.page import Screen, carried_out, show_messages
from pages.components.words import LOCALE

_GOALS = {Goal.EARN_MONEY: "Earn money", Goal.SAVE_TIME: "Save time", Goal.SCALE_BUSINESS: "Grow a business"}
_MARKETS = {
    Market.FREELANCER: "Freelancer",
    Market.SHOP_OWNER: "Shop owner",
    Market.CONTENT_CREATOR: "Content creator",
    Market.AGENCY: "Agency",
    Market.STUDENT: "Student",
}
_SKILLS = {
    SkillLevel.BEGINNER: "New to it",
    SkillLevel.INTERMEDIATE: "I have done some of it",
    SkillLevel.ADVANCED: "I do it every week",
}
_FORM = "profile"
_NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"}
Choice = TypeVar("Choice", Goal, Market, SkillLevel)


def profile_form(screen: Screen, known: ProfileForm | None) -> None:
    """Draws the form, filled with what is known; the button saves it."""
    countries = _countries()
    goal = st.pills(
        "What do you want most?", list(Goal), required=True, key="goal", format_func=_GOALS.__getitem__,
        default=known.goal if known else Goal.EARN_MONEY,
    )  # fmt: skip
    market = st.pills(
        "What are you?", list(Market), required=True, key="market", format_func=_MARKETS.__getitem__,
        default=known.market if known else Market.FREELANCER,
    )  # fmt: skip
    skill = st.pills(
        "How well do you know AI tools?", list(SkillLevel), required=True, key="skill",
        format_func=_SKILLS.__getitem__, default=known.skill_level if known else SkillLevel.BEGINNER,
    )  # fmt: skip
    home = known.country if known else _country_of(st.context.locale)
    country = st.selectbox(
        "Country", list(countries), index=list(countries).index(home) if home in countries else None,
        format_func=countries.__getitem__, key="country", width=320,
    )  # fmt: skip
    show_messages(_FORM)

    def save() -> None:
        form = ProfileForm(
            _chosen(goal, Goal.EARN_MONEY), _chosen(market, Market.FREELANCER),
            _chosen(skill, SkillLevel.BEGINNER), country or "",
        )  # fmt: skip
        carried_out(lambda actor: screen.app.identity.save_profile(actor, form), place=_FORM)

    words = "Save" if known else "Show my workflow"
    st.button(words, type="primary", key="save-profile", on_click=save)


def profile_words(profile: ProfileForm) -> str:
    """The profile in one line."""
    country = _countries().get(profile.country, profile.country)
    skills = {SkillLevel.BEGINNER: "beginner", SkillLevel.INTERMEDIATE: "intermediate", SkillLevel.ADVANCED: "advanced"}
    return f"{_MARKETS[profile.market]}, {skills[profile.skill_level]}, {country} · {_GOALS[profile.goal].lower()}"


def _chosen(value: Choice | None, otherwise: Choice) -> Choice:
    return otherwise if value is None else value


@cache
def _countries() -> dict[str, str]:
    names = {
        code: name
        for code, name in Locale(LOCALE).territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    }
    return dict(sorted(names.items(), key=lambda entry: entry[1]))


def _country_of(locale: str | None) -> str | None:
    """The country that the browser's language names, such as IN in en-IN."""
    part = (locale or "").replace("_", "-").split("-")[-1].upper()
    return part if part in _countries() else None
