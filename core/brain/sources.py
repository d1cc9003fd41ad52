"""What rules read: Odoo through every connection there is, our own tables, and what became of earlier cards. Never writes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actions.rules import ActionState
from core.actions.tables import Action
from core.analytics.queries import AnalyticsQueries
from core.brain.rule import NotLooked, Past, Sight
from core.brain.tables import BrainFinding
from core.catalog.queries import CatalogQueries
from core.connectors.protocol import ConnectorContext
from core.connectors.transports.calls import CallFailed
from core.connectors.transports.odoo.client import OdooClient, Record, odoo_clients
from core.database.unit_of_work import Database
from core.errors import CountersignError

T = TypeVar("T")

PAGE, MOST = 500, 5_000
"""Records of one call, and of one look at one account."""


@dataclass(frozen=True)
class Rows:
    rows: Sequence[Record]
    whole: bool
    """False: there are more than are read at once."""


class Sources:
    def __init__(
        self,
        database: Database,
        context: ConnectorContext,
        catalog: CatalogQueries,
        analytics: AnalyticsQueries,
    ) -> None:
        self.database, self.catalog, self.analytics = database, catalog, analytics
        self.base_url = context.settings.base_url
        self._accounts, self._odoo = context.accounts, odoo_clients(context)

    def close(self) -> None:
        self._odoo.close()

    def page(self, path: str) -> str:
        """The address of a page of ours."""
        return f"{self.base_url}{path}"

    def each_odoo(self, read: Callable[[str, OdooClient], tuple[Sequence[T], bool]]) -> Sight[list[T]]:
        """What `read` finds in every Odoo that is connected, and whether that is all of it.

        NotLooked if none could be asked; one of several that cannot is said, and the others are read. Two connections to
        one database may see different records: it was seen whole where each of them was.
        """
        accounts = self._accounts.all("odoo")
        if not accounts:
            raise NotLooked(problem="Odoo is not connected. Add it under Connections.")
        found: list[T] = []
        whole: dict[str, bool] = {}
        missed: list[str] = []
        for account in accounts:
            place = str(account.values.place)
            known, whole[place] = whole.get(place, True), False
            try:
                connection = self._odoo.named(account.name)
                assert connection is not None
                rows, complete = read(account.name, connection.client)
            except CallFailed as problem:
                missed.append(f"Odoo ({account.name}) could not be asked: {str(problem).rstrip('.')}.")
                continue
            except CountersignError as problem:
                missed.append(f"Odoo ({account.name}) could not be asked: {problem}")
                continue
            found.extend(rows)
            whole[place] = known and complete
        if len(missed) == len(accounts):
            raise NotLooked(problem=" ".join(missed))
        return Sight(found, frozenset(place for place, seen in whole.items() if seen), tuple(missed))

    def history(self, rule: str, subjects: Collection[str]) -> Mapping[str, list[Past]]:
        """What became of the rule's earlier cards, by subject, the first proposed first."""
        found: dict[str, list[Past]] = {}
        wanted = sorted(subjects)
        with self.database.reading() as session:
            for start in range(0, len(wanted), 1_000):
                for subject, past in _history(session, rule, wanted[start : start + 1_000]):
                    found.setdefault(subject, []).append(past)
        return found


def _history(session: Session, rule: str, subjects: Sequence[str]) -> list[tuple[str, Past]]:
    query = (
        select(BrainFinding.subject, BrainFinding.key, Action.state, Action.executed_at)
        .join(Action, Action.id == BrainFinding.action_id)
        .where(BrainFinding.rule == rule, BrainFinding.subject.in_(subjects))
        .order_by(BrainFinding.first_seen_at, BrainFinding.id)
    )
    return [
        (subject, Past(key, executed_at if state is ActionState.EXECUTED else None))
        for subject, key, state, executed_at in session.execute(query)
    ]


def odoo_rows(
    client: OdooClient, model: str, domain: Sequence[Any], fields: Sequence[str], *, order: str, most: int = MOST
) -> Rows:
    """Up to `most` records in that order, read page by page."""
    found: list[Record] = []
    while len(found) < most:
        page = list(
            client.ask(
                model, "search_read", domain=list(domain), fields=list(fields), limit=PAGE, offset=len(found),
                order=f"{order}, id",
            )
        )  # fmt: skip
        found.extend(page)
        if len(page) < PAGE:
            return Rows(found, whole=True)
    return Rows(found, whole=False)


def odoo_by_id(client: OdooClient, model: str, ids: Collection[int], fields: Sequence[str]) -> dict[int, Record]:
    """The records that are there, archived ones too."""
    found: dict[int, Record] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), PAGE):
        found |= client.read(model, wanted[start : start + PAGE], fields)
    return found
