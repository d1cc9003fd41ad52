"""A web host reached by SFTP: each version is a folder of its own, and one rename switches to it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import asyncssh

from core.connectors.transports.calls import Refused
from core.connectors.transports.hosting_systems import SFTP_FAMILY
from core.connectors.transports.sftp import SftpServer, connected
from core.websites.built import BuiltSite
from core.websites.target import Place, Published, Target

KEPT = 3
"""Folders of versions that stay on the server: the one that answers and those before it."""

_MOST_SECONDS = 600.0
_VERSION = re.compile(r"[0-9a-f]{16}")


class Sftp(Target):
    name = "sftp"
    title = "Web host by SFTP"
    family = SFTP_FAMILY

    def publish(self, place: Place, built: BuiltSite, key: str) -> Published:
        """Uploads beside what answers, file by file, what is there already left as it is; then renames one link.

        `{folder}/{slug}` is a link to `{folder}/.versions/{slug}/{digest}`: killed at any moment before the rename, the
        version before answers whole.
        """
        version = built.digest[:16]

        async def act(client: asyncssh.SFTPClient) -> None:
            home, link = _paths(place)
            await _must_be_ours(client, link)
            await client.makedirs(f"{home}/{version}", exist_ok=True)
            await _upload(client, f"{home}/{version}", built)
            await _switch(client, link, f".versions/{place.slug}/{version}")
            await _tidy(client, home, version)

        connected(_server(place), _timeout(place), act, most=_MOST_SECONDS)
        return Published(
            f"{str(place.settings['address']).rstrip('/')}/{place.slug}/", f".versions/{place.slug}/{version}"
        )

    def differences(self, place: Place, built: BuiltSite) -> list[str]:
        """Read back through the link, so that it is what answers."""

        async def act(client: asyncssh.SFTPClient) -> list[str]:
            _, link = _paths(place)
            found = []
            for path, file in built.files.items():
                try:
                    async with client.open(f"{link}/{path}", "rb") as there:
                        data: object = await there.read(len(file.data) + 1)
                        if data != file.data:
                            found.append(path)
                except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPFailure):
                    found.append(path)
            return found

        return connected(_server(place), _timeout(place), act, most=_MOST_SECONDS)

    def withdraw(self, place: Place, key: str) -> None:
        async def act(client: asyncssh.SFTPClient) -> None:
            home, link = _paths(place)
            await _must_be_ours(client, link)
            if await client.islink(link):
                await client.unlink(link)
            if await client.isdir(home):
                await client.rmtree(home)

        connected(_server(place), _timeout(place), act, most=_MOST_SECONDS)


def _server(place: Place) -> SftpServer:
    said = place.settings
    return SftpServer(
        said["host"], said["port"], said["username"], said.get("password"), said.get("private_key"), said["host_key"],
        said["folder"],
    )  # fmt: skip


def _timeout(place: Place) -> float:
    return float(place.settings.get("timeout", 20))


def _paths(place: Place) -> tuple[str, str]:
    folder = str(place.settings["folder"]).rstrip("/")
    return f"{folder}/.versions/{place.slug}", f"{folder}/{place.slug}"


async def _must_be_ours(client: asyncssh.SFTPClient, link: str) -> None:
    """A folder that somebody put there is not ours to replace."""
    if await client.lexists(link) and not await client.islink(link):
        raise Refused(f"there is something at {link} that was not published from here; remove it first")


async def _upload(client: asyncssh.SFTPClient, folder: str, built: BuiltSite) -> None:
    for sub in sorted({path.rpartition("/")[0] for path in built.files} - {""}):
        await client.makedirs(f"{folder}/{sub}", exist_ok=True)
    for path, file in built.files.items():
        whole, part = f"{folder}/{path}", f"{folder}/{path}.part"
        if await client.exists(whole) and await client.getsize(whole) == len(file.data):
            continue  # written whole and then renamed, by an attempt before this one
        async with client.open(part, "wb") as draft:
            await draft.write(file.data)
        await client.chmod(part, 0o644)
        await client.posix_rename(part, whole)


async def _switch(client: asyncssh.SFTPClient, link: str, target: str) -> None:
    """A new link is made beside and renamed over the old one, which servers do in one step (POSIX)."""
    folder, _, name = link.rpartition("/")
    draft = f"{folder}/.versions/{name}.next"
    if await client.lexists(draft):
        await client.unlink(draft)
    await client.symlink(target, draft)
    try:
        await client.posix_rename(draft, link)
    except asyncssh.SFTPOpUnsupported:
        await client.unlink(draft)
        raise Refused("it cannot replace a link in one step, so a site would be away in between") from None


async def _tidy(client: asyncssh.SFTPClient, home: str, live: str) -> None:
    """Versions beyond the last few go; what cannot be removed stays, and harms nobody."""
    try:
        found: Sequence[asyncssh.SFTPName] = await client.readdir(home)
        ours = [one for one in found if _VERSION.fullmatch(_text(one.filename)) and _text(one.filename) != live]
        ours.sort(key=lambda one: one.attrs.mtime or 0, reverse=True)
        for one in ours[KEPT - 1 :]:
            await client.rmtree(f"{home}/{_text(one.filename)}", ignore_errors=True)
    except asyncssh.SFTPError:
        return


def _text(name: str | bytes) -> str:
    return name if isinstance(name, str) else name.decode("utf-8", "replace")


TARGET = Sftp
