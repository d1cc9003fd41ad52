"""Web hosts that sites are published on, as accounts: a server reached by SFTP, and a bucket of an S3-compatible store."""

from __future__ import annotations

from collections.abc import Iterable

from core.connectors.protocol import AnySystem
from core.connectors.transports.hosting_systems import S3Hosting, SftpHosting


def systems() -> Iterable[AnySystem]:
    return SftpHosting(), S3Hosting()
