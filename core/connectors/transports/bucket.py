"""A bucket of an S3-compatible store, for files that a web server hands out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from core.connectors.transports.addresses import AddressRefused, port_of, resolve
from core.connectors.transports.calls import CallFailed, Lost, Missing, NotReached, Refused, Throttled

_BUSY = {"SlowDown", "ServiceUnavailable", "RequestLimitExceeded", "InternalError", "503", "500"}
_STRANGER = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "403", "AccessDenied", "ExpiredToken"}
_GONE = {"NoSuchKey", "NoSuchBucket", "404", "NotFound"}


class Bucket:
    """Raises the failures of `calls`."""

    def __init__(
        self, *, name: str, endpoint: str | None, region: str, access_key: str, secret_key: SecretStr, timeout: float
    ) -> None:
        self._name, self._endpoint, self._region = name, endpoint, region
        self._access_key, self._secret_key, self._timeout = access_key, secret_key, timeout

    def look(self) -> None:
        self._call("head_bucket")

    def put(self, key: str, data: bytes, *, media_type: str, cache: str) -> None:
        self._call("put_object", Key=key, Body=data, ContentType=media_type, CacheControl=cache)

    def get(self, key: str) -> tuple[bytes, str]:
        """The bytes and their media type; Missing."""
        answer = self._call("get_object", Key=key)
        try:
            return answer["Body"].read(), str(answer.get("ContentType", ""))
        except Exception as problem:  # of botocore or urllib3, whichever reads the stream
            raise Lost(f"it broke off ({type(problem).__name__})") from None

    def tags(self, prefix: str) -> Mapping[str, str]:
        """Every key below `prefix` with its MD5 as the store gives it (an ETag without quotes)."""
        return {one["Key"]: one["ETag"].strip('"') for one in self._listed(prefix)}

    def ages(self, prefix: str) -> Mapping[str, datetime]:
        """Every key below `prefix` with when it was put there."""
        return {one["Key"]: one["LastModified"] for one in self._listed(prefix)}

    def copy(self, key: str, to: str) -> None:
        """Within the bucket, media type and caching with it; whole or not at all."""
        self._call("copy_object", Key=to, CopySource={"Bucket": self._name, "Key": key})

    def remove(self, key: str) -> None:
        self._call("delete_object", Key=key)

    def _listed(self, prefix: str) -> Iterator[Mapping[str, Any]]:
        more: dict[str, str] = {}
        while True:
            answer = self._call("list_objects_v2", Prefix=prefix, **more)
            yield from answer.get("Contents", [])
            if not answer.get("IsTruncated"):
                return
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def _call(self, operation: str, **arguments: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

        try:
            if self._endpoint is not None:
                parts = urlsplit(self._endpoint)
                resolve(parts.hostname or "", port_of(parts))
            return getattr(self._client, operation)(Bucket=self._name, **arguments)
        except AddressRefused as refused:
            raise Refused(str(refused)) from None
        except ClientError as problem:
            raise _of(problem) from None
        except (EndpointConnectionError, ConnectTimeoutError) as problem:
            raise NotReached(type(problem).__name__) from None
        except BotoCoreError as problem:
            raise Lost(type(problem).__name__) from None
        except OSError as problem:
            raise NotReached(type(problem).__name__) from None

    @cached_property
    def _client(self) -> Any:
        import boto3  # here, because loading it costs every start a third of a second
        from botocore.config import Config

        return boto3.session.Session().client(
            "s3", endpoint_url=self._endpoint, region_name=self._region, aws_access_key_id=self._access_key,
            aws_secret_access_key=self._secret_key.get_secret_value(),
            config=Config(
                connect_timeout=self._timeout, read_timeout=self._timeout,
                retries={"total_max_attempts": 3, "mode": "standard"},
                s3={"addressing_style": "path" if self._endpoint else "auto"},
                request_checksum_calculation="when_required", response_checksum_validation="when_required", proxies={},
            ),
        )  # fmt: skip


def md5_of(data: bytes) -> str:
    """As stores tag what was put in one piece; it tells what changed, and protects nothing."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _of(problem: Any) -> CallFailed:
    code = str(problem.response.get("Error", {}).get("Code", ""))
    words = f"it answered {code}" if code else "it refused"
    if code in _BUSY:
        return Throttled(words)
    if code in _STRANGER:
        return Refused(words, signed_in=False)
    return Missing(words) if code in _GONE else Refused(words)
