"""The keys of an installation, and who may have an account."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

from lodestone.platform import tokens
from lodestone.settings.values import CommaSeparated, split

KEY_LENGTH = 32
"""Fewest characters of a key."""


class KeySettings(BaseSettings):
    """What encrypts and signs."""

    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(split)] = Field(
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

    @field_validator("secret_keys", "jwt_secret")
    @classmethod
    def _long_enough(cls, value: tuple[SecretStr, ...] | SecretStr) -> object:
        keys = (value,) if isinstance(value, SecretStr) else value
        if any(0 < len(key.get_secret_value()) < KEY_LENGTH for key in keys):
            raise ValueError(f"a key needs at least {KEY_LENGTH} characters")
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


class SignInSettings(BaseSettings):
    """Sign-up and sign-in."""

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

    @field_validator("auth_redirects")
    @classmethod
    def _whole_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            scheme, separator, rest = address.partition("://")
            host = rest.partition("/")[0]
            if not (separator and host) or "*" in scheme or "**" in host:
                raise ValueError(f"{address} has to look like https://app.example.com/**")
        return value
