"""What operations through an account share: finding it, being bound to it, and errors told as receipts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from core.connectors.plan import Change, DriftFound, Plan, Receipt, rejected
from core.connectors.protocol import Operation, Undoing
from core.connectors.transports.calls import CallFailed, in_words, receipt_of
from core.connectors.transports.clients import C, Clients
from core.errors import CountersignError


class AccountParams(BaseModel):
    """Parameters of an operation through an account."""

    model_config = ConfigDict(extra="forbid")

    account: str | None = Field(
        default=None, title="Connection", max_length=40,
        description="Through which connection; empty for the usual one.",
    )  # fmt: skip


AP = TypeVar("AP", bound=AccountParams)


class ConnectedOperation(Operation[AP], Generic[AP, C]):
    """An operation through one account of a system.

    The plan's request names the account that was found when planning and `plan.account` says which system and as
    whom that is: both are part of what is approved. Subclasses write `_plan` and `_execute`, and `_moved`, `_verify`
    and `_undo` where the system allows. Whatever of `transports.calls` these raise is told as C7 wants it.
    """

    system_title: str
    """As people call the other side: `Odoo`."""

    def __init__(self, clients: Clients[C]) -> None:
        self._clients = clients

    # -- what subclasses say --------------------------------------------------------------------------------------

    @abstractmethod
    def _identity(self, client: C) -> str:
        """Which system and as whom."""

    @abstractmethod
    def _plan(self, client: C | None, params: AP) -> Plan:
        """The plan; `account` of plan and request are filled in by the caller. None: nothing is connected."""

    @abstractmethod
    def _execute(self, client: C, plan: Plan, key: str) -> Receipt:
        """The call itself."""

    def _moved(self, client: C, plan: Plan) -> Iterable[Change]:
        return ()

    def _verify(self, client: C, plan: Plan, key: str) -> Receipt | None:
        return None

    def _undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        return None

    # -- the protocol ---------------------------------------------------------------------------------------------

    @property
    def _not_connected(self) -> str:
        return f"{self.system_title} is not connected"

    def plan(self, params: AP) -> Plan:
        found = self._clients.named(params.account)
        try:
            plan = self._plan(found.client if found else None, params)
        except CallFailed as problem:
            raise in_words(problem, self.system_title) from None
        request = {**plan.request, "account": found.account if found else None}
        if found is None:
            warnings = (*plan.warnings, self._not_connected)
            return replace(plan, request=request, account=self._not_connected, warnings=warnings)
        return replace(plan, request=request, account=self._identity(found.client))

    def drift(self, plan: Plan) -> DriftFound | None:
        found = self._clients.named(plan.request.get("account"))
        now = self._identity(found.client) if found else self._not_connected
        if plan.account != now:
            return DriftFound((Change("account", "The connection", plan.account, now),))
        if found is None:
            return None
        try:
            moved = tuple(self._moved(found.client, plan))
        except CallFailed as problem:
            raise in_words(problem, self.system_title) from None
        return DriftFound(moved) if moved else None

    def execute(self, plan: Plan, key: str) -> Receipt:
        try:
            found = self._clients.named(plan.request.get("account"))
        except CountersignError as problem:
            return rejected(f"{problem} Nothing was done.")
        if found is None:
            words = f"{self._not_connected}. Nothing was done. Connect it under Connections."
            return rejected(words)
        if self._identity(found.client) != plan.account:  # changed between the last look and now
            return rejected("The connection is another one than was approved. Nothing was done.")
        try:
            return self._execute(found.client, plan, key)
        except CallFailed as problem:
            return receipt_of(problem, self.system_title)

    def verify(self, plan: Plan, key: str) -> Receipt | None:
        found = self._clients.named(plan.request.get("account"))
        if found is None or self._identity(found.client) != plan.account:
            return None  # elsewhere than where it was done nobody can tell
        try:
            return self._verify(found.client, plan, key)
        except CallFailed as problem:
            raise in_words(problem, self.system_title) from None

    def undo(self, plan: Plan, receipt: Mapping[str, Any]) -> Undoing | None:
        """The undoing goes through the account that acted."""
        undoing = self._undo(plan, receipt)
        if undoing is None:
            return None
        return Undoing(undoing.operation, {**undoing.params, "account": plan.request.get("account")})

    def close(self) -> None:
        self._clients.close()
