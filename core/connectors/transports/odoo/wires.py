"""The two ways Odoo is spoken to, both with named arguments: JSON-2 from version 19 on, XML-RPC before."""

from __future__ import annotations

import re
import threading
import xmlrpc.client
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from xml.parsers.expat import ExpatError

from core.connectors.transports.calls import CallFailed, Lost, Refused, Throttled, sentence
from core.connectors.transports.http import Answer, HttpApi, Means
from core.connectors.transports.odoo.account import OdooAccount

STATUSES: Mapping[int, Means] = {
    401: Means.SIGN_IN,  # the key
    403: Means.REFUSED,  # no right: AccessError
    404: Means.REFUSED,  # no such model, method or record: MissingError
    409: Means.LATER,  # somebody else's transaction holds the record: LockError
    422: Means.REFUSED,  # wrong arguments, or a rule of the business: UserError, ValidationError
    429: Means.LATER,
    500: Means.REFUSED,  # an unknown field, or a fault in a module; Lost if the words are not Odoo's (`_said`)
}
FAULTS: Mapping[int, Means] = {
    1: Means.REFUSED,  # an unknown field, or a fault in a module
    2: Means.REFUSED,  # a rule of the business, a missing record, an unknown model
    3: Means.SIGN_IN,  # the password
    4: Means.REFUSED,  # no right, or a private method
}
"""What JSON-2's statuses and XML-RPC's fault codes mean. A refusal can follow a committed write (a method that returns
None is done and then fails to be marshalled), so whoever wrote reads back before believing it."""

_WRONG_KEY = "the key was not accepted; it may be wrong, expired or revoked"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MOVED = frozenset((301, 302, 303, 307, 308))


class NotSpoken(Refused):
    """The server has no such API: it redirects to `location`, or knows no such page. Nothing was done."""

    def __init__(self, location: str = "") -> None:
        super().__init__("The server does not speak this API. Check its address and version under Connections.")
        self.location = location


class Wire(Protocol):
    def call(self, model: str, method: str, ids: Sequence[int] | None, arguments: Mapping[str, Any]) -> Any:
        """Calls a method with named arguments; raises NotReached, Lost, Refused or Throttled."""
        ...

    def close(self) -> None: ...


class Json2:
    def __init__(self, account: OdooAccount, *, timeout: float) -> None:
        headers = {"Authorization": f"bearer {account.key.get_secret_value()}"}
        if account.database:
            headers["X-Odoo-Database"] = account.database
        self._api = HttpApi(account.url, headers=headers, timeout=timeout, answers=STATUSES, words=_said)

    def call(self, model: str, method: str, ids: Sequence[int] | None, arguments: Mapping[str, Any]) -> Any:
        body = dict(arguments) if ids is None else {"ids": list(ids), **arguments}
        return self._api.send("POST", f"/json/2/{model}/{method}", json=body).json()

    def version(self) -> str | None:
        """What every version from 8 on says without a sign-in, so the key is left out."""
        asked = {"jsonrpc": "2.0", "method": "call", "params": {}}
        try:
            path, bare = "/web/webclient/version_info", {"Authorization": ""}
            found = self._api.ask(path, method="POST", json=asked, headers=bare).object().get("result")
        except CallFailed:
            return None
        said = found.get("server_version") if isinstance(found, Mapping) else None
        return said[:40] if isinstance(said, str) and said.isprintable() else None

    def close(self) -> None:
        self._api.close()


class XmlRpc:
    def __init__(self, account: OdooAccount, *, timeout: float) -> None:
        self._account = account
        headers = {"Content-Type": "text/xml"}
        self._api = HttpApi(account.url, headers=headers, timeout=timeout, answers=STATUSES, words=_said)
        self._user: int | None = None
        self._signing_in = threading.Lock()

    def call(self, model: str, method: str, ids: Sequence[int] | None, arguments: Mapping[str, Any]) -> Any:
        positional = [] if ids is None else [list(ids)]
        signed_in = (self._account.database, self.user(), self._account.key.get_secret_value())
        return self._request("object", "execute_kw", *signed_in, model, method, positional, dict(arguments))

    def user(self) -> int:
        """The id of whoever the key belongs to."""
        account = self._account
        if not (account.database and account.login):
            raise Refused("XML-RPC needs the database and the login: enter them under Connections.", signed_in=False)
        with self._signing_in:
            if self._user is None:
                key = account.key.get_secret_value()
                found = self._request("common", "authenticate", account.database, account.login, key, {})
                if not found:  # a bad password is answered with False, not with a fault
                    raise Refused(_WRONG_KEY, signed_in=False)
                self._user = int(found)
            return self._user

    def close(self) -> None:
        self._api.close()

    def _request(self, service: str, method: str, *arguments: Any) -> Any:
        try:
            body = xmlrpc.client.dumps(arguments, method, allow_none=True)
        except (OverflowError, TypeError):
            raise Refused("XML-RPC cannot carry one of these numbers.") from None
        if _NOT_XML.search(body):
            raise Refused("XML-RPC cannot carry control characters.")
        answer = self._api.send("POST", f"/xmlrpc/2/{service}", content=body.encode())
        try:
            (result,), _ = xmlrpc.client.loads(answer.content)
        except xmlrpc.client.Fault as fault:
            raise self._refused(fault) from None
        except (ExpatError, ValueError, xmlrpc.client.Error):
            raise Lost("the answer could not be read") from None
        return result

    def _refused(self, fault: xmlrpc.client.Fault) -> Refused | Throttled | Lost:
        match FAULTS.get(fault.faultCode):
            case Means.SIGN_IN:
                self._user = None
                return Refused(_WRONG_KEY, signed_in=False)
            case Means.REFUSED:
                return Refused(_last_line(fault.faultString))
            case _:
                return Lost(f"Odoo answered with the unknown fault {fault.faultCode}")


def _said(answer: Answer) -> str:
    """Odoo's own message; an error's `debug` and `arguments` are a traceback and stay where they are.

    A server error without a message comes from something in between, which knows nothing of what Odoo did.
    """
    if answer.status in _MOVED:
        raise NotSpoken(answer.headers.get("location", ""))
    if answer.status == 401:
        return _WRONG_KEY
    said = answer.object().get("message")
    if said:
        return _last_line(str(said))
    if answer.status == 404:
        raise NotSpoken
    if answer.status >= 500:
        raise Lost(f"the server answered {answer.status}")
    return f"the server answered {answer.status}"


def _last_line(fault: str) -> str:
    """A fault is a sentence, or a traceback whose last line is one."""
    lines = [line.strip() for line in fault.splitlines() if line.strip()]
    if not lines:
        return "Odoo gave no reason."
    if not any(line.startswith("Traceback (most") for line in lines):
        return sentence(" ".join(lines))
    kind, _, words = lines[-1].partition(": ")
    return sentence(words or kind)
