"""Everything an installation can set, read once from the environment and `.env`, frozen afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent

DEFAULT_RATES: dict[str, tuple[int, float]] = {
    "email": (60, 60.0), "social": (20, 60.0), "crm": (60, 60.0), "odoo": (120, 60.0), "http": (60, 60.0),
    "other": (60, 60.0),
}  # fmt: skip
"""Items of projects by kind of channel, count in seconds: below what the usual services allow a new sender."""


class Settings(BaseSettings):
    """Names are those of the environment, upper case (`.env.example` lists them with their meaning)."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", env_ignore_empty=True, frozen=True, extra="ignore")

    # Where state lives
    database_url: str | None = None
    var_dir: Path = ROOT / "var"
    workflows_file: Path = ROOT / "workflows.json"

    # Where the dashboard answers
    countersign_host: str = "127.0.0.1"
    countersign_port: Annotated[int, Field(ge=1, le=65535)] = 8501
    public_url: str | None = None
    secret_key: SecretStr | None = None
    session_hours: Annotated[int, Field(ge=1, le=24 * 90)] = 24 * 7

    # Proofs: files in VAR_DIR/proofs, or objects in an S3-compatible bucket when one is named
    proofs_s3_bucket: str | None = None
    proofs_s3_endpoint: str | None = None
    proofs_s3_region: str = "us-east-1"
    proofs_s3_prefix: str = "proofs/"
    files_s3_prefix: str = "files/"
    imports_s3_prefix: str = "imports/"
    proofs_s3_access_key: str | None = None
    proofs_s3_secret_key: SecretStr | None = None

    # What may leave the machine (C6). The mode an admin sets on the Guardrails page starts from these.
    execution_enabled: bool = False
    execution_dry_run: bool = True
    execution_channels: Annotated[frozenset[str], NoDecode] = frozenset({"email"})
    guardrails_file: Path | None = None

    # E-mail: without SMTP_HOST every message becomes an .eml file in the outbox folder
    email_from: str = "countersign@localhost"
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None

    # Odoo
    odoo_url: str | None = None
    odoo_database: str | None = None
    odoo_login: str | None = None
    odoo_api_key: SecretStr | None = None

    # The language model that writes documents; without one, people write them
    language_model: str | None = None
    language_model_url: str | None = None
    language_model_key: SecretStr | None = None
    language_model_timeout_seconds: Annotated[int, Field(ge=5, le=600)] = 120
    prompts_dir: Path = ROOT / "prompts"

    # Single sign-on by OpenID Connect
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = "single sign-on"

    # The API: calls a minute of one token, and tokens that open nothing a minute from one address (0: no limit), in each
    # dashboard process; and the pages elsewhere whose scripts may call it
    api_calls_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] = 600
    api_failures_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] = 20
    cors_origins: Annotated[frozenset[str], NoDecode] = frozenset()

    # Work
    worker_poll_seconds: Annotated[float, Field(gt=0, le=5)] = 0.08
    worker_concurrency: Annotated[int, Field(ge=1, le=64)] = 8
    run_concurrency: Annotated[int, Field(ge=1, le=64)] = 8
    channel_concurrency: Annotated[int, Field(ge=1, le=64)] = 4
    channel_rates: Annotated[Mapping[str, tuple[int, float]], NoDecode] = Field(
        default_factory=lambda: dict(DEFAULT_RATES)
    )
    channel_poll_seconds: Annotated[float, Field(gt=0, le=5)] = 1.0
    call_timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 20.0
    log_format: Literal["console", "json"] = "console"

    # Websites: whether verification asks pages of others, which a site links to, if they are there
    sites_ask_outside: bool = False

    # Stopping: how long a dashboard says that it is not ready before it takes nothing new, and what requests then have
    drain_seconds: Annotated[float, Field(ge=0, le=600)] = 0
    stop_seconds: Annotated[int, Field(ge=1, le=600)] = 20

    # Watching: /metrics answers to this token; without one, to this machine alone and only while no PUBLIC_URL is set
    metrics_token: Annotated[SecretStr, Field(min_length=16)] | None = None

    @field_validator("execution_channels", mode="before")
    @classmethod
    def _split_channels(cls, value: object) -> object:
        if isinstance(value, str):
            return frozenset(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _exact_origins(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        named = frozenset(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        for one in named:
            if not re.fullmatch(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?", one):
                raise ValueError(f"“{one}” is no origin: write https://host or https://host:port, never *")
        return named

    @field_validator("language_model")
    @classmethod
    def _known_provider(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"(openai|anthropic|compatible):\S+", value.strip()):
            raise ValueError("write openai:MODEL, anthropic:MODEL or compatible:MODEL")
        return value

    @field_validator("channel_rates", mode="before")
    @classmethod
    def _read_rates(cls, value: object) -> object:
        """`email=60/60,social=20/60`: how many pieces of a project may begin in how many seconds, by kind of channel."""
        if not isinstance(value, str):
            return value
        said: dict[str, tuple[int, float]] = {}
        for part in filter(None, (one.strip() for one in value.split(","))):
            found = re.fullmatch(r"([a-z]+)=(\d{1,6})/(\d{1,6}(?:\.\d+)?)", part)
            if found is None or found[1] not in DEFAULT_RATES or int(found[2]) < 1 or float(found[3]) <= 0:
                kinds = ", ".join(DEFAULT_RATES)
                raise ValueError(f"“{part}” is no rate: write channel=count/seconds, for one of {kinds}")
            said[found[1]] = (int(found[2]), float(found[3]))
        return {**DEFAULT_RATES, **said}

    @property
    def base_url(self) -> str:
        """The address people type, without a slash at the end."""
        return (self.public_url or f"http://{self.countersign_host}:{self.countersign_port}").rstrip("/")

    @property
    def outbox_dir(self) -> Path:
        return self.var_dir / "outbox"

    @property
    def proofs_dir(self) -> Path:
        return self.var_dir / "proofs"

    @property
    def files_dir(self) -> Path:
        return self.var_dir / "files"

    @property
    def imports_dir(self) -> Path:
        return self.var_dir / "imports"
