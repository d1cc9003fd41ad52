"""Places to publish on: an SFTP server (asyncssh) over a folder, a bucket (moto), and a web server in front of each."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import boto3
from moto.server import ThreadedMotoServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.doubles.serving import serve

USER, PASSWORD = "web", "right"
BUCKET, ACCESS_KEY, SECRET_KEY = "sites", "k", "s"


@dataclass
class SftpHost:
    port: int
    host_key: str
    root: Path
    """What clients see as /; the web folder is `www`."""
    address: str = ""

    def account(self, **other: Any) -> dict[str, Any]:
        """As a connection takes it."""
        return {
            "host": "127.0.0.1", "port": self.port, "username": USER, "password": PASSWORD, "host_key": self.host_key,
            "folder": "/www", "address": self.address or "https://www.example.com/", **other,
        }  # fmt: skip


class _Login(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@contextmanager
def sftp_host(root: Path) -> Iterator[SftpHost]:
    """Without a web server in front."""
    (root / "www").mkdir(parents=True, exist_ok=True)
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
        yield SftpHost(server.get_port(), key.export_public_key().decode().strip(), root)
    finally:

        async def stop() -> None:
            server.close()
            await server.wait_closed()

        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def served_sftp_host(root: Path) -> Iterator[SftpHost]:
    """With the web server that hands out its folder."""

    def read(path: str) -> bytes | None:
        found = root / "www" / path
        return found.read_bytes() if found.is_file() else None

    with sftp_host(root) as host, serve(_web_server(read)) as address:
        host.address = address
        yield host


@dataclass
class S3Host:
    endpoint: str
    client: Any
    address: str = ""

    def account(self, **other: Any) -> dict[str, Any]:
        return {
            "bucket": BUCKET, "endpoint": self.endpoint, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY,
            "prefix": "web", "address": self.address or "https://cdn.example.com", **other,
        }  # fmt: skip

    def empty(self) -> None:
        for one in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            self.client.delete_object(Bucket=BUCKET, Key=one["Key"])


@contextmanager
def s3_host() -> Iterator[S3Host]:
    """A bucket with website hosting, as a store does it: index.html for folders."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )  # fmt: skip
    client.create_bucket(Bucket=BUCKET)

    def read(path: str) -> bytes | None:
        try:
            data: bytes = client.get_object(Bucket=BUCKET, Key=f"web/{path}")["Body"].read()
        except client.exceptions.NoSuchKey:
            return None
        return data

    with serve(_web_server(read)) as address:
        yield S3Host(f"http://{host}:{port}", client, address)
    client.close()
    server.stop()


def _web_server(read: Callable[[str], bytes | None]) -> Starlette:
    async def page(request: Request) -> Response:
        path = request.path_params["path"]
        if path == "" or path.endswith("/"):
            path += "index.html"
        data = await asyncio.to_thread(read, path)
        if data is None:
            return Response("There is no such page.", 404)
        return Response(data, media_type=mimetypes.guess_type(path)[0] or "application/octet-stream")

    return Starlette(routes=[Route("/{path:path}", page)])
