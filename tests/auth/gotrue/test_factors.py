"""The second factor: set up, asked for, and what a session without it is worth."""

import time
from typing import Any

import pyotp
import pytest
from supabase_auth import AsyncGoTrueClient
from supabase_auth.errors import AuthApiError

from tests.auth.gotrue.conftest import NEW_PASSWORD, PASSWORD, Door, an_email


async def _enrolled(client: AsyncGoTrueClient, name: str = "Phone") -> tuple[str, pyotp.TOTP]:
    made = await client.mfa.enroll({"factor_type": "totp", "friendly_name": name})
    assert made.totp is not None
    assert "<svg" in made.totp.qr_code
    assert made.totp.uri.startswith("otpauth://totp/")
    return made.id, pyotp.TOTP(made.totp.secret)


def _code(app: pyotp.TOTP, steps: int = 0) -> str:
    """Return what the app shows now, or the next code, which is taken half a minute early.

    A code is good for half a minute before and after its own, so a slow test does not miss it.
    """
    return app.at(int(time.time()) + steps * 30)


async def _claims(door: Door, client: AsyncGoTrueClient) -> dict[str, Any]:
    session = await client.get_session()
    assert session is not None
    return door.runtime.tokens.verify(session.access_token)


async def _with_factor(door: Door) -> tuple[str, AsyncGoTrueClient, str, pyotp.TOTP]:
    email = an_email()
    client = await door.member(email=email)
    factor_id, app = await _enrolled(client)
    await client.mfa.challenge_and_verify({"factor_id": factor_id, "code": _code(app)})
    return email, client, factor_id, app


class TestSettingUp:
    async def test_counts_once_its_first_code_was_given(self, door: Door) -> None:
        client = await door.member()
        factor_id, app = await _enrolled(client)
        assert (await client.mfa.list_factors()).totp == []
        level = await client.mfa.get_authenticator_assurance_level()
        assert (level.current_level, level.next_level) == ("aal1", "aal1")
        opened = await client.mfa.challenge_and_verify({"factor_id": factor_id, "code": _code(app)})
        assert opened.user.factors is not None
        assert [each.id for each in (await client.mfa.list_factors()).totp] == [factor_id]
        claims = await _claims(door, client)
        assert (claims["aal"], claims["role"]) == ("aal2", "authenticated")
        assert [each["method"] for each in claims["amr"]] == ["totp", "otp"]

    async def test_ends_the_sessions_that_gave_none(self, door: Door) -> None:
        email = an_email()
        client = await door.member(email=email)
        other = await door.client()
        await other.sign_in_with_password({"email": email, "password": PASSWORD})
        factor_id, app = await _enrolled(client)
        await client.mfa.challenge_and_verify({"factor_id": factor_id, "code": _code(app)})
        with pytest.raises(AuthApiError):
            await other.refresh_session()
        assert (await door.letter(email, "has a second factor")).text

    async def test_keeps_its_secret_encrypted(self, door: Door) -> None:
        client = await door.member()
        factor_id, app = await _enrolled(client)
        kept = await door.fetchval("select secret from user_mfa_factors where id = $1", factor_id)
        assert app.secret not in kept

    async def test_has_a_name_of_its_own(self, door: Door) -> None:
        client = await door.member()
        await _enrolled(client, "Phone")
        with pytest.raises(AuthApiError) as refused:
            await _enrolled(client, "Phone")
        assert refused.value.code == "mfa_factor_name_conflict"


class TestSigningIn:
    async def test_with_a_password_alone_sees_what_a_visitor_sees(self, door: Door) -> None:
        email, _, factor_id, app = await _with_factor(door)
        client = await door.client()
        await client.sign_in_with_password({"email": email, "password": PASSWORD})
        claims = await _claims(door, client)
        assert (claims["aal"], claims["role"]) == ("aal1", "anon")
        level = await client.mfa.get_authenticator_assurance_level()
        assert (level.current_level, level.next_level) == ("aal1", "aal2")
        await client.mfa.challenge_and_verify({"factor_id": factor_id, "code": _code(app, 1)})
        assert (await _claims(door, client))["role"] == "authenticated"
        await client.refresh_session()
        assert (await _claims(door, client))["aal"] == "aal2"

    async def test_changes_no_password_and_no_factor_before_the_code(self, door: Door) -> None:
        email, _, factor_id, _ = await _with_factor(door)
        client = await door.client()
        await client.sign_in_with_password({"email": email, "password": PASSWORD})
        for attempt in (
            client.update_user({"password": NEW_PASSWORD}),
            client.update_user({"email": an_email()}),
            client.mfa.enroll({"factor_type": "totp", "friendly_name": "Mine"}),
            client.mfa.unenroll({"factor_id": factor_id}),
        ):
            with pytest.raises(AuthApiError) as refused:
                await attempt
            assert refused.value.code == "insufficient_aal"

    async def test_takes_each_code_once(self, door: Door) -> None:
        email, _, factor_id, app = await _with_factor(door)
        code = _code(app, 1)
        first, second = await door.client(), await door.client()
        for client in (first, second):
            await client.sign_in_with_password({"email": email, "password": PASSWORD})
        await first.mfa.challenge_and_verify({"factor_id": factor_id, "code": code})
        with pytest.raises(AuthApiError) as refused:
            await second.mfa.challenge_and_verify({"factor_id": factor_id, "code": code})
        assert refused.value.code == "mfa_verification_failed"

    async def test_has_ten_tries(self, door: Door) -> None:
        email, _, factor_id, app = await _with_factor(door)
        client = await door.client()
        await client.sign_in_with_password({"email": email, "password": PASSWORD})
        refusals = []
        for _ in range(10):
            with pytest.raises(AuthApiError) as refused:
                await client.mfa.challenge_and_verify({"factor_id": factor_id, "code": "000000"})
            refusals.append(str(refused.value.code))
        assert refusals[-1] == "over_request_rate_limit"
        with pytest.raises(AuthApiError):
            await client.mfa.challenge_and_verify({"factor_id": factor_id, "code": _code(app, 1)})

    async def test_asks_a_question_that_ends(self, door: Door) -> None:
        _, client, factor_id, app = await _with_factor(door)
        asked = await client.mfa.challenge({"factor_id": factor_id})
        await door.execute(
            "update user_mfa_challenges set expires_at = now() where id = $1", asked.id
        )
        with pytest.raises(AuthApiError) as refused:
            await client.mfa.verify(
                {"factor_id": factor_id, "challenge_id": asked.id, "code": _code(app, 1)}
            )
        assert refused.value.code == "mfa_challenge_expired"


class TestRemoving:
    async def test_leaves_a_session_of_a_password(self, door: Door) -> None:
        email, client, factor_id, _ = await _with_factor(door)
        await client.mfa.unenroll({"factor_id": factor_id})
        await client.refresh_session()
        claims = await _claims(door, client)
        assert (claims["aal"], claims["role"]) == ("aal1", "authenticated")
        assert (await door.letter(email, "factor was removed")).text

    async def test_is_the_persons_own_or_the_service_keys(self, door: Door) -> None:
        _, client, factor_id, _ = await _with_factor(door)
        stranger = await door.member()
        for attempt in (
            stranger.mfa.unenroll({"factor_id": factor_id}),
            stranger.mfa.challenge({"factor_id": factor_id}),
        ):
            with pytest.raises(AuthApiError) as refused:
                await attempt
            assert (refused.value.status, refused.value.code) == (404, "mfa_factor_not_found")
        session = await client.get_session()
        assert session is not None
        admin = (await door.service()).admin
        user_id = session.user.id
        assert [each.id for each in await admin.mfa.list_factors({"user_id": user_id})] == [
            factor_id
        ]
        await admin.mfa.delete_factor({"user_id": user_id, "id": factor_id})
        assert await admin.mfa.list_factors({"user_id": user_id}) == []
