"""What a valid account, profile and token look like, and when a sign-in is one too many."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from core.errors import CountersignError, InvalidInput
from core.text import can_be_seen, has_controls, turns


class Goal(StrEnum):
    EARN_MONEY = "earn_money"
    SAVE_TIME = "save_time"
    SCALE_BUSINESS = "scale_business"


class Market(StrEnum):
    FREELANCER = "freelancer"
    SHOP_OWNER = "shop_owner"
    CONTENT_CREATOR = "content_creator"
    AGENCY = "agency"
    STUDENT = "student"


class SkillLevel(StrEnum):
    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Scope(StrEnum):
    """What an API token may do, within what its owner may do."""

    READ = "read"
    PROPOSE = "propose"
    DECIDE = "decide"
    EXECUTE = "execute"
    ADMIN = "admin"


AGENT_SCOPES = frozenset({Scope.READ, Scope.PROPOSE})
"""All that an agent may ever hold: people decide."""

SESSION_COOKIE = "countersign_session"
"""The browser's cookie; its value is a random key to a row, and means nothing by itself."""

MIN_PASSWORD = 12
MAX_PASSWORD = 200
"""Argon2 reads every byte, so an unbounded password would be a way to keep a core busy."""

ATTEMPTS_PER_EMAIL = 5
ATTEMPTS_PER_ADDRESS = 20
ATTEMPT_WINDOW = timedelta(minutes=15)


class SignInRefused(CountersignError):
    """This e-mail and password do not match an active account. Check both, or ask an admin to reset the password."""

    http_status = 401


class TooManyAttempts(CountersignError):
    """Too many failed sign-ins. Wait {minutes} minutes, then try again; nobody was signed in."""

    http_status = 429


class SetupAlreadyDone(CountersignError):
    """This installation already has an admin. Sign in instead; no second admin was made."""

    http_status = 409


class LastAdmin(CountersignError):
    """{name} is the last active admin. Make someone else an admin first; nothing was changed."""

    http_status = 409


MOST_TOKENS = 100
"""In force at once, of one person or agent."""


class TooManyTokens(CountersignError):
    """There are {most} tokens in force already, which is the most. Revoke one that is not used; no token was made."""

    http_status = 409


class EmailTaken(CountersignError):
    """An account with the e-mail {email} exists already. Use that account, or another e-mail."""

    http_status = 409


def checked_password(password: str, *, email: str) -> str:
    """`password`, or InvalidInput saying what it lacks (length rules of NIST SP 800-63B, no composition rules)."""
    if len(password) < MIN_PASSWORD:
        raise InvalidInput(field="Password", problem=f"use at least {MIN_PASSWORD} characters.")
    if len(password) > MAX_PASSWORD:
        raise InvalidInput(field="Password", problem=f"use at most {MAX_PASSWORD} characters.")
    if password.casefold() in {email.casefold(), email.split("@")[0].casefold()} or len(set(password)) < 4:
        raise InvalidInput(field="Password", problem="choose one that is harder to guess.")
    return password


def checked_line(field: str, text: str, most: int, *, optional: bool = False) -> str:
    """`text` as one line of at most `most` characters that reads as it is, or InvalidInput.

    These names stand on cards, beside what people decide on.
    """
    line = " ".join(text.split())
    if "\0" in line or not (0 if optional else 1) <= len(line) <= most:
        raise InvalidInput(field=field, problem=f"use {'at most' if optional else '1 to'} {most} characters.")
    if has_controls(line) or turns(line):
        raise InvalidInput(field=field, problem="leave out control characters and those that turn the text around.")
    if line and not can_be_seen(line):
        raise InvalidInput(field=field, problem="use at least one visible character.")
    return line


def checked_agent_id(text: str) -> str:
    """What an agent is called in tokens and addresses, or InvalidInput."""
    if re.fullmatch(r"[a-z][a-z0-9_-]{1,63}", text) is None or text == "none":  # figures call it so where there is none
        problem = "use 2 to 64 lower-case letters, digits, - and _, beginning with a letter, and not the word none."
        raise InvalidInput(field="Agent id", problem=problem)
    return text


MOST_GROUP = 80
MOST_GROUPS = 40


def group_name(text: str) -> str:
    """A group as it is kept and compared: `PM ` and `pm` are one."""
    return " ".join(text.split()).casefold()


def checked_groups(named: Iterable[str]) -> list[str]:
    """The groups as they are kept, each once, or InvalidInput."""
    found = sorted({group_name(one) for one in named} - {""})
    if len(found) > MOST_GROUPS:
        raise InvalidInput(field="Groups", problem=f"name at most {MOST_GROUPS}.")
    for one in found:
        if len(one) > MOST_GROUP or not one.isprintable():
            raise InvalidInput(field="Groups", problem=f"use 1 to {MOST_GROUP} visible characters for each.")
    return found


def too_many(failures_by_email: int, failures_by_address: int) -> bool:
    """Whether a further sign-in must wait, given the failures inside ATTEMPT_WINDOW."""
    return failures_by_email >= ATTEMPTS_PER_EMAIL or failures_by_address >= ATTEMPTS_PER_ADDRESS
