"""Where files lie by the settings: in the bucket they name, or in a folder of this machine."""

from __future__ import annotations

from pathlib import Path

from core.files.large import LargeFiles, LargeFolder
from core.files.storage import FileStore, FolderStore
from core.settings import Settings


def proof_store(settings: Settings) -> FileStore:
    return file_store(settings, settings.proofs_dir, prefix=settings.proofs_s3_prefix)


def file_store(settings: Settings, folder: Path, *, prefix: str) -> FileStore:
    """The bucket that the settings name, or the folder of this machine."""
    if settings.proofs_s3_bucket is None:
        return FolderStore(folder)
    from core.files.s3 import S3Store  # here, because loading boto3 costs every start a third of a second

    return S3Store(settings, prefix=prefix)


def large_files(settings: Settings) -> LargeFiles:
    """Where event logs lie while they are imported: beside the other files."""
    if settings.proofs_s3_bucket is None:
        return LargeFolder(settings.imports_dir)
    from core.files.s3 import S3Store

    return S3Store(settings, prefix=settings.imports_s3_prefix)
