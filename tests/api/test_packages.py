"""Packages over the API: asked for, waited for, followed, downloaded, checked, and only by those who may."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from core.actor import SYSTEM, Actor, Role
from core.bootstrap import Application
from core.deliverables.sealing.signing import fingerprint
from core.deliverables.sealing.verifying import verify
from core.files.archives import Archive
from core.identity.rules import Scope
from tests.core.deliverables.pretended import made, pretended
from tests.waiting import until

NOW = {"prefer": "respond-async"}


@pytest.fixture(autouse=True)
def _pretended() -> Iterator[None]:
    with pretended():
        yield


@pytest.fixture
def meera(person: Callable[..., Actor]) -> Actor:
    return person(Role.OPERATOR, name="Meera")


@pytest.fixture
def client(as_actor: Callable[..., TestClient], meera: Actor) -> TestClient:
    return as_actor(meera)


@pytest.fixture
def project_id(app: Application, meera: Actor) -> str:
    return str(app.projects.create(meera, "Winter campaign"))


def ask(client: TestClient, project_id: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
    body = {"source": "project", "params": {"project_id": project_id, **more.pop("params", {})}, **more}
    return client.post("/api/packages", json=body, headers={**NOW, **(headers or {})})


def packed(app: Application, client: TestClient, project_id: str, **more: Any) -> Any:
    """A package that is made, as it is read afterwards."""
    asked = ask(client, project_id, **more)
    assert asked.status_code == 202, asked.text
    made(app, UUID(asked.json()["id"]))
    return client.get(asked.headers["location"]).json()


@contextmanager
def worker(app: Application) -> Iterator[None]:
    """Makes the first package that waits, in a thread of its own."""

    def work() -> None:
        rows = until(lambda: app.packages_queries.page(SYSTEM).rows, seconds=20, what="a package that waits")
        made(app, rows[0].id)

    thread = Thread(target=work)
    thread.start()
    yield
    thread.join()


def test_package_is_asked_for_followed_and_downloaded(app: Application, client: TestClient, project_id: str) -> None:
    asked = ask(client, project_id, language="de", zone="Europe/Berlin")
    assert asked.status_code == 202
    told = asked.json()
    assert (told["state"], told["progress"], told["success"], told["file_count"]) == ("waiting", 0.0, False, 0)
    assert told["archive_url"] is None and {one["url"] for one in told["files"]} == {None}
    assert told["errors"] == ["It is still being made."]

    made(app, UUID(told["id"]))
    done = client.get(asked.headers["location"])
    told = done.json()
    assert (told["state"], told["progress"], told["success"], told["file_count"]) == ("done", 1.0, True, 3)
    assert (told["label"], told["number"], told["language"], told["zone"]) == (
        "Winter campaign", 1, "de", "Europe/Berlin",
    )  # fmt: skip
    assert told["project_id"] == project_id and told["errors"] == []
    assert told["pdf_path"] == f"/api/packages/{told['id']}/files/report.pdf" and told["pptx_path"] is None

    for file in told["files"]:
        answer = client.get(file["url"])
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
        assert len(answer.content) == file["size"]
    archive = client.get(told["archive_url"])
    verdict = verify(Archive(io.BytesIO(archive.content)), key=fingerprint(app.settings))
    assert verdict.right, verdict.differences
    manifest = client.get(told["manifest_url"])
    assert hashlib.sha256(manifest.content).hexdigest() == told["manifest_sha256"] == verdict.manifest_sha256


def test_downloads_never_open_in_the_window(app: Application, client: TestClient, project_id: str) -> None:
    told = packed(app, client, project_id)
    for url in (*(one["url"] for one in told["files"]), told["archive_url"], told["manifest_url"]):
        answer = client.get(url)
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["cache-control"] == "no-store"


def test_whoever_has_it_already_is_told_so(app: Application, client: TestClient, project_id: str) -> None:
    told = packed(app, client, project_id)
    whole = f"/api/packages/{told['id']}"
    for url in (whole, told["pdf_path"], told["manifest_url"], told["archive_url"]):
        tag = client.get(url).headers["etag"]
        again = client.get(url, headers={"if-none-match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert client.get(url, headers={"if-none-match": '"other"'}).status_code == 200


def test_caller_who_waits_gets_the_result(app: Application, client: TestClient, project_id: str) -> None:
    with worker(app):
        answer = ask(client, project_id, headers={"prefer": "wait=20"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "done"
    assert answer.headers["location"] == f"/api/packages/{answer.json()['id']}"
    assert client.get(answer.headers["location"]).headers["etag"] == answer.headers["etag"]


def test_caller_who_waits_too_shortly_gets_the_address(client: TestClient, project_id: str) -> None:
    begun = time.monotonic()
    assert ask(client, project_id, headers={"prefer": "wait=1"}).status_code == 202
    assert 0.9 < time.monotonic() - begun < 10


def test_project_is_packed_as_the_specification_names_it(app: Application, client: TestClient, project_id: str) -> None:
    with worker(app):
        answer = client.post(f"/api/projects/{project_id}/package", json={"formats": ["pdf"]})
    told = answer.json()
    assert answer.status_code == 200
    assert told["source"] == "project" and told["formats"] == ["pdf"]
    assert {
        "project_id",
        "pdf_path",
        "pptx_path",
        "html_summary_path",
        "metadata",
        "success",
        "errors",
        "created_at",
    } <= set(told)
    assert client.post(f"/api/projects/{uuid4()}/package", headers=NOW).status_code == 404


def test_format_that_fails_is_named_and_can_be_made_again(
    app: Application, client: TestClient, project_id: str
) -> None:
    told = packed(app, client, project_id, params={"note": "no html"})
    assert told["success"] and told["errors"] == ["HTML: The page cannot be drawn."]
    assert told["html_summary_path"] is None and told["file_count"] == 2

    again = client.post(f"/api/packages/{told['id']}/retry")
    assert again.status_code == 202
    assert again.headers["location"] != f"/api/packages/{told['id']}"  # a package never changes
    assert again.json()["number"] == 2


def test_package_of_which_nothing_could_be_made_is_tried_again_itself(
    app: Application, client: TestClient, project_id: str
) -> None:
    told = packed(app, client, project_id, params={"note": "unreadable"})
    assert (told["state"], told["success"], told["errors"]) == ("failed", False, ["This source cannot be read."])
    again = client.post(f"/api/packages/{told['id']}/retry")
    assert again.headers["location"] == f"/api/packages/{told['id']}"
    refused = client.post(f"/api/packages/{told['id']}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "PackageUnderWay")


def test_complete_package_is_not_made_again(app: Application, client: TestClient, project_id: str) -> None:
    told = packed(app, client, project_id)
    refused = client.post(f"/api/packages/{told['id']}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "PackageIsWhole")


def test_repeat_with_its_key_is_the_same_package(app: Application, client: TestClient, project_id: str) -> None:
    keyed = {"idempotency-key": "package-2026"}
    first, again = (ask(client, project_id, headers=keyed) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert ask(client, project_id, headers=keyed, language="de").status_code in (409, 422)
    url = f"/api/projects/{project_id}/package"
    one, other = (client.post(url, headers={**NOW, "idempotency-key": "p-1"}) for _ in range(2))
    assert one.json()["id"] == other.json()["id"] != first.json()["id"]
    assert client.get("/api/packages").json()["total"] == 2


def test_list_goes_on_behind_its_cursor(app: Application, client: TestClient, project_id: str) -> None:
    ids = [ask(client, project_id).json()["id"] for _ in range(3)]
    page = client.get("/api/packages", params={"limit": 2}).json()
    rest = client.get("/api/packages", params={"limit": 2, "cursor": page["next_cursor"]}).json()
    assert [one["id"] for one in (*page["packages"], *rest["packages"])] == ids[::-1]
    assert (page["total"], rest["next_cursor"]) == (3, None)
    assert client.get("/api/packages", params={"source": "period"}).json()["total"] == 0
    subject = page["packages"][0]["subject"]
    assert client.get("/api/packages", params={"subject": subject}).json()["total"] == 3
    assert client.get("/api/packages", params={"cursor": "nothing"}).status_code == 422


def test_sources_tell_their_parameters_and_formats_their_files(client: TestClient) -> None:
    (source,) = client.get("/api/packages/sources").json()["sources"]
    assert source["name"] == "project" and "project_id" in source["params_schema"]["properties"]
    formats = client.get("/api/packages/formats").json()["formats"]
    assert [one["name"] for one in formats] == ["pdf", "html", "data"]


def test_themes_are_listed_and_named(client: TestClient, project_id: str) -> None:
    assert client.get("/api/themes").json()["themes"] == []
    assert ask(client, project_id, theme=str(uuid4())).status_code == 404


# -- those who may not ------------------------------------------------------------------------------------------------


def test_package_of_others_is_not_there_for_those_who_may_not_read_its_source(
    app: Application,
    client: TestClient,
    project_id: str,
    person: Callable[..., Actor],
    as_actor: Callable[..., TestClient],
) -> None:
    told = packed(app, client, project_id)
    stranger = as_actor(person(Role.USER))
    whole = f"/api/packages/{told['id']}"
    for url in (whole, f"{whole}/manifest", *(one["url"] for one in told["files"]), told["archive_url"]):
        assert stranger.get(url).status_code == 404
    assert stranger.get("/api/packages").json()["total"] == 0
    assert stranger.post(f"{whole}/retry").status_code in (403, 404)
    assert stranger.post(f"{whole}/attachments", json={"names": ["report.pdf"]}).status_code in (403, 404)
    assert ask(stranger, project_id).status_code == 403
    assert stranger.get("/api/themes").status_code == 403


@pytest.mark.parametrize("scope", [Scope.READ, Scope.DECIDE, Scope.EXECUTE, Scope.ADMIN])
def test_token_without_propose_makes_nothing(
    app: Application,
    client: TestClient,
    project_id: str,
    admin: Actor,
    as_actor: Callable[..., TestClient],
    scope: Scope,
) -> None:
    told = packed(app, client, project_id)
    token = as_actor(admin, scope)
    assert ask(token, project_id).status_code == 403
    for url, body in (
        (f"/api/projects/{project_id}/package", {}),
        (f"/api/packages/{told['id']}/retry", None),
        (f"/api/packages/{told['id']}/attachments", {"names": ["report.pdf"]}),
    ):
        assert token.post(url, json=body, headers=NOW).status_code == 403
    assert app.packages_queries.page(SYSTEM).total == 1


def test_token_without_read_reads_nothing(
    app: Application, client: TestClient, project_id: str, meera: Actor, as_actor: Callable[..., TestClient]
) -> None:
    told = packed(app, client, project_id)
    token = as_actor(meera, Scope.PROPOSE)
    for url in ("/api/packages", f"/api/packages/{told['id']}", told["pdf_path"], told["manifest_url"], "/api/themes"):
        assert token.get(url).status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        "..%2f..%2fetc%2fpasswd",
        "..",
        "%2e%2e",
        "....",
        "report.pdf%00",
        "report.pdf%0d%0aX: y",
        "a" * 300,
        "nothing.pdf",
    ],
)
def test_name_that_is_a_place_finds_nothing(app: Application, client: TestClient, project_id: str, name: str) -> None:
    told = packed(app, client, project_id)
    answer = client.get(f"/api/packages/{told['id']}/files/{name}")
    assert 400 <= answer.status_code < 500 or answer.json().get("id") == told["id"]
    assert b"root:" not in answer.content


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "unheard"}, {"source": "../project"}, {"params": {"project_id": "x"}}, {"params": {"unheard": 1}},
        {"params": {"note": "x" * 100_000}}, {"formats": ["exe"]}, {"formats": ["../pdf"]}, {"formats": ["pdf"] * 30},
        {"language": "klingon!"}, {"language": "xx-YY-zz-QQ"}, {"zone": "Atlantis"}, {"zone": "../../etc/passwd"},
        {"theme": "x"}, {"more": 1}, {"draft": True}, {"params": []}, {"params": {"note": "\u0000"}},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_nothing_is_begun(
    app: Application, client: TestClient, project_id: str, wrong: dict[str, Any]
) -> None:
    params = {"project_id": project_id, **wrong["params"]} if isinstance(wrong.get("params"), dict) else None
    body = {
        "source": "project",
        "params": {"project_id": project_id},
        **wrong,
        **({"params": params} if params else {}),
    }
    answer = client.post("/api/packages", json=body, headers=NOW)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert app.packages_queries.page(SYSTEM).total == 0


def test_parameters_of_a_megabyte_are_refused(client: TestClient, project_id: str) -> None:
    assert ask(client, project_id, params={"note": "x" * 1_100_000}).status_code == 413


def test_attachments_are_kept_for_a_letter(app: Application, client: TestClient, project_id: str) -> None:
    told = packed(app, client, project_id)
    answer = client.post(f"/api/packages/{told['id']}/attachments", json={"names": ["report.pdf", "package.zip"]})
    assert answer.status_code == 201, answer.text
    assert [one["name"] for one in answer.json()] == ["Winter campaign v1.pdf", "Winter campaign v1.zip"]
    letter = {
        "operation": "email_send", "title": "Hand it over",
        "params": {
            "to": ["client@example.com"], "subject": "The report", "body": "Here it is.",
            "attachments": [{"name": one["name"], "sha256": one["sha256"]} for one in answer.json()],
        },
    }  # fmt: skip
    assert client.post("/api/actions", json=letter).status_code == 201
    for names in ([], ["../x"], ["x"] * 11):
        assert client.post(f"/api/packages/{told['id']}/attachments", json={"names": names}).status_code == 422
