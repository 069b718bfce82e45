"""Signs and verifies access tokens: JWTs of this installation, and of issuers that it trusts.

Every key is bound to one algorithm, and a token is tried only with keys of the algorithm that it
names, so a public key can never be taken for a secret, and `none` is no algorithm at all.

Source: https://www.rfc-editor.org/rfc/rfc8725 (best practices), rfc7517 (JWK), rfc7638 (`kid`)
"""

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from lodestone.platform.errors import Unauthorized

LEEWAY_SECONDS = 30
_SHORTEST_SECRET = 32
_SHORTEST_RSA_BITS = 2048
_SIGNING = frozenset({"ES256", "RS256"})
_TRUSTED = _SIGNING | {"ES384", "ES512", "RS384", "RS512", "PS256", "EdDSA", "HS256"}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "key_ops"})
_OF_THE_PUBLIC_KEY = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}


class TokenRefused(Unauthorized):
    """The token is not one that a key of ours, or one that we trust, has signed."""

    code = "bad_jwt"


class TokenExpired(TokenRefused):
    """It was good once."""

    code = "jwt_expired"


class TokenTooEarly(TokenRefused):
    """It will be good later."""

    code = "jwt_not_yet_valid"


class TokenKeys:
    """The keys of one installation.

    `secret` signs and verifies HS256, which the API keys `anon` and `service_role` always are.
    `signing_key`, a private key as PEM or JWK (P-256 or RSA), signs instead of it when it is set.
    `trusted_jwks`, a JWK set as JSON, holds the keys of others, and earlier ones of our own.

    Raises: ValueError with one sentence when a key can't be used.
    """

    def __init__(
        self, secret: str, signing_key: str | None = None, trusted_jwks: str | None = None
    ) -> None:
        self._secret = secret
        self._own = read_signing_key(signing_key) if signing_key else None
        self._verifying = read_trusted_keys(trusted_jwks) if trusted_jwks else ()
        if self._own is not None:
            self._verifying = (_read_key(self._public()), *self._verifying)

    @property
    def is_ready(self) -> bool:
        """Whether there is any key at all."""
        return bool(self._secret or self._verifying)

    def sign(self, claims: Mapping[str, Any], seconds: float) -> str:
        """Return a token that is good for so many seconds from now."""
        now = int(time.time())
        whole = {**claims, "iat": now, "exp": now + int(seconds)}
        if self._own is not None:
            headers = {"kid": self._own.key_id}
            return jwt.encode(whole, self._own.key, self._own.algorithm_name, headers=headers)
        if not self._secret:
            raise RuntimeError("there is no key to sign tokens with")
        return jwt.encode(whole, self._secret, "HS256")

    def verify(self, token: str) -> dict[str, Any]:
        """Return the claims of a token.

        Its times are checked, with half a minute of leeway; its audience and issuer are not.
        Raises: TokenExpired, TokenTooEarly, TokenRefused.
        """
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise _refused() from None
        for key in self._fitting(header.get("alg"), header.get("kid")):
            try:
                return _decode(token, key)
            except jwt.InvalidSignatureError:
                continue
            except jwt.ExpiredSignatureError:
                raise TokenExpired("The token has expired.") from None
            except (jwt.ImmatureSignatureError, jwt.InvalidIssuedAtError):
                raise TokenTooEarly("The token is not valid yet.") from None
            except jwt.PyJWTError:
                break
        raise _refused()

    def public_jwks(self) -> dict[str, Any]:
        """Return the JWK set that others verify our tokens with; empty where a secret signs."""
        return {"keys": [] if self._own is None else [self._public()]}

    def _public(self) -> dict[str, Any]:
        """Return the public half of the key that signs."""
        if self._own is None:
            raise RuntimeError("a secret has no public half")
        names = {"alg": self._own.algorithm_name, "kid": self._own.key_id, "use": "sig"}
        public = _public_part(json.loads(_to_jwk(self._own.key)))
        return {**public, **names, "key_ops": ["verify"]}

    def _fitting(self, algorithm: object, key_id: object) -> list[jwt.PyJWK | str]:
        """Return the keys that a token of this header may have been signed with."""
        found: list[jwt.PyJWK | str] = [
            key
            for key in self._verifying
            if key.algorithm_name == algorithm and key_id in (None, key.key_id)
        ]
        if algorithm == "HS256" and self._secret:
            # Whoever holds our secret may name it as they like.
            found.append(self._secret)
        return found


def _decode(token: str, key: jwt.PyJWK | str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(
        token,
        key,
        algorithms=["HS256" if isinstance(key, str) else key.algorithm_name],
        leeway=LEEWAY_SECONDS,
        options={"verify_aud": False, "verify_sub": False, "verify_jti": False},
    )
    return claims


def _refused() -> TokenRefused:
    return TokenRefused("The token is not one of this installation.")


def read_signing_key(text: str) -> jwt.PyJWK:
    """Return a private key from PEM or JWK. Raises ValueError with one sentence."""
    given = text.strip()
    jwk = _load_jwk(given) if given.startswith("{") else json.loads(_jwk_of_pem(given))
    if "d" not in jwk:
        raise ValueError("this has to be a private key, and it is a public one")
    key = _read_key(jwk)
    if key.algorithm_name not in _SIGNING:
        raise ValueError("choose an elliptic key on P-256 (ES256) or an RSA key (RS256)")
    return key


def read_trusted_keys(text: str) -> tuple[jwt.PyJWK, ...]:
    """Return the keys of a JWK set, `{"keys": […]}`. Raises ValueError with one sentence."""
    found = _load_jwk(text).get("keys")
    if not isinstance(found, list) or not found or not all(isinstance(k, dict) for k in found):
        raise ValueError('this has to be a JWK set, like {"keys": [{"kty": "EC", …}]}')
    return tuple(_read_key(_without_private(jwk)) for jwk in found if jwk.get("use") != "enc")


def _without_private(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JWK that verifies, even where somebody pasted the one that signs."""
    return {name: value for name, value in jwk.items() if name not in _PRIVATE}


def _load_jwk(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        raise ValueError("this is not JSON") from None
    if not isinstance(found, dict):
        raise ValueError("this has to be a JSON object")
    return found


def _jwk_of_pem(text: str) -> str:
    """Return the JWK of a private key; an environment variable may write its line ends as \\n."""
    try:
        key = load_pem_private_key(text.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("this is not a private key without a password, as PEM or JWK") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ValueError("choose an elliptic key on P-256 (ES256) or an RSA key (RS256)")
    return _to_jwk(key)


def _to_jwk(key: Any) -> str:
    is_elliptic = isinstance(key, ec.EllipticCurvePrivateKey)
    return str((ECAlgorithm if is_elliptic else RSAAlgorithm).to_jwk(key))


def _read_key(jwk: Mapping[str, Any]) -> jwt.PyJWK:
    try:
        named = {**jwk, "kid": jwk.get("kid") or _thumbprint(jwk)}
        key = jwt.PyJWK(named)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, NotImplementedError):
        raise ValueError("a key of this form can't be used") from None
    if key.algorithm_name not in _TRUSTED:
        raise ValueError(f"keys of {key.algorithm_name} can't be used")
    inner: Any = key.key
    if key.key_type == "RSA" and inner.key_size < _SHORTEST_RSA_BITS:
        raise ValueError(f"an RSA key needs at least {_SHORTEST_RSA_BITS} bits")
    if key.key_type == "oct" and len(inner) < _SHORTEST_SECRET:
        raise ValueError(f"a secret key needs at least {_SHORTEST_SECRET} bytes")
    return key


def _public_part(jwk: Mapping[str, Any]) -> dict[str, Any]:
    return {name: jwk[name] for name in _OF_THE_PUBLIC_KEY.get(jwk["kty"], ())}


def _thumbprint(jwk: Mapping[str, Any]) -> str | None:
    """Return the name of a key that its JWK does not name; a secret has none."""
    public = _public_part(jwk)
    if not public:
        return None
    text = json.dumps(public, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
