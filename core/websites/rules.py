"""What names, paths and addresses of sites may be, and how a check ends."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from urllib.parse import urlsplit

_PATH = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*/)*")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_SCHEMES = ("https", "http", "mailto", "tel")
RESERVED = frozenset({"assets", "contact-sent", "404", "feed", "sitemap", "robots"})
"""First parts of paths that generation writes itself."""


class CheckState(StrEnum):
    PASS = "pass"  # noqa: S105 - a word, not a password
    FAIL = "fail"
    NOT_CHECKED = "not_checked"
    """It could not be measured here; never counted as passed."""


def slug_of(name: str, *, otherwise: str = "site") -> str:
    """An address part made of a name: "Café Zürich & Söhne" is "cafe-zurich-sohne"; of none of whose letters ASCII knows, `otherwise`."""  # noqa: E501
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-")
    return slug or otherwise


def checked_slug(text: str) -> str:
    if not _SLUG.fullmatch(text) or "--" in text:
        raise ValueError("use lower case letters, digits and single hyphens, at most 60")
    return text


def checked_path(text: str) -> str:
    """Never leaves the site: no dots, no empty parts, nothing to decode."""
    if not _PATH.fullmatch(text) or text.split("/")[0] in RESERVED:
        raise ValueError("write it as about/ or services/tax/, in lower case letters, digits and hyphens")
    return text


def checked_address(text: str) -> str:
    """An address that does nothing but open; ValueError for scripts, paths and everything relative."""
    said = text.strip()
    if re.fullmatch(r"page:[a-z][a-z0-9-]{0,60}", said):
        return said
    if any(letter.isspace() or unicodedata.category(letter).startswith("C") for letter in said):
        raise ValueError("leave out spaces and control characters")
    try:
        parts = urlsplit(said)
    except ValueError:
        raise ValueError("this is no address") from None
    if parts.scheme not in _SCHEMES or (parts.scheme in ("http", "https") and not parts.hostname):
        raise ValueError("begin it with https://, http://, mailto: or tel:, or name a page as page:about")
    return said


class DeploymentKind(StrEnum):
    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    REDEPLOY = "redeploy"


class DeploymentState(StrEnum):
    WAITING = "waiting"
    """Asked for; a worker takes it when those asked for before it are over."""
    RUNNING = "running"
    LIVE = "live"
    """Published, and its address answered with this very version."""
    UNANSWERED = "unanswered"
    """Published, but its address did not answer with it when it was asked."""
    FAILED = "failed"
    """The version before answers as it did."""
    OVERTAKEN = "overtaken"
    """A later one had begun when this was taken up again, so it was left alone."""


UNDER_WAY = frozenset({DeploymentState.WAITING, DeploymentState.RUNNING})


class MessageState(StrEnum):
    KEPT = "kept"
    """Nobody is told: the site names no contact address."""
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The connection was lost while it was handed over: it may have been sent, and is not sent again."""


TEST_MARK = re.compile(r"\bverification-[0-9a-f]{32}\b")
"""A message with such a mark in its text is verification's: kept and delivered like any, and not counted as one."""
