"""Every setting of the product, read from the environment and from `.env`.

Secrets are made in the data directory on first run when the database is the embedded one. With a
database of your own there may be many machines, which have to share them: then they are required.
"""

import difflib
import ipaddress
import os
import re
import secrets as random_source
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from lodestone.platform import embedded, tokens
from lodestone.platform.firstrun import write_secrets_once

PREFIX = "LODESTONE_"
SECRETS_FILE = "secrets.env"
_SECRETS = ("secret_keys", "jwt_secret")
_KEY_LENGTH = 32
_ROLE = re.compile(r"[a-z_]{1,63}")
_SECONDS = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and is for a person."""


CommaSeparated = Annotated[tuple[str, ...], NoDecode]
"""A list that the environment writes as `a,b,c`."""


class Settings(BaseSettings):
    """What an installation chooses. The field's name in capitals behind `LODESTONE_` sets it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    data_dir: Path = Field(
        default=Path(".lodestone"),
        validate_default=True,
        description="Directory of the embedded database, generated secrets, mail and files.",
    )
    embedded_version: int = Field(
        default=18, description="PostgreSQL version of the embedded database when it is made."
    )
    demo: bool = Field(
        default=True,
        description="Whether `lodestone up` fills an installation without accounts with a demo.",
    )

    database_url: str | None = Field(
        default=None,
        repr=False,
        description="Your own PostgreSQL 15 or newer with pgvector, as"
        " postgresql://user:password@host:5432/name. Unset: the embedded one.",
    )
    database_direct_url: str | None = Field(
        default=None,
        repr=False,
        description="The same database past a transaction pooler: migrations and notifications.",
    )
    database_replica_url: str | None = Field(
        default=None,
        repr=False,
        description="A read-only replica, which then serves lists and charts.",
    )
    database_pooled: bool = Field(
        default=False,
        description="Whether LODESTONE_DATABASE_URL leads to a pooler in transaction mode, such as"
        " PgBouncer.",
    )
    database_pool_size: int = Field(
        default=10, ge=1, le=500, description="Most connections of one process to each database."
    )

    host: str = Field(default="127.0.0.1", description="Address that the web server listens on.")
    port: int = Field(
        default=8000, ge=0, le=65535, description="Port of the web server; 0 takes a free one."
    )
    base_url: str | None = Field(
        default=None,
        description="Public address of the product, for links in mail and sign-in cookies. Unset:"
        " built from host and port.",
    )
    trusted_proxies: CommaSeparated = Field(
        default=(),
        description="Addresses or networks, separated by commas, whose X-Forwarded-* headers are"
        " believed.",
    )
    allow_private_urls: bool = Field(
        default=False,
        description="Whether addresses that users give, such as webhooks, may lead into private"
        " networks.",
    )
    web_processes: int = Field(default=1, ge=1, le=64, description="Web processes of one `serve`.")
    worker_concurrency: int = Field(
        default=10, ge=1, le=500, description="Jobs that one worker process does at a time."
    )
    worker_heartbeat_seconds: float = Field(
        default=30.0,
        ge=0.5,
        le=3600,
        description="How long after its last sign of life a dead worker's jobs go to another.",
    )

    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="Keys that encrypt stored credentials and sign links, of at least 32"
        " characters, separated by commas, the current one first. Made on first run for the"
        " embedded database, required with your own.",
    )
    jwt_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Key of at least 32 characters that signs access tokens and the API keys anon"
        " and service_role. Made on first run for the embedded database, required with your own.",
    )
    jwt_signing_key: SecretStr | None = Field(
        default=None,
        description="Private key (P-256 or RSA, as PEM or JWK) that signs access tokens instead of"
        " LODESTONE_JWT_SECRET; its public half is at /auth/v1/.well-known/jwks.json.",
    )
    jwt_trusted_jwks: str | None = Field(
        default=None,
        repr=False,
        description="JWK set, as JSON, of other issuers whose tokens are good here, and of earlier"
        " signing keys.",
    )

    sign_up: Literal["open", "invited", "closed"] = Field(
        default="open",
        description="Who may make an account: anybody, only whom a team invited, or nobody.",
    )
    require_email_confirmation: bool = Field(
        default=True,
        description="Whether a new account signs in only after the link in its mail was opened."
        " Invitations count only then in any case.",
    )
    auth_redirects: CommaSeparated = Field(
        default=(),
        description="Addresses outside the product that links of /auth/v1 may lead to, separated by"
        " commas; `*` stands for what has no `/` or `.`, `**` for anything.",
    )
    google_client_id: str | None = Field(
        default=None, description="OAuth client of Google. Unset: there is no Google sign-in."
    )
    google_client_secret: SecretStr | None = Field(
        default=None, description="Secret of that client."
    )
    google_issuer: str = Field(
        default="https://accounts.google.com",
        description="OpenID provider behind the Google button; its metadata is read from there.",
    )
    legacy_password_secret: SecretStr | None = Field(
        default=None,
        description="Server auth secret of the earlier application: opens accounts whose password"
        " is stored as SHA-256, once, and their hash is then rewritten.",
    )

    api_max_rows: int = Field(
        default=1_000, ge=1, description="Most rows of one list in an answer of the data API."
    )
    api_max_embedding: int = Field(
        default=8,
        ge=0,
        le=30,
        description="How many levels deep the data API embeds related rows.",
    )
    api_max_body_bytes: int = Field(
        default=10_000_000, ge=1_000, description="Largest body that the data API takes, in bytes."
    )
    api_timeout_seconds: float = Field(
        default=15.0, gt=0, le=3600, description="Longest statement of the data API, in seconds."
    )
    api_role_timeouts: CommaSeparated = Field(
        default=(),
        description="Longest statement of single roles, in seconds, such as"
        " anon=3,authenticated=8; the others have LODESTONE_API_TIMEOUT_SECONDS.",
    )
    api_show_plans: bool = Field(
        default=False,
        description="Whether the data API explains how PostgreSQL would answer a request (Accept:"
        " application/vnd.pgrst.plan). Plans tell about tables, so this is for development.",
    )
    api_allow_rollback: bool = Field(
        default=False,
        description="Whether a request to the data API may ask to be undone (Prefer: tx=rollback).",
    )

    storage_max_file_bytes: int = Field(
        default=500_000_000, ge=1_000, description="Largest file that can be uploaded, in bytes."
    )
    storage_s3_bucket: str | None = Field(
        default=None,
        description="Bucket of an S3-compatible store that keeps the files. Unset: the directory"
        " files of the data directory, which several machines have to share.",
    )
    storage_s3_endpoint: str | None = Field(
        default=None, description="Address of the S3-compatible store. Unset: Amazon's."
    )
    storage_s3_region: str = Field(default="us-east-1", description="Region of the S3 bucket.")
    storage_s3_access_key_id: str | None = Field(
        default=None,
        description="Access key of the S3 bucket. Unset: what the machine's role or the usual AWS"
        " variables give.",
    )
    storage_s3_secret_access_key: SecretStr | None = Field(
        default=None, description="Secret of that access key."
    )
    storage_s3_prefix: str = Field(
        default="", description="Folder in the S3 bucket that the files go to."
    )

    ai_anthropic_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key of Anthropic's API. Without one AI steps work by their offline rules.",
    )
    ai_anthropic_url: str = Field(
        default="https://api.anthropic.com", description="Address of Anthropic's API."
    )
    ai_openai_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key of OpenAI's API, or of a server that speaks its chat completions.",
    )
    ai_openai_url: str = Field(
        default="https://api.openai.com/v1",
        description="Address of that API, for instance of a model server of your own.",
    )
    ai_model: str = Field(
        default="",
        description="The model that is asked instead of those that the prompts name.",
    )
    ai_timeout_seconds: float = Field(
        default=240.0, gt=0, le=3600, description="Longest wait for an answer of a model."
    )

    mail_from: str = Field(
        default="Lodestone <hello@localhost>", description="Sender of mail that names no other."
    )
    smtp_host: str | None = Field(
        default=None,
        description="Mail server. Unset: mail lands in the directory mail of the data directory.",
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Port of the mail server.")
    smtp_username: str | None = Field(default=None, description="Account on the mail server.")
    smtp_password: SecretStr | None = Field(default=None, description="Password of that account.")
    smtp_encryption: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the connection to the mail server is encrypted."
    )

    stripe_secret_key: SecretStr | None = Field(
        default=None,
        description="Secret key of the Stripe account that sells plans. Unset: nothing is sold.",
    )
    stripe_webhook_secret: SecretStr | None = Field(
        default=None,
        description="Signing secret of the Stripe endpoint that leads to /hooks/stripe; goes with"
        " LODESTONE_STRIPE_SECRET_KEY.",
    )
    stripe_price_pro: str | None = Field(
        default=None, description="Stripe's id of the monthly price of the plan pro."
    )
    stripe_price_unlimited: str | None = Field(
        default=None, description="Stripe's id of the monthly price of the plan unlimited."
    )
    stripe_api_url: str = Field(
        default="https://api.stripe.com", description="Where Stripe's API is."
    )
    stripe_timeout_seconds: float = Field(
        default=20.0, gt=0, le=300, description="Longest wait for an answer of Stripe, in seconds."
    )

    log_format: Literal["console", "json"] = Field(
        default="console", description="Log lines for people, or one JSON object per line."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important lines that are logged."
    )

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("embedded_version")
    @classmethod
    def _shipped(cls, value: int) -> int:
        if value not in embedded.VERSIONS:
            raise ValueError(f"choose {' or '.join(map(str, sorted(embedded.VERSIONS)))}")
        return value

    @field_validator(
        "secret_keys", "trusted_proxies", "auth_redirects", "api_role_timeouts", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("secret_keys", "jwt_secret")
    @classmethod
    def _long_enough(cls, value: tuple[SecretStr, ...] | SecretStr) -> object:
        keys = (value,) if isinstance(value, SecretStr) else value
        if any(0 < len(key.get_secret_value()) < _KEY_LENGTH for key in keys):
            raise ValueError(f"a key needs at least {_KEY_LENGTH} characters")
        return value

    @field_validator("api_role_timeouts")
    @classmethod
    def _seconds(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            role, _, seconds = one.partition("=")
            if not _ROLE.fullmatch(role) or not _SECONDS.fullmatch(seconds):
                raise ValueError(f"{one} is not like anon=3: a role and its seconds")
        return value

    @field_validator("jwt_signing_key")
    @classmethod
    def _signs(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            tokens.read_signing_key(value.get_secret_value())
        return value

    @field_validator("jwt_trusted_jwks")
    @classmethod
    def _verifies(cls, value: str | None) -> str | None:
        if value is not None:
            tokens.read_trusted_keys(value)
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                ipaddress.ip_network(network, strict=False)
            except ValueError as error:
                raise ValueError(f"{network} is not an address or network") from error
        return value

    @field_validator("auth_redirects")
    @classmethod
    def _whole_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            scheme, separator, rest = address.partition("://")
            host = rest.partition("/")[0]
            if not (separator and host) or "*" in scheme or "**" in host:
                raise ValueError(f"{address} has to look like https://app.example.com/**")
        return value

    @field_validator("database_url", "database_direct_url", "database_replica_url")
    @classmethod
    def _postgresql(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            is_good = parts.scheme in {"postgresql", "postgres"} and parts.port != 0
        except ValueError:
            is_good = False
        if not is_good or not (parts.hostname or "host=" in parts.query):
            raise ValueError("this has to look like postgresql://user:password@host:5432/name")
        return value

    @field_validator("base_url", "stripe_api_url", "storage_s3_endpoint")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname:
            raise ValueError("this has to look like https://app.example.com")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _needs_database_url(self) -> Self:
        if self.database_url is None and (self.database_direct_url or self.database_replica_url):
            raise ValueError("set LODESTONE_DATABASE_URL too: this one only goes with it")
        return self

    @model_validator(mode="after")
    def _stores_whole(self) -> Self:
        key, secret = self.storage_s3_access_key_id, self.storage_s3_secret_access_key
        if (key is None) is not (secret is None):
            raise ValueError(
                "LODESTONE_STORAGE_S3_ACCESS_KEY_ID and LODESTONE_STORAGE_S3_SECRET_ACCESS_KEY go"
                " together"
            )
        return self

    @model_validator(mode="after")
    def _sells_whole(self) -> Self:
        if (self.stripe_secret_key is None) is not (self.stripe_webhook_secret is None):
            raise ValueError(
                "LODESTONE_STRIPE_SECRET_KEY and LODESTONE_STRIPE_WEBHOOK_SECRET go together"
            )
        if self.stripe_secret_key and not (self.stripe_price_pro or self.stripe_price_unlimited):
            raise ValueError(
                "LODESTONE_STRIPE_SECRET_KEY needs LODESTONE_STRIPE_PRICE_PRO or"
                " LODESTONE_STRIPE_PRICE_UNLIMITED"
            )
        return self

    @property
    def address(self) -> str:
        """Return the public address, without a slash at the end."""
        if self.base_url:
            return self.base_url
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::", ""} else self.host  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def api_seconds_by_role(self) -> dict[str, float]:
        """Return the roles of the data API whose statements have a limit of their own."""
        pairs = (one.partition("=") for one in self.api_role_timeouts)
        return {role: float(seconds) for role, _, seconds in pairs}

    @property
    def token_keys(self) -> tokens.TokenKeys:
        """Return what signs and verifies access tokens."""
        signing_key = self.jwt_signing_key
        return tokens.TokenKeys(
            self.jwt_secret.get_secret_value(),
            signing_key.get_secret_value() if signing_key else None,
            self.jwt_trusted_jwks,
        )

    @property
    def keys(self) -> list[bytes]:
        """Return the keys of the secret box, the current one first."""
        return [key.get_secret_value().encode() for key in self.secret_keys]


def load(**overrides: Any) -> Settings:
    """Read the settings, with their secrets; what is given here, and not None, goes first.

    Raises: SettingsError naming the variable, EmbeddedError when the data directory is unusable.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    _refuse_unknown_variables()
    settings = _read(given)
    missing = [name for name in _SECRETS if not getattr(settings, name)]
    if not missing:
        return settings
    if settings.database_url is not None:
        names = " and ".join(variable(name) for name in missing)
        raise SettingsError(
            f"{names} must be set when {variable('database_url')} is: every machine needs the same."
        )
    return _read(given, _secrets_file(settings.data_dir))


def variable(name: str) -> str:
    """Return the environment variable of a field."""
    return PREFIX + name.upper()


def _read(given: dict[str, Any], secrets_file: Path | None = None) -> Settings:
    try:
        if secrets_file is None:
            return Settings(**given)
        # The later file wins, so what a person wrote goes before what we made.
        return Settings(_env_file=(secrets_file, ".env"), **given)
    except ValidationError as error:
        problems = []
        for found in error.errors():
            name = variable(str(found["loc"][0])) if found["loc"] else "LODESTONE_DATABASE_*_URL"
            problem = found["msg"].removeprefix("Value error, ")
            problems.append(problem if problem.startswith(PREFIX) else f"{name}: {problem}")
        raise SettingsError("; ".join(problems) + ".") from None


def _refuse_unknown_variables() -> None:
    known = {variable(name) for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f": did you mean {close[0]}?" if close else "."
            raise SettingsError(f"{name} is not a setting{hint}")


def _secrets_file(data_dir: Path) -> Path:
    """Return the file of the generated secrets, made now if it is not there."""
    path = data_dir / SECRETS_FILE
    if path.exists():
        return path
    embedded.prepare(data_dir)
    lines = [f"{variable(name)}={random_source.token_urlsafe(_KEY_LENGTH)}" for name in _SECRETS]
    write_secrets_once(path, lines)
    return path
