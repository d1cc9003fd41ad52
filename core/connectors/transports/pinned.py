"""One HTTP call to an address that was looked up once and checked: a second look-up could answer with another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx2

from core.connectors.transports.addresses import port_of, resolve
from core.connectors.transports.patience import BoundedTransport


@contextmanager
def pinned(
    method: str, url: str, *, headers: Mapping[str, str], content: bytes | None, timeout: float, public: bool = False
) -> Iterator[httpx2.Response]:
    """The answer, its body not read yet. Redirects are not followed, proxies of the environment not asked.

    The name goes into Host and TLS, the connection to the address that was checked. Raises OSError or UnicodeError
    for a name that is not known, AddressRefused (with `public`, for every address that is not the internet's), and
    what httpx2 raises.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    address = resolve(host, port_of(parts), public=public)
    target = httpx2.URL(url).copy_with(host=f"[{address}]" if ":" in address else address)
    sent = {"user-agent": "Countersign/1", **headers, "host": parts.netloc}
    with (
        httpx2.Client(
            timeout=timeout, follow_redirects=False, trust_env=False, transport=BoundedTransport()
        ) as client,
        client.stream(method, target, content=content, headers=sent, extensions={"sni_hostname": host}) as answer,
    ):  # fmt: skip
        yield answer
