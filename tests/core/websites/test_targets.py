"""Web hosts by SFTP and S3: what answers stays whole until the switch, a repeat ends it, and nobody stands in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import httpx2
import pytest
from pydantic import ValidationError

from core.actor import Actor
from core.bootstrap import Application
from core.connectors.transports.bucket import Bucket
from core.connectors.transports.calls import CallFailed, Lost, NotReached, Refused
from core.connectors.transports.hosting_systems import S3Account, S3Hosting, SftpAccount, SftpHosting
from core.websites.built import BuiltSite, SiteFile
from core.websites.rules import DeploymentState
from core.websites.target import Place
from core.websites.targets import s3 as s3_target
from core.websites.targets import sftp as sftp_target
from core.websites.targets.s3 import S3
from core.websites.targets.sftp import Sftp
from tests.core.websites.serving import carried_out, kept
from tests.doubles.web_hosts import S3Host, SftpHost, s3_host, served_sftp_host, sftp_host


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


@pytest.fixture
def host(tmp_path: Path) -> Iterator[SftpHost]:
    with sftp_host(tmp_path / "server") as made:
        yield made


def _account(at: SftpHost, **other: Any) -> SftpAccount:
    return SftpAccount.model_validate(at.account(**other))


def _place(account: SftpAccount) -> Place:
    return Place("harbour", {**account.model_dump(), "timeout": 10.0})


def test_sftp_uploads_beside_and_switches_by_one_link(host: SftpHost) -> None:
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
    host: SftpHost, monkeypatch: pytest.MonkeyPatch
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


def test_half_a_file_from_an_attempt_before_is_written_anew(host: SftpHost) -> None:
    place, target = _place(_account(host)), Sftp()
    target.publish(place, ONE, "a")
    version = host.root / "www" / ".versions" / "harbour" / TWO.digest[:16]
    version.mkdir()
    (version / "index.html").write_bytes(b"<h1>")
    (version / "index.html.part").write_bytes(b"<h1>2")
    target.publish(place, TWO, "b")
    assert target.differences(place, TWO) == []


def test_only_the_last_versions_stay_on_the_server(host: SftpHost) -> None:
    place, target = _place(_account(host)), Sftp()
    for said in "34567":
        target.publish(place, _built(said), said)
    assert len(list((host.root / "www" / ".versions" / "harbour").iterdir())) == sftp_target.KEPT


def test_what_somebody_else_put_there_is_not_replaced(host: SftpHost) -> None:
    theirs = host.root / "www" / "harbour"
    theirs.mkdir()
    (theirs / "index.html").write_text("theirs")
    with pytest.raises(Refused, match="not published from here"):
        Sftp().publish(_place(_account(host)), ONE, "a")
    assert (theirs / "index.html").read_text() == "theirs"


def test_a_server_with_another_key_gets_nothing(host: SftpHost) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    with pytest.raises(Refused, match="another public key"):
        Sftp().publish(_place(_account(host, host_key=other)), ONE, "a")
    assert list((host.root / "www").iterdir()) == []


def test_sign_in_and_missing_folders_are_told_apart(host: SftpHost) -> None:
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
        _account(SftpHost(22, "ssh-ed25519 " + "A" * 68, tmp_path), **said)


# -- S3 ------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store() -> Iterator[S3Host]:
    with s3_host() as made:
        yield made


@pytest.fixture
def bucket(store: S3Host) -> Iterator[tuple[Place, Any]]:
    account = S3Account.model_validate(store.account(address="https://cdn.example.com"))
    assert S3Hosting().test(account, timeout=10) == "The bucket sites answers."
    yield Place("harbour", {**account.model_dump(), "timeout": 10.0}), store.client
    store.empty()


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


def test_cut_off_among_the_pages_the_site_before_is_put_back_whole(
    bucket: tuple[Place, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, _ = bucket
    S3().publish(place, ONE, "a")
    copy, copied = Bucket.copy, list[str]()

    def cut(self: Any, key: str, to: str) -> None:
        if to.endswith("harbour/index.html") and not copied[1:]:
            copied.append(to)
            raise Lost("gone")
        copied.append(to)
        copy(self, key, to)

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "copy", cut)
        with pytest.raises(Lost):
            S3().publish(place, TWO, "b")
    assert copied[0].endswith("about/index.html")  # it had begun
    assert S3().differences(place, ONE) == []
    S3().publish(place, TWO, "b")
    assert S3().differences(place, TWO) == []


def test_killed_among_the_pages_each_is_whole_and_a_repeat_ends_it(
    bucket: tuple[Place, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    place, client = bucket
    S3().publish(place, ONE, "a")
    copy = Bucket.copy

    def killed(self: Any, key: str, to: str) -> None:
        if to.endswith("harbour/index.html"):
            raise Killed
        copy(self, key, to)

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "copy", killed)
        with pytest.raises(Killed):
            S3().publish(place, TWO, "b")
    page = client.get_object(Bucket="sites", Key="web/harbour/about/index.html")
    assert page["Body"].read() == TWO.files["about/index.html"].data and page["ContentType"].startswith("text/html")
    first = client.get_object(Bucket="sites", Key="web/harbour/index.html")
    assert first["Body"].read() == ONE.files["index.html"].data
    for asset in (*ONE.files, *TWO.files):
        if asset.startswith("assets/"):  # what pages of both need is there
            assert client.head_object(Bucket="sites", Key=f"web/harbour/{asset}")
    S3().publish(place, TWO, "b")
    assert S3().differences(place, TWO) == []


def test_going_back_sends_nothing_that_is_there_and_old_versions_go(
    bucket: tuple[Place, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, client = bucket
    for built in (ONE, TWO):
        S3().publish(place, built, "a")
    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "put", None)  # nobody may send a file
        S3().publish(place, ONE, "c")
    assert S3().differences(place, ONE) == []
    for said in "34567":
        S3().publish(place, _built(said), said)
    keys = [one["Key"] for one in client.list_objects_v2(Bucket="sites", Prefix="web/.versions/")["Contents"]]
    assert len({key.split("/")[3] for key in keys}) == s3_target.KEPT


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


# -- through the whole of publishing -------------------------------------------------------------------------------------


@pytest.fixture(params=["sftp", "s3"])
def elsewhere(
    request: pytest.FixtureRequest, app: Application, admin: Actor, tmp_path: Path, store: S3Host
) -> Iterator[str]:
    """A connected target with a web server in front."""
    target: str = request.param
    if target == "s3":
        app.connections.add(admin, system=target, name="host", values=store.account())
        yield target
        store.empty()
        return
    with served_sftp_host(tmp_path / "server") as made:
        app.connections.add(admin, system=target, name="host", values=made.account())
        yield target


def test_published_verified_and_taken_back_on_each_target(app: Application, admin: Actor, elsewhere: str) -> None:
    row, first = kept(app, target=elsewhere)
    done = app.sites.deploy(row.id, first.id, target=elsewhere, key="first")
    assert (done.state, done.error) == (DeploymentState.LIVE, "")
    assert app.sites.differences(done.id) == []
    _, second = kept(app, row=row, said="Second.", target=elsewhere)
    again = app.sites.deploy(row.id, second.id, target=elsewhere, key="second")
    assert again.state is DeploymentState.LIVE and app.sites.differences(done.id) != []
    back = app.sites.rollback(admin, row.id)
    carried_out(app)
    assert app.sites_queries.state_of(back.id) is DeploymentState.LIVE
    assert app.sites.differences(back.id) == []
    front = httpx2.get(done.address, timeout=5)
    assert front.content == app.sites.built(first.id).files["index.html"].data
    assert app.sites_queries.live.serve(row.slug, "") is None  # here it is not served
