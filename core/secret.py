"""The installation's secret: set, or made once and kept beside the data."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from core.settings import Settings


def installation_secret(settings: Settings) -> str:
    """SECRET_KEY, else the contents of `var/secret_key` (made with mode 0600 when first needed).

    Dashboards and workers on several machines share no `var`: they must share SECRET_KEY.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = settings.var_dir / "secret_key"
    if not path.exists():
        _make(path)
    return path.read_text()


def _make(path: Path) -> None:
    """Whole before it is visible: two processes that start together must read the same one, and none an empty one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first
    except OSError:
        if not path.exists():
            draft.replace(path)  # a file system without hard links
    finally:
        draft.unlink(missing_ok=True)
