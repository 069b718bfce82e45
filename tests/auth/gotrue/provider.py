"""A local OpenID provider that speaks Google's protocol and signs real ID tokens."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT_ID = "lodestone.apps.example.com"
CLIENT_SECRET = "the client's secret"
KEY_ID = "key-1"


class LocalProvider:
    """Knows whom it has let in; `claims` change what its next ID token says."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.issuer = ""
        self.claims: dict[str, Any] = {}
        self._granted: dict[str, dict[str, str]] = {}

    def approve(self, url: str) -> str:
        """Let the person at the address pass; return where their browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert url.startswith(f"{self.issuer}/authorize?")
        assert (asked["client_id"], asked["response_type"]) == (CLIENT_ID, "code")
        assert asked["code_challenge_method"] == "S256"
        assert set(asked["scope"].split()) == {"openid", "email", "profile"}
        code = f"code-{len(self._granted)}-{time.monotonic_ns()}"
        self._granted[code] = asked
        query = urlencode({"code": code, "state": asked["state"]})
        return f"{asked['redirect_uri']}?{query}"

    def id_token(self, **claims: Any) -> str:
        """Return a signed ID token."""
        now = int(time.time())
        whole = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "azp": CLIENT_ID,
            "sub": "1",
            "iat": now,
            "exp": now + 300,
            "email_verified": True,
            **self.claims,
            **claims,
        }
        return jwt.encode(whole, self.key, "RS256", headers={"kid": KEY_ID})

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer a request of ours."""
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        if path == "/keys":
            public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
            return 200, {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}
        return self._exchange(form) if path == "/token" else (404, {})

    def _exchange(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self._granted.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_good = (
            asked is not None
            and form.get("client_secret") == CLIENT_SECRET
            and form.get("redirect_uri") == asked["redirect_uri"]
            and challenge == asked["code_challenge"]
        )
        if not is_good or asked is None:
            return 400, {"error": "invalid_grant"}
        given = {"nonce": asked["nonce"]} | self.claims
        return 200, {
            "access_token": "google-access",
            "refresh_token": "google-refresh",
            "id_token": self.id_token(**given),
            "token_type": "Bearer",
        }


@contextmanager
def running() -> Iterator[LocalProvider]:
    """Serve a provider until the block ends."""
    provider = LocalProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send({})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            self._send({name: values[0] for name, values in parse_qs(text).items()})

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Keep the test's output quiet."""

        def _send(self, form: dict[str, str]) -> None:
            status, body = provider.answer(urlsplit(self.path).path, form)
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
