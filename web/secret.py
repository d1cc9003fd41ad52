"""The installation's secret: set, or made once and kept beside the data."""

from __future__ import annotations

import os
import secrets

from core.settings import Settings


def installation_secret(settings: Settings) -> str:
    """SECRET_KEY, else the contents of `var/secret_key` (made with mode 0600 when first needed).

    Dashboards on several machines share no `var`: they must share SECRET_KEY.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = settings.var_dir / "secret_key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(handle, "w") as file:
        file.write(value := secrets.token_urlsafe(48))
    return value
