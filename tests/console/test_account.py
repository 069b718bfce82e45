"""A person's own profile: name, picture, public name, address, and the look of new funnels."""

import struct
import zlib

import httpx
import pytest

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.console.conftest import Browser
from tests.people import Person

ACCOUNT = "/app/account"
FUNNELS = f"{ACCOUNT}/funnels"
DEFAULTS = "/api/identity/funnel-defaults"


def _png(colour: bytes = b"\x0f\x76\x6e") -> bytes:
    """Return a picture of one dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            chunk(b"IDAT", zlib.compress(b"\x00" + colour)),
            chunk(b"IEND", b""),
        )
    )


async def _rename(browser: httpx.AsyncClient, username: str) -> httpx.Response:
    return await browser.post(ACCOUNT, data={"name": "Pia", "username": username})


async def _check(browser: httpx.AsyncClient, name: str) -> tuple[str, str]:
    found = (await browser.get(f"{ACCOUNT}/username", params={"name": name})).json()
    return found["state"], found["message"]


class TestProfile:
    async def test_is_saved_and_says_so_once(self, browser_of: Browser, person: Person) -> None:
        browser = await browser_of(person)
        form = {"name": "Pia  Newname", "username": person.username.upper()}
        answer = await browser.post(ACCOUNT, data=form)
        assert answer.headers["location"] == ACCOUNT
        page = await browser.get(ACCOUNT)
        assert "Profile saved" in page.text
        assert "Pia Newname" in page.text
        assert "Profile saved" not in (await browser.get(ACCOUNT)).text

    async def test_keeps_what_was_typed_and_names_what_is_wrong(
        self, browser_of: Browser, person: Person
    ) -> None:
        page = await _rename(await browser_of(person), "admin")
        assert page.status_code == 422
        assert "This name is kept for the product." in page.text
        assert 'aria-invalid="true"' in page.text
        assert 'value="admin"' in page.text

    async def test_refuses_a_name_that_is_taken(
        self, browser_of: Browser, person: Person, operator: Person
    ) -> None:
        page = await _rename(await browser_of(person), operator.username)
        assert page.status_code == 422
        assert "This name is taken." in page.text


class TestPublicName:
    async def test_is_checked_while_it_is_typed(
        self, browser_of: Browser, person: Person, operator: Person
    ) -> None:
        browser = await browser_of(person)
        assert (await _check(browser, person.username.upper()))[0] == "yours"
        assert (await _check(browser, f"{person.username}x"))[0] == "free"
        assert "taken" in (await _check(browser, operator.username.upper()))[1]
        assert "kept for the product" in (await _check(browser, "lodestone"))[1]
        assert "3 to 30 letters" in (await _check(browser, "a b"))[1]

    async def test_checking_changes_nothing(
        self, browser_of: Browser, person: Person, database: Database
    ) -> None:
        await _check(await browser_of(person), f"{person.username}x")
        async with database.acting_as(Root()) as tx:
            name = await tx.fetchval("select username from users where id = $1", person.id)
            kept = await tx.fetchval(
                "select count(*) from former_usernames where user_id = $1", person.id
            )
        assert (name, kept) == (person.username, 0)

    async def test_of_before_is_kept_from_others_and_comes_back(
        self, browser_of: Browser, person: Person, operator: Person
    ) -> None:
        browser, other = await browser_of(person), await browser_of(operator)
        await _rename(browser, f"{person.username}-two")
        assert f"/p/{person.username}</code>" in (await browser.get(ACCOUNT)).text
        assert (await _check(other, person.username))[0] == "refused"
        assert "taken" in (await _rename(other, person.username.upper())).text
        assert (await _rename(browser, person.username)).status_code == 303
        assert f"/p/{person.username}</code>" not in (await browser.get(ACCOUNT)).text

    async def test_of_before_is_free_once_it_is_let_go(
        self, browser_of: Browser, person: Person, operator: Person
    ) -> None:
        browser, other = await browser_of(person), await browser_of(operator)
        await _rename(browser, f"{person.username}-two")
        path = f"{ACCOUNT}/former-names/{person.username}/release"
        assert (await other.post(path)).status_code == 404
        assert (await browser.post(path)).status_code == 303
        assert (await _rename(other, person.username)).status_code == 303

    async def test_changes_ten_times_and_then_lets_one_go_first(
        self, browser_of: Browser, person: Person
    ) -> None:
        browser = await browser_of(person)
        for number in range(10):
            assert (await _rename(browser, f"{person.username}-{number}")).status_code == 303
        page = await _rename(browser, f"{person.username}-more")
        assert "ten earlier names" in page.text


class TestPicture:
    async def test_is_shown_to_everybody_at_its_address(
        self, browser_of: Browser, person: Person, client: httpx.AsyncClient
    ) -> None:
        browser = await browser_of(person)
        files = {"avatar": ("me.svg", _png(), "image/svg+xml")}
        assert (await browser.post(f"{ACCOUNT}/avatar", files=files)).status_code == 303
        page = await browser.get(ACCOUNT)
        start = page.text.index(f"http://localhost/avatars/{person.id}")
        shown = await client.get(page.text[start : page.text.index('"', start)])
        assert shown.content == _png()
        assert shown.headers["content-type"] == "image/png"
        assert "sandbox" in shown.headers["content-security-policy"]
        assert shown.headers["x-content-type-options"] == "nosniff"
        again = await client.get(shown.url, headers={"if-none-match": shown.headers["etag"]})
        assert again.status_code == 304

    @pytest.mark.parametrize(
        "body",
        [b"", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", b"GIF8", b"x" * 600_000],
    )
    async def test_is_nothing_else(
        self, browser_of: Browser, person: Person, client: httpx.AsyncClient, body: bytes
    ) -> None:
        browser = await browser_of(person)
        files = {"avatar": ("me.png", body, "image/png")}
        page = await browser.post(f"{ACCOUNT}/avatar", files=files)
        assert page.status_code == 422
        assert 'id="f-avatar-error"' in page.text
        assert (await client.get(f"/avatars/{person.id}")).status_code == 404

    async def test_is_removed(
        self, browser_of: Browser, person: Person, client: httpx.AsyncClient
    ) -> None:
        browser = await browser_of(person)
        await browser.post(f"{ACCOUNT}/avatar", files={"avatar": ("me.png", _png(), "image/png")})
        await browser.post(f"{ACCOUNT}/avatar/remove")
        assert "/avatars/" not in (await browser.get(ACCOUNT)).text
        assert (await client.get(f"/avatars/{person.id}")).status_code == 404


class TestNewFunnels:
    async def test_start_as_chosen(self, browser_of: Browser, person: Person) -> None:
        browser = await browser_of(person)
        form = {
            "default_theme": "light",
            "default_primary_color": "#AA3300",
            "default_vsl_url": "https://www.loom.com/share/abc",
            "default_logo_url": "",
        }
        assert (await browser.post(FUNNELS, data=form)).status_code == 303
        found = (await browser.get(DEFAULTS)).json()
        assert found["default_theme"] == "light"
        assert found["default_primary_color"] == "#aa3300"
        assert found["default_vsl_url"] == "https://www.loom.com/share/abc"
        assert found["default_logo_url"] is None

    async def test_what_is_absent_stays_and_null_clears(
        self, browser_of: Browser, person: Person
    ) -> None:
        browser = await browser_of(person)
        await browser.patch(DEFAULTS, json={"default_vsl_url": "https://youtu.be/abc"})
        changed = await browser.patch(DEFAULTS, json={"default_theme": "light"})
        assert changed.json()["default_vsl_url"] == "https://youtu.be/abc"
        cleared = await browser.patch(DEFAULTS, json={"default_vsl_url": None})
        assert cleared.json()["default_vsl_url"] is None
        assert cleared.json()["default_theme"] == "light"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("default_theme", "purple"),
            ("default_primary_color", "red"),
            ("default_vsl_url", "https://evil.example/youtube.com"),
            ("default_vsl_url", "javascript:alert(1)"),
            ("default_logo_url", "//example.com/x.png"),
            ("default_funnel_template", "everything"),
        ],
    )
    async def test_name_what_is_wrong(
        self, browser_of: Browser, person: Person, field: str, value: str
    ) -> None:
        browser = await browser_of(person)
        page = await browser.post(FUNNELS, data={field: value})
        assert page.status_code == 422
        answer = await browser.patch(DEFAULTS, json={field: value})
        assert answer.status_code == 422
        assert list(answer.json()["details"]["fields"]) == [field]

    async def test_of_others_are_out_of_reach(
        self, browser_of: Browser, person: Person, operator: Person
    ) -> None:
        await (await browser_of(operator)).patch(DEFAULTS, json={"default_theme": "custom"})
        found = (await (await browser_of(person)).get(DEFAULTS)).json()
        assert found["default_theme"] == "dark"
