"""Odoo's two ways to call a method: JSON-2 (version 19 and later) and XML-RPC (before it)."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from xml.parsers.expat import ExpatError

import httpx2


@dataclass(frozen=True)
class OdooAccount:
    url: str
    database: str | None
    login: str | None
    key: str = field(repr=False)
    """An API key; it is also the password of XML-RPC."""


class NotReached(Exception):
    """The request did not get to Odoo, or it only read: nothing can have happened."""


class Lost(Exception):
    """The request got there and no answer came back: it may have been done."""


class Refused(Exception):
    """Odoo answered with an error. Its words, without the traceback that comes with them."""

    def __init__(self, words: str, *, signed_in: bool = True) -> None:
        super().__init__(words)
        self.words = words
        self.signed_in = signed_in


class Wire(Protocol):
    def call(self, model: str, method: str, ids: Sequence[int] | None, arguments: Mapping[str, Any]) -> Any:
        """Calls a method with named arguments; raises NotReached, Lost or Refused."""
        ...


BAD_KEY = Refused("Odoo refused the sign-in. Check the key under Connections → Odoo.", signed_in=False)


class Json2:
    def __init__(self, http: httpx2.Client, account: OdooAccount) -> None:
        self._http = http
        self._headers = {"Authorization": f"bearer {account.key}"}
        if account.database:
            self._headers["X-Odoo-Database"] = account.database

    def call(self, model: str, method: str, ids: Sequence[int] | None, arguments: Mapping[str, Any]) -> Any:
        body = dict(arguments) if ids is None else {"ids": list(ids), **arguments}
        answer = self.post(model, method, body)
        if answer.status_code == httpx2.codes.OK:
            return json_of(answer)
        if answer.status_code == httpx2.codes.UNAUTHORIZED:
            raise BAD_KEY
        raise _error_of(answer)

    def post(self, model: str, method: str, body: Mapping[str, Any]) -> httpx2.Response:
        return _sent(self._http, f"/json/2/{model}/{method}", json=body, headers=self._headers)


class XmlRpc:
    def __init__(self, http: httpx2.Client, account: OdooAccount) -> None:
        self._http, self._account = http, account
        self._user: int | None = None

    def call(self, model: str, method: str, ids: Sequence[int] | None, arguments: Mapping[str, Any]) -> Any:
        database, key = self._account.database or "", self._account.key
        if self._user is None:
            signed_in = self._request("common", "authenticate", database, self._account.login or "", key, {})
            if not signed_in:  # a bad password is answered with False, not with a fault
                raise BAD_KEY
            self._user = int(signed_in)
        positional = [] if ids is None else [list(ids)]
        return self._request(
            "object", "execute_kw", database, self._user, key, model, method, positional, dict(arguments)
        )

    def _request(self, service: str, method: str, *arguments: Any) -> Any:
        body = xmlrpc.client.dumps(arguments, method, allow_none=True)
        answer = _sent(self._http, f"/xmlrpc/2/{service}", content=body.encode(), headers={"Content-Type": "text/xml"})
        if answer.status_code != httpx2.codes.OK:
            raise _error_of(answer)
        try:
            (result,), _ = xmlrpc.client.loads(answer.content)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode == 3:
                raise BAD_KEY from None
            raise Refused(_last_line(fault.faultString)) from None
        except (ExpatError, ValueError, xmlrpc.client.Error):
            raise Lost("Odoo's answer could not be read") from None
        return result


def _sent(http: httpx2.Client, path: str, **request: Any) -> httpx2.Response:
    try:
        return http.post(path, **request)
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol) as problem:
        raise NotReached(str(problem) or "no connection") from None
    except httpx2.HTTPError as problem:
        raise Lost(str(problem) or "no answer in time") from None


def json_of(answer: httpx2.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise Lost("Odoo's answer could not be read") from None


def _error_of(answer: httpx2.Response) -> Lost | Refused:
    """Odoo's own message; a JSON-2 error's `debug` and `arguments` are a traceback and stay where they are.

    A server error without a message comes from something in between, which knows nothing of what Odoo did.
    """
    try:
        said = answer.json().get("message")
    except (ValueError, AttributeError):
        said = None
    if said:
        return Refused(_sentence(str(said)))
    code = answer.status_code
    return Lost(f"the server answered {code}") if code >= 500 else Refused(f"Odoo answered {code}.")


def _last_line(fault: str) -> str:
    """A fault is a sentence, or a traceback whose last line is one."""
    lines = [line.strip() for line in fault.splitlines() if line.strip()]
    if not lines:
        return "Odoo refused it without a reason."
    if not lines[0].startswith("Traceback"):
        return _sentence(" ".join(lines))
    kind, _, words = lines[-1].partition(": ")
    return _sentence(words or kind)


def _sentence(text: str) -> str:
    text = " ".join(text.split())[:400]
    return text if text.endswith((".", "…")) else f"{text}."
