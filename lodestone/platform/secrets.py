"""Secrets at rest, signed values, and random tokens.

Nothing here logs, and no error message repeats what it was given.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets as random_source
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lodestone.platform.errors import LodestoneError

KEY_BYTES = 32
_FORMAT = b"\x01"
_VERSION_BYTES = 4
_NONCE_BYTES = 12
_HEADER_BYTES = len(_FORMAT) + _VERSION_BYTES + _NONCE_BYTES


class UnreadableSecret(LodestoneError):
    """A stored secret that no configured key opens: damaged, foreign, or its key is gone."""

    code = "unreadable_secret"


class BadToken(LodestoneError):
    """A signed value that this installation did not sign for this purpose."""

    code = "bad_token"
    status = 400


class ExpiredToken(BadToken):
    """A signed value whose time is over."""

    code = "expired_token"
    status = 410


class _Key:
    """One master key and what is derived from it; `version` names it without telling it."""

    def __init__(self, master: bytes) -> None:
        self.version = _derive(master, "version", _VERSION_BYTES)
        self.cipher = AESGCM(_derive(master, "encrypt", KEY_BYTES))
        self.signing = _derive(master, "sign", KEY_BYTES)
        self.digesting = _derive(master, "digest", KEY_BYTES)


def _derive(master: bytes, purpose: str, length: int) -> bytes:
    """Source: https://www.rfc-editor.org/rfc/rfc5869."""
    info = f"lodestone {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(master)


class SecretBox:
    """Encrypts (AES-256-GCM) and signs (HMAC-SHA256) with the first key, reads with any of them.

    To rotate: put the new key first, re-encrypt what `is_outdated`, then drop the old key.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take master keys of at least 32 bytes, the current one first.

        Raises: ValueError when there is none or one is too short.
        """
        if not keys:
            raise ValueError("at least one secret key is needed")
        if any(len(key) < KEY_BYTES for key in keys):
            raise ValueError(f"a secret key has at least {KEY_BYTES} bytes")
        self._keys = [_Key(key) for key in keys]
        self._current = self._keys[0]

    def __repr__(self) -> str:
        return f"SecretBox({len(self._keys)} keys)"

    def encrypt_bytes(self, plain: bytes, *, context: str = "") -> bytes:
        """Encrypt; only `decrypt_bytes` with the same context reads it (bind it to its column)."""
        nonce = os.urandom(_NONCE_BYTES)
        header = _FORMAT + self._current.version + nonce
        return header + self._current.cipher.encrypt(nonce, plain, _bound(header, context))

    def decrypt_bytes(self, sealed: bytes, *, context: str = "") -> bytes:
        """Decrypt. Raises UnreadableSecret when it is damaged or of another key or context."""
        key = self._key_of(sealed)
        header, body = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
        try:
            return key.cipher.decrypt(header[-_NONCE_BYTES:], body, _bound(header, context))
        except InvalidTag:
            raise UnreadableSecret("The stored secret is damaged or was moved.") from None

    def encrypt(self, plain: str, *, context: str = "") -> str:
        """Encrypt text to URL-safe text."""
        return _to_text(self.encrypt_bytes(plain.encode(), context=context))

    def decrypt(self, sealed: str, *, context: str = "") -> str:
        """Decrypt what `encrypt` made. Raises UnreadableSecret."""
        return self.decrypt_bytes(_sealed_from_text(sealed), context=context).decode()

    def is_outdated(self, sealed: str) -> bool:
        """Say whether an older key encrypted it. Raises UnreadableSecret when no key did."""
        return self._key_of(_sealed_from_text(sealed)) is not self._current

    def rotate(self, sealed: str, *, context: str = "") -> str:
        """Encrypt again under the current key. Raises UnreadableSecret."""
        return self.encrypt(self.decrypt(sealed, context=context), context=context)

    def sign(self, purpose: str, value: str, *, expires_at: datetime | None = None) -> str:
        """Return a URL-safe token of the value, good for this purpose alone; not secret."""
        expiry = None if expires_at is None else int(expires_at.timestamp())
        body = json.dumps([value, expiry], separators=(",", ":")).encode()
        mac = _mac(self._current.signing, purpose, body)
        return f"{_to_text(body)}.{_to_text(mac)}"

    def verify(self, purpose: str, token: str, *, now: datetime | None = None) -> str:
        """Return the signed value. Raises BadToken, or ExpiredToken when its time is over."""
        text, dot, mac_text = token.partition(".")
        try:
            body, mac = _from_text(text), _from_text(mac_text)
        except (ValueError, binascii.Error):
            raise BadToken("The link is damaged.") from None
        good = [hmac.compare_digest(_mac(key.signing, purpose, body), mac) for key in self._keys]
        if not dot or not any(good):
            raise BadToken("The link is damaged or was made for something else.")
        value, expiry = json.loads(body)
        if expiry is not None and (now or datetime.now(UTC)).timestamp() >= expiry:
            raise ExpiredToken("The link has expired.")
        return str(value)

    def digest(self, purpose: str, value: str) -> bytes:
        """Return a keyed hash: the same for the same value, and not to be guessed from outside.

        It changes with the current key, so it suits what lives for minutes.
        """
        return _mac(self._current.digesting, purpose, value.encode())

    def _key_of(self, sealed: bytes) -> _Key:
        version = sealed[len(_FORMAT) : len(_FORMAT) + _VERSION_BYTES]
        if len(sealed) > _HEADER_BYTES and sealed.startswith(_FORMAT):
            for key in self._keys:
                if key.version == version:
                    return key
        raise UnreadableSecret(
            "The stored secret was encrypted with a key that is not configured.",
            hint="Add the older key to the settings, after the current one.",
        )


def new_token(prefix: str = "", *, random_bytes: int = 32) -> str:
    """Return a fresh random token: show it once, store only `hash_token` of it."""
    return prefix + random_source.token_urlsafe(random_bytes)


def hash_token(token: str) -> str:
    """Return what to store of a random token: SHA-256 in hex. Not for passwords."""
    return hashlib.sha256(token.encode()).hexdigest()


def _mac(key: bytes, purpose: str, body: bytes) -> bytes:
    # The length in front keeps (purpose, body) pairs apart: "ab"+"c" is not "a"+"bc".
    return hmac.digest(key, f"{len(purpose)}:{purpose}:".encode() + body, "sha256")


def _bound(header: bytes, context: str) -> bytes:
    return header + context.encode()


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _from_text(text: str) -> bytes:
    """Raises ValueError or binascii.Error when it isn't URL-safe base64."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _sealed_from_text(text: str) -> bytes:
    try:
        return _from_text(text)
    except (ValueError, binascii.Error):
        raise UnreadableSecret("The stored secret is damaged.") from None
