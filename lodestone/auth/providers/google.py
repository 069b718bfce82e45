"""OpenID Connect with Google: the address to send people to, and what their ID token says.

Source: https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
"""

import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt

from lodestone.platform.errors import Forbidden, LodestoneError, Unavailable

SCOPES = "openid email profile"
_TIMEOUT_SECONDS = 10.0
_KEEP_SECONDS = 3600.0
_RETRY_SECONDS = 60.0
_ALGORITHMS = ["RS256", "ES256"]
_LEEWAY_SECONDS = 60


class ProviderRefused(LodestoneError):
    """The provider, or what came back from it, can't be believed."""

    code = "bad_oauth_callback"
    status = 400


@dataclass(frozen=True, slots=True)
class Person:
    """Who the provider says came; the address is one that it has verified."""

    provider_id: str
    email: str
    name: str | None
    avatar_url: str | None
    claims: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Grant:
    """What the provider gave for the code."""

    id_token: str = field(repr=False)
    access_token: str | None = field(repr=False)
    refresh_token: str | None = field(repr=False)


class OpenIdProvider:
    """One OpenID provider and our client there; its metadata and keys are kept for an hour."""

    def __init__(self, *, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer.rstrip("/")
        self.client_id = client_id
        self._client_secret = client_secret
        self._metadata: dict[str, Any] = {}
        self._keys: dict[str, jwt.PyJWK] = {}
        self._metadata_at = self._keys_at = float("-inf")

    async def authorization_url(
        self, *, redirect_uri: str, state: str, nonce: str, verifier: str, extra: dict[str, str]
    ) -> str:
        """Return where the browser goes. Raises: Unavailable."""
        # Large, and for those alone who have set up the provider.
        from authlib.oauth2.rfc6749.parameters import (  # type: ignore[import-untyped]  # noqa: PLC0415
            prepare_grant_uri,
        )
        from authlib.oauth2.rfc7636 import (  # type: ignore[import-untyped]  # noqa: PLC0415
            create_s256_code_challenge,
        )

        metadata = await self._read_metadata()
        url = prepare_grant_uri(
            metadata["authorization_endpoint"],
            client_id=self.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=SCOPES,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            **extra,
        )
        return str(url)

    async def exchange(self, *, code: str, redirect_uri: str, verifier: str) -> Grant:
        """Return what the provider gives for a code. Raises: ProviderRefused, Unavailable."""
        from authlib.oauth2.rfc6749.parameters import prepare_token_request  # noqa: PLC0415

        metadata = await self._read_metadata()
        body = prepare_token_request(
            "authorization_code",
            code=code,
            redirect_uri=redirect_uri,
            code_verifier=verifier,
            client_id=self.client_id,
            client_secret=self._client_secret,
        )
        answer = await _post(metadata["token_endpoint"], body)
        if not isinstance(answer.get("id_token"), str):
            raise ProviderRefused("The provider sent no ID token")
        return Grant(answer["id_token"], answer.get("access_token"), answer.get("refresh_token"))

    async def identify(self, id_token: str, *, nonce: str | None) -> Person:
        """Return who an ID token names.

        Signature, issuer, audience, times and nonce have to be right, and the address verified.
        Raises: ProviderRefused; Forbidden for an address that the provider has not verified.
        """
        try:
            key = await self._get_key(jwt.get_unverified_header(id_token).get("kid"))
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key,
                algorithms=_ALGORITHMS,
                audience=self.client_id,
                issuer=[self.issuer, self.issuer.partition("://")[2]],
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise ProviderRefused("Bad ID token") from error
        if claims.get("azp", self.client_id) != self.client_id or claims.get("nonce") != nonce:
            raise ProviderRefused("The ID token was made for somebody else")
        email = claims.get("email")
        if claims.get("email_verified") is not True or not isinstance(email, str):
            raise Forbidden(
                "Unverified email with google", code="provider_email_needs_verification"
            )
        return Person(
            provider_id=str(claims["sub"]),
            email=email.strip().lower(),
            name=_text(claims.get("name")),
            avatar_url=_picture(claims.get("picture")),
            claims=claims,
        )

    async def _read_metadata(self) -> dict[str, Any]:
        if time.monotonic() - self._metadata_at > _KEEP_SECONDS:
            found = await _fetch(f"{self.issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self.issuer:
                raise ProviderRefused("The provider's metadata names another issuer")
            self._metadata, self._metadata_at = found, time.monotonic()
        return self._metadata

    async def _get_key(self, key_id: object) -> jwt.PyJWK:
        """Return the provider's key, asked for anew when it is not known, once a minute."""
        age = time.monotonic() - self._keys_at
        if age > _KEEP_SECONDS or (key_id not in self._keys and age > _RETRY_SECONDS):
            metadata = await self._read_metadata()
            key_set = jwt.PyJWKSet.from_dict(await _fetch(metadata["jwks_uri"]))
            self._keys = {key.key_id: key for key in key_set.keys if key.key_id}
            self._keys_at = time.monotonic()
        key = self._keys.get(str(key_id))
        if key is None:
            raise ProviderRefused("Bad ID token: no key of the provider has this name")
        return key


async def _fetch(url: str) -> dict[str, Any]:
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
            return _object(await client.get(url))
    except httpx.HTTPError as error:
        raise _unreachable() from error


async def _post(url: str, body: str) -> dict[str, Any]:
    """Ask for tokens. Raises: ProviderRefused for a code that is not good; Unavailable."""
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
    }
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
            answer = await client.post(url, content=body, headers=headers)
            if httpx.codes.is_client_error(answer.status_code):
                raise ProviderRefused("Unable to exchange external code")
            return _object(answer)
    except httpx.HTTPError as error:
        raise _unreachable() from error


def _object(answer: httpx.Response) -> dict[str, Any]:
    answer.raise_for_status()
    try:
        found = answer.json()
    except ValueError as error:
        raise _unreachable() from error
    if not isinstance(found, dict):
        raise _unreachable()
    return found


def _unreachable() -> Unavailable:
    return Unavailable("Google can't be reached at the moment: try again.")


def _text(value: object) -> str | None:
    return " ".join(value.split())[:120] or None if isinstance(value, str) else None


def _picture(value: object) -> str | None:
    is_address = isinstance(value, str) and value.startswith("https://") and len(value) <= 2000
    return str(value) if is_address else None
