"""Making an account, forgotten passwords and the links of mails, as browsers meet them."""

import re
from urllib.parse import urlsplit

import httpx
import pytest

from lodestone.auth.dependencies import COOKIE
from tests.auth.gotrue.conftest import Door, Letter, an_email

PASSWORD = "three plain words"
NEW_PASSWORD = "four other plain words"


async def _sign_up(
    browser: httpx.AsyncClient, email: str, *, password: str = PASSWORD
) -> httpx.Response:
    form = {"name": "Nell New", "email": email, "password": password}
    return await browser.post("/sign-up", data=form)


async def _sign_in(
    browser: httpx.AsyncClient, email: str, *, password: str = PASSWORD
) -> httpx.Response:
    return await browser.post("/sign-in", data={"email": email, "password": password})


async def _press(browser: httpx.AsyncClient, letter: Letter, **more: str) -> httpx.Response:
    """Open the link of a mail and press its button."""
    parts = urlsplit(letter.link)
    page = await browser.get(f"{parts.path}?{parts.query}")
    assert page.status_code == 200, page.text
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    return await browser.post(parts.path, data={**dict(hidden), **more})


async def _member(door: Door, browser: httpx.AsyncClient) -> str:
    """Sign up, confirm, and sign out again; return the address."""
    email = an_email()
    await _sign_up(browser, email)
    await _press(browser, await door.letter(email, "Confirm"), password=PASSWORD)
    await browser.post("/sign-out")
    await door.wait_is_over()
    return email


def _words(page: httpx.Response, email: str) -> str:
    """Return a page without what differs by the address and by the request."""
    return re.sub(r'nonce="[^"]*"', "", page.text.replace(email, "…"))


class TestSigningUp:
    async def test_makes_an_account_that_its_mail_opens(self, door: Door) -> None:
        browser, email = await door.browser(), an_email()
        sent = await _sign_up(browser, email)
        assert "Check your mail" in sent.text
        assert COOKIE not in browser.cookies
        early = await _sign_in(browser, email)
        assert COOKIE not in browser.cookies
        assert early.status_code == 403
        assert "Confirm your address first" in early.text
        answer = await _press(browser, await door.letter(email, "Confirm"), password=PASSWORD)
        assert answer.headers["location"] == "/app"
        home = await browser.get("/app")
        assert "Nell" in home.text
        await browser.post("/sign-out")
        assert (await _sign_in(browser, email)).status_code == 303

    async def test_answers_a_known_address_as_any_other_and_mails_its_owner(
        self, door: Door
    ) -> None:
        known, unknown = await _member(door, await door.browser()), an_email()
        browser = await door.browser()
        first = await _sign_up(browser, known, password="a stranger's own guess")
        second = await _sign_up(browser, unknown)
        assert (first.status_code, _words(first, known)) == (
            second.status_code,
            _words(second, unknown),
        )
        assert "have an account" in (await door.letter(known, "already")).subject
        assert (await _sign_in(browser, known)).status_code == 303

    async def test_names_what_is_wrong_and_keeps_what_was_typed(self, door: Door) -> None:
        browser = await door.browser()
        page = await _sign_up(browser, "nell@example.com", password="short")
        assert page.status_code == 422
        assert "Use at least 10 characters." in page.text
        assert 'value="Nell New"' in page.text
        assert 'value="nell@example.com"' in page.text
        assert "short" not in page.text.replace("shortcut", "")

    async def test_is_not_offered_where_nobody_may(self, door: Door) -> None:
        door.choose(sign_up="closed")
        browser = await door.browser()
        assert "Create account" not in (await browser.get("/sign-in?mode=sign-up")).text
        assert (await _sign_up(browser, an_email())).status_code == 403

    async def test_signs_in_at_once_where_no_confirmation_is_asked(self, door: Door) -> None:
        door.choose(require_email_confirmation=False)
        browser = await door.browser()
        assert (await _sign_up(browser, an_email())).headers["location"] == "/app"
        assert (await browser.get("/app")).status_code == 200

    async def test_resends_the_link_and_says_the_same_to_everybody(self, door: Door) -> None:
        browser, email, stranger = await door.browser(), an_email(), an_email()
        await _sign_up(browser, email)
        first = await door.letter(email, "Confirm")
        await door.wait_is_over()
        pages = [
            await browser.post("/confirm/resend", data={"email": one}) for one in (email, stranger)
        ]
        assert _words(pages[0], email) == _words(pages[1], stranger)
        assert await door.letters(stranger) == []
        newest = next(one for one in await door.letters(email) if one.token != first.token)
        earlier = urlsplit(first.link)
        assert (await browser.get(f"{earlier.path}?{earlier.query}")).status_code == 410
        assert (await _press(browser, newest, password=PASSWORD)).status_code == 303

    async def test_a_link_that_a_mail_server_opens_stays_good(self, door: Door) -> None:
        browser, email = await door.browser(), an_email()
        await _sign_up(browser, email)
        letter = await door.letter(email, "Confirm")
        parts = urlsplit(letter.link)
        for _ in range(2):
            assert (await browser.get(f"{parts.path}?{parts.query}")).status_code == 200
        assert (await _press(browser, letter, password=PASSWORD)).status_code == 303
        assert (await browser.get(f"{parts.path}?{parts.query}")).status_code == 410


class TestTwoSignUpsForOneAddress:
    """Somebody else types the address of a person who has just signed up."""

    STRANGER = "the stranger's own words"

    async def _race(self, door: Door) -> tuple[str, Letter, Letter]:
        """Return the address, the letter of its reader's sign-up and that of the stranger's."""
        email = an_email()
        await _sign_up(await door.browser(), email)
        first = await door.letter(email, "Confirm")
        await door.wait_is_over()
        await _sign_up(await door.browser(), email, password=self.STRANGER)
        second = next(one for one in await door.letters(email) if one.token != first.token)
        return email, first, second

    async def test_leave_the_first_link_good(self, door: Door) -> None:
        email, first, second = await self._race(door)
        browser = await door.browser()
        assert (await _press(browser, first, password=PASSWORD)).status_code == 303
        assert (await _sign_in(await door.browser(), email)).status_code == 303
        parts = urlsplit(second.link)
        assert (await browser.get(f"{parts.path}?{parts.query}")).status_code == 410

    async def test_let_no_strangers_password_in(self, door: Door) -> None:
        email, _, second = await self._race(door)
        browser = await door.browser()
        page = await _press(browser, second, password=PASSWORD)
        assert page.status_code == 422
        assert "This is not the password of the sign-up" in page.text
        assert COOKIE not in browser.cookies
        done = await _press(browser, second, password=PASSWORD, choice="new")
        assert done.headers["location"] == "/app"
        refused = await _sign_in(await door.browser(), email, password=self.STRANGER)
        assert refused.status_code == 401
        assert (await _sign_in(await door.browser(), email)).status_code == 303

    async def test_take_no_weak_password_instead(self, door: Door) -> None:
        _, _, second = await self._race(door)
        page = await _press(await door.browser(), second, password="short", choice="new")
        assert page.status_code == 422
        assert "Use at least 10 characters." in page.text


class TestWhereALinkLeads:
    INVITED = "/invitations/a-token?x=1"

    async def _confirmed(self, door: Door, target: str) -> httpx.Response:
        browser, email = await door.browser(), an_email()
        form = {"name": "Nell", "email": email, "password": PASSWORD, "next": target}
        sent = await browser.post("/sign-up", data=form)
        assert "evil" not in sent.text
        return await _press(browser, await door.letter(email, "Confirm"), password=PASSWORD)

    async def test_is_where_the_person_was_going(self, door: Door) -> None:
        answer = await self._confirmed(door, self.INVITED)
        assert answer.headers["location"] == self.INVITED

    @pytest.mark.parametrize(
        "target", ["https://evil.example/", "//evil.example", "/\\evil.example"]
    )
    async def test_is_never_another_site(self, door: Door, target: str) -> None:
        assert (await self._confirmed(door, target)).headers["location"] == "/app"

    async def test_is_never_another_site_by_a_changed_link(self, door: Door) -> None:
        browser, email = await door.browser(), an_email()
        await _sign_up(browser, email)
        link = urlsplit((await door.letter(email, "Confirm")).link)
        page = await browser.get(f"{link.path}?{link.query}&next=https://evil.example")
        assert "evil" not in page.text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        form = {**hidden, "password": PASSWORD, "next": "//evil.example"}
        assert (await browser.post(link.path, data=form)).headers["location"] == "/app"

    async def test_holds_for_links_that_are_mailed_again_and_new_passwords(
        self, door: Door
    ) -> None:
        browser, email = await door.browser(), an_email()
        await _sign_up(browser, email)
        first = await door.letter(email, "Confirm")
        await door.wait_is_over()
        form = {"email": email, "next": self.INVITED}
        await browser.post("/confirm/resend", data=form)
        second = next(one for one in await door.letters(email) if one.token != first.token)
        led = await _press(browser, second, password=PASSWORD)
        assert led.headers["location"] == self.INVITED
        await door.wait_is_over()
        await browser.post("/forgot-password", data=form)
        letter = await door.letter(email, "Set a new password")
        led = await _press(browser, letter, password=NEW_PASSWORD)
        assert led.headers["location"] == self.INVITED


class TestAForgottenPassword:
    async def test_is_replaced_by_the_link_which_ends_every_session(self, door: Door) -> None:
        browser, elsewhere = await door.browser(), await door.browser()
        email = await _member(door, browser)
        await _sign_in(elsewhere, email)
        await browser.post("/forgot-password", data={"email": email})
        letter = await door.letter(email, "Set a new password")
        answer = await _press(browser, letter, password=NEW_PASSWORD)
        assert answer.headers["location"] == "/app"
        assert "Your new password is set" in (await browser.get("/app")).text
        assert (await elsewhere.get("/app")).status_code == 303
        assert (await _sign_in(elsewhere, email)).status_code == 401
        assert (await _sign_in(elsewhere, email, password=NEW_PASSWORD)).status_code == 303

    async def test_works_once(self, door: Door) -> None:
        browser = await door.browser()
        email = await _member(door, browser)
        await browser.post("/forgot-password", data={"email": email})
        letter = await door.letter(email, "Set a new password")
        await _press(browser, letter, password=NEW_PASSWORD)
        again = await browser.post(
            "/reset-password", data={"token": letter.token, "password": "yet another password x"}
        )
        assert again.status_code == 410
        assert "This link is over" in again.text

    async def test_a_weak_one_leaves_the_link_good(self, door: Door) -> None:
        browser = await door.browser()
        email = await _member(door, browser)
        await browser.post("/forgot-password", data={"email": email})
        letter = await door.letter(email, "Set a new password")
        weak = await _press(browser, letter, password="short")
        assert weak.status_code == 422
        assert "Use at least 10 characters." in weak.text
        assert (await _press(browser, letter, password=NEW_PASSWORD)).status_code == 303

    async def test_says_the_same_to_everybody(self, door: Door) -> None:
        known, unknown = await _member(door, await door.browser()), an_email()
        browser = await door.browser()
        first, second = [
            await browser.post("/forgot-password", data={"email": one}) for one in (known, unknown)
        ]
        assert first.status_code == second.status_code == 200
        assert _words(first, known) == _words(second, unknown)
        assert await door.letters(unknown) == []

    async def test_is_asked_for_slowly(self, door: Door) -> None:
        browser, email = await door.browser(), an_email()
        await browser.post("/forgot-password", data={"email": email})
        page = await browser.post("/forgot-password", data={"email": email})
        assert page.status_code == 429


class TestALink:
    @pytest.mark.parametrize(
        "path",
        ["/confirm", "/confirm?token=x&type=signup", "/confirm?token=x&type=nonsense",
         "/reset-password", "/reset-password?token=x"],
    )  # fmt: skip
    async def test_that_is_none_says_so(self, client: httpx.AsyncClient, path: str) -> None:
        page = await client.get(path)
        assert page.status_code == 410
        assert "This link is over" in page.text

    async def test_of_one_kind_does_nothing_else(self, door: Door) -> None:
        browser, email = await door.browser(), an_email()
        await _sign_up(browser, email)
        token = (await door.letter(email, "Confirm")).token
        answers = [
            await browser.post("/reset-password", data={"token": token, "password": NEW_PASSWORD}),
            await browser.post("/confirm", data={"token": token, "kind": "email_change"}),
        ]
        assert [answer.status_code for answer in answers] == [410, 410]
        assert COOKIE not in browser.cookies


class TestChangingTheAddress:
    async def test_counts_when_the_new_one_is_confirmed(self, door: Door) -> None:
        browser = await door.browser()
        email, wanted = await _member(door, browser), an_email()
        await _sign_in(browser, email)
        form = {"email": wanted, "current_password": PASSWORD}
        assert (await browser.post("/app/account/email", data=form)).status_code == 303
        assert email in (await browser.get("/app/account")).text
        answer = await _press(browser, await door.letter(wanted, "Confirm your new"))
        assert answer.headers["location"] == "/app/account"
        assert wanted in (await browser.get("/app/account")).text
        assert "was changed" in (await door.letter(email, "was changed")).subject

    async def test_needs_the_password(self, door: Door) -> None:
        browser = await door.browser()
        email, wanted = await _member(door, browser), an_email()
        await _sign_in(browser, email)
        form = {"email": wanted, "current_password": "a guess"}
        page = await browser.post("/app/account/email", data=form)
        assert page.status_code == 422
        assert "This is not your current password." in page.text
        assert await door.letters(wanted) == []

    async def test_to_one_that_somebody_has_looks_alike_and_changes_nothing(
        self, door: Door
    ) -> None:
        browser, other = await door.browser(), await door.browser()
        email, taken = await _member(door, browser), await _member(door, other)
        await _sign_in(browser, email)
        form = {"email": taken, "current_password": PASSWORD}
        assert (await browser.post("/app/account/email", data=form)).status_code == 303
        assert [
            one.subject for one in await door.letters(taken) if "new e-mail" in one.subject
        ] == []


class TestGoogle:
    async def test_is_offered_where_it_is_set_up_alone(self, door: Door) -> None:
        browser = await door.browser()
        assert "Continue with Google" not in (await browser.get("/sign-in")).text
        door.choose(google_client_id="an-id", google_client_secret="a-secret")
        assert "Continue with Google" in (await browser.get("/sign-in")).text
        assert "Continue with Google" in (await browser.get("/sign-in?mode=sign-up")).text

    async def test_leads_nowhere_where_it_is_not(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/sign-in/google")).headers["location"] == "/sign-in"
