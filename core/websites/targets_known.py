"""Choosing a target by what people write: "here", "sftp", or "s3:shop" for the connection of that name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.connectors.protocol import Accounts
from core.errors import CountersignError
from core.settings import Settings
from core.websites.target import Place, Target, find_targets

HERE = "here"


class UnknownTarget(CountersignError):
    """There is no place called {name} to publish a site. Use one of {known}; nothing was changed."""

    http_status = 422


class TargetNotConnected(CountersignError):
    """No account is connected for {title}. Add one under Connections; nothing was changed."""

    http_status = 409


@dataclass(frozen=True)
class Chosen:
    """A target with the account it goes through."""

    target: Target
    settings: Mapping[str, Any]

    def place(self, slug: str) -> Place:
        return Place(slug, self.settings)

    def address(self, slug: str) -> str:
        return f"{str(self.settings['address']).rstrip('/')}/{slug}/"


def places(accounts: Accounts) -> dict[str, str]:
    """What people may choose now, with its title: here, and each account of the other targets."""
    found = dict[str, str]()
    for name, target in find_targets().items():
        if target.family is None:
            found[name] = target.title
        else:
            found |= {f"{name}:{account}": f"{target.title}: {account}" for account in accounts.names(target.family)}
    return {HERE: found.pop(HERE), **found}


def chosen(said: str, accounts: Accounts, settings: Settings) -> Chosen:
    """Raises UnknownTarget, TargetNotConnected, and what finding an account by name raises."""
    name, _, connection = said.partition(":")
    found = find_targets().get(name)
    if found is None or (name == HERE and connection):
        raise UnknownTarget(name=said[:60], known=", ".join(find_targets()))
    if found.family is None:
        return Chosen(found(), {"address": f"{settings.base_url}/sites", "timeout": settings.call_timeout_seconds})
    account = accounts.find(found.family, connection or None)
    if account is None:
        raise TargetNotConnected(title=found.title)
    values = {**account.values.model_dump(), "timeout": settings.call_timeout_seconds}
    return Chosen(found(), values)
