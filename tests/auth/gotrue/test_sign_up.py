"""Signing up: the mail, its link and its digits, and what a known address is told."""

import asyncio

import httpx
import pytest
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError

from lodestone.auth import limits
from tests.auth.gotrue.conftest import APP, NEW_PASSWORD, PASSWORD, URL, Door, an_email


async def _refused(door: Door, code: str, **body: object) -> httpx.Response:
    answer = await (await door.browser()).post(f"{URL}/signup", json=body)
    assert answer.json()["error_code"] == code, answer.text
    return answer


class TestSigningUp:
    async def test_waits_for_the_mail_and_then_opens_a_session(self, door: Door) -> None:
        email, client = an_email(), await door.client()
        made = await client.sign_up(
            {"email": email, "password": PASSWORD, "options": {"data": {"team": "blue"}}}
        )
        assert made.session is None
        assert made.user is not None
        assert made.user.user_metadata == {"team": "blue"}
        with pytest.raises(AuthApiError) as refused:
            await client.sign_in_with_password({"email": email, "password": PASSWORD})
        assert refused.value.code == "email_not_confirmed"
        letter = await door.letter(email, "Confirm")
        opened = await client.verify_otp({"token_hash": letter.token, "type": "signup"})
        assert opened.session is not None
        assert opened.user is not None
        assert opened.user.email_confirmed_at is not None
        assert opened.user.id == made.user.id
        again = await client.sign_in_with_password({"email": email.upper(), "password": PASSWORD})
        assert again.user is not None
        assert again.user.user_metadata == {"team": "blue"}

    async def test_takes_the_six_digits_too(self, door: Door) -> None:
        email, client = an_email(), await door.client()
        await client.sign_up({"email": email, "password": PASSWORD})
        letter = await door.letter(email, "Confirm")
        opened = await client.verify_otp({"email": email, "token": letter.code, "type": "email"})
        assert opened.session is not None

    async def test_makes_the_account_with_its_workspace(self, door: Door) -> None:
        email = an_email()
        await (await door.client()).sign_up({"email": email, "password": PASSWORD})
        found = await door.fetchval(
            "select count(*) from users u join subscriptions s on s.user_id = u.id"
            " join teams t on t.owner_id = u.id and t.is_personal"
            " join profiles p on p.id = u.id where u.email = $1",
            email,
        )
        assert found == 1

    async def test_makes_nobody_run_the_installation(self, door: Door) -> None:
        email = an_email()
        await (await door.client()).sign_up({"email": email, "password": PASSWORD})
        runs = await door.fetchval("select is_super_admin from users where email = $1", email)
        assert runs is False

    async def test_opens_a_session_at_once_where_no_confirmation_is_asked(self, door: Door) -> None:
        door.choose(require_email_confirmation=False)
        email, client = an_email(), await door.client()
        made = await client.sign_up({"email": email, "password": PASSWORD})
        assert made.session is not None
        # Nobody proved to read the mail: an invitation does not count yet.
        assert made.user is not None
        assert made.user.email_confirmed_at is None
        with pytest.raises(AuthApiError) as refused:
            await client.sign_up({"email": email, "password": PASSWORD})
        assert refused.value.code in ("user_already_exists", "over_email_send_rate_limit")

    async def test_names_what_is_wrong(self, door: Door) -> None:
        with pytest.raises(AuthWeakPasswordError) as weak:
            await (await door.client()).sign_up({"email": an_email(), "password": "short"})
        assert weak.value.reasons == ["length"]
        with pytest.raises(AuthWeakPasswordError) as common:
            await (await door.client()).sign_up({"email": an_email(), "password": "iloveyou123"})
        assert common.value.reasons == ["pwned"]
        await _refused(door, "validation_failed", email="nobody", password=PASSWORD)
        await _refused(door, "anonymous_provider_disabled", data={})
        await _refused(door, "phone_provider_disabled", phone="+123456789", password=PASSWORD)
        await _refused(
            door, "validation_failed", email=an_email(), password=PASSWORD, code_challenge="short"
        )

    async def test_can_be_closed(self, door: Door) -> None:
        door.choose(sign_up="closed")
        answer = await _refused(door, "signup_disabled", email=an_email(), password=PASSWORD)
        assert answer.status_code == 422

    async def test_can_be_for_the_invited_alone_without_saying_who_is(self, door: Door) -> None:
        owner = await door.member_id()
        door.choose(sign_up="invited")
        invited, other = an_email(), an_email()
        await door.execute(
            "insert into team_members (owner_id, email) values ($1, $2)", owner, invited
        )
        answers = [
            await (await door.client()).sign_up({"email": one, "password": PASSWORD})
            for one in (invited, other)
        ]
        assert all(one.user is not None and one.session is None for one in answers)
        assert len(await door.letters(invited)) == 1
        assert await door.letters(other) == []
        assert await door.fetchval("select count(*) from users where email = $1", other) == 0


class TestAKnownAddress:
    async def test_gets_the_same_answer_and_its_owner_a_mail(self, door: Door) -> None:
        email, unknown = an_email(), an_email()
        await door.member(email=email)
        await door.wait_is_over()
        browser = await door.browser()
        answers = [
            await browser.post(f"{URL}/signup", json={"email": one, "password": NEW_PASSWORD})
            for one in (email, unknown)
        ]
        assert [one.status_code for one in answers] == [200, 200]
        known_body, unknown_body = (one.json() for one in answers)
        assert known_body.keys() == unknown_body.keys()
        assert len(known_body["identities"]) == len(unknown_body["identities"]) == 1
        account_id = await door.fetchval("select id from users where email = $1", email)
        assert known_body["id"] != str(account_id)
        assert (await door.letter(email, "have an account")).link.endswith("/sign-in")
        with pytest.raises(AuthApiError):
            await (await door.client()).sign_in_with_password(
                {"email": email, "password": NEW_PASSWORD}
            )

    async def test_is_not_told_by_the_time_it_takes(self, door: Door) -> None:
        email = an_email()
        await door.member(email=email)
        for path in ("recover", "otp"):
            for one in (email, an_email()):
                await door.wait_is_over()
                browser = await door.browser()
                answer = await browser.post(
                    f"{URL}/{path}", json={"email": one, "create_user": False}
                )
                assert (answer.status_code, answer.json()) == (200, {})
                assert answer.elapsed.total_seconds() >= limits.SAME_SECONDS

    @pytest.mark.parametrize("opened_first", [0, 1])
    async def test_that_is_not_confirmed_gets_the_password_of_none_of_two_sign_ups(
        self, door: Door, opened_first: int
    ) -> None:
        """Whoever signs up with somebody else's address has no way in, first or last."""
        email, client = an_email(), await door.client()
        await client.sign_up({"email": email, "password": "the stranger's words"})
        await door.letter(email, "Confirm")
        await door.wait_is_over()
        await client.sign_up({"email": email, "password": PASSWORD})
        letters = [one for one in await door.letters(email) if "Confirm" in one.subject]
        assert len(letters) == 2
        first, second = letters[opened_first], letters[1 - opened_first]
        opened = await client.verify_otp({"token_hash": first.token, "type": "signup"})
        assert opened.session is not None
        with pytest.raises(AuthApiError) as over:
            await client.verify_otp({"token_hash": second.token, "type": "signup"})
        assert over.value.code == "otp_expired"
        for password in ("the stranger's words", PASSWORD):
            with pytest.raises(AuthApiError):
                await (await door.client()).sign_in_with_password(
                    {"email": email, "password": password}
                )
        await client.update_user({"password": NEW_PASSWORD})
        await client.sign_in_with_password({"email": email, "password": NEW_PASSWORD})

    async def test_that_signs_up_twice_with_one_password_keeps_it(self, door: Door) -> None:
        email, client = an_email(), await door.client()
        await client.sign_up({"email": email, "password": PASSWORD})
        first = await door.letter(email, "Confirm")
        await door.wait_is_over()
        await client.sign_up({"email": email, "password": PASSWORD})
        (second,) = {one.token for one in await door.letters(email)} - {first.token}
        await client.verify_otp({"token_hash": second, "type": "signup"})
        await client.sign_in_with_password({"email": email, "password": PASSWORD})

    async def test_signs_up_once_when_asked_many_times_at_once(self, door: Door) -> None:
        door.choose(require_email_confirmation=False)
        email = an_email()
        clients = [await door.browser() for _ in range(6)]
        answers = await asyncio.gather(
            *(
                one.post(f"{URL}/signup", json={"email": email, "password": PASSWORD})
                for one in clients
            )
        )
        assert sorted(one.status_code for one in answers)[:2] == [200, 429]
        assert await door.fetchval("select count(*) from users where email = $1", email) == 1


class TestTheMailedLink:
    async def test_leads_to_the_app_with_a_session(self, door: Door) -> None:
        email, client, browser = an_email(), await door.client(), await door.browser()
        await client.sign_up(
            {"email": email, "password": PASSWORD, "options": {"email_redirect_to": APP}}
        )
        link = (await door.letter(email, "Confirm")).link
        looked = await browser.head(link)
        assert looked.status_code == 200
        led = await browser.get(link)
        assert led.status_code == 303
        assert led.headers["location"].startswith(f"{APP}#access_token=")
        await client.initialize_from_url(led.headers["location"])
        session = await client.get_session()
        assert session is not None
        assert session.user.email == email

    async def test_works_once(self, door: Door) -> None:
        email, client, browser = an_email(), await door.client(), await door.browser()
        await client.sign_up({"email": email, "password": PASSWORD})
        link = (await door.letter(email, "Confirm")).link
        answers = await asyncio.gather(*(browser.get(link) for _ in range(5)))
        led = [one.headers["location"] for one in answers]
        assert sum("access_token=" in one for one in led) == 1
        assert sum("error_code=otp_expired" in one for one in led) == 4

    async def test_leads_nowhere_else(self, door: Door) -> None:
        client, browser = await door.client(), await door.browser()
        for target in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
            email = an_email()
            await client.sign_up(
                {"email": email, "password": PASSWORD, "options": {"email_redirect_to": target}}
            )
            link = (await door.letter(email, "Confirm")).link
            assert "evil" not in link
            led = await browser.get(f"{link.partition('&redirect_to')[0]}&redirect_to={target}")
            assert led.headers["location"].startswith("http://localhost")

    async def test_is_stored_as_a_hash_and_queued_encrypted(self, door: Door) -> None:
        email, client = an_email(), await door.client()
        await client.sign_up({"email": email, "password": PASSWORD})
        payloads = await door.fetchval(
            "select string_agg(convert_from(payload, 'UTF8'), ' ') from platform.jobs"
            " where entrypoint = 'identity:send_account_mail'"
        )
        letter = await door.letter(email, "Confirm")
        kept = await door.fetchval(
            "select string_agg(t::text, ' ') from user_one_time_tokens as t where email = $1",
            email,
        )
        for secret in (letter.token, f'"{letter.code}"'):
            assert secret not in (payloads or "")
            assert secret not in kept

    async def test_ends_after_its_time(self, door: Door) -> None:
        email, client = an_email(), await door.client()
        await client.sign_up({"email": email, "password": PASSWORD})
        letter = await door.letter(email, "Confirm")
        await door.execute(
            "update user_one_time_tokens set expires_at = now() where email = $1", email
        )
        with pytest.raises(AuthApiError) as refused:
            await client.verify_otp({"token_hash": letter.token, "type": "signup"})
        assert (refused.value.status, refused.value.code) == (403, "otp_expired")

    async def test_is_mailed_again_on_demand(self, door: Door) -> None:
        email, client = an_email(), await door.client()
        await client.sign_up({"email": email, "password": PASSWORD})
        first = await door.letter(email, "Confirm")
        with pytest.raises(AuthApiError) as too_soon:
            await client.resend({"type": "signup", "email": email})
        assert too_soon.value.code == "over_email_send_rate_limit"
        await door.wait_is_over()
        await client.resend({"type": "signup", "email": email})
        tokens = {one.token for one in await door.letters(email)}
        (second,) = tokens - {first.token}
        with pytest.raises(AuthApiError):
            await client.verify_otp({"token_hash": first.token, "type": "signup"})
        await client.verify_otp({"token_hash": second, "type": "signup"})
        await client.sign_in_with_password({"email": email, "password": PASSWORD})
