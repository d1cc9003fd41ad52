"""One Odoo database: which of its two APIs it speaks is found out at the first call."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import httpx2

from core.connectors.protocol import Unreachable
from core.connectors.transports.odoo_wires import (
    BAD_KEY,
    Json2,
    Lost,
    NotReached,
    OdooAccount,
    Refused,
    Wire,
    XmlRpc,
)

Record = Mapping[str, Any]


class OdooClient:
    """Every call raises NotReached, Lost or Refused; nothing it raises holds the key or a traceback.

    What only reads raises NotReached also for a lost answer: nothing can have happened.
    """

    def __init__(self, account: OdooAccount, *, timeout: float) -> None:
        self._account = account
        self._http = httpx2.Client(base_url=account.url, timeout=timeout, follow_redirects=False)
        self._wire: Wire | None = None
        self._finding = threading.Lock()

    def close(self) -> None:
        self._http.close()

    @property
    def name(self) -> str:
        who = f" as {self._account.login}" if self._account.login else ""
        where = f" ({self._account.database})" if self._account.database else ""
        return f"Odoo at {self._account.url}{where}{who}"

    def link(self, model: str, record: int) -> str:
        """The form of a record in Odoo's own pages."""
        return f"{self._account.url}/web#id={record}&model={model}&view_type=form"

    def call(self, model: str, method: str, *, ids: Sequence[int] | None = None, **arguments: Any) -> Any:
        return self._found_wire().call(model, method, ids, arguments)

    def fields(self, model: str) -> Mapping[str, Record]:
        """What is known of the model's fields: {name: {string, type, relation?, selection?, currency_field?}}."""
        attributes = ["string", "type", "relation", "selection", "currency_field"]
        return dict(self._ask(model, "fields_get", attributes=attributes))

    def read(self, model: str, ids: Sequence[int], fields: Sequence[str]) -> Mapping[int, Record]:
        """The records that exist, archived ones too, by id; a missing one is simply absent."""
        rows = self._ask(model, "read", ids=ids, fields=["display_name", *fields])
        return {int(row["id"]): row for row in rows}

    def search(self, model: str, domain: Sequence[Any], fields: Sequence[str], limit: int) -> Sequence[Record]:
        return list(self._ask(model, "search_read", domain=list(domain), fields=list(fields), limit=limit))

    def _ask(self, model: str, method: str, *, ids: Sequence[int] | None = None, **arguments: Any) -> Any:
        try:
            return self.call(model, method, ids=ids, **arguments)
        except Lost as problem:
            raise NotReached(str(problem)) from None

    def _found_wire(self) -> Wire:
        with self._finding:
            if self._wire is None:
                self._wire = self._find_wire()
            return self._wire

    def _find_wire(self) -> Wire:
        """JSON-2 where it answers as JSON-2 does; version 18 and before know no such page and redirect."""
        json2 = Json2(self._http, self._account)
        try:
            answer = json2.post("res.users", "context_get", {})
        except Lost as problem:
            raise NotReached(str(problem)) from None
        if answer.has_redirect_location and not str(answer.next_request and answer.next_request.url).startswith(
            self._account.url
        ):
            raise Refused(f"Odoo's address leads to {answer.headers['location']}. Set that one under Connections.")
        if answer.status_code == httpx2.codes.OK:
            return json2
        if answer.status_code == httpx2.codes.UNAUTHORIZED:
            raise BAD_KEY
        if answer.status_code >= 500:
            raise NotReached(f"the server answered {answer.status_code}")
        return XmlRpc(self._http, self._account)


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


def external_id(key: str) -> str:
    """The external id of what is created with this key, every time."""
    return f"countersign.a_{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def in_words(problem: NotReached | Lost | Refused) -> Unreachable:
    """The same trouble, for somebody who only wanted to read."""
    return Unreachable(system="Odoo", problem=f"{str(problem).rstrip('.')}.")
