"""Passwords, refresh tokens, signing out, and what somebody who guesses meets."""

import asyncio
import hashlib
from dataclasses import replace
from uuid import uuid4

import bcrypt
import jwt
import pytest
from argon2 import PasswordHasher
from supabase_auth import AsyncGoTrueClient
from supabase_auth.errors import AuthApiError, AuthRetryableError
from supabase_auth.types import SignOutOptions

from lodestone.auth import service
from lodestone.platform.database import Database
from lodestone.platform.runtime import set_current
from lodestone.platform.tokens import TokenKeys
from tests.auth.gotrue.conftest import NEW_PASSWORD, PASSWORD, URL, Door, an_email


async def _account(door: Door, password_hash: str | None = None) -> str:
    """Make a confirmed account, with a password hash of an earlier form if one is given."""
    email = an_email()
    await (await door.service()).admin.create_user(
        {"email": email, "password": PASSWORD, "email_confirm": True}
    )
    if password_hash is not None:
        await door.execute(
            "update users set password_hash = $2 where email = $1", email, password_hash
        )
    return email


async def _signed_in(door: Door, email: str) -> AsyncGoTrueClient:
    client = await door.client()
    await client.sign_in_with_password({"email": email, "password": PASSWORD})
    return client


class TestSigningIn:
    async def test_gives_a_token_with_the_claims_that_policies_read(self, door: Door) -> None:
        email = await _account(door)
        client = await _signed_in(door, email)
        session = await client.get_session()
        assert session is not None
        claims = door.runtime.tokens.verify(session.access_token)
        assert (claims["role"], claims["aud"], claims["email"]) == (
            "authenticated",
            "authenticated",
            email,
        )
        assert claims["sub"] == session.user.id
        assert claims["iss"] == URL
        assert claims["exp"] - claims["iat"] == session.expires_in == 3600
        assert (claims["aal"], claims["is_anonymous"]) == ("aal1", False)
        assert [each["method"] for each in claims["amr"]] == ["password"]
        assert claims["app_metadata"] == {"provider": "email", "providers": ["email"]}
        shown = await client.get_user()
        assert shown is not None
        assert shown.user.email == email
        assert shown.user.last_sign_in_at is not None

    async def test_answers_a_wrong_password_and_an_unknown_address_alike(self, door: Door) -> None:
        browser = await door.browser()
        answers = [
            await browser.post(
                f"{URL}/token?grant_type=password", json={"email": email, "password": "not it"}
            )
            for email in (await _account(door), an_email())
        ]
        assert answers[0].json() == answers[1].json()
        assert answers[0].json() == {
            "code": 400,
            "error_code": "invalid_credentials",
            "msg": "Invalid login credentials",
            "error": "invalid_grant",
            "error_description": "Invalid login credentials",
        }
        versioned = await browser.post(
            f"{URL}/token?grant_type=password",
            json={"email": an_email(), "password": "x"},
            headers={"x-supabase-api-version": "2024-01-01"},
        )
        assert versioned.json() == {
            "code": "invalid_credentials",
            "message": "Invalid login credentials",
        }
        assert versioned.headers["x-supabase-api-version"] == "2024-01-01"

    @pytest.mark.parametrize("prefix", ["2a", "2b"])
    async def test_takes_an_earlier_bcrypt_hash_once_and_rewrites_it(
        self, door: Door, prefix: str
    ) -> None:
        made = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(5)).decode()
        email = await _account(door, made.replace("$2b$", f"${prefix}$", 1))
        await _signed_in(door, email)
        stored = await door.fetchval("select password_hash from users where email = $1", email)
        assert stored.startswith("$argon2id$")
        await _signed_in(door, email)

    async def test_takes_the_legacy_form_once_with_its_secret_alone(self, door: Door) -> None:
        made = hashlib.sha256(f"{PASSWORD}the old secret".encode()).hexdigest()
        email = await _account(door, made)
        with pytest.raises(AuthApiError):
            await _signed_in(door, email)
        door.choose(legacy_password_secret="the old secret")
        with pytest.raises(AuthApiError):
            await (await door.client()).sign_in_with_password({"email": email, "password": made})
        await _signed_in(door, email)
        stored = await door.fetchval("select password_hash from users where email = $1", email)
        assert stored.startswith("$argon2id$")

    async def test_strengthens_a_weak_argon2_hash(self, door: Door) -> None:
        weak = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
        email = await _account(door, weak)
        await _signed_in(door, email)
        stored = await door.fetchval("select password_hash from users where email = $1", email)
        assert stored != weak

    async def test_is_refused_while_the_account_is_barred(self, door: Door) -> None:
        email = await _account(door)
        client, admin = await _signed_in(door, email), (await door.service()).admin
        session = await client.get_session()
        assert session is not None
        await admin.update_user_by_id(session.user.id, {"ban_duration": "24h"})
        for attempt in (
            client.sign_in_with_password({"email": email, "password": PASSWORD}),
            client.get_user(session.access_token),
            client.refresh_session(session.refresh_token),
        ):
            with pytest.raises(AuthApiError):
                await attempt
        await admin.update_user_by_id(session.user.id, {"ban_duration": "none"})
        await _signed_in(door, email)


class TestGuessing:
    async def test_many_tries_at_once_get_five_answers_about_the_password(self, door: Door) -> None:
        email = await _account(door)
        guesses = [f"guess number {number}" for number in range(12)]
        browsers = [await door.browser() for _ in guesses]
        answers = await asyncio.gather(
            *(
                browser.post(
                    f"{URL}/token?grant_type=password", json={"email": email, "password": guess}
                )
                for browser, guess in zip(browsers, guesses, strict=True)
            )
        )
        assert sorted(one.status_code for one in answers) == [400] * 5 + [429] * 7
        right = await browsers[0].post(
            f"{URL}/token?grant_type=password", json={"email": email, "password": PASSWORD}
        )
        assert (right.status_code, right.json()["error_code"]) == (429, "over_request_rate_limit")
        assert int(right.headers["retry-after"]) > 0

    async def test_locks_out_from_the_console_too(self, door: Door) -> None:
        email, browser = await _account(door), await door.browser()
        for _ in range(5):
            await browser.post(
                f"{URL}/token?grant_type=password", json={"email": email, "password": "wrong"}
            )
        answer = await browser.post("/sign-in", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 429

    async def test_six_digits_have_five_tries(self, door: Door) -> None:
        email, client = await _account(door), await door.client()
        await client.sign_in_with_otp({"email": email})
        letter = await door.letter(email, "sign-in link")
        wrong = f"{(int(letter.code) + 1) % 1_000_000:06d}"
        guess = {"email": email, "token": wrong, "type": "email"}
        browsers = [await door.browser() for _ in range(7)]
        answers = await asyncio.gather(
            *(browser.post(f"{URL}/verify", json=guess) for browser in browsers)
        )
        assert {one.status_code for one in answers} == {403}
        with pytest.raises(AuthApiError) as refused:
            await client.verify_otp({"email": email, "token": letter.code, "type": "email"})
        assert refused.value.code == "otp_expired"

    async def test_fails_closed_without_a_database(
        self, door: Door, fresh_database_url: str
    ) -> None:
        gone = await Database.connect(fresh_database_url, min_size=0, max_size=1)
        await gone.close()
        set_current(replace(door.runtime, database=gone))
        with pytest.raises(AuthApiError) as refused:
            await (await door.client()).sign_in_with_password(
                {"email": an_email(), "password": PASSWORD}
            )
        assert (refused.value.status, refused.value.code) == (500, "unexpected_failure")


class TestRenewing:
    async def test_gives_a_new_token_for_each(self, door: Door) -> None:
        client = await _signed_in(door, await _account(door))
        first = await client.get_session()
        second = await client.refresh_session()
        assert first is not None
        assert second.session is not None
        assert second.session.refresh_token != first.refresh_token
        assert await client.get_user(second.session.access_token) is not None

    async def test_a_second_use_within_seconds_is_no_theft(self, door: Door) -> None:
        client = await _signed_in(door, await _account(door))
        session = await client.get_session()
        assert session is not None
        browsers = [await door.browser() for _ in range(3)]
        answers = await asyncio.gather(
            *(
                one.post(
                    f"{URL}/token?grant_type=refresh_token",
                    json={"refresh_token": session.refresh_token},
                )
                for one in browsers
            )
        )
        tokens = {one.json()["refresh_token"] for one in answers}
        assert len(tokens) == 3
        for token in tokens:
            await client.refresh_session(token)

    async def test_a_later_second_use_ends_the_session_for_everybody(self, door: Door) -> None:
        client = await _signed_in(door, await _account(door))
        stolen = await client.get_session()
        assert stolen is not None
        kept = await client.refresh_session()
        assert kept.session is not None
        await door.execute(
            "update user_refresh_tokens set replaced_at = replaced_at - interval '11 seconds'"
            " where token_hash = encode(sha256($1::text::bytea), 'hex')",
            stolen.refresh_token,
        )
        with pytest.raises(AuthApiError) as refused:
            await (await door.client()).refresh_session(stolen.refresh_token)
        assert str(refused.value.code) == "refresh_token_already_used"
        with pytest.raises(AuthApiError) as ended:
            await client.refresh_session(kept.session.refresh_token)
        assert str(ended.value.code) == "refresh_token_not_found"
        with pytest.raises(AuthApiError) as out:
            await client.get_user(kept.session.access_token)
        assert out.value.code == "session_not_found"

    async def test_refuses_what_is_no_token(self, door: Door) -> None:
        with pytest.raises(AuthApiError) as refused:
            await (await door.client()).refresh_session("made up")
        assert (refused.value.status, refused.value.code) == (400, "refresh_token_not_found")

    @pytest.mark.parametrize("column", ["expires_at", "last_seen_at"])
    async def test_ends_with_the_session(self, door: Door, column: str) -> None:
        email = await _account(door)
        client = await _signed_in(door, email)
        await door.execute(
            f"update user_sessions set {column} = now() - interval '15 days'"
            " where user_id = (select id from users where email = $1)",
            email,
        )
        with pytest.raises(AuthApiError) as refused:
            await client.refresh_session()
        assert str(refused.value.code) == "session_expired"

    async def test_keeps_no_token_in_the_clear(self, door: Door) -> None:
        client = await _signed_in(door, await _account(door))
        session = await client.get_session()
        assert session is not None
        kept = await door.fetchval("select string_agg(t::text, ' ') from user_refresh_tokens as t")
        assert session.refresh_token not in kept


class TestSigningOut:
    @pytest.mark.parametrize(
        ("options", "here", "there"),
        [
            (SignOutOptions(scope="local"), False, True),
            (SignOutOptions(scope="others"), True, False),
            (None, False, False),
        ],
    )
    async def test_ends_the_sessions_of_its_scope(
        self, door: Door, options: SignOutOptions | None, here: bool, there: bool
    ) -> None:
        email = await _account(door)
        one, other = await _signed_in(door, email), await _signed_in(door, email)
        tokens = []
        for client in (one, other):
            session = await client.get_session()
            assert session is not None
            tokens.append(session.access_token)
        await one.sign_out(options)
        for token, lives in zip(tokens, (here, there), strict=True):
            answer = await (await door.browser()).get(
                f"{URL}/user", headers={"authorization": f"Bearer {token}"}
            )
            assert (answer.status_code == 200) is lives, answer.text

    async def test_ends_console_sessions_too_when_global(self, door: Door) -> None:
        email = await _account(door)
        browser = await door.browser()
        await browser.post("/sign-in", data={"email": email, "password": PASSWORD})
        assert (await browser.get("/app")).status_code == 200
        await (await _signed_in(door, email)).sign_out()
        assert (await browser.get("/app")).status_code == 303


class TestStrangers:
    async def test_get_nothing_without_a_token_of_ours(self, door: Door) -> None:
        browser = await door.browser()
        forged = jwt.encode({"sub": str(uuid4()), "session_id": str(uuid4())}, "x" * 40, "HS256")
        unsigned = jwt.encode({"sub": str(uuid4()), "role": "service_role"}, "", "none")
        tried = {
            "": (401, "no_authorization"),
            f"Bearer {forged}": (403, "bad_jwt"),
            f"Bearer {unsigned}": (403, "bad_jwt"),
            f"Bearer {door.key('anon')}": (403, "bad_jwt"),
            f"Bearer {door.key()}": (403, "bad_jwt"),
        }
        for authorization, expected in tried.items():
            headers = {"authorization": authorization} if authorization else {}
            answer = await browser.get(f"{URL}/user", headers=headers)
            assert (answer.status_code, answer.json()["error_code"]) == expected

    async def test_a_cookie_opens_nothing_here(self, door: Door) -> None:
        email, browser = await _account(door), await door.browser()
        await browser.post("/sign-in", data={"email": email, "password": PASSWORD})
        assert (await browser.get(f"{URL}/user")).status_code == 401

    async def test_the_token_of_a_session_reads_nobody_else(self, door: Door) -> None:
        one = await _signed_in(door, await _account(door))
        other = await _signed_in(door, await _account(door))
        session, theirs = await one.get_session(), await other.get_session()
        assert session is not None
        assert theirs is not None
        claims = door.runtime.tokens.verify(session.access_token)
        mixed = door.runtime.tokens.sign({**claims, "sub": theirs.user.id}, 60)
        with pytest.raises(AuthApiError) as refused:
            await one.get_user(mixed)
        assert refused.value.code == "user_not_found"


async def test_what_is_unreachable_is_tried_again_by_clients(door: Door) -> None:
    door.choose(google_client_id="client", google_issuer="http://127.0.0.1:9")
    token = jwt.encode({"sub": "1"}, "x" * 40, "HS256", headers={"kid": "one"})
    with pytest.raises(AuthRetryableError):
        await (await door.client()).sign_in_with_id_token({"provider": "google", "token": token})


async def test_a_console_session_and_a_client_end_alike_with_a_new_password(door: Door) -> None:
    email = await _account(door)
    client = await _signed_in(door, email)
    browser = await door.browser()
    await browser.post("/sign-in", data={"email": email, "password": PASSWORD})
    other = await _signed_in(door, email)
    await client.update_user({"password": NEW_PASSWORD})
    assert (await browser.get("/app")).status_code == 303
    with pytest.raises(AuthApiError):
        await other.refresh_session()
    await client.refresh_session()
    assert await service.check_password(email=email, password=NEW_PASSWORD, address="192.0.2.9")
    assert (await door.letter(email, "password was changed")).text


class TestACrash:
    """The process dies while it answers: here it can't sign the access token."""

    async def test_leaves_the_refresh_token_as_it_was(self, door: Door) -> None:
        client = await _signed_in(door, await _account(door))
        session = await client.get_session()
        assert session is not None
        set_current(replace(door.runtime, tokens=TokenKeys("")))
        with pytest.raises(AuthRetryableError):
            await client.refresh_session(session.refresh_token)
        set_current(door.runtime)
        used = await door.fetchval(
            "select replaced_at from user_refresh_tokens"
            " where token_hash = encode(sha256($1::text::bytea), 'hex')",
            session.refresh_token,
        )
        assert used is None
        await client.refresh_session(session.refresh_token)

    async def test_leaves_the_link_as_it_was(self, door: Door) -> None:
        email, client = an_email(), await door.client()
        await client.sign_up({"email": email, "password": PASSWORD})
        letter = await door.letter(email, "Confirm")
        set_current(replace(door.runtime, tokens=TokenKeys("")))
        with pytest.raises(AuthRetryableError):
            await client.verify_otp({"token_hash": letter.token, "type": "signup"})
        set_current(door.runtime)
        opened = await client.verify_otp({"token_hash": letter.token, "type": "signup"})
        assert opened.session is not None
