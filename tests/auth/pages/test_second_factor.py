"""A second factor: set up in the account, asked for at each sign-in."""

import re
import time

import httpx
import pyotp
import pytest

from lodestone.auth.dependencies import COOKIE
from tests.auth.conftest import PASSWORD, Account
from tests.auth.gotrue.conftest import Door

SECURITY = "/app/account/security"


async def _sign_in(browser: httpx.AsyncClient, account: Account) -> httpx.Response:
    form = {"email": account.email, "password": account.password, "next": "/app/outbox"}
    return await browser.post("/sign-in", data=form)


def _code(secret: str) -> str:
    """Return the code after that of the setting up: good now, and when a half minute ends."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30)


async def _set_up(browser: httpx.AsyncClient) -> tuple[str, list[str]]:
    """Set up a factor; return its secret and the recovery codes."""
    page = await browser.post(f"{SECURITY}/factors", data={"own_password": PASSWORD})
    assert page.status_code == 200, page.text
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page.text)
    action = re.search(r'action="([^"]+/confirm)"', page.text)
    assert secret is not None
    assert action is not None
    done = await browser.post(action[1], data={"code": pyotp.TOTP(secret[1]).now()})
    assert done.status_code == 200, done.text
    codes = re.findall(r"<li>((?:[a-z0-9]{4}-){3}[a-z0-9]{4})</li>", done.text)
    assert len(codes) == 10
    return secret[1], codes


@pytest.fixture
async def browser(door: Door, account: Account) -> httpx.AsyncClient:
    """A browser in which the account is signed in."""
    opened = await door.browser()
    assert (await _sign_in(opened, account)).status_code == 303
    return opened


class TestSettingItUp:
    async def test_shows_a_picture_and_counts_after_the_first_code(
        self, door: Door, browser: httpx.AsyncClient, account: Account
    ) -> None:
        page = await browser.post(f"{SECURITY}/factors", data={"own_password": PASSWORD})
        assert "<svg" in page.text
        assert (
            await door.fetchval(
                "select status from user_mfa_factors where user_id = $1", account.id
            )
            == "unverified"
        )
        other = await door.browser()
        assert (await _sign_in(other, account)).headers["location"] == "/app/outbox"

    async def test_needs_the_password(self, browser: httpx.AsyncClient) -> None:
        page = await browser.post(f"{SECURITY}/factors", data={"own_password": "a guess"})
        assert page.status_code == 422
        assert "This is not your current password." in page.text

    async def test_ends_sessions_that_never_gave_one(
        self, door: Door, browser: httpx.AsyncClient, account: Account
    ) -> None:
        elsewhere = await door.browser()
        await _sign_in(elsewhere, account)
        await _set_up(browser)
        assert (await browser.get("/app")).status_code == 200
        assert (await elsewhere.get("/app")).status_code == 303

    async def test_keeps_neither_secret_nor_codes_in_the_clear(
        self, door: Door, browser: httpx.AsyncClient, account: Account
    ) -> None:
        secret, codes = await _set_up(browser)
        stored = await door.fetchval(
            """
            select string_agg(t.line, ' ') from (
                select f::text as line from user_mfa_factors as f where f.user_id = $1
                union all
                select c::text from user_recovery_codes as c where c.user_id = $1
            ) as t
            """,
            account.id,
        )
        assert secret not in stored
        assert not any(code in stored or code.replace("-", "") in stored for code in codes)


class TestSigningIn:
    async def test_asks_for_a_code_and_leads_on(
        self, door: Door, browser: httpx.AsyncClient, account: Account
    ) -> None:
        secret, _ = await _set_up(browser)
        other = await door.browser()
        asked = await _sign_in(other, account)
        assert asked.headers["location"] == "/sign-in/code?next=/app/outbox"
        assert (await other.get("/app")).status_code == 303
        assert (await other.get("/api/identity/me")).status_code == 401
        given = await other.post(
            "/sign-in/code", data={"code": _code(secret), "next": "/app/outbox"}
        )
        assert given.headers["location"] == "/app/outbox"
        assert (await other.get("/app")).status_code == 200

    async def test_takes_no_code_twice(
        self, door: Door, browser: httpx.AsyncClient, account: Account
    ) -> None:
        secret, _ = await _set_up(browser)
        code = _code(secret)
        answers = []
        for _ in range(2):
            other = await door.browser()
            await _sign_in(other, account)
            answers.append((await other.post("/sign-in/code", data={"code": code})).status_code)
        assert answers == [303, 422]

    async def test_takes_each_recovery_code_once(
        self, door: Door, browser: httpx.AsyncClient, account: Account
    ) -> None:
        _, codes = await _set_up(browser)
        answers = []
        for typed in (codes[0].upper().replace("-", " "), codes[0]):
            other = await door.browser()
            await _sign_in(other, account)
            answers.append((await other.post("/sign-in/code", data={"code": typed})).status_code)
        assert answers == [303, 422]
        assert "9 left" in (await browser.get(SECURITY)).text

    async def test_stops_guessing(
        self, door: Door, browser: httpx.AsyncClient, account: Account
    ) -> None:
        secret, _ = await _set_up(browser)
        await door.wait_is_over()
        other = await door.browser()
        await _sign_in(other, account)
        wrong = str((int(_code(secret)) + 500_000) % 1_000_000).zfill(6)
        answers = [
            (await other.post("/sign-in/code", data={"code": wrong})).status_code for _ in range(11)
        ]
        assert set(answers[:10]) == {422}
        assert answers[10] == 429
        assert (await other.post("/sign-in/code", data={"code": _code(secret)})).status_code == 429

    async def test_after_ten_minutes_begins_again(
        self, door: Door, browser: httpx.AsyncClient, account: Account
    ) -> None:
        secret, _ = await _set_up(browser)
        other = await door.browser()
        await _sign_in(other, account)
        await door.execute(
            "update user_sessions set created_at = now() - interval '11 minutes'"
            " where user_id = $1 and aal = 'aal1'",
            account.id,
        )
        answer = await other.post("/sign-in/code", data={"code": _code(secret)})
        assert answer.headers["location"] == "/sign-in"
        assert (await other.get("/app")).status_code == 303

    async def test_is_no_page_for_a_stranger(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/sign-in/code")).headers["location"] == "/sign-in"
        answer = await client.post("/sign-in/code", data={"code": "123456"})
        assert answer.headers["location"] == "/sign-in"
        assert COOKIE not in client.cookies

    async def test_guards_a_recovered_password_too(
        self, door: Door, browser: httpx.AsyncClient, account: Account
    ) -> None:
        await _set_up(browser)
        await door.execute("update users set email_verified_at = now() where id = $1", account.id)
        other = await door.browser()
        await other.post("/forgot-password", data={"email": account.email})
        letter = await door.letter(account.email, "Set a new password")
        answer = await other.post(
            "/reset-password", data={"token": letter.token, "password": "four other plain words"}
        )
        assert answer.headers["location"].startswith("/sign-in")
        assert (await other.get("/app")).status_code == 303


class TestRemovingIt:
    async def test_needs_the_password_and_ends_the_codes(
        self, door: Door, browser: httpx.AsyncClient, account: Account
    ) -> None:
        await _set_up(browser)
        factor = await door.fetchval(
            "select id from user_mfa_factors where user_id = $1", account.id
        )
        path = f"{SECURITY}/factors/{factor}/remove"
        refused = await browser.post(path, data={"current_password": "a guess"})
        assert refused.status_code == 422
        await browser.post(path, data={"current_password": PASSWORD})
        assert (
            await door.fetchval(
                "select count(*) from user_recovery_codes where user_id = $1", account.id
            )
            == 0
        )
        other = await door.browser()
        assert (await _sign_in(other, account)).headers["location"] == "/app/outbox"

    async def test_is_for_its_owner(
        self, door: Door, browser: httpx.AsyncClient, account: Account, other_account: Account
    ) -> None:
        await _set_up(browser)
        factor = await door.fetchval(
            "select id from user_mfa_factors where user_id = $1", account.id
        )
        stranger = await door.browser()
        await _sign_in(stranger, other_account)
        answer = await stranger.post(
            f"{SECURITY}/factors/{factor}/remove", data={"current_password": PASSWORD}
        )
        assert answer.status_code == 404

    async def test_new_codes_end_the_old_ones(
        self, door: Door, browser: httpx.AsyncClient, account: Account
    ) -> None:
        _, codes = await _set_up(browser)
        page = await browser.post(f"{SECURITY}/recovery-codes")
        assert codes[0] not in page.text
        other = await door.browser()
        await _sign_in(other, account)
        assert (await other.post("/sign-in/code", data={"code": codes[0]})).status_code == 422
