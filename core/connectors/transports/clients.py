"""One client an account, kept between calls and made anew when the account changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from core.connectors.protocol import Account, ConnectorContext


class Client(Protocol):
    """Whatever speaks with one account of an outside system."""

    def close(self) -> None: ...


C = TypeVar("C", bound=Client)


@dataclass(frozen=True)
class Connection(Generic[C]):
    account: str | None
    """The account's name, as a plan's request holds it; None where it works without one."""
    client: C


class Clients(Generic[C]):
    """The clients of one family of systems; `make` gives for each system's name how one is made from its account."""

    def __init__(self, context: ConnectorContext, family: str, make: Mapping[str, Callable[[Any], C]]) -> None:
        self._accounts, self._family, self._make = context.accounts, family, make
        self._kept: dict[str, tuple[str, C]] = {}
        self._replaced: list[C] = []
        self._lock = threading.Lock()

    def named(self, name: str | None) -> Connection[C] | None:
        """The client of that account, or of the usual one; None where there is none.

        Raises a CountersignError for an account that is unknown, switched off or unreadable.
        """
        account = self._accounts.find(self._family, name)
        return None if account is None else Connection(account.name, self._client_of(account))

    def _client_of(self, account: Account[Any]) -> C:
        with self._lock:
            kept = self._kept.get(account.name)
            if kept and kept[0] == account.revision:
                return kept[1]
            client = self._make[account.system](account.values)
            self._kept[account.name] = (account.revision, client)
            if kept:
                self._replaced.append(kept[1])  # somebody may be in the middle of a call with it
        return client

    def close(self) -> None:
        with self._lock:
            clients = [*self._replaced, *(client for _, client in self._kept.values())]
            self._kept, self._replaced = {}, []
        for client in clients:
            client.close()
