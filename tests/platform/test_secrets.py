"""Secrets at rest and signed values, through the public surface of the module."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.platform.secrets import (
    BadToken,
    ExpiredToken,
    SecretBox,
    UnreadableSecret,
    hash_token,
    new_token,
)

OLD, NEW = b"o" * 32, b"n" * 32
box = SecretBox([OLD])


class TestEncrypting:
    @given(st.text(), st.text())
    def test_gives_back_what_it_was_given(self, plain: str, context: str) -> None:
        assert box.decrypt(box.encrypt(plain, context=context), context=context) == plain

    def test_hides_equal_values_from_each_other(self) -> None:
        assert box.encrypt("same") != box.encrypt("same")

    def test_refuses_a_secret_moved_to_another_column(self) -> None:
        sealed = box.encrypt("key", context="user_integrations.api_key")
        with pytest.raises(UnreadableSecret, match="moved"):
            box.decrypt(sealed, context="user_integrations.metadata")

    @given(st.data())
    def test_refuses_any_damage(self, data: st.DataObject) -> None:
        sealed = bytearray(box.encrypt_bytes(b"secret value"))
        position = data.draw(st.integers(0, len(sealed) - 1))
        sealed[position] ^= data.draw(st.integers(1, 255))
        with pytest.raises(UnreadableSecret):
            box.decrypt_bytes(bytes(sealed))

    @given(st.text())
    def test_refuses_what_it_never_made(self, text: str) -> None:
        with pytest.raises(UnreadableSecret):
            box.decrypt(text)

    def test_refuses_keys_that_are_missing_or_short(self) -> None:
        with pytest.raises(ValueError, match="at least one"):
            SecretBox([])
        with pytest.raises(ValueError, match="32 bytes"):
            SecretBox([b"short"])

    def test_shows_no_key(self) -> None:
        assert "ooo" not in repr(box)


class TestRotatingKeys:
    def test_reads_under_the_older_key_and_rewrites_under_the_newer(self) -> None:
        sealed = SecretBox([OLD]).encrypt("value")
        both = SecretBox([NEW, OLD])
        assert both.is_outdated(sealed)

        rewritten = both.rotate(sealed)

        assert not both.is_outdated(rewritten)
        assert SecretBox([NEW]).decrypt(rewritten) == "value"
        with pytest.raises(UnreadableSecret, match="not configured"):
            SecretBox([NEW]).decrypt(sealed)

    def test_keeps_links_signed_before_the_rotation_good(self) -> None:
        token = SecretBox([OLD]).sign("unsubscribe", "lead 1")
        assert SecretBox([NEW, OLD]).verify("unsubscribe", token) == "lead 1"


class TestSigning:
    @given(st.text())
    def test_gives_back_the_value_in_url_safe_characters(self, value: str) -> None:
        token = box.sign("unsubscribe", value)
        assert box.verify("unsubscribe", token) == value
        assert set(token) <= set(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
        )

    def test_refuses_another_purpose(self) -> None:
        with pytest.raises(BadToken):
            box.verify("download", box.sign("unsubscribe", "lead 1"))

    @pytest.mark.parametrize("token", ["", ".", "a.b", "ümlaut.x", "W10.", "plain", "a.b.c"])
    def test_refuses_what_it_never_signed(self, token: str) -> None:
        with pytest.raises(BadToken):
            box.verify("unsubscribe", token)

    def test_refuses_a_changed_value(self) -> None:
        _, _, mac = box.sign("unsubscribe", "lead 1").partition(".")
        body, _, _ = box.sign("unsubscribe", "lead 2").partition(".")
        with pytest.raises(BadToken):
            box.verify("unsubscribe", f"{body}.{mac}")

    def test_expires_when_its_time_is_over(self) -> None:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        token = box.sign("reset", "user 1", expires_at=now + timedelta(hours=1))
        assert box.verify("reset", token, now=now) == "user 1"
        with pytest.raises(ExpiredToken):
            box.verify("reset", token, now=now + timedelta(hours=1))


class TestTokens:
    def test_are_unlike_each_other_and_stored_as_a_hash(self) -> None:
        first, second = new_token("ls_"), new_token("ls_")
        assert first != second
        assert first.startswith("ls_")
        assert len(hash_token(first)) == 64
        assert hash_token(first) == hash_token(first) != hash_token(second)

    def test_digests_differ_by_purpose_and_key(self) -> None:
        digests = {
            box.digest("rate", "10.0.0.1"),
            box.digest("view", "10.0.0.1"),
            SecretBox([NEW]).digest("rate", "10.0.0.1"),
        }
        assert len(digests) == 3
        assert box.digest("rate", "10.0.0.1") in digests
