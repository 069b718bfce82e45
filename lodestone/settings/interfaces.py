"""The data API and the files."""

import re
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from lodestone.settings.values import CommaSeparated, WebAddress

_ROLE = re.compile(r"[a-z_]{1,63}")
_SECONDS = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")


class DataApiSettings(BaseSettings):
    """What the data API answers, and what it refuses."""

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

    @field_validator("api_role_timeouts")
    @classmethod
    def _seconds(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            role, _, seconds = one.partition("=")
            if not _ROLE.fullmatch(role) or not _SECONDS.fullmatch(seconds):
                raise ValueError(f"{one} is not like anon=3: a role and its seconds")
        return value

    @property
    def api_seconds_by_role(self) -> dict[str, float]:
        """Return the roles of the data API whose statements have a limit of their own."""
        pairs = (one.partition("=") for one in self.api_role_timeouts)
        return {role: float(seconds) for role, _, seconds in pairs}


class StorageSettings(BaseSettings):
    """Where uploaded files are."""

    storage_max_file_bytes: int = Field(
        default=500_000_000, ge=1_000, description="Largest file that can be uploaded, in bytes."
    )
    storage_s3_bucket: str | None = Field(
        default=None,
        description="Bucket of an S3-compatible store that keeps the files. Unset: the directory"
        " files of the data directory, which several machines have to share.",
    )
    storage_s3_endpoint: WebAddress | None = Field(
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

    @model_validator(mode="after")
    def _stores_whole(self) -> Self:
        key, secret = self.storage_s3_access_key_id, self.storage_s3_secret_access_key
        if (key is None) is not (secret is None):
            raise ValueError(
                "LODESTONE_STORAGE_S3_ACCESS_KEY_ID and LODESTONE_STORAGE_S3_SECRET_ACCESS_KEY go"
                " together"
            )
        return self
