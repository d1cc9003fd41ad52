"""One Odoo database: which of its two APIs it speaks is found out at the first call, and again when that changed."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from core.connectors.protocol import ConnectorContext
from core.connectors.transports.calls import Lost, NotReached, Refused
from core.connectors.transports.clients import Clients
from core.connectors.transports.odoo.account import OdooAccount
from core.connectors.transports.odoo.wires import Json2, NotSpoken, Wire, XmlRpc

Record = Mapping[str, Any]

_ATTRIBUTES = (
    "string",
    "type",
    "relation",
    "selection",
    "currency_field",
    "readonly",
    "required",
    "store",
    "size",
    "digits",
)


class OdooClient:
    """Every call raises one of `transports.calls`; nothing it raises holds the key or a traceback.

    What only reads raises NotReached also for a lost answer: nothing can have happened.
    """

    def __init__(self, account: OdooAccount, *, timeout: float) -> None:
        self._account = account
        self._json2 = Json2(account, timeout=timeout)
        self._xmlrpc = XmlRpc(account, timeout=timeout)
        self._wire: Wire | None = None
        self._finding = threading.Lock()

    def close(self) -> None:
        self._json2.close()
        self._xmlrpc.close()

    @property
    def name(self) -> str:
        return self._account.identity

    @property
    def place(self) -> str:
        return self._account.place

    @property
    def api(self) -> str:
        """The API that was found, as people call it."""
        return "JSON-2" if self._found_wire() is self._json2 else "XML-RPC"

    def link(self, model: str, record: int) -> str:
        """The form of a record in Odoo's own pages."""
        return f"{self._account.url}/web#id={record}&model={model}&view_type=form"

    # -- calls ----------------------------------------------------------------------------------------------------

    def call(self, model: str, method: str, *, ids: Sequence[int] | None = None, **arguments: Any) -> Any:
        wire = self._found_wire()
        try:
            return wire.call(model, method, ids, arguments)
        except NotSpoken:  # it was upgraded, or put back: nothing was done, so the other way may be tried
            with self._finding:
                if self._wire is wire:
                    self._wire = None
            return self._found_wire().call(model, method, ids, arguments)

    def ask(self, model: str, method: str, *, ids: Sequence[int] | None = None, **arguments: Any) -> Any:
        """`call` for what only reads."""
        try:
            return self.call(model, method, ids=ids, **arguments)
        except Lost as problem:
            raise NotReached(str(problem)) from None

    def fields(self, model: str) -> Mapping[str, Record]:
        """What is known of the model's fields, by name: label (`string`), `type`, `relation`, `selection`…"""
        return dict(self.ask(model, "fields_get", attributes=list(_ATTRIBUTES)))

    def read(self, model: str, ids: Sequence[int], fields: Sequence[str]) -> Mapping[int, Record]:
        """The records that exist, archived ones too, by id; a missing one is simply absent."""
        rows = self.ask(model, "read", ids=ids, fields=["display_name", *fields])
        return {int(row["id"]): row for row in rows}

    def search(
        self,
        model: str,
        domain: Sequence[Any],
        fields: Sequence[str],
        limit: int,
        *,
        newest: bool = False,
        archived: bool = False,
    ) -> Sequence[Record]:
        more: dict[str, Any] = {"order": "id desc"} if newest else {}
        if archived:
            more["context"] = {"active_test": False}
        return list(self.ask(model, "search_read", domain=list(domain), fields=list(fields), limit=limit, **more))

    def user(self) -> int | None:
        """The id of whoever the key belongs to; None where Odoo does not say."""
        if self._found_wire() is self._xmlrpc:
            return self._xmlrpc.user()
        found = self.ask("res.users", "context_get").get("uid")
        if not found and self._account.login:
            rows = self.search("res.users", [["login", "=", self._account.login]], ["login"], 1)
            found = rows[0]["id"] if rows else None
        return int(found) if found else None

    def version(self) -> str | None:
        """For example `Odoo 19.0`; None where the server keeps it to itself."""
        found = self._json2.version()
        return f"Odoo {found}" if found else None

    # -- which API ------------------------------------------------------------------------------------------------

    def _found_wire(self) -> Wire:
        with self._finding:
            if self._wire is None:
                self._wire = self._find_wire()
            return self._wire

    def _find_wire(self) -> Wire:
        """JSON-2 where it answers as JSON-2 does; version 18 and before know no such page and redirect."""
        match self._account.api:
            case "json2":
                return self._json2
            case "xmlrpc":
                return self._xmlrpc
        try:
            self._json2.call("res.users", "context_get", None, {})
        except Lost as problem:
            raise NotReached(str(problem)) from None
        except NotSpoken as problem:
            home = self._account.url + "/"
            if problem.location and not urljoin(home, problem.location).startswith(home):
                words = f"the address leads to {problem.location[:200]}; set that one under Connections."
                raise Refused(words) from None
            return self._xmlrpc
        return self._json2


class Names:
    """Names of related records, each read once; where they cannot be read a number has to do."""

    def __init__(self, client: OdooClient | None) -> None:
        self._client = client
        self._found: dict[tuple[str, int], str | None] = {}

    def __call__(self, model: str, record: int) -> str | None:
        if self._client is not None and (model, record) not in self._found:
            try:
                row = self._client.read(model, [record], []).get(record)
                self._found[model, record] = str(row["display_name"]) if row else None
            except (NotReached, Refused):
                self._found[model, record] = None
        return self._found.get((model, record))


def odoo_clients(context: ConnectorContext) -> Clients[OdooClient]:
    """The clients of every Odoo account there is."""

    def make(account: OdooAccount) -> OdooClient:
        return OdooClient(account, timeout=context.settings.call_timeout_seconds)

    return Clients(context, "odoo", {"odoo": make})
