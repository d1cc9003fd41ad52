"""Where a call may lead: to web servers, never to a cloud's metadata service, which gives keys to whoever asks."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from core.errors import CountersignError, InvalidInput

MAX_URL = 2000

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in ("100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254")
)
"""Metadata services that do not have a link-local address (Alibaba, Oracle, Azure, AWS and Google over IPv6)."""

_METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "metadata.goog", "instance-data"})
_TRANSLATED = tuple(
    ipaddress.IPv6Network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96")
)
"""Networks whose addresses end in an IPv4 address: NAT64, translated and compatible ones."""


class AddressRefused(CountersignError):
    """{host} leads to {address}, where no call may go. Nothing was sent."""

    http_status = 422


def checked_url(text: str) -> str:
    """`text` as an address that may be called, or InvalidInput. Names are looked up again right before each call."""
    url = text.strip()
    if not 1 <= len(url) <= MAX_URL or any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        raise InvalidInput(field="Address", problem=f"use a web address of at most {MAX_URL:,} characters, no spaces.")
    if not url.isascii():
        raise InvalidInput(field="Address", problem="spell it in ASCII: xn--… for the host, %… for the rest.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidInput(field="Address", problem="this is not a web address.") from None
    if parts.scheme.lower() not in {"http", "https"} or not host:
        raise InvalidInput(field="Address", problem="begin with https:// or http:// and a host.")
    if "@" in parts.netloc:
        raise InvalidInput(field="Address", problem="leave out user name and password.")
    if port == 0 or "\\" in url or len(host) > 253:
        raise InvalidInput(field="Address", problem="this is not a web address.")
    if host.rstrip(".").lower() in _METADATA_NAMES or (
        (found := _literal(host.rstrip("."))) is not None and is_forbidden(found)
    ):
        raise InvalidInput(field="Address", problem="this leads to the machine's own metadata, where no call may go.")
    return url


def shown_url(url: str) -> str:
    """`url` for eyes and logs: what follows a `?` often holds a key."""
    parts = urlsplit(url)
    return f"{origin(url)}{parts.path}{'?…' if parts.query else ''}"


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def resolve(host: str, port: int, *, public: bool = False) -> str:
    """The address to connect to, looked up once and checked, so that no second look-up can lead elsewhere.

    Raises OSError if the name is not known, AddressRefused if any of its addresses is one no call may reach; with
    `public` that is also this machine, its networks and every other address that is not the internet's.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, place in found:
        address = ipaddress.ip_address(str(place[0]).partition("%")[0])
        if is_forbidden(address) or (public and not is_public(address)):
            raise AddressRefused(host=host, address=str(address))
    return str(found[0][4][0])


def is_forbidden(address: _Address) -> bool:
    """Link-local addresses and the metadata services; nobody's, everybody's and broadcast addresses too."""
    address = _meant(address)
    return (
        address.is_link_local
        or address.is_unspecified
        or address.is_multicast
        or address in _METADATA
        or address == ipaddress.IPv4Address("255.255.255.255")
    )


def is_public(address: _Address) -> bool:
    """An address of the internet (IANA's special-purpose registries say which are not)."""
    return _meant(address).is_global


def port_of(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme.lower() == "https" else 80)


def _meant(address: _Address) -> _Address:
    """The IPv4 address that an IPv6 one stands for, if it does (mapped, 6to4, Teredo, NAT64 and its like)."""
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in network for network in _TRANSLATED) and not address.is_loopback:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
    return address


def _literal(host: str) -> _Address | None:
    """The address that `host` spells in any way resolvers understand (`169.254.169.254`, `2852039166`, `0xa9fea9fe`)."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None
