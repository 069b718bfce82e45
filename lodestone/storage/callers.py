"""Who asks: the key or access token of a request, and the actor that it stands for."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from lodestone.platform import runtime
from lodestone.platform.actors import Writer
from lodestone.platform.tokens import TokenExpired, TokenRefused, TokenTooEarly
from lodestone.storage.errors import bad_token, denied

ROLES = ("anon", "authenticated", "service_role", *(f"svc_{writer}" for writer in Writer))


class Holder(Protocol):
    """Whoever holds a good key or token; one that is read-only may change nothing."""

    @property
    def role(self) -> str:
        """Return the database role, one of ROLES."""

    @property
    def is_readonly(self) -> bool:
        """Return whether the key stops at reading."""

    def claims(self) -> dict[str, Any]:
        """Return the claims that the policies read."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever holds a good token: its role, and its claims as the policies read them."""

    role: str
    token_claims: Mapping[str, Any] = field(default_factory=dict)
    is_readonly: bool = False

    def claims(self) -> dict[str, Any]:
        """Return the claims of the token, with the role that it acts in."""
        return {**self.token_claims, "role": self.role}


NOBODY = Bearer("anon")

KeyResolver = Callable[[str], Awaitable[Holder | None]]
"""Returns who holds a key that is no JWT, or None when the key is not good."""

_resolver: list[KeyResolver] = []


def resolve_keys_with(resolver: KeyResolver) -> None:
    """Have keys that are no JWTs looked up; the application names the part that knows them."""
    _resolver[:] = [resolver]


TokenCheck = Callable[[Mapping[str, Any]], Awaitable[bool]]
"""Says whether a verified token still stands for somebody: sessions end before their tokens."""

_check: list[TokenCheck] = []


def check_tokens_with(check: TokenCheck) -> None:
    """Have the tokens of people looked at; the application names the part that knows sessions."""
    _check[:] = [check]


async def identify(headers: Mapping[str, str]) -> Holder:
    """Return who asks; nobody without a token. Raises StorageError when the token is not good."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    given = token.strip() if scheme.lower() == "bearer" else headers.get("apikey", "")
    if not given:
        return NOBODY
    if given.count(".") != 2 and _resolver:
        holder = await _resolver[0](given)
        if holder is None:
            raise bad_token("The API key is not one of this installation, or was revoked.")
        return holder
    bearer = _verified(given)
    if "sub" in bearer.token_claims and _check and not await _check[0](bearer.token_claims):
        raise bad_token("The session or the account of this token has ended.")
    return bearer


def owner_of(holder: Holder) -> str | None:
    """Return the id that the holder's files carry; the service key has none."""
    subject = holder.claims().get("sub")
    return str(subject) if subject else None


def may_write(holder: Holder) -> None:
    """Raises StorageError when the key stops at reading."""
    if holder.is_readonly:
        raise denied("This API key may only read.")


def _verified(token: str) -> Bearer:
    try:
        claims = runtime.current().tokens.verify(token)
    except TokenExpired:
        raise bad_token('"exp" claim timestamp check failed') from None
    except TokenTooEarly:
        raise bad_token('"nbf" claim timestamp check failed') from None
    except TokenRefused:
        raise bad_token("signature verification failed") from None
    role = str(claims.get("role", "anon"))
    if role not in ROLES:
        raise bad_token("The token names a role that may not use files.")
    return Bearer(role, claims)
