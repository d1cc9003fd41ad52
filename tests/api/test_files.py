"""Files over the API: handed in, named in a letter, and read back by those who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from core.actor import Actor, Role

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def hand_in(client: TestClient, name: str = "Offer.pdf", data: bytes = PDF) -> Any:
    return client.post("/api/files", files={"file": (name, data, "text/html")})


def test_a_file_is_handed_in_attached_and_downloaded(
    person: Callable[..., Actor], as_actor: Callable[..., TestClient]
) -> None:
    operator = as_actor(person(Role.OPERATOR))
    kept = hand_in(operator, "../../Offer 1.pdf")
    assert kept.status_code == 201, kept.text
    assert (kept.json()["name"], kept.json()["media_type"]) == ("Offer 1.pdf", "application/pdf")

    letter = {
        "to": ["ravi@example.com"], "subject": "Offer", "body": "Dear Ravi",
        "attachments": [{"name": "Offer.pdf", "sha256": kept.json()["sha256"]}],
    }  # fmt: skip
    proposed = operator.post("/api/actions", json={"operation": "email_send", "params": letter, "title": "Send it"})
    assert proposed.status_code == 201, proposed.text
    assert "Offer.pdf (application/pdf" in proposed.text

    download = operator.get(f"/api/files/{kept.json()['sha256']}")
    assert download.content == PDF and download.headers["content-type"] == "application/pdf"
    assert download.headers["content-disposition"] == "attachment; filename*=UTF-8''Offer%201.pdf"
    assert download.headers["x-content-type-options"] == "nosniff"


def test_a_file_that_may_not_be_is_refused_and_strangers_get_nothing(
    person: Callable[..., Actor], as_actor: Callable[..., TestClient]
) -> None:
    operator, stranger = as_actor(person(Role.OPERATOR)), as_actor(person(Role.USER))
    sha256 = hand_in(operator).json()["sha256"]

    assert hand_in(operator, "big.pdf", PDF + bytes(10_000_000)).status_code == 413
    assert hand_in(operator, "lies.pdf", b"MZ not a document").status_code == 422
    assert hand_in(stranger).status_code == 403
    assert stranger.get(f"/api/files/{sha256}").status_code == 404
    assert operator.post("/api/files", content=b"x", headers={"content-type": "multipart/form-data"}).status_code == 400
    assert operator.get("/api/files/" + "g" * 64).status_code == 422
