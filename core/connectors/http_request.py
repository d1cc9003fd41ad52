"""Requests to web addresses that an admin has allowed, one connection each: nowhere else, and never inside the house."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import httpx2

from core.connectors.plan import Change, DriftFound, Effect, Plan, Receipt, confirmed, deferred, rejected, unknown
from core.connectors.protocol import Account, ConnectorContext, Operation, System
from core.connectors.transports.addresses import AddressRefused, origin
from core.connectors.transports.calls import Lost, NotReached, Refused
from core.connectors.transports.http import Means, meaning, retry_after
from core.connectors.transports.pinned import pinned
from core.connectors.transports.request_params import HttpAccount, RequestParams
from core.errors import CountersignError, InvalidInput

FAMILY = "http"
MOST_BYTES, SHOWN = 1_000_000, 2_000

ANSWERS: Mapping[int, Means] = {
    303: Means.DONE,  # RFC 9110: what came of it can be seen elsewhere
    301: Means.UNSURE,  # a redirect may come before or after the work is done
    302: Means.UNSURE,
    401: Means.SIGN_IN,
    407: Means.SIGN_IN,
    408: Means.UNSURE,
    425: Means.LATER,
    429: Means.LATER,
}
"""What a status says about a request that changes something. Else: 2xx done, 3xx and 4xx refused, 5xx unsure."""

_READS = frozenset({"GET", "HEAD"})

_SHORTEST_SECRET = 8
"""Shorter parts of a header's value are words such as Bearer, and stand in answers for other reasons."""


class HttpDestination(System[HttpAccount]):
    name = "http"
    title = "Web address"
    family = FAMILY
    account = HttpAccount
    where = "The documentation of the service says how its API signs in; keep the key here and not in the request."

    def identity(self, account: HttpAccount) -> str:
        signs = f" with the key in {account.header}" if getattr(account, "secret", None) else ""
        return f"{account.base_url}{signs}"

    def test(self, account: HttpAccount, *, timeout: float) -> str:
        try:
            with pinned("GET", account.base_url, headers=_signed(account), content=None, timeout=timeout,
                        public=not account.private) as answer:  # fmt: skip
                status = answer.status_code
        except AddressRefused as problem:
            raise Refused(str(problem)) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as problem:
            raise NotReached(_short(problem)) from None
        if status in (401, 403):
            raise Refused(f"it answered {status}: the key is not accepted there", signed_in=False)
        return f"It answered {status}."


class HttpRequest(Operation[RequestParams]):
    name = "http_request"
    title = "Send a web request"
    channel = "http"
    families = (FAMILY,)
    effect = Effect.IRREVERSIBLE
    repeatable = False
    """The key goes along as Idempotency-Key, but nobody knows whether the other side heeds it."""
    params = RequestParams

    def __init__(self, context: ConnectorContext) -> None:
        self._accounts, self._timeout = context.accounts, context.settings.call_timeout_seconds
        self._system = HttpDestination()

    def plan(self, params: RequestParams) -> Plan:
        account = self._destination(params.url, params.account)
        _must_not_sign(params, account.values)
        if params.body and not any(name.lower() == "content-type" for name in params.headers):
            params = params.model_copy(update={"headers": {**params.headers, "Content-Type": _kind_of(params.body)}})
        return Plan(
            operation=self.name,
            account=self._system.identity(account.values),
            summary=f"{params.method} {params.url[:150]}",
            request={**params.model_dump(mode="json"), "account": account.name},
            changes=tuple(_shown(params)),
            preconditions={"reads": account.values.reading and params.method in _READS},
            warnings=("Nothing can be read back: its answer is all that will be known",),
        )

    def drift(self, plan: Plan) -> DriftFound | None:
        account = self._destination(plan.request["url"], plan.request["account"])
        now = self._system.identity(account.values)
        return DriftFound((Change("account", "The connection", plan.account, now),)) if now != plan.account else None

    def effect_of(self, plan: Plan) -> Effect:
        """A GET reads only where an admin says so: an address can be made to do anything, and to carry data out."""
        return Effect.READ if plan.preconditions.get("reads") else self.effect

    def execute(self, plan: Plan, key: str) -> Receipt:
        try:
            account = self._destination(plan.request["url"], plan.request["account"])
        except CountersignError as problem:
            return rejected(f"{problem} Nothing was done.")
        asked, values = plan.request, account.values
        if self._system.identity(values) != plan.account:
            return rejected("The connection is another one than was approved. Nothing was done.")
        host = urlsplit(asked["url"]).hostname
        headers = {**asked["headers"], **_signed(values)}
        if asked["method"] not in _READS:
            headers["Idempotency-Key"] = key
        content = asked["body"].encode() if asked["body"] else None
        try:
            with pinned(asked["method"], asked["url"], headers=headers, content=content, timeout=self._timeout,
                        public=not values.private) as answer:  # fmt: skip
                hide = _hiding(values)
                said, location = hide(_read(answer, self._timeout)), hide(answer.headers.get("location", ""))
                return _receipt(asked, host or "it", answer, said, location)
        except AddressRefused as problem:
            return rejected(str(problem))
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.UnsupportedProtocol) as problem:
            return deferred(f"{host} could not be reached ({_short(problem)}). Nothing was done.")
        except (httpx2.HTTPError, httpx2.InvalidURL, Lost) as problem:
            if asked["method"] in _READS:
                return deferred(f"{host} gave no whole answer ({_short(problem)}). Nothing was changed.")
            return unknown(f"{host} gave no whole answer ({_short(problem)}). It may have been done.")
        except (OSError, UnicodeError):
            return deferred(f"The name {host} is not known here now. Nothing was done.")

    def where_to_look(self, plan: Plan, key: str) -> str:
        return f"Ask the people of {plan.account} for a request with the Idempotency-Key {key}, or look for its result."

    def _destination(self, url: str, name: str | None) -> Account[HttpAccount]:
        """The connection below whose address `url` is, the longest first; refuses what none allows."""
        if name is not None:
            named = self._accounts.find(FAMILY, name)
            found = [named] if named else []
        else:
            found = list(self._accounts.all(FAMILY))
        fitting = [one for one in found if _is_below(url, one.values.base_url)]
        if not fitting:
            problem = f"{origin(url)} is not allowed{' through this connection' if name else ''}."
            raise InvalidInput(field="Address", problem=f"{problem} An admin can add it under Connections.")
        return max(fitting, key=lambda one: len(one.values.base_url))


def _shown(params: RequestParams) -> Iterable[Change]:
    """All that is sent. Headers have fields of their own, so that none can stand where method or address are shown."""
    yield Change("method", "Method", None, params.method)
    yield Change("url", "Address", None, params.url)
    for name, value in params.headers.items():
        yield Change(f"headers.{name}", f"Header {name}", None, value or "(empty)")
    if params.body:
        yield Change("body", "Body", None, params.body)


def _must_not_sign(params: RequestParams, account: HttpAccount) -> None:
    """Two headers of one name, and the service might heed the proposer's."""
    for name in params.headers:
        if name.lower() == account.header.lower():
            problem = f"leave out {name}: what signs in is kept with the connection."
            raise InvalidInput(field="Headers", problem=problem)


def _is_below(url: str, base: str) -> bool:
    return url == base or url.startswith((f"{base}/", f"{base}?"))


def _signed(account: HttpAccount) -> dict[str, str]:
    return {account.header: account.secret.get_secret_value()} if account.secret else {}


def _hiding(account: HttpAccount) -> Callable[[str], str]:
    """Strikes out the secret: some services repeat it, whole, without the word before it, or escaped."""
    whole = account.secret.get_secret_value() if account.secret else ""
    found = {whole, *(part for part in whole.split() if len(part) >= _SHORTEST_SECRET)} - {""}
    hidden = {
        spelled for one in found for spelled in (one, json.dumps(one)[1:-1], quote(one, safe=""), quote_plus(one))
    }

    def struck(text: str) -> str:
        for one in sorted(hidden, key=len, reverse=True):
            text = text.replace(one, "[hidden]")
        return text

    return struck


def _kind_of(body: str) -> str:
    try:
        json.loads(body)
    except ValueError:
        return "text/plain; charset=utf-8"
    return "application/json"


def _read(answer: httpx2.Response, timeout: float) -> str:
    until, taken = time.monotonic() + timeout, bytearray()
    for piece in answer.iter_bytes():
        taken += piece
        if len(taken) > MOST_BYTES:
            raise Lost("the answer was larger than 1 MB")
        if time.monotonic() > until:
            raise Lost(f"the answer did not end within {timeout:g} seconds")
    return bytes(taken).decode("utf-8", "replace")


def _receipt(asked: Mapping[str, Any], host: str, answer: httpx2.Response, body: str, location: str) -> Receipt:
    status, reads = answer.status_code, asked["method"] in _READS
    said: dict[str, Any] = {"status": status, "body": body[:SHOWN], "cut": len(body) > SHOWN}
    means = meaning(status, ANSWERS)
    if status == 503 and retry_after(answer.headers) is not None:
        means = Means.LATER  # it says when it will do it: so it has not
    match means:
        case Means.DONE:
            reference = location or f"{asked['method']} {asked['url']}"
            return confirmed(f"{host} answered {status}.", reference=reference[:500], **said)
        case Means.SIGN_IN:
            words = f"{host} refused the sign-in ({status}). Nothing was done. Check the key under Connections."
            return rejected(words, **said)
        case Means.LATER:
            words = f"{host} asks to wait ({status}). Nothing was done."
            return deferred(words, retry_after=retry_after(answer.headers) or 60.0, **said)
        case Means.UNSURE if reads:
            return deferred(f"{host} answered {status}. Nothing was changed.", **said)
        case Means.UNSURE:
            return unknown(f"{host} answered {status}. It may have been done.", **said)
        case _:
            moved = location[:200] if status < 400 else ""
            leads = f" It leads to {moved}; redirects are not followed." if moved else ""
            return rejected(f"{host} answered {status}. Nothing was done.{leads}", **said)


def _short(problem: Exception) -> str:
    return " ".join((str(problem) or type(problem).__name__).split()).rstrip(".")[:200]


def systems() -> Iterable[System[Any]]:
    yield HttpDestination()


def operations(context: ConnectorContext) -> Iterable[Operation[Any]]:
    yield HttpRequest(context)
