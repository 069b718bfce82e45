"""One kit for each workspace, filled by hand or by reading, with logos and fonts that are safe."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI

from lodestone.domains.files import service as files
from lodestone.domains.lead_magnets import service as lead_magnets
from lodestone.domains.lead_magnets.brand_kits import rules
from lodestone.domains.lead_magnets.brand_kits.files import clean_svg
from lodestone.domains.lead_magnets.brand_kits.models import BusinessType, Confidence
from lodestone.platform.database import Database
from lodestone.platform.errors import InvalidInput
from lodestone.platform.jobs import work_off
from lodestone.platform.runtime import Runtime
from lodestone.storage.models import Place
from tests.domains.accounts import Account, open_browser, sign_up
from tests.people import People, Person

CONTEXT = {
    "business_description": "We help B2B agencies keep their clients for longer.",
    "business_type": "agency-owner",
    "urgent_pains": "- Reports take hours\n\nChurn\nChurn",
}
TEXT = (
    "We help agencies with five people keep their clients. Most struggle with churn.\n"
    "- Our audit cut churn from 9% to 3% for 40 clients in 2024.\n"
    "We use Notion. What does a good report say?"
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">%s<rect width="1"/></svg>'
REFUSED = [
    ("", "business_description", "Short"),
    ("", "business_type", "circus"),
    ("/look", "default_primary_color", "red"),
    ("/look", "website_url", "javascript:alert(1)"),
    ("/words", "best_video_url", "not an address"),
    ("/words", "content_links", "no address"),
    ("/words", "sender_name", "Ada\r\nBcc: all@example.com"),
]
UNREADABLE = [
    ("text", "Too short"),
    ("url", "ftp://example.com"),
    ("url", "https://u:p@example.com"),
]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
OTHER_FILES = [
    ("logos", "logo", b"GIF89a" + bytes(40)),
    ("logos", "logo", b"<html><svg></svg></html>"),
    ("logos", "logo", PNG + bytes(2 * 1024 * 1024)),
    ("font", "font", PNG),
]


@pytest.fixture
async def creator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture
async def kit(creator: Account) -> Account:
    """A creator who has said what they do."""
    assert (await creator.browser.post("/app/brand", data=CONTEXT)).status_code == 303
    return creator


async def _stored(database: Database, person: Account) -> dict[str, object]:
    async with database.acting_as(person.actor) as tx:
        found = await lead_magnets.find_brand_kit(tx, user_id=person.id, team_id=None)
    assert found is not None
    return found


@asynccontextmanager
async def _site(body: str, kind: str = "text/html") -> AsyncIterator[str]:
    """A web site of one page on loopback."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        payload = body.encode()
        writer.write(
            f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n"
            f"content-length: {len(payload)}\r\n\r\n".encode()
            + payload
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


class TestSaving:
    async def test_changes_what_is_given_and_nothing_else(
        self, kit: Account, database: Database
    ) -> None:
        await kit.browser.post("/app/brand/look", data={"default_theme": "light"})
        again = {**CONTEXT, "preferred_tone": "provocative"}
        del again["urgent_pains"]
        await kit.browser.post("/app/brand", data=again)
        words = {"sender_name": "Ada", "content_links": "Guide | https://example.com/g"}
        words |= {"testimonial_quote": "It works", "step_1_title": "Ask", "step_2_title": ""}
        assert (await kit.browser.post("/app/brand/words", data=words)).status_code == 303
        found = await _stored(database, kit)
        assert found["urgent_pains"] == ["Reports take hours", "Churn"]
        assert found["default_theme"] == "light"
        assert found["preferred_tone"] == "provocative"
        assert found["content_links"] == [{"title": "Guide", "url": "https://example.com/g"}]
        assert found["default_testimonial"] == {
            "quote": "It works",
            "author": None,
            "role": None,
            "result": None,
        }

    async def test_names_what_can_not_be_taken(self, kit: Account) -> None:
        for path, field, value in REFUSED:
            before = {} if path else CONTEXT
            answer = await kit.browser.post(f"/app/brand{path}", data={**before, field: value})
            assert answer.status_code == 422, field
            assert f"f-{field.replace('_', '-')}" in answer.text, field

    async def test_a_team_has_one_for_all_its_members(
        self, kit: Account, app: FastAPI, database: Database, people: People
    ) -> None:
        async with open_browser(app) as browser:
            member = await sign_up(database, browser, name="Mia Member")
            persons = [Person(each.id, each.email, each.username) for each in (kit, member)]
            team = {"team_id": str(await people.team(*persons))}
            ours = {**CONTEXT, "business_description": "What we do together, as a team."}
            await kit.browser.post("/app/brand", params=team, data=ours)
            shown = await member.browser.get("/app/brand", params=team)
            assert ours["business_description"] in shown.text
            ours["business_description"] = "What the member says of the team."
            await member.browser.post("/app/brand", params=team, data=ours)
        shown = await kit.browser.get("/app/brand", params=team)
        assert ours["business_description"] in shown.text
        found = await _stored(database, kit)
        assert found["business_description"] == CONTEXT["business_description"]


class TestReading:
    def test_sorts_a_text_and_adds_nothing_to_it(self) -> None:
        found = rules.read_text(TEXT)
        said = " ".join(TEXT.split())
        assert found.extracted.business_type is BusinessType.AGENCY
        assert found.extracted.tools == ["Notion"]
        assert found.extracted.results == [
            "Our audit cut churn from 9% to 3% for 40 clients in 2024."
        ]
        assert found.confidence["business_description"] is Confidence.HIGH
        assert len(found.suggestions) <= 4
        for lines in found.extracted.model_dump(include={"urgent_pains", "results"}).values():
            assert all(line in said for line in lines)

    async def test_fills_what_is_empty_from_a_web_site_and_keeps_nothing_before_it_is_saved(
        self, kit: Account, database: Database, database_url: str
    ) -> None:
        page = f"<nav>Menu</nav><script>x</script><p>{TEXT}</p><style>p{{}}</style>"
        async with _site(page) as url:
            answer = await kit.browser.post("/app/brand/read", data={"source_url": url})
            assert answer.status_code == 303
            await work_off(database_url)
        shown = await kit.browser.get(answer.headers["location"])
        assert CONTEXT["business_description"] in shown.text
        assert "cut churn from 9% to 3%" in shown.text
        assert "Menu" not in re.sub(r"<(?:nav|aside)[\s\S]*?</(?:nav|aside)>", "", shown.text)
        assert (await _stored(database, kit))["results"] == []

    async def test_refuses_what_it_can_not_read(self, creator: Account) -> None:
        for field, value in UNREADABLE:
            answer = await creator.browser.post("/app/brand/read", data={f"source_{field}": value})
            assert answer.status_code == 422, value
            assert f'id="f-{field}"' in answer.text, value

    async def test_says_that_there_is_no_page(self, creator: Account, database_url: str) -> None:
        async with _site("{}", kind="application/json") as url:
            answer = await creator.browser.post("/app/brand/read", data={"source_url": url})
            await work_off(database_url)
        shown = await creator.browser.get(answer.headers["location"])
        assert "no page at this address" in shown.text


class TestFiles:
    async def test_a_logo_is_kept_once_and_served_without_its_scripts(
        self, kit: Account, database: Database, runtime: Runtime
    ) -> None:
        drawing = SVG % b"<script>alert(1)</script>"
        for _ in range(2):
            answer = await kit.browser.post(
                "/app/brand/logos", files={"file": ("mark.svg", drawing, "image/svg+xml")}
            )
            assert answer.status_code == 303
        found = await _stored(database, kit)
        logos = found["logos"]
        assert isinstance(logos, list)
        (logo,) = logos
        assert found["logo_url"] == logo["imageUrl"]
        name = str(logo["imageUrl"]).partition("/public/assets/")[2]
        kept = await files.read_file(kit.actor, Place("assets", name))
        assert b"script" not in kept
        await kit.browser.post("/app/brand/logos/remove", data={"url": logo["imageUrl"]})
        assert (await _stored(database, kit))["logo_url"] is None

    async def test_refuses_what_is_something_else(self, kit: Account) -> None:
        for path, field, body in OTHER_FILES:
            answer = await kit.browser.post(
                f"/app/brand/{path}", files={"file": ("x.png", body)}, data={"family": "Mine"}
            )
            assert answer.status_code == 422, field
            assert f'href="#f-{field}"' in answer.text, field

    async def test_a_font_is_one_of_our_own_storage(self, kit: Account, database: Database) -> None:
        await kit.browser.post(
            "/app/brand/font",
            files={"file": ("a.woff2", b"wOF2" + bytes(40))},
            data={"family": "A"},
        )
        found = await _stored(database, kit)
        assert str(found["font_url"]).startswith("http://localhost/storage/v1/object/public/")
        assert found["font_family"] == "A"

    @pytest.mark.parametrize(
        "inside",
        [
            b"<script>1</script>",
            b'<rect onload="x()"/>',
            b'<a href="javascript:x()"><rect/></a>',
            b'<use href="https://example.com/x.svg#a"/>',
            b'<rect style="fill:url(https://example.com)"/>',
            b"<foreignObject><p>x</p></foreignObject>",
            b'<image href="https://example.com/x.png"/>',
        ],
    )
    def test_nothing_in_a_drawing_runs_or_loads(self, inside: bytes) -> None:
        cleaned = clean_svg(SVG % inside)
        assert not re.search(rb"script|onload|example\.com|foreign|<p", cleaned)
        assert b"rect" in cleaned

    def test_a_drawing_that_declares_entities_is_refused(self) -> None:
        with pytest.raises(InvalidInput):
            clean_svg(b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG % b"")
