"""A server reached by SFTP: its host key is pinned, its address checked, and what fails is one of the four failures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import asyncssh
from pydantic import SecretStr

from core.connectors.transports.addresses import AddressRefused, resolve
from core.connectors.transports.calls import Lost, Missing, NotReached, Refused

T = TypeVar("T")


@dataclass(frozen=True)
class SftpServer:
    host: str
    port: int
    username: str
    password: SecretStr | None
    private_key: SecretStr | None
    host_key: str
    """One line, type and key: the only one that is believed."""
    folder: str


def connected(
    server: SftpServer, timeout: float, act: Callable[[asyncssh.SFTPClient], Awaitable[T]], *, most: float | None = None
) -> T:
    """What `act` answers, signed in, with the server's folder there. `timeout` is for signing in, `most` for everything.

    Raises NotReached where nothing was begun, Refused, and Lost where it broke off.
    """
    return asyncio.run(_connected(server, timeout, act, most or timeout * 3))


async def _connected(
    server: SftpServer, timeout: float, act: Callable[[asyncssh.SFTPClient], Awaitable[T]], most: float
) -> T:
    try:
        address = await asyncio.to_thread(resolve, server.host, server.port)
        known = asyncssh.import_known_hosts(
            f"{address} {server.host_key}\n[{address}]:{server.port} {server.host_key}\n"
        )
        keys = [asyncssh.import_private_key(server.private_key.get_secret_value())] if server.private_key else []
    except AddressRefused as refused:
        raise Refused(str(refused)) from None
    except OSError:
        raise NotReached(f"the name {server.host} is not known here") from None
    except (asyncssh.KeyImportError, ValueError):
        raise Refused("the private key or the server's public key cannot be read", signed_in=False) from None
    begun = False
    try:
        async with asyncio.timeout(most):
            async with asyncssh.connect(
                address, server.port, username=server.username, known_hosts=known, client_keys=keys or None,
                password=server.password.get_secret_value() if server.password else None, config=None, agent_path=None,
                login_timeout=timeout, connect_timeout=timeout, keepalive_interval=timeout,
            ) as connection, connection.start_sftp_client() as client:  # fmt: skip
                if not await client.isdir(server.folder):
                    raise Missing(f"there is no folder {server.folder}")
                begun = True
                return await act(client)
    except asyncssh.HostKeyNotVerifiable:
        raise Refused(
            "the server has another public key than was entered; somebody may stand in its place", signed_in=False
        ) from None
    except asyncssh.PermissionDenied:
        raise Refused("it does not let this user in", signed_in=False) from None
    except asyncssh.SFTPError as problem:
        raise _of(problem) from None
    except (TimeoutError, asyncssh.Error, OSError) as problem:
        words = f"{server.host} {'broke off' if begun else 'did not answer'} ({type(problem).__name__})"
        raise (Lost(words) if begun else NotReached(words)) from None


def _of(problem: asyncssh.SFTPError) -> Refused | Lost:
    words = " ".join(str(problem.reason).split())[:200] or type(problem).__name__
    if isinstance(problem, (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection)):
        return Lost(words)
    return Missing(words) if isinstance(problem, (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)) else Refused(words)
