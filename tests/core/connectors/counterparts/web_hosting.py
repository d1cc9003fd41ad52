"""Web hosts by SFTP and S3: accounts that no operation goes through, because sites are published by their runs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from core.connectors.plan import Plan
from tests.core.connectors.counterpart import Counterpart, Trouble
from tests.doubles.web_hosts import sftp_host

_WRONG = "wrong-9d1e07"


class WebHostCounterpart(Counterpart):
    troubles = frozenset()
    secrets = ("right", _WRONG)

    def __init__(self, system: str, account: Mapping[str, Any], wrong: Mapping[str, Any]) -> None:
        self.system, self._account, self._wrong = system, account, wrong  # type: ignore[misc]

    def account(self) -> Mapping[str, Any]:
        return self._account

    def wrong_account(self) -> Mapping[str, Any]:
        return {**self._account, **self._wrong}

    def calls(self) -> Mapping[str, Mapping[str, Any]]:
        return {}

    def effects(self) -> int:
        return 0

    def holds(self, plan: Plan) -> bool:
        return False

    def befall(self, trouble: Trouble) -> None:
        raise AssertionError("nothing is called")


@contextmanager
def _sftp() -> Iterator[Counterpart]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "www").mkdir()
        with sftp_host(Path(folder)) as host:
            said = {
                "host": "127.0.0.1", "port": host.port, "username": "web", "password": "right",
                "host_key": host.host_key, "folder": "/www", "address": "https://www.example.com",
            }  # fmt: skip
            yield WebHostCounterpart("sftp", said, {"password": _WRONG})


@contextmanager
def _s3() -> Iterator[Counterpart]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        client = boto3.client(
            "s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", aws_access_key_id="k",
            aws_secret_access_key="right",
        )  # fmt: skip
        client.create_bucket(Bucket="sites")
        client.close()
        said = {
            "bucket": "sites", "endpoint": f"http://{host}:{port}", "access_key": "k", "secret_key": "right",
            "address": "https://cdn.example.com",
        }  # fmt: skip
        yield WebHostCounterpart("s3", said, {"bucket": "nobodys"})  # the double lets every key in
    finally:
        server.stop()


RUNNING = {"sftp": _sftp, "s3": _s3}
