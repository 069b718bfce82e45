"""Where an installation keeps its data, and how its processes run."""

import ipaddress
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

from lodestone.platform import embedded
from lodestone.settings.values import CommaSeparated, WebAddress


class DataSettings(BaseSettings):
    """The data directory and the database."""

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
        default=20, ge=1, le=500, description="Most connections of one process to each database."
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

    @model_validator(mode="after")
    def _needs_database_url(self) -> Self:
        if self.database_url is None and (self.database_direct_url or self.database_replica_url):
            raise ValueError("set LODESTONE_DATABASE_URL too: this one only goes with it")
        return self


class ProcessSettings(BaseSettings):
    """The web server and the workers."""

    host: str = Field(default="127.0.0.1", description="Address that the web server listens on.")
    port: int = Field(
        default=8000, ge=0, le=65535, description="Port of the web server; 0 takes a free one."
    )
    base_url: WebAddress | None = Field(
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

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                ipaddress.ip_network(network, strict=False)
            except ValueError as error:
                raise ValueError(f"{network} is not an address or network") from error
        return value

    @property
    def address(self) -> str:
        """Return the public address, without a slash at the end."""
        if self.base_url:
            return self.base_url
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::", ""} else self.host  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


class LogSettings(BaseSettings):
    """What is logged, and how."""

    log_format: Literal["console", "json"] = Field(
        default="console", description="Log lines for people, or one JSON object per line."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important lines that are logged."
    )
