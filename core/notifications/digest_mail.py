"""The words of a digest: what waits, as text and as simple HTML; every title in it may have been written by an enemy."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_currency

from core.connectors.plan import Message

LOCALE = "en"
_LONGEST = 150
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of text, so that it reads other than it is."""


@dataclass(frozen=True)
class Waiting:
    """One card that waits for the reader."""

    id: UUID
    title: str
    proposed_by: str
    expires_at: datetime
    amount: tuple[Decimal, str] | None


@dataclass(frozen=True)
class News:
    """What a digest has to say."""

    ending: Sequence[Waiting]
    """What expires soon, the soonest first."""
    new: Sequence[Waiting]
    """What has come since the digest before, without those that end soon."""
    total: int
    """How many wait in all."""


def compose(news: News, *, sender: str, recipient: str, name: str, base_url: str, zone: ZoneInfo) -> Message:
    subject = _subject(news)
    parts = [("Expires within 24 hours", news.ending), ("New", news.new)]
    told = len(news.ending) + len(news.new)
    rest = news.total - told
    more = f"{rest} more {'waits' if rest == 1 else 'wait'} for you." if rest > 0 else ""
    inbox, profile = f"{base_url}/inbox", f"{base_url}/profile"
    why = "You get this because you decide in Countersign. Choose how often on My profile"
    text = [f"Hello {one_line(name)},", "", f"{_count(news.total)} for you.", ""]
    html = [f"<p>Hello {escape(one_line(name))},</p>", f"<p>{escape(_count(news.total))} for you.</p>"]
    for heading, items in parts:
        if not items:
            continue
        text += [heading, "-" * len(heading)]
        html.append(f"<h2>{heading}</h2><ul>")
        for item in items:
            title, facts = one_line(item.title), _facts(item, zone)
            link = f"{base_url}/inbox?card={item.id}"
            text += [f"* {title}", f"  {facts}", f"  {link}", ""]
            html.append(f'<li><a href="{escape(link)}">{escape(title)}</a><br>{escape(facts)}</li>')
        html.append("</ul>")
    if more:
        text += [more, ""]
        html.append(f"<p>{more}</p>")
    text += [f"All that waits: {inbox}", "", "-- ", f"{why}: {profile}", ""]
    html.append(f'<p><a href="{escape(inbox)}">Open the inbox</a></p>')
    html.append(f'<p><small>{why}: <a href="{escape(profile)}">{escape(profile)}</a></small></p>')
    body = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(subject)}</title></head>'
    return Message(sender, (recipient,), subject, "\n".join(text), f"{body}<body>{''.join(html)}</body></html>")


def one_line(text: str, most: int = _LONGEST) -> str:
    """`text` as one line that says what it looks like: no control characters, no turned direction, not too long."""
    spaced = "".join(" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in text)
    line = " ".join("".join(letter for letter in spaced if letter not in _TURNING).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _subject(news: News) -> str:
    if news.total == 1:
        (only,) = (*news.ending, *news.new)[:1] or (None,)
        return f"A decision waits: {one_line(only.title, 100)}" if only else "A decision waits"
    ending = f", {len(news.ending)} expire{'s' if len(news.ending) == 1 else ''} within a day" if news.ending else ""
    return f"{_count(news.total)}{ending}"


def _facts(item: Waiting, zone: ZoneInfo) -> str:
    until = format_datetime(item.expires_at.astimezone(zone), "d MMM y, HH:mm", locale=LOCALE)
    amount = f"{_money(*item.amount)}, " if item.amount else ""
    return f"{amount}proposed by {one_line(item.proposed_by)}, expires {until} ({zone.key})"


def _money(value: Decimal, currency: str) -> str:
    return one_line(format_currency(value, currency, locale=LOCALE))


def _count(n: int) -> str:
    return f"{n:,} decision waits" if n == 1 else f"{n:,} decisions wait"
