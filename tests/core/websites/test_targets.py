"""Web hosts by SFTP and S3: what answers stays whole until the switch, a repeat ends it, and nobody stands in between."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import boto3
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr, ValidationError

from core.connectors.transports.bucket import Bucket
from core.connectors.transports.calls import CallFailed, NotReached, Refused
from core.connectors.transports.hosting_systems import S3Account, S3Hosting, SftpAccount, SftpHosting
from core.websites.built import BuiltSite, SiteFile
from core.websites.target import Place
from core.websites.targets import sftp as sftp_target
from core.websites.targets.s3 import S3
from core.websites.targets.sftp import Sftp


def _built(said: str, *, more: str = "") -> BuiltSite:
    files = {
        "index.html": SiteFile(f"<h1>{said}</h1>".encode(), "text/html; charset=utf-8"),
        "about/index.html": SiteFile(f"<h1>About {said}</h1>".encode(), "text/html; charset=utf-8"),
        f"assets/site.{said * 10:.10}.css": SiteFile(said.encode(), "text/css; charset=utf-8"),
    }
    if more:
        files[more] = SiteFile(b"more", "text/html; charset=utf-8")
    return BuiltSite(files)


ONE, TWO = _built("1", more="old/index.html"), _built("2")


# -- SFTP ----------------------------------------------------------------------------------------------------------------


@dataclass
class Host:
    port: int
    host_key: str
    root: Path


class _Login(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("web", "right")


@contextmanager
def _sftp_host(root: Path) -> Iterator[Host]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> Any:
        def files(channel: Any) -> asyncssh.SFTPServer:
            return asyncssh.SFTPServer(channel, chroot=os.fsencode(root))

        return await asyncssh.create_server(_Login, "127.0.0.1", 0, server_host_keys=[key], sftp_factory=files)

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield Host(server.get_port(), key.export_public_key().decode().strip(), root)
    finally:

        async def stop() -> None:
            server.close()
            await server.wait_closed()

        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    root = tmp_path / "server"
    (root / "www").mkdir(parents=True)
    with _sftp_host(root) as made:
        yield made


def _account(at: Host, **other: Any) -> SftpAccount:
    said = {
        "host": "127.0.0.1", "port": at.port, "username": "web", "password": "right", "host_key": at.host_key,
        "folder": "/www", "address": "https://www.example.com/", **other,
    }  # fmt: skip
    return SftpAccount.model_validate(said)


def _place(account: SftpAccount) -> Place:
    return Place("harbour", {**account.model_dump(), "timeout": 10.0})


def test_sftp_uploads_beside_and_switches_by_one_link(host: Host) -> None:
    place, target = _place(_account(host)), Sftp()
    published = target.publish(place, ONE, "a")
    assert published.address == "https://www.example.com/harbour/"
    link = host.root / "www" / "harbour"
    assert link.is_symlink() and (link / "about" / "index.html").read_bytes() == ONE.files["about/index.html"].data
    assert target.differences(place, ONE) == []
    target.publish(place, TWO, "b")
    assert (link / "index.html").read_bytes() == TWO.files["index.html"].data
    assert not (link / "old").exists()
    assert target.differences(place, ONE) == sorted(ONE.files)[::-1] or set(target.differences(place, ONE)) == set(
        ONE.files
    )
    target.publish(place, ONE, "c")
    assert target.differences(place, ONE) == []
    target.withdraw(place, "d")
    target.withdraw(place, "d")
    assert not link.exists() and not link.is_symlink()


def test_killed_before_the_switch_the_old_version_answers_whole_and_a_repeat_ends_it(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, target = _place(_account(host)), Sftp()
    target.publish(place, ONE, "a")
    with monkeypatch.context() as patch:

        async def killed(*_: object) -> None:
            raise asyncssh.SFTPConnectionLost("gone")

        patch.setattr(sftp_target, "_switch", killed)
        with pytest.raises(CallFailed):
            target.publish(place, TWO, "b")
    assert target.differences(place, ONE) == []
    target.publish(place, TWO, "b")
    assert target.differences(place, TWO) == []


def test_half_a_file_from_an_attempt_before_is_written_anew(host: Host) -> None:
    place, target = _place(_account(host)), Sftp()
    target.publish(place, ONE, "a")
    version = host.root / "www" / ".versions" / "harbour" / TWO.digest[:16]
    version.mkdir()
    (version / "index.html").write_bytes(b"<h1>")
    (version / "index.html.part").write_bytes(b"<h1>2")
    target.publish(place, TWO, "b")
    assert target.differences(place, TWO) == []


def test_only_the_last_versions_stay_on_the_server(host: Host) -> None:
    place, target = _place(_account(host)), Sftp()
    for said in "34567":
        target.publish(place, _built(said), said)
    assert len(list((host.root / "www" / ".versions" / "harbour").iterdir())) == sftp_target.KEPT


def test_what_somebody_else_put_there_is_not_replaced(host: Host) -> None:
    theirs = host.root / "www" / "harbour"
    theirs.mkdir()
    (theirs / "index.html").write_text("theirs")
    with pytest.raises(Refused, match="not published from here"):
        Sftp().publish(_place(_account(host)), ONE, "a")
    assert (theirs / "index.html").read_text() == "theirs"


def test_a_server_with_another_key_gets_nothing(host: Host) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    with pytest.raises(Refused, match="another public key"):
        Sftp().publish(_place(_account(host, host_key=other)), ONE, "a")
    assert list((host.root / "www").iterdir()) == []


def test_sign_in_and_missing_folders_are_told_apart(host: Host) -> None:
    system = SftpHosting()
    assert system.test(_account(host), timeout=10) == "The folder /www is there."
    with pytest.raises(Refused) as refused:
        system.test(_account(host, password="wrong"), timeout=10)
    assert refused.value.signed_in is False
    with pytest.raises(Refused, match="no folder /none"):
        system.test(_account(host, folder="/none"), timeout=10)
    with pytest.raises(NotReached):
        system.test(_account(host, port=9), timeout=5)
    with pytest.raises((Refused, NotReached)):
        system.test(_account(host, host="169.254.169.254"), timeout=5)


@pytest.mark.parametrize(
    "said",
    [
        {"folder": "/www/../etc"}, {"folder": ".."}, {"folder": "a b"}, {"host_key": "ssh-ed25519 x"}, {"host": "a/b"},
        {"host_key": "* ssh-ed25519 " + "A" * 60}, {"password": None}, {"address": "javascript:alert(1)"}, {"more": 1},
    ],
)  # fmt: skip
def test_accounts_that_lead_elsewhere_are_refused(tmp_path: Path, said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _account(Host(22, "ssh-ed25519 " + "A" * 68, tmp_path), **said)


# -- S3 ------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(store: str) -> Iterator[tuple[Place, Any]]:
    client = boto3.client(
        "s3", endpoint_url=store, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
    )  # fmt: skip
    client.create_bucket(Bucket="sites")
    account = S3Account.model_validate(
        {"bucket": "sites", "endpoint": store, "access_key": "k", "secret_key": SecretStr("s"), "prefix": "web",
         "address": "https://cdn.example.com"}
    )  # fmt: skip
    assert S3Hosting().test(account, timeout=10) == "The bucket sites answers."
    yield Place("harbour", {**account.model_dump(), "timeout": 10.0}), client
    for one in client.list_objects_v2(Bucket="sites").get("Contents", []):
        client.delete_object(Bucket="sites", Key=one["Key"])
    client.delete_bucket(Bucket="sites")
    client.close()


def test_s3_serves_each_file_as_what_it_is(bucket: tuple[Place, Any]) -> None:
    place, client = bucket
    published = S3().publish(place, ONE, "a")
    assert (published.address, published.reference) == ("https://cdn.example.com/harbour/", "web/harbour/")
    page = client.head_object(Bucket="sites", Key="web/harbour/about/index.html")
    assert (page["ContentType"], page["CacheControl"]) == (
        "text/html; charset=utf-8", "public, max-age=0, must-revalidate",
    )  # fmt: skip
    asset = next(path for path in ONE.files if path.startswith("assets/"))
    assert "immutable" in client.head_object(Bucket="sites", Key=f"web/harbour/{asset}")["CacheControl"]
    assert S3().differences(place, ONE) == []
    S3().publish(place, TWO, "b")
    assert S3().differences(place, TWO) == []
    assert client.head_object(Bucket="sites", Key=f"web/harbour/{asset}")  # pages in caches still ask for it
    S3().withdraw(place, "c")
    assert client.list_objects_v2(Bucket="sites").get("KeyCount") == 0


def test_killed_before_the_pages_everything_answers_as_before(
    bucket: tuple[Place, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, _ = bucket
    S3().publish(place, ONE, "a")
    with monkeypatch.context() as patch:
        put, sent = Bucket.put, []

        def killed(self: Any, key: str, *arguments: Any, **more: Any) -> None:
            if key.endswith(".html"):
                raise NotReached("gone")
            sent.append(key)
            put(self, key, *arguments, **more)

        patch.setattr(Bucket, "put", killed)
        with pytest.raises(NotReached):
            S3().publish(place, TWO, "b")
    assert len(sent) == 1
    assert S3().differences(place, ONE) == []
    S3().publish(place, TWO, "b")
    assert S3().differences(place, TWO) == []


def test_s3_says_what_went_wrong(bucket: tuple[Place, Any]) -> None:
    place, _ = bucket
    with pytest.raises(Refused, match="NoSuchBucket"):
        S3().publish(Place("x", {**place.settings, "bucket": "nobodys"}), ONE, "a")
    with pytest.raises(CallFailed):
        S3().publish(Place("x", {**place.settings, "endpoint": "http://127.0.0.1:9", "timeout": 1}), ONE, "a")
    with pytest.raises(ValidationError):
        S3Account.model_validate(
            {**{key: place.settings[key] for key in S3Account.model_fields}, "endpoint": "http://s3.example.com"}
        )
