"""Who asks: the API key or access token of a request, and the actor that it stands for.

`apikey` and `Authorization: Bearer` both carry JWTs that `LODESTONE_JWT_SECRET` signed (HS256). The
bearer says who acts; a key beside it has to be good too. Neither makes the caller `anon`.
"""

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

from lodestone.platform.actors import Writer
from lodestone.rest.errors import RestError

ROLES = ("anon", "authenticated", "service_role", *(f"svc_{writer}" for writer in Writer))
"""The database roles that a token may name."""

ANONYMOUS = "anon"
_LEEWAY_SECONDS = 30
_KEPT = 2_000
_KEPT_LENGTH = 4_096


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever holds a verified token: its role, and its claims as the policies read them."""

    role: str
    token_claims: Mapping[str, Any] = field(default_factory=dict)

    def claims(self) -> dict[str, Any]:
        """Return the claims of the token, with the role that it acts in."""
        return {**self.token_claims, "role": self.role}


NOBODY = Bearer(ANONYMOUS)


class Keyring:
    """Verifies tokens signed with one secret; verified ones are remembered until they end."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._known: OrderedDict[str, tuple[float, Bearer]] = OrderedDict()

    def identify(self, headers: Mapping[str, str]) -> Bearer:
        """Return who asks. Raises RestError PGRST301 or PGRST303 for a token that is not good."""
        key = headers.get("apikey")
        holder = self.verify(key) if key else NOBODY
        authorization = headers.get("authorization")
        if authorization is None:
            return holder
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return holder
        return self.verify(token.strip())

    def verify(self, token: str) -> Bearer:
        """Return the actor of a token. Raises RestError as `identify`."""
        kept = self._known.get(token)
        if kept is not None and time.time() < kept[0]:
            return kept[1]
        claims = self._decode(token)
        role = claims.get("role", ANONYMOUS)
        if role not in ROLES:
            raise _refused("The token names a role that may not use the data API.")
        bearer = Bearer(str(role), claims)
        self._keep(token, float(claims.get("exp", "inf")), bearer)
        return bearer

    def _decode(self, token: str) -> dict[str, Any]:
        if not self._secret:
            raise RestError("Server lacks JWT secret", code="PGRST300", status=500)
        if not token:
            raise _refused("Empty JWT is sent in Authorization header")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._secret,
                algorithms=["HS256"],
                leeway=_LEEWAY_SECONDS,
                options={"verify_aud": False, "verify_sub": False},
            )
        except jwt.ExpiredSignatureError:
            raise _refused("JWT expired", code="PGRST303") from None
        except (jwt.ImmatureSignatureError, jwt.InvalidIssuedAtError):
            raise _refused("JWT not yet valid", code="PGRST303") from None
        except jwt.PyJWTError:
            raise _refused("The key or token is not one of this installation.") from None
        return claims

    def _keep(self, token: str, until: float, bearer: Bearer) -> None:
        if len(token) > _KEPT_LENGTH:
            return
        self._known[token] = (until, bearer)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)


def _refused(message: str, *, code: str = "PGRST301") -> RestError:
    return RestError(message, code=code, status=401)
