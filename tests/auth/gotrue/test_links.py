"""Links and codes: recovery, sign-in without a password, another address, and PKCE."""

from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from supabase_auth import AsyncGoTrueClient
from supabase_auth.errors import AuthApiError
from supabase_auth.helpers import generate_pkce_challenge

from tests.auth.gotrue.conftest import APP, NEW_PASSWORD, PASSWORD, URL, Door, an_email

VERIFIER = "v" * 64


async def _bearer(client: AsyncGoTrueClient) -> dict[str, str]:
    session = await client.get_session()
    assert session is not None
    return {"authorization": f"Bearer {session.access_token}"}


class TestRecovery:
    async def test_sets_a_new_password(self, door: Door) -> None:
        email = an_email()
        await door.member(email=email)
        await door.wait_is_over()
        client, browser = await door.client(), await door.browser()
        await client.reset_password_for_email(email, {"redirect_to": APP})
        led = await browser.get((await door.letter(email, "new password")).link)
        assert led.headers["location"].endswith("&type=recovery")
        await client.initialize_from_url(led.headers["location"])
        await client.update_user({"password": NEW_PASSWORD})
        await client.sign_in_with_password({"email": email, "password": NEW_PASSWORD})
        with pytest.raises(AuthApiError):
            await client.sign_in_with_password({"email": email, "password": PASSWORD})

    async def test_mails_nobody_without_an_account(self, door: Door) -> None:
        email = an_email()
        await (await door.client()).reset_password_for_email(email)
        assert await door.letters(email) == []

    async def test_refuses_the_password_that_it_was(self, door: Door) -> None:
        client = await door.member()
        with pytest.raises(AuthApiError) as refused:
            await client.update_user({"password": PASSWORD})
        assert (refused.value.status, refused.value.code) == (422, "same_password")

    async def test_of_an_unconfirmed_account_drops_what_a_stranger_set_up(self, door: Door) -> None:
        door.choose(require_email_confirmation=False)
        email, stranger = an_email(), await door.client()
        await stranger.sign_up({"email": email, "password": "the stranger's words"})
        await door.wait_is_over()
        owner = await door.client()
        await owner.sign_in_with_otp({"email": email})
        letter = await door.letter(email, "sign-in link")
        await owner.verify_otp({"token_hash": letter.token, "type": "magiclink"})
        with pytest.raises(AuthApiError):
            await stranger.refresh_session()
        with pytest.raises(AuthApiError):
            await stranger.sign_in_with_password(
                {"email": email, "password": "the stranger's words"}
            )
        assert await owner.get_user() is not None


class TestWithoutAPassword:
    async def test_signs_in_by_link_and_by_digits(self, door: Door) -> None:
        email = an_email()
        await door.member(email=email)
        for kind in ("magiclink", "email"):
            await door.wait_is_over()
            client = await door.client()
            known = {one.token for one in await door.letters(email) if "token=" in one.text}
            await client.sign_in_with_otp({"email": email})
            (letter,) = [
                one
                for one in await door.letters(email)
                if "token=" in one.text and one.token not in known
            ]
            opened = (
                await client.verify_otp({"token_hash": letter.token, "type": "magiclink"})
                if kind == "magiclink"
                else await client.verify_otp(
                    {"email": email, "token": letter.code, "type": "email"}
                )
            )
            assert opened.session is not None
            claims = door.runtime.tokens.verify(opened.session.access_token)
            assert [each["method"] for each in claims["amr"]] == ["otp"]

    async def test_makes_an_account_unless_told_not_to(self, door: Door) -> None:
        wanted, unwanted, client = an_email(), an_email(), await door.client()
        await client.sign_in_with_otp({"email": wanted, "options": {"data": {"from": "web"}}})
        await client.sign_in_with_otp({"email": unwanted, "options": {"should_create_user": False}})
        assert await door.letters(unwanted) == []
        letter = await door.letter(wanted)
        opened = await client.verify_otp({"email": wanted, "token": letter.code, "type": "email"})
        assert opened.user is not None
        assert opened.user.user_metadata == {"from": "web"}

    async def test_has_the_older_address_too(self, door: Door) -> None:
        email = an_email()
        answer = await (await door.browser()).post(f"{URL}/magiclink", json={"email": email})
        assert answer.status_code == 200
        assert await door.letter(email)


class TestAnotherAddress:
    async def test_is_the_accounts_once_its_link_is_opened(self, door: Door) -> None:
        email, new = an_email(), an_email()
        client = await door.member(email=email)
        asked = await client.update_user({"email": new})
        assert (asked.user.email, asked.user.new_email) == (email, new)
        letter = await door.letter(new, "new e-mail address")
        opened = await client.verify_otp({"token_hash": letter.token, "type": "email_change"})
        assert opened.user is not None
        assert (opened.user.email, opened.user.new_email) == (new, None)
        assert (await door.letter(email, "address was changed")).text
        await client.sign_in_with_password({"email": new, "password": PASSWORD})

    async def test_of_somebody_else_is_not_told(self, door: Door) -> None:
        taken = an_email()
        await door.member(email=taken)
        await door.wait_is_over()
        client = await door.member()
        asked = await client.update_user({"email": taken})
        assert (asked.user.email == taken, asked.user.new_email) == (False, taken)
        await door.wait_is_over()
        await client.resend({"type": "email_change", "email": taken})
        subjects = [one.subject for one in await door.letters(taken)]
        assert "Confirm your new e-mail address" not in subjects
        assert "You have an account already" in subjects

    async def test_that_was_taken_meanwhile_stays_theirs(self, door: Door) -> None:
        new, client = an_email(), await door.member()
        await client.update_user({"email": new})
        letter = await door.letter(new, "new e-mail address")
        await door.wait_is_over()
        await (await door.service()).admin.create_user({"email": new})
        with pytest.raises(AuthApiError) as refused:
            await client.verify_otp({"token_hash": letter.token, "type": "email_change"})
        assert refused.value.code == "email_exists"

    async def test_ends_links_to_the_old_one(self, door: Door) -> None:
        email, new = an_email(), an_email()
        client = await door.member(email=email)
        await door.wait_is_over()
        await client.reset_password_for_email(email)
        old = await door.letter(email, "new password")
        await client.update_user({"email": new})
        letter = await door.letter(new, "new e-mail address")
        await client.verify_otp({"token_hash": letter.token, "type": "email_change"})
        with pytest.raises(AuthApiError):
            await client.verify_otp({"token_hash": old.token, "type": "recovery"})


class TestAnOlderSession:
    async def _aged(self, door: Door) -> tuple[AsyncGoTrueClient, str]:
        email = an_email()
        client = await door.member(email=email)
        await door.execute(
            "update user_sessions set amr = jsonb_set(amr, '{0,timestamp}', '1000')"
            " where user_id = (select id from users where email = $1)",
            email,
        )
        await door.wait_is_over()
        return client, email

    async def test_changes_the_password_with_a_mailed_code(self, door: Door) -> None:
        client, email = await self._aged(door)
        with pytest.raises(AuthApiError) as needed:
            await client.update_user({"password": NEW_PASSWORD})
        assert needed.value.code == "reauthentication_needed"
        await client.reauthenticate()
        letter = await door.letter(email, "confirmation code")
        assert "token=" not in letter.text
        with pytest.raises(AuthApiError):
            await client.update_user({"password": NEW_PASSWORD, "nonce": "000000x"})
        await client.update_user({"password": NEW_PASSWORD, "nonce": letter.code})
        await client.sign_in_with_password({"email": email, "password": NEW_PASSWORD})

    async def test_changes_it_with_the_current_one(self, door: Door) -> None:
        client, email = await self._aged(door)
        with pytest.raises(AuthApiError):
            await client.update_user({"password": NEW_PASSWORD, "current_password": "wrong"})
        await client.update_user({"password": NEW_PASSWORD, "current_password": PASSWORD})
        await client.sign_in_with_password({"email": email, "password": NEW_PASSWORD})


class TestMetadata:
    async def test_is_merged_and_lands_in_the_token(self, door: Door) -> None:
        client = await door.member()
        await client.update_user({"data": {"a": 1, "b": {"c": 2}}})
        changed = await client.update_user({"data": {"a": None, "d": "x"}})
        assert changed.user.user_metadata == {"b": {"c": 2}, "d": "x"}
        session = (await client.refresh_session()).session
        assert session is not None
        claims = door.runtime.tokens.verify(session.access_token)
        assert claims["user_metadata"] == {"b": {"c": 2}, "d": "x"}

    async def test_of_the_installation_is_not_the_persons_to_write(self, door: Door) -> None:
        client = await door.member()
        answer = await (await door.browser()).put(
            f"{URL}/user", json={"app_metadata": {"plan": "pro"}}, headers=await _bearer(client)
        )
        assert (answer.status_code, answer.json()["error_code"]) == (403, "not_admin")

    async def test_has_a_size(self, door: Door) -> None:
        client = await door.member()
        with pytest.raises(AuthApiError) as refused:
            await client.update_user({"data": {"a": "x" * 20_000}})
        assert refused.value.code == "validation_failed"


async def _code(browser: httpx.AsyncClient, link: str) -> str:
    led = await browser.get(link)
    query = parse_qs(urlsplit(led.headers["location"]).query)
    assert "access_token" not in led.headers["location"]
    return query["code"][0]


class TestTheCodeOfAClient:
    async def test_alone_is_worth_nothing(self, door: Door) -> None:
        """A link that somebody else opens leads to a code which only the asking client redeems."""
        email, client, browser = an_email(), await door.client(flow="pkce"), await door.browser()
        await client.sign_up(
            {"email": email, "password": PASSWORD, "options": {"email_redirect_to": APP}}
        )
        code = await _code(browser, (await door.letter(email, "Confirm")).link)
        stolen = await browser.post(
            f"{URL}/token?grant_type=pkce", json={"auth_code": code, "code_verifier": VERIFIER}
        )
        assert (stolen.status_code, stolen.json()["error_code"]) == (400, "bad_code_verifier")
        with pytest.raises(AuthApiError) as used:
            await client.exchange_code_for_session({"auth_code": code})
        assert used.value.code == "flow_state_not_found"

    async def test_opens_a_session_once(self, door: Door) -> None:
        email, client, browser = an_email(), await door.client(flow="pkce"), await door.browser()
        await client.sign_up({"email": email, "password": PASSWORD})
        code = await _code(browser, (await door.letter(email, "Confirm")).link)
        opened = await client.exchange_code_for_session({"auth_code": code})
        assert opened.session is not None
        assert opened.session.user.email == email
        again = await browser.post(
            f"{URL}/token?grant_type=pkce", json={"auth_code": code, "code_verifier": VERIFIER}
        )
        assert (again.status_code, again.json()["error_code"]) == (404, "flow_state_not_found")

    async def test_works_for_recovery_and_links(self, door: Door) -> None:
        email = an_email()
        await door.member(email=email)
        browser = await door.browser()
        for subject in ("new password", "sign-in link"):
            await door.wait_is_over()
            client = await door.client(flow="pkce")
            if subject == "new password":
                await client.reset_password_for_email(email)
            else:
                await client.sign_in_with_otp({"email": email})
            code = await _code(browser, (await door.letter(email, subject)).link)
            opened = await client.exchange_code_for_session({"auth_code": code})
            assert opened.session is not None

    @pytest.mark.parametrize("method", ["plain", "S256"])
    async def test_knows_both_kinds_of_challenges(self, door: Door, method: str) -> None:
        email, browser = an_email(), await door.browser()
        challenge = VERIFIER if method == "plain" else generate_pkce_challenge(VERIFIER)
        await browser.post(
            f"{URL}/otp",
            json={
                "email": email,
                "code_challenge": challenge,
                "code_challenge_method": method,
            },
        )
        code = await _code(browser, (await door.letter(email)).link)
        opened = await browser.post(
            f"{URL}/token?grant_type=pkce", json={"auth_code": code, "code_verifier": VERIFIER}
        )
        assert opened.status_code == 200, opened.text

    async def test_ends_after_five_minutes(self, door: Door) -> None:
        email, client, browser = an_email(), await door.client(flow="pkce"), await door.browser()
        await client.sign_in_with_otp({"email": email})
        code = await _code(browser, (await door.letter(email)).link)
        await door.execute(
            "update user_auth_flows set expires_at = now()"
            " where user_id = (select id from users where email = $1)",
            email,
        )
        with pytest.raises(AuthApiError) as refused:
            await client.exchange_code_for_session({"auth_code": code})
        assert refused.value.code == "flow_state_expired"


async def test_what_went_wrong_is_told_where_clients_look(door: Door) -> None:
    browser = await door.browser()
    led = await browser.get(
        f"{URL}/verify", params={"token": uuid4().hex, "type": "signup", "redirect_to": APP}
    )
    parts = urlsplit(led.headers["location"])
    assert led.headers["location"].startswith(APP)
    for text in (parts.query, parts.fragment):
        told = parse_qs(text)
        assert told["error"] == ["access_denied"]
        assert told["error_code"] == ["otp_expired"]
        assert told["error_description"] == ["Email link is invalid or has expired"]
