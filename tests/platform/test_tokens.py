"""Access tokens: who can sign one, and what is refused."""

import base64
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from lodestone.platform.tokens import TokenExpired, TokenKeys, TokenRefused, TokenTooEarly

SECRET = "s" * 32
CLAIMS = {"sub": "5e0d3f0e-0000-4000-8000-000000000001", "role": "authenticated"}
ELLIPTIC = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: Any) -> str:
    """Return a private key as a file would hold it."""
    form = serialization.PrivateFormat.PKCS8
    none = serialization.NoEncryption()
    return str(key.private_bytes(serialization.Encoding.PEM, form, none).decode())


def public_pem(key: Any) -> str:
    """Return the public half."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return str(key.public_key().public_bytes(serialization.Encoding.PEM, form).decode())


def jwk_of(key: Any, **names: str) -> dict[str, Any]:
    """Return the public half as a JWK."""
    public = key.public_key()
    kind = ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else RSAAlgorithm
    return {**json.loads(kind.to_jwk(public)), **names}


def jwks(*keys: dict[str, Any]) -> str:
    """Return a JWK set."""
    return json.dumps({"keys": keys})


def forge(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """Return a token of any form."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in parts)


class TestSigning:
    def test_a_secret_signs_and_verifies(self) -> None:
        keys = TokenKeys(SECRET)
        token = keys.sign(CLAIMS, 60)
        assert jwt.get_unverified_header(token)["alg"] == "HS256"
        claims = keys.verify(token)
        assert {name: claims[name] for name in CLAIMS} == CLAIMS
        assert claims["exp"] - claims["iat"] == 60
        assert keys.public_jwks() == {"keys": []}

    @pytest.mark.parametrize(("key", "algorithm"), [(ELLIPTIC, "ES256"), (RSA, "RS256")])
    def test_a_key_pair_signs_and_its_public_half_verifies(self, key: Any, algorithm: str) -> None:
        keys = TokenKeys(SECRET, pem(key))
        token = keys.sign(CLAIMS, 60)
        (public,) = keys.public_jwks()["keys"]
        assert jwt.get_unverified_header(token) == {
            "alg": algorithm,
            "kid": public["kid"],
            "typ": "JWT",
        }
        assert jwt.decode(token, jwt.PyJWK(public), algorithms=[algorithm])["sub"] == CLAIMS["sub"]
        assert keys.verify(token)["sub"] == CLAIMS["sub"]
        assert "d" not in public

    def test_the_secret_stays_good_beside_a_key_pair(self) -> None:
        token = TokenKeys(SECRET).sign({"role": "anon"}, 60)
        assert TokenKeys(SECRET, pem(ELLIPTIC)).verify(token)["role"] == "anon"

    def test_a_key_may_be_a_jwk_with_a_name_of_its_own(self) -> None:
        whole = {**json.loads(ECAlgorithm.to_jwk(ELLIPTIC)), "kid": "spring"}
        keys = TokenKeys(SECRET, json.dumps(whole))
        assert jwt.get_unverified_header(keys.sign(CLAIMS, 60))["kid"] == "spring"
        assert keys.public_jwks()["keys"][0]["kid"] == "spring"

    def test_the_same_key_has_the_same_name_in_every_form(self) -> None:
        one = TokenKeys(SECRET, pem(ELLIPTIC)).public_jwks()
        escaped = TokenKeys(SECRET, pem(ELLIPTIC).replace("\n", "\\n")).public_jwks()
        as_jwk = TokenKeys(SECRET, json.dumps(json.loads(ECAlgorithm.to_jwk(ELLIPTIC))))
        assert one == escaped == as_jwk.public_jwks()

    def test_shows_no_key(self) -> None:
        assert SECRET not in repr(TokenKeys(SECRET, pem(ELLIPTIC)))

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("nonsense", "not a private key"),
            ("{", "not JSON"),
            (public_pem(ELLIPTIC), "not a private key"),
            (json.dumps(jwk_of(ELLIPTIC)), "public one"),
            (pem(ec.generate_private_key(ec.SECP384R1())), "P-256"),
            (pem(ed25519.Ed25519PrivateKey.generate()), "P-256"),
            (pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)), "2048 bits"),
        ],
    )
    def test_refuses_a_key_that_can_not_sign(self, text: str, sentence: str) -> None:
        with pytest.raises(ValueError, match=sentence):
            TokenKeys(SECRET, text)


class TestTrusting:
    def issue(self, key: Any, algorithm: str, **header: str) -> str:
        """Sign as another issuer does."""
        claims = {**CLAIMS, "exp": int(time.time()) + 60}
        return jwt.encode(claims, key, algorithm, headers=header)

    def test_keys_of_others_verify_by_their_name(self) -> None:
        keys = TokenKeys("", None, jwks(jwk_of(ELLIPTIC, kid="a"), jwk_of(RSA, kid="b")))
        for key, algorithm, name in ((ELLIPTIC, "ES256", "a"), (RSA, "RS256", "b")):
            assert keys.verify(self.issue(key, algorithm, kid=name))["sub"] == CLAIMS["sub"]
        with pytest.raises(TokenRefused):
            keys.verify(self.issue(ELLIPTIC, "ES256", kid="b"))

    def test_a_token_without_a_key_name_is_tried_with_all(self) -> None:
        other = ec.generate_private_key(ec.SECP256R1())
        keys = TokenKeys("", None, jwks(jwk_of(other, kid="a"), jwk_of(ELLIPTIC, kid="b")))
        assert keys.verify(self.issue(ELLIPTIC, "ES256"))["sub"] == CLAIMS["sub"]
        with pytest.raises(TokenRefused):
            keys.verify(self.issue(ec.generate_private_key(ec.SECP256R1()), "ES256"))

    def test_a_set_pasted_with_its_private_half_verifies_too(self) -> None:
        whole = {**json.loads(RSAAlgorithm.to_jwk(RSA)), "kid": "b"}
        keys = TokenKeys("", None, jwks(whole))
        assert keys.verify(self.issue(RSA, "RS256", kid="b"))["sub"] == CLAIMS["sub"]
        assert keys.public_jwks() == {"keys": []}

    def test_a_shared_secret_may_be_trusted(self) -> None:
        secret = b"t" * 32
        shared = {"kty": "oct", "k": base64.urlsafe_b64encode(secret).decode(), "kid": "c"}
        keys = TokenKeys(SECRET, None, jwks(shared))
        assert keys.verify(self.issue(secret, "HS256", kid="c"))["sub"] == CLAIMS["sub"]
        assert keys.verify(self.issue(SECRET, "HS256"))["sub"] == CLAIMS["sub"]
        with pytest.raises(TokenRefused):
            keys.verify(self.issue(b"u" * 32, "HS256", kid="c"))

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("[]", "JSON object"),
            ("{}", "JWK set"),
            ('{"keys": []}', "JWK set"),
            ('{"keys": [1]}', "JWK set"),
            ('{"keys": [{"kty": "??"}]}', "can't be used"),
            ('{"keys": [{"kty": "EC"}]}', "can't be used"),
            ('{"keys": [{"kty": "oct", "k": "c2hvcnQ"}]}', "32 bytes"),
            (jwks(jwk_of(ELLIPTIC, alg="none")), "can't be used"),
        ],
    )
    def test_refuses_a_set_that_can_not_be_used(self, text: str, sentence: str) -> None:
        with pytest.raises(ValueError, match=sentence):
            TokenKeys(SECRET, None, text)


class TestRefusing:
    keys = TokenKeys(SECRET, pem(ELLIPTIC), jwks(jwk_of(RSA, kid="b")))

    @pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "HS512", "ES256K"])
    @pytest.mark.parametrize("signature", [b"", b"x"])
    def test_a_token_of_no_algorithm_of_ours(self, algorithm: str, signature: bytes) -> None:
        with pytest.raises(TokenRefused):
            self.keys.verify(forge({"alg": algorithm, "typ": "JWT"}, CLAIMS, signature))

    @pytest.mark.parametrize("key", [ELLIPTIC, RSA])
    def test_a_public_key_used_as_a_secret(self, key: Any) -> None:
        """The classic confusion: HS256 signed with what everybody can read."""
        for known in (public_pem(key), json.dumps(jwk_of(key))):
            signed = forge({"alg": "HS256"}, CLAIMS).rpartition(".")[0]
            signature = hmac.digest(known.encode(), signed.encode(), "sha256")
            with pytest.raises(TokenRefused):
                self.keys.verify(forge({"alg": "HS256"}, CLAIMS, signature))

    def test_a_key_that_a_token_brings_along(self) -> None:
        thief = ec.generate_private_key(ec.SECP256R1())
        header = {"jwk": jwk_of(thief), "kid": "thief"}
        with pytest.raises(TokenRefused):
            self.keys.verify(jwt.encode(CLAIMS, thief, "ES256", headers=header))

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "..", "e30.e30.", "é.é.é", "\x00"])
    def test_what_is_no_token(self, token: str) -> None:
        with pytest.raises(TokenRefused):
            self.keys.verify(token)

    def test_any_change(self) -> None:
        token = self.keys.sign(CLAIMS, 60)
        head, body, signature = token.split(".")
        other = self.keys.sign({"role": "service_role"}, 60).split(".")
        for changed in (f"{head}.{other[1]}.{signature}", f"{head}.{body}.{other[2]}"):
            with pytest.raises(TokenRefused):
                self.keys.verify(changed)

    def test_what_is_too_late_or_too_early(self) -> None:
        now = int(time.time())
        for claims, refusal in (
            ({"exp": now - 31}, TokenExpired),
            ({"nbf": now + 31, "exp": now + 90}, TokenTooEarly),
            ({"iat": now + 31}, TokenTooEarly),
        ):
            with pytest.raises(refusal):
                self.keys.verify(jwt.encode(claims, SECRET, "HS256"))
        assert self.keys.verify(jwt.encode({"exp": now - 28}, SECRET, "HS256"))

    def test_everything_without_a_key(self) -> None:
        empty = TokenKeys("")
        assert not empty.is_ready
        assert TokenKeys(SECRET).is_ready
        with pytest.raises(TokenRefused):
            empty.verify(forge({"alg": "HS256"}, CLAIMS))
        with pytest.raises(RuntimeError, match="no key"):
            empty.sign({}, 60)
