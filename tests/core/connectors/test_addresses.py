"""A webhook leads to web servers, and to no cloud's metadata however the address is spelled."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from core.connectors.transports.addresses import AddressRefused, checked_url, is_forbidden, resolve, shown_url
from core.errors import InvalidInput

GOOD = [
    "https://hooks.example.com/services/T0/B0?token=1", "http://127.0.0.1:5678/webhook", "http://[::1]:80/x",
    "http://10.0.0.4/n8n", "https://xn--bcher-kva.example/hook", "HTTPS://Example.com",
]  # fmt: skip
BAD = [
    "", "   ", "example.com/hook", "ftp://example.com", "file:///etc/passwd", "javascript:alert(1)", "//example.com",
    "https://", "https:///path", "http://user:secret@example.com/", "http://@example.com/", "https://example.com:0/",
    "https://example.com:99999/", "https://exa mple.com", "https://example.com/\r\nX: y", "https://example.com\\@evil",
    "https://bücher.example", "https://" + "a" * 2000, "http://[::1", "gopher://127.0.0.1:6379/_x",
]  # fmt: skip
METADATA = [
    "http://169.254.169.254/latest/meta-data", "http://169.254.0.1/", "http://2852039166/", "http://169.254.169.254./", "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/", "http://169.254.43518/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/",
    "http://[::ffff:169.254.169.254]/", "http://[::ffff:a9fe:a9fe]/", "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:a9fe:a9fe::1]/", "http://[64:ff9b:1::a9fe:a9fe]/", "http://[::169.254.169.254]/",
    "http://[::ffff:0:a9fe:a9fe]/", "http://[2001:0:102:304::5601:5601]/", "http://[fd00:ec2::254]/", "http://100.100.100.200/", "http://0.0.0.0/",
    "http://0/", "http://[::]/", "http://224.0.0.1/", "http://255.255.255.255/",
    "http://metadata.google.internal/computeMetadata/v1/", "http://METADATA.google.internal./",
]  # fmt: skip


@pytest.mark.parametrize("url", GOOD)
def test_web_addresses_are_taken_also_private_ones(url: str) -> None:
    assert checked_url(f" {url} ") == url


@pytest.mark.parametrize("url", BAD)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="Address"):
        checked_url(url)


@pytest.mark.parametrize("url", METADATA)
def test_metadata_of_the_machine_is_refused_in_every_spelling(url: str) -> None:
    with pytest.raises(InvalidInput, match="Address"):
        checked_url(url)


def test_name_that_leads_to_metadata_is_refused_when_it_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """One bad address among good ones is enough: whoever owns the name chooses their order."""

    def answers(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("93.184.216.34", "169.254.169.254")]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    with pytest.raises(AddressRefused, match=r"169\.254\.169\.254"):
        resolve("rebinding.example", 443)


def test_loopback_and_private_addresses_are_reached() -> None:
    assert resolve("127.0.0.1", 80) == "127.0.0.1"
    assert not is_forbidden(ipaddress.ip_address("10.1.2.3"))


def test_what_follows_the_question_mark_is_not_shown() -> None:
    assert shown_url("https://example.com:8443/in?key=abc#x") == "https://example.com:8443/in?…"
    assert shown_url("https://example.com/in") == "https://example.com/in"
