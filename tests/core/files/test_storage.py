"""Folder and bucket keep proofs the same way: by digest, whole, and never another file than the one uploaded."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from core.files.s3 import S3Store
from core.files.storage import (
    FileDamaged,
    FileMissing,
    FileStore,
    FileStoreFull,
    FileStoreUnavailable,
    FolderStore,
)
from core.files.stores import proof_store
from core.settings import Settings

DATA = b"what was uploaded"
DIGEST = hashlib.sha256(DATA).hexdigest()
OTHER = hashlib.sha256(b"something else").hexdigest()


@pytest.fixture(scope="module")
def bucket_address() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def s3_settings(settings: Settings, address: str, **changes: Any) -> Settings:
    s3 = {
        "proofs_s3_bucket": "proofs-of-ours", "proofs_s3_endpoint": address, "proofs_s3_access_key": "key",
        "proofs_s3_secret_key": SecretStr("secret"), "call_timeout_seconds": 5.0,
    }  # fmt: skip
    return settings.model_copy(update={**s3, **changes})


@pytest.fixture
def s3_client(bucket_address: str) -> Any:
    client = boto3.session.Session().client(
        "s3", endpoint_url=bucket_address, region_name="us-east-1",
        aws_access_key_id="key", aws_secret_access_key="secret",
    )  # fmt: skip
    client.create_bucket(Bucket="proofs-of-ours")
    return client


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, settings: Settings) -> FileStore:
    if request.param == "folder":
        return proof_store(settings)
    request.getfixturevalue("s3_client")
    return proof_store(s3_settings(settings, request.getfixturevalue("bucket_address")))


def test_what_was_put_comes_back(store: FileStore) -> None:
    store.put(DIGEST, DATA)
    store.put(DIGEST, DATA)

    assert store.get(DIGEST) == DATA


def test_what_was_never_put_is_missing(store: FileStore) -> None:
    with pytest.raises(FileMissing):
        store.get(OTHER)


def test_a_name_that_is_no_digest_is_refused(store: FileStore) -> None:
    for name in ("../../etc/passwd", "", DIGEST.upper(), DIGEST + "/x"):
        with pytest.raises(ValueError, match="not a SHA-256"):
            store.get(name)
        with pytest.raises(ValueError, match="not a SHA-256"):
            store.put(name, DATA)


def test_a_file_changed_behind_our_back_is_noticed(settings: Settings, s3_client: Any, bucket_address: str) -> None:
    folder, bucket = FolderStore(settings.proofs_dir), S3Store(s3_settings(settings, bucket_address), prefix="proofs/")
    for store in (folder, bucket):
        store.put(DIGEST, DATA)
    (settings.proofs_dir / DIGEST[:2] / DIGEST).write_bytes(b"forged")
    s3_client.put_object(Bucket="proofs-of-ours", Key=f"proofs/{DIGEST}", Body=b"forged")

    for store in (folder, bucket):
        with pytest.raises(FileDamaged):
            store.get(DIGEST)


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.ENOSPC, FileStoreFull), (errno.EDQUOT, FileStoreFull), (errno.EIO, FileStoreUnavailable)],
)
def test_a_full_disk_is_named_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]
) -> None:
    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("core.files.storage.os.fsync", refuse)
    with pytest.raises(error, match="Nothing was saved"):
        FolderStore(tmp_path).put(DIGEST, DATA)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_bucket_that_refuses_or_does_not_answer_is_named(settings: Settings, bucket_address: str) -> None:
    absent = S3Store(s3_settings(settings, bucket_address, proofs_s3_bucket="no-such-bucket"), prefix="proofs/")
    silent = S3Store(s3_settings(settings, "http://127.0.0.1:9"), prefix="proofs/")
    with pytest.raises(FileStoreUnavailable, match="NoSuchBucket"):
        absent.put(DIGEST, DATA)
    with pytest.raises(FileStoreUnavailable, match="no connection"):
        silent.put(DIGEST, DATA)
    with pytest.raises(FileStoreUnavailable, match="no connection"):
        silent.get(DIGEST)
