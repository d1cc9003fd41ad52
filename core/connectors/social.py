"""Social networks: posting to them and deleting what was posted, each network behind the same two operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from core.connectors.plan import DriftFound, Effect, Plan, Receipt
from core.connectors.protocol import AnySystem, ConnectorContext, Operation, Undoing
from core.connectors.transports.clients import Clients
from core.connectors.transports.connected import ConnectedOperation
from core.connectors.transports.social.bluesky import BlueskySystem
from core.connectors.transports.social.instagram import InstagramSystem
from core.connectors.transports.social.linkedin import LinkedInSystem
from core.connectors.transports.social.mastodon import MastodonSystem
from core.connectors.transports.social.network import Network, NetworkSystem
from core.connectors.transports.social.operations import DeleteThrough, PostThrough
from core.connectors.transports.social.parameters import DeleteParams, PostParams
from core.connectors.transports.social.x import XSystem

P = TypeVar("P", bound=PostParams | DeleteParams)

_SYSTEMS: tuple[type[NetworkSystem[Any]], ...] = (
    LinkedInSystem, InstagramSystem, XSystem, MastodonSystem, BlueskySystem,
)  # fmt: skip


class _ByNetwork(Operation[P]):
    """One operation for people, one for each network behind it: the parameters name the network."""

    channel = "social"
    families = tuple(system.family for system in _SYSTEMS)
    effect = Effect.IRREVERSIBLE

    def __init__(self, roads: Mapping[str, ConnectedOperation[P, Network]]) -> None:
        self._roads = roads

    def _road(self, plan: Plan) -> ConnectedOperation[P, Network]:
        return self._roads[str(plan.request["network"])]

    def plan(self, params: P) -> Plan:
        return self._roads[params.network.value].plan(params)

    def drift(self, plan: Plan) -> DriftFound | None:
        return self._road(plan).drift(plan)

    def execute(self, plan: Plan, key: str) -> Receipt:
        return self._road(plan).execute(plan, key)

    def verify(self, plan: Plan, key: str) -> Receipt | None:
        return self._road(plan).verify(plan, key)

    def undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        return self._road(plan).undo(plan, receipt)

    def repeatable_for(self, plan: Plan) -> bool:
        return self._road(plan).repeatable_for(plan)

    def where_to_look(self, plan: Plan, key: str) -> str:
        return self._road(plan).where_to_look(plan, key)

    def close(self) -> None:
        for road in self._roads.values():
            road.close()


class SocialPost(_ByNetwork[PostParams]):
    name = PostThrough.name
    title = PostThrough.title
    params = PostParams
    repeatable = False


class SocialDelete(_ByNetwork[DeleteParams]):
    name = DeleteThrough.name
    title = DeleteThrough.title
    params = DeleteParams
    repeatable = True


def systems() -> Iterable[AnySystem]:
    return [system() for system in _SYSTEMS]


def operations(context: ConnectorContext) -> Iterable[Operation[Any]]:
    posting: dict[str, ConnectedOperation[PostParams, Network]] = {}
    deleting: dict[str, ConnectedOperation[DeleteParams, Network]] = {}
    for one in _SYSTEMS:
        clients = _clients(one(), context)
        posting[one.name] = PostThrough(clients, one.manner, context.files)
        deleting[one.name] = DeleteThrough(clients, one.manner)
    return SocialPost(posting), SocialDelete(deleting)


def _clients(system: NetworkSystem[Any], context: ConnectorContext) -> Clients[Network]:
    timeout, clock = context.settings.call_timeout_seconds, context.clock
    make = {system.name: lambda account: system.client(account, timeout, clock)}
    return Clients(context, system.family, make)
