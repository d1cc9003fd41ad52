"""What a web host asks for, and whether it lets us in: a server by SFTP with its host key pinned, a bucket by S3."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from core.connectors.protocol import System
from core.connectors.transports.addresses import checked_url
from core.connectors.transports.bucket import Bucket
from core.connectors.transports.mail_systems import is_inside
from core.connectors.transports.sftp import SftpServer, connected
from core.errors import InvalidInput

SFTP_FAMILY, S3_FAMILY = "web_sftp", "web_s3"

_HOST_KEY = re.compile(r"(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z0-9+/]{40,2000}={0,2}")
_FOLDER = re.compile(r"(?:/|(?:/?[A-Za-z0-9_][A-Za-z0-9._-]*)(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*)")
_PREFIX = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def _web(value: str) -> str:
    try:
        url = checked_url(value).rstrip("/")
    except InvalidInput as refused:
        raise ValueError(refused.facts["problem"]) from None
    if "?" in url or "#" in url:
        raise ValueError("leave out what follows a ? or a #")
    return url


def _host(value: str) -> str:
    value = value.strip().lower()
    if not value or not value.isascii() or any(not (letter.isalnum() or letter in ".-:_") for letter in value):
        raise ValueError("use the name of a server, for example files.example.com")
    return value


def _host_key(value: str) -> str:
    line = " ".join(value.split()[:2])
    if not _HOST_KEY.fullmatch(line):
        raise ValueError(
            "paste the server's public key as ssh-keyscan prints it, from ssh- or ecdsa- on, without the name before it"
        )
    return line


def _folder(value: str) -> str:
    value = value.strip()
    said = value if value == "/" else value.rstrip("/")
    if not _FOLDER.fullmatch(said):
        raise ValueError("write it as /var/www or public_html: letters, digits, dots, hyphens, without ..")
    return said


def _prefix(value: str) -> str:
    value = value.strip().strip("/")
    said = f"{value}/" if value else ""
    if not _PREFIX.fullmatch(said):
        raise ValueError("write it as sites/ or empty: letters, digits, dots, hyphens, without ..")
    return said


def _bucket(value: str) -> str:
    if not _BUCKET.fullmatch(value.strip()) or ".." in value:
        raise ValueError("use the bucket's name alone, in lower case")
    return value.strip()


def _endpoint(value: str | None) -> str | None:
    if not value:
        return None
    url = _web(value)
    host = url.split("://", 1)[1].split("/")[0].rsplit(":", 1)[0]
    if not url.lower().startswith("https://") and not is_inside(host):
        raise ValueError("begin with https://, so that nobody on the way reads what is sent")
    return url


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


Web = Annotated[str, AfterValidator(_web)]


class SftpAccount(BaseModel):
    model_config = ConfigDict(extra="forbid")

    host: Annotated[str, AfterValidator(_host)] = Field(
        title="Server", description="For example files.example.com.", max_length=253
    )
    port: int = Field(default=22, title="Port", ge=1, le=65535)
    username: str = Field(title="User name", min_length=1, max_length=200)
    password: SecretStr | None = Field(default=None, title="Password", description="Or a private key.")
    private_key: SecretStr | None = Field(
        default=None, title="Private key", description="In OpenSSH or PEM form, without a passphrase."
    )
    host_key: Annotated[str, AfterValidator(_host_key)] = Field(
        title="The server's public key",
        description="A line that ssh-keyscan prints: nobody else may take its place.",
        max_length=2200,
    )
    folder: Annotated[str, AfterValidator(_folder)] = Field(
        title="Folder", description="Where the web server looks; each site becomes one folder in it.", max_length=300
    )
    address: Web = Field(
        title="Web address", description="At which that folder answers, for example https://www.example.com."
    )

    @model_validator(mode="after")
    def _signs_in(self) -> SftpAccount:
        if self.password is None and self.private_key is None:
            raise ValueError("give a password or a private key")
        return self


class SftpHosting(System[SftpAccount]):
    name = "sftp"
    title = "Web host by SFTP"
    family = SFTP_FAMILY
    account = SftpAccount
    where = "Your web host tells server, user name and folder; ssh-keyscan -t ed25519 SERVER prints the public key."

    def identity(self, account: SftpAccount) -> str:
        return f"{account.host}:{account.folder} as {account.username}"

    def test(self, account: SftpAccount, *, timeout: float) -> str:
        """Raises NotReached, Refused, Lost."""

        async def look(client: object) -> str:
            return f"The folder {account.folder} is there."

        return connected(server_of(account), timeout, look)


class S3Account(BaseModel):
    model_config = ConfigDict(extra="forbid")

    bucket: Annotated[str, AfterValidator(_bucket)] = Field(title="Bucket", max_length=63)
    endpoint: Annotated[str | None, BeforeValidator(_none_if_empty), AfterValidator(_endpoint)] = Field(
        default=None, title="Endpoint", description="Empty for Amazon; else for example https://s3.example.com."
    )
    region: str = Field(default="us-east-1", title="Region", pattern=r"^[a-z0-9-]{2,40}$")
    access_key: str = Field(title="Access key", min_length=1, max_length=200)
    secret_key: SecretStr = Field(title="Secret key")
    prefix: Annotated[str, AfterValidator(_prefix)] = Field(
        default="", title="Prefix", description="Where sites lie in the bucket; empty: at its top.", max_length=200
    )
    address: Web = Field(
        title="Web address", description="At which the prefix answers, as a website: with index.html for folders."
    )


class S3Hosting(System[S3Account]):
    name = "s3"
    title = "Website bucket (S3)"
    family = S3_FAMILY
    account = S3Account
    where = "Website hosting must be switched on for the bucket, with index.html as its index and 404.html as its error document."

    def identity(self, account: S3Account) -> str:
        return f"the bucket {account.bucket} at {account.endpoint or 'Amazon S3'}"

    def test(self, account: S3Account, *, timeout: float) -> str:
        """Raises NotReached, Refused, Lost."""
        bucket_of(account, timeout).look()
        return f"The bucket {account.bucket} answers."


def server_of(account: SftpAccount) -> SftpServer:
    return SftpServer(
        account.host, account.port, account.username, account.password, account.private_key, account.host_key,
        account.folder,
    )  # fmt: skip


def bucket_of(account: S3Account, timeout: float) -> Bucket:
    return Bucket(
        name=account.bucket, endpoint=account.endpoint, region=account.region, access_key=account.access_key,
        secret_key=account.secret_key, timeout=timeout,
    )  # fmt: skip
