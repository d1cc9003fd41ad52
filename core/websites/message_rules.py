"""What visitors may send through a contact form, and when a person has to send it once more to be believed."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.text import can_be_seen, has_controls, turns
from core.websites.rules import TEST_MARK

MOST_NAME, MOST_EMAIL, MOST_TEXT = 200, 254, 5_000
MOST_LINKS = 2
"""A message with more waits for its sender to confirm it."""
LEAST_SECONDS = 3
"""Nobody reads a page and sends it sooner."""
STAMP_LASTS = timedelta(hours=12)
TRAP = "website"
"""A field that people do not see: what fills it in is a program, or a browser that filled in too much."""

PER_VISITOR = (5, timedelta(minutes=10))
PER_VISITOR_ANYWHERE = (20, timedelta(hours=1))
PER_SITE = (60, timedelta(hours=1))

_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


@dataclass(frozen=True)
class Written:
    """What was typed, as it goes back into the form when something is wrong with it."""

    name: str
    email: str
    text: str
    problems: Mapping[str, str]
    """By field, the key of a sentence in `form_words`."""
    trapped: bool

    @property
    def suspicious(self) -> bool:
        return self.trapped or len(_LINK.findall(self.text)) > MOST_LINKS

    @property
    def mark(self) -> str | None:
        found = TEST_MARK.search(self.text)
        return found.group() if found else None


def read(form: Mapping[str, str], spelled: Mapping[str, str]) -> Written:
    """Checks each field; `spelled` has the address as it was found to be valid, or nothing."""
    name = " ".join(form.get("name", "").split(" ")).strip()
    text = form.get("message", "").replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
    email = form.get("email", "").strip()
    problems = {}
    if not can_be_seen(name):
        problems["name"] = "name_missing"
    elif has_controls(name) or turns(name):
        problems["name"] = "not_plain"
    elif len(name) > MOST_NAME:
        problems["name"] = "too_long"
    if "email" not in spelled or len(email) > MOST_EMAIL:
        problems["email"] = "email_wrong"
    if not can_be_seen(text):
        problems["message"] = "message_missing"
    elif has_controls(text.replace("\n", "")) or turns(text):
        problems["message"] = "not_plain"
    elif len(text) > MOST_TEXT:
        problems["message"] = "too_long"
    return Written(name, spelled.get("email", email), text, problems, bool(form.get(TRAP, "").strip()))


def visitor_of(secret: str, address: str) -> str:
    """Who sent it, for counting: not the address itself, and of IPv6 its network, because a household has all of that."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        counted = address
    else:
        if isinstance(found, ipaddress.IPv6Address):
            mapped = found.ipv4_mapped
            counted = str(mapped) if mapped else str(ipaddress.ip_network((found, 64), strict=False))
        else:
            counted = str(found)
    return _signed(secret, f"visitor:{counted}")[:32]


def stamped(secret: str, site: str, at: datetime, nonce: str) -> str:
    """What a form carries that we made for this site at this moment."""
    said = f"{int(at.timestamp())}.{nonce}"
    return f"{said}.{_signed(secret, f'form:{site}:{said}')}"


def age_of(secret: str, site: str, stamp: str, now: datetime) -> timedelta | None:
    """How long ago the form was made; None where we did not make it for this site, or too long ago."""
    said, _, signature = stamp.rpartition(".")
    at, _, nonce = said.partition(".")
    if not stamp.isascii() or not hmac.compare_digest(_signed(secret, f"form:{site}:{said}"), signature):
        return None
    if not at.isdecimal() or not nonce:
        return None
    age = now - datetime.fromtimestamp(int(at), tz=now.tzinfo)
    return age if timedelta(0) <= age <= STAMP_LASTS else None


def _signed(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
