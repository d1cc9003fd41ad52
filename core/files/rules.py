"""Who may hand in a file and who may have it back, and how large it may be."""

from __future__ import annotations

from core.actor import Actor, ActorKind, Role
from core.errors import CountersignError, NotAllowed

MOST_FILE_BYTES = 10_000_000


class FileTooLarge(CountersignError):
    """{name} has {size}, and a file may have 10 MB. Make it smaller; nothing was saved."""

    http_status = 413


class FileRefused(CountersignError):
    """{name} cannot be kept: {problem} Pictures, PDF, text, CSV, HTML, JSON, Office documents without macros and ZIP archives of these can; nothing was saved."""  # noqa: E501

    http_status = 422


KEEPERS = (Role.OPERATOR, Role.ADMIN)


def must_keep(actor: Actor) -> None:
    """Who may propose may hand in what is sent with it."""
    if actor.scopes is not None and "propose" not in actor.scopes:
        raise NotAllowed(who=actor.name, what="hand in files with this token", needs="token with the scope propose")
    if actor.kind is ActorKind.PERSON:
        actor.must_have(*KEEPERS, to="hand in files")


def may_read(actor: Actor, kept_by: str) -> bool:
    """Those who see every proposal see what is sent with it; everybody else what they handed in themselves."""
    if actor.scopes is not None and "read" not in actor.scopes:
        return False
    return (
        actor.kind in {ActorKind.JOB, ActorKind.SYSTEM}
        or actor.has(Role.OPERATOR, Role.COUNCIL, Role.ADMIN)
        or actor.id == kept_by
    )
