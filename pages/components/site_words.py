"""How the states of sites, deployments, checks and messages are said."""

from __future__ import annotations

from typing import Literal

from core.websites.check import find_checks
from core.websites.rules import CheckState, DeploymentKind, DeploymentState, MessageState

Colour = Literal["green", "red", "orange", "gray", "blue"]

_DEPLOYMENTS: dict[DeploymentState, tuple[str, Colour]] = {
    DeploymentState.WAITING: ("Waits its turn", "blue"),
    DeploymentState.RUNNING: ("Being published", "blue"),
    DeploymentState.LIVE: ("Live", "green"),
    DeploymentState.UNANSWERED: ("Published, does not answer", "orange"),
    DeploymentState.FAILED: ("Not published", "red"),
    DeploymentState.OVERTAKEN: ("Overtaken", "gray"),
}
_KINDS = {
    DeploymentKind.DEPLOY: "Published", DeploymentKind.ROLLBACK: "Rolled back to",
    DeploymentKind.REDEPLOY: "Published again",
}  # fmt: skip
CHECKS: dict[CheckState, tuple[str, str]] = {
    CheckState.PASS: (":green[:material/check_circle:]", "Passed"),
    CheckState.FAIL: (":red[:material/error:]", "Failed"),
    CheckState.NOT_CHECKED: (":gray[:material/help:]", "Not checked"),
}
"""Icon and word: a state is never told by its colour alone."""
_MESSAGES: dict[MessageState, tuple[str, Colour]] = {
    MessageState.KEPT: ("Kept here", "gray"),
    MessageState.WAITING: ("Waits to be sent", "blue"),
    MessageState.SENDING: ("Being sent", "blue"),
    MessageState.SENT: ("Sent on", "green"),
    MessageState.FAILED: ("Could not be sent", "red"),
    MessageState.UNKNOWN: ("Perhaps sent", "orange"),
}


def site_state(state: DeploymentState | None) -> tuple[str, Colour]:
    return ("Not published yet", "gray") if state is None else _DEPLOYMENTS[state]


def deployment_words(kind: DeploymentKind, number: int) -> str:
    return f"{_KINDS[kind]} version {number:,}"


def check_title(name: str) -> str:
    known = find_checks().get(name)
    return known.title if known else name.replace("_", " ").capitalize()


def message_state(state: MessageState) -> tuple[str, Colour]:
    return _MESSAGES[state]


def target_words(target: str | None) -> str:
    """ "here", or a target with the connection it uses."""
    name, _, connection = (target or "here").partition(":")
    said = {"here": "this installation", "sftp": "SFTP", "s3": "S3"}.get(name, name)
    return f"{said} ({connection})" if connection else said
