"""Files in an S3-compatible bucket, for installations of several machines."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, BinaryIO, cast

import boto3
from boto3.exceptions import S3UploadFailedError
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from core.files.large import Taken, checked_copy, spooled
from core.files.storage import FileMissing, FileStoreFull, FileStoreUnavailable, checked_digest, same
from core.settings import Settings

_FULL = {"QuotaExceeded", "StorageFull", "XMinioStorageFull", "InsufficientCapacity"}


class S3Store:
    """Objects `{prefix}{sha256}`, small ones whole, large ones as streams.

    The client is made when first needed, and is safe to share between threads.
    """

    def __init__(self, settings: Settings, *, prefix: str) -> None:
        self._settings, self._prefix = settings, prefix

    def put(self, sha256: str, data: bytes) -> None:
        try:
            self._client.put_object(Bucket=self._settings.proofs_s3_bucket, Key=self._key(sha256), Body=data)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _FULL:
                raise FileStoreFull() from error
            raise FileStoreUnavailable(problem=f"it refused the file ({code}).") from error
        except BotoCoreError as error:
            raise FileStoreUnavailable(problem="there is no connection.") from error

    def get(self, sha256: str) -> bytes:
        try:
            answer = self._client.get_object(Bucket=self._settings.proofs_s3_bucket, Key=self._key(sha256))
            return same(sha256, answer["Body"].read())
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in {"NoSuchKey", "404"}:
                raise FileMissing(sha256=sha256) from None
            raise FileStoreUnavailable(problem=f"it refused to give the file ({code}).") from error
        except BotoCoreError as error:
            raise FileStoreUnavailable(problem="there is no connection.") from error

    def take(self, source: BinaryIO, *, most: int) -> Taken:
        with spooled(source, most=most) as (path, taken):
            try:
                self._client.upload_file(str(path), self._settings.proofs_s3_bucket, self._key(taken.sha256))
            except (ClientError, BotoCoreError, S3UploadFailedError) as error:
                raise FileStoreUnavailable(problem="it did not take the file.") from error
            return taken

    @contextmanager
    def open(self, sha256: str) -> Iterator[BinaryIO]:
        with tempfile.TemporaryFile() as copy:
            try:
                self._client.download_fileobj(self._settings.proofs_s3_bucket, self._key(sha256), copy)
            except ClientError as error:
                if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                    raise FileMissing(sha256=sha256) from None
                raise FileStoreUnavailable(problem="it refused to give the file.") from error
            except BotoCoreError as error:
                raise FileStoreUnavailable(problem="there is no connection.") from error
            yield checked_copy(sha256, cast(BinaryIO, copy))

    def remove(self, sha256: str) -> None:
        try:
            self._client.delete_object(Bucket=self._settings.proofs_s3_bucket, Key=self._key(sha256))
        except (ClientError, BotoCoreError) as error:
            raise FileStoreUnavailable(problem="it did not remove the file.") from error

    def _key(self, sha256: str) -> str:
        return f"{self._prefix}{checked_digest(sha256)}"

    @cached_property
    def _client(self) -> Any:
        settings = self._settings
        secret = settings.proofs_s3_secret_key
        return boto3.session.Session().client(
            "s3",
            endpoint_url=settings.proofs_s3_endpoint,
            region_name=settings.proofs_s3_region,
            aws_access_key_id=settings.proofs_s3_access_key,
            aws_secret_access_key=secret.get_secret_value() if secret else None,
            config=Config(
                connect_timeout=settings.call_timeout_seconds,
                read_timeout=settings.call_timeout_seconds,
                retries={"total_max_attempts": 3, "mode": "standard"},
                # Other makers' stores know neither a bucket in the host name nor the newer trailing checksums.
                s3={"addressing_style": "path" if settings.proofs_s3_endpoint else "auto"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
