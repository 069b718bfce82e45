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
from weakref import WeakSet

from lodestone.platform.actors import Writer
from lodestone.platform.database import begin_statement
from lodestone.platform.runtime import ApiLimits
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
_KEPT_LENGTH = 8_192
_FOREVER = float("inf")
SURE_SECONDS = 30.0
"""How long a person's token is taken at its word before it is looked at again; a session or an
account that ends is heard of at once (`forget_holder`)."""
_Shown = tuple[bytes | None, bytes | None]


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


TokenCheck = Callable[[Mapping[str, Any]], Awaitable[bool]]
"""Says whether a verified token still stands for somebody: sessions end before their tokens."""

_check: list[TokenCheck] = []


def check_tokens_with(check: TokenCheck) -> None:
    """Have the tokens of people looked at; the application names the part that knows sessions."""
    _check[:] = [check]


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who asks, and the statements that open transactions as them."""

    holder: Holder
    reading: str
    writing: str


class Keyring:
    """Verifies keys and tokens; whoever showed good ones is remembered until they end."""

    def __init__(self, tokens: TokenKeys, limits: ApiLimits) -> None:
        self._tokens = tokens
        self._limits = limits
        self._known: OrderedDict[_Shown, tuple[float, Session]] = OrderedDict()
        self._endings = 0
        _keyrings.add(self)

    def forget(self, ended_id: str | None = None) -> None:
        """Remember nobody, or nobody of this session or account."""
        self._endings += 1
        if ended_id is None:
            self._known.clear()
            return
        gone = [shown for shown, (_, one) in self._known.items() if _is_of(one.holder, ended_id)]
        for shown in gone:
            del self._known[shown]

    async def identify(self, key: bytes | None, authorization: bytes | None) -> Session:
        """Return who shows an `apikey` and an `Authorization` header, or either, or none.

        Raises: RestError PGRST301 or PGRST303 for a key that is not good.
        """
        kept = self._known.get((key, authorization))
        if kept is not None and time.time() < kept[0]:
            return kept[1]
        endings = self._endings
        holder, until = await self._identify(
            key.decode("latin-1") if key else None,
            _bearer(authorization.decode("latin-1")) if authorization is not None else None,
        )
        limit = (
            f"; set local statement_timeout = {int(self._limits.seconds_of(holder.role) * 1000)}"
        )
        session = Session(
            holder,
            begin_statement(holder, readonly=True) + limit,
            begin_statement(holder, readonly=holder.is_readonly) + limit,
        )
        if endings == self._endings:  # else it may have ended while it was looked at
            self._keep((key, authorization), until, session)
        return session

    async def _identify(self, key: str | None, bearer: str | None) -> tuple[Holder, float]:
        """Return who asks, and until when that is sure."""
        if bearer is None:
            return await self._find(key) if key else (NOBODY, _FOREVER)
        until = _FOREVER
        if key and key != bearer:
            _, until = await self._find(key)
        holder, bearer_until = await self._find(bearer)
        return holder, min(until, bearer_until)

    async def _find(self, key: str) -> tuple[Holder, float]:
        if key.count(".") != 2 and key and _resolver:
            holder = await _resolver[0](key)
            if holder is None:
                raise _refused("The API key is not one of this installation, or was revoked.")
            # It may be revoked at any time.
            return holder, 0.0
        bearer = self.verify(key)
        until = float(bearer.token_claims.get("exp", _FOREVER)) + LEEWAY_SECONDS
        if "sub" not in bearer.token_claims or not _check:
            return bearer, until
        if not await _check[0](bearer.token_claims):
            raise _refused("The session or the account of this token has ended.", code="PGRST303")
        return bearer, min(until, time.time() + SURE_SECONDS)

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
        return Bearer(str(role), claims)

    def _keep(self, shown: _Shown, until: float, session: Session) -> None:
        if until <= time.time() or sum(len(one or b"") for one in shown) > _KEPT_LENGTH:
            return
        self._known[shown] = (until, session)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)


_keyrings: WeakSet[Keyring] = WeakSet()


def forget_holder(ended_id: str) -> None:
    """Have whoever holds a token of this session or account looked at before it is good again."""
    for keyring in _keyrings:
        keyring.forget(ended_id)


def forget_holders() -> None:
    """Have everybody looked at again: something may have ended unheard."""
    for keyring in _keyrings:
        keyring.forget()


def _is_of(holder: Holder, ended_id: str) -> bool:
    claims = holder.claims()
    return ended_id in (claims.get("session_id"), claims.get("sub"))


def _bearer(authorization: str) -> str | None:
    """Return the token of the header; None for one of another scheme."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _refused(message: str, *, code: str = "PGRST301") -> RestError:
    return RestError(message, code=code, status=401)
