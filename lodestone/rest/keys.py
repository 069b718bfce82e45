"""Who asks: the API key or access token of a request, and the actor that it stands for.

`apikey` and `Authorization: Bearer` both carry JWTs of this installation, or keys that people made
themselves. The bearer says who acts; a key beside it has to be good too. Neither makes the caller
`anon`.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from lodestone.platform.actors import Writer
from lodestone.platform.tokens import (
    LEEWAY_SECONDS,
    TokenExpired,
    TokenKeys,
    TokenRefused,
    TokenTooEarly,
)
from lodestone.rest.errors import RestError

ROLES = ("anon", "authenticated", "service_role", *(f"svc_{writer}" for writer in Writer))
"""The database roles that a token may name."""

ANONYMOUS = "anon"
_KEPT = 2_000
_KEPT_LENGTH = 4_096


class Holder(Protocol):
    """Whoever holds a good key or token; one that is read-only may change nothing."""

    @property
    def role(self) -> str:
        """Return the database role, one of ROLES."""

    @property
    def is_readonly(self) -> bool:
        """Return whether the key's scopes stop at reading."""

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


NOBODY = Bearer(ANONYMOUS)

KeyResolver = Callable[[str], Awaitable[Holder | None]]
"""Returns who holds a key that is no JWT, or None when the key is not good."""

_resolver: list[KeyResolver] = []


def resolve_keys_with(resolver: KeyResolver) -> None:
    """Have keys that are no JWTs looked up; the application names the part that knows them."""
    _resolver[:] = [resolver]


class Keyring:
    """Verifies keys and tokens; verified tokens are remembered until they end."""

    def __init__(self, tokens: TokenKeys) -> None:
        self._tokens = tokens
        self._known: OrderedDict[str, tuple[float, Bearer]] = OrderedDict()

    async def identify(self, headers: Mapping[str, str]) -> Holder:
        """Return who asks. Raises RestError PGRST301 or PGRST303 for a key that is not good."""
        key = headers.get("apikey")
        bearer = _bearer(headers.get("authorization"))
        if bearer is None:
            return await self._find(key) if key else NOBODY
        if key and key != bearer:
            await self._find(key)
        return await self._find(bearer)

    async def _find(self, key: str) -> Holder:
        kept = self._known.get(key)
        if kept is not None and time.time() < kept[0]:
            return kept[1]
        if key.count(".") != 2 and key and _resolver:
            holder = await _resolver[0](key)
            if holder is None:
                raise _refused("The API key is not one of this installation, or was revoked.")
            return holder
        return self.verify(key)

    def verify(self, token: str) -> Bearer:
        """Return the actor of a token. Raises RestError as `identify`."""
        if not self._tokens.is_ready:
            raise RestError("Server lacks JWT secret", code="PGRST300", status=500)
        if not token:
            raise _refused("Empty JWT is sent in Authorization header")
        try:
            claims = self._tokens.verify(token)
        except TokenExpired:
            raise _refused("JWT expired", code="PGRST303") from None
        except TokenTooEarly:
            raise _refused("JWT not yet valid", code="PGRST303") from None
        except TokenRefused:
            raise _refused("The key or token is not one of this installation.") from None
        role = claims.get("role", ANONYMOUS)
        if role not in ROLES:
            raise _refused("The token names a role that may not use the data API.")
        bearer = Bearer(str(role), claims)
        self._keep(token, float(claims.get("exp", "inf")) + LEEWAY_SECONDS, bearer)
        return bearer

    def _keep(self, token: str, until: float, bearer: Bearer) -> None:
        if len(token) > _KEPT_LENGTH:
            return
        self._known[token] = (until, bearer)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)


def _bearer(authorization: str | None) -> str | None:
    """Return the token of the header; None for none, or for one of another scheme."""
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _refused(message: str, *, code: str = "PGRST301") -> RestError:
    return RestError(message, code=code, status=401)
