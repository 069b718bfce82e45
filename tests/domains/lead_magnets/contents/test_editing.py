"""Content as people and programs edit, format, export and publish it."""

from typing import Any

from lodestone.domains.lead_magnets.models import Archetype
from lodestone.platform.database import Database
from tests.domains.accounts import Account, draft_funnel
from tests.domains.lead_magnets.archetypes.examples import shortest

SECTION = {
    "sectionName": "One",
    "blocks": [{"type": "stat-card", "title": "41%", "content": "more replies"}],
}


def api_of(magnet: str) -> str:
    return f"/api{magnet.removeprefix('/app')}/content"


async def read(account: Account, magnet: str) -> dict[str, Any]:
    answer = await account.browser.get(api_of(magnet))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def set_layers(database: Database, creator: Account, magnet: str, **layers: Any) -> None:
    async with database.acting_as(creator.actor) as tx:
        for column, value in {"polished_content": None, **layers}.items():
            await tx.execute(
                f"update lead_magnets set {column} = $2 where id = $1",
                magnet.rsplit("/", 1)[1],
                value,
            )


class TestSaving:
    async def test_keeps_the_whole_text_and_counts_it(self, creator: Account, magnet: str) -> None:
        before = await read(creator, magnet)
        sections = [*before["polished"]["sections"], SECTION, SECTION]
        content = {"heroSummary": "In a word.", "sections": sections}
        given = {"version": before["version"], "content": content}
        answer = await creator.browser.put(api_of(magnet), json=given)
        assert answer.status_code == 200, answer.text
        after = await read(creator, magnet)
        assert answer.json()["version"] == after["version"] == before["version"] + 1
        assert after["polished"]["metadata"]["wordCount"] == answer.json()["wordCount"]
        ids = [section["id"] for section in after["polished"]["sections"]]
        assert len(ids) == len(set(ids)) == len(sections)
        page = (await creator.browser.get(f"{magnet}/preview")).text
        assert "<strong>41%</strong>" in page
        assert "In a word." in page

    async def test_refuses_an_edit_of_an_older_text(self, creator: Account, magnet: str) -> None:
        version = (await read(creator, magnet))["version"]
        given = {"version": version, "content": {"sections": [SECTION]}}
        answers = [await creator.browser.put(api_of(magnet), json=given) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 409]
        assert answers[1].json()["details"] == {"version": version + 1}

    async def test_names_every_wrong_place(self, creator: Account, magnet: str) -> None:
        blocks = [
            {"type": "image", "src": "javascript:alert(1)"},
            {"type": "callout", "style": "loud"},
            {"type": "marquee"},
        ]
        content = {"sections": [{"sectionName": "", "blocks": blocks}]}
        given = {"version": 1, "content": content}
        answer = await creator.browser.put(api_of(magnet), json=given)
        assert answer.status_code == 422
        assert set(answer.json()["details"]["fields"]) == {
            "sections.0.sectionName",
            "sections.0.blocks.0.src",
            "sections.0.blocks.1.style",
            "sections.0.blocks.2",
        }

    async def test_strangers_see_and_change_nothing(
        self, creator: Account, stranger: Account, magnet: str
    ) -> None:
        given = {"version": 1, "content": {"sections": [SECTION]}}
        browser = stranger.browser
        answers = [
            await browser.get(api_of(magnet)),
            await browser.put(api_of(magnet), json=given),
            await browser.patch(f"{api_of(magnet)}/generated", json={"headline": "x"}),
            await browser.put(f"{api_of(magnet)}/extracted", json={"structure": [SECTION]}),
            await browser.post(f"{api_of(magnet)}/polish"),
            await browser.post(f"{api_of(magnet)}/generate"),
            await browser.get(f"{magnet}/content"),
            await browser.get(f"{magnet}/preview"),
            await browser.get(f"{magnet}/export.md"),
            await browser.post(f"{magnet}/content/format"),
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert "41%" not in str(await read(creator, magnet))


class TestDraft:
    async def test_is_patched_field_by_field(self, creator: Account, magnet: str) -> None:
        address = f"{api_of(magnet)}/generated"
        tool = shortest(Archetype.FOCUSED_TOOLKIT)["tools"][0]
        await creator.browser.patch(
            address, json={"headline": "Ten lines to copy", "tools": [tool]}
        )
        answer = await creator.browser.patch(
            address, json={"tools": [{**tool, "name": "n"}] * 3, "headline": None}
        )
        assert answer.status_code == 200, answer.text
        assert list(answer.json()["generated"]) == ["tools"]
        assert set(answer.json()["unfinished"]) == {
            "headline",
            "problem_statement",
            "call_to_action",
            *(f"tools.{number}.name" for number in range(3)),
        }
        for wrong, path in (({"tools": 7}, "tools"), ({"colour": "red"}, "colour")):
            refused = await creator.browser.patch(address, json=wrong)
            assert refused.status_code == 422
            assert set(refused.json()["details"]["fields"]) == {path}
        assert "colour" not in (await read(creator, magnet))["generated"]

    async def test_publishing_sets_it_for_reading_when_nobody_polished(
        self, creator: Account, magnet: str, database: Database
    ) -> None:
        funnel = await draft_funnel(creator, magnet)
        draft = shortest(Archetype.FOCUSED_TOOLKIT)
        await set_layers(database, creator, magnet, generated_content={**draft, "headline": "h"})
        refused = await creator.browser.post(f"{funnel}/publish")
        assert refused.status_code == 422
        assert "At least 10 characters" in refused.text
        await set_layers(database, creator, magnet, generated_content=draft)
        assert (await creator.browser.post(f"{funnel}/publish")).status_code == 303
        polished = (await read(creator, magnet))["polished"]
        assert "The toolkit" in [section["sectionName"] for section in polished["sections"]]

    async def test_what_was_told_is_kept_and_published(
        self, creator: Account, magnet: str, database: Database
    ) -> None:
        await set_layers(database, creator, magnet)
        told = {"structure": [{"sectionName": "Ask", "contents": ["One. Two. Three. " * 20]}]}
        kept = await creator.browser.put(f"{api_of(magnet)}/extracted", json=told)
        assert kept.status_code == 200, kept.text
        funnel = await draft_funnel(creator, magnet)
        assert (await creator.browser.post(f"{funnel}/publish")).status_code == 303
        polished = (await read(creator, magnet))["polished"]
        assert len(polished["sections"][0]["blocks"]) == 30
        assert polished["metadata"]["wordCount"] == 61


class TestTakingAway:
    async def test_markdown_comes_back_as_the_same_content(
        self, creator: Account, magnet: str
    ) -> None:
        before = await read(creator, magnet)
        content = {"heroSummary": "Why.", "sections": [{**SECTION, "keyTakeaway": "Ask."}]}
        given = {"version": before["version"], "content": content}
        await creator.browser.put(api_of(magnet), json=given)
        file = await creator.browser.get(f"{magnet}/export.md")
        assert file.headers["content-disposition"].endswith("the-10-minute-review.md")
        form = {"title": "The 10-minute review", "body": file.text}
        saved = await creator.browser.post(f"{magnet}/edit", data=form)
        assert saved.status_code == 303, saved.text
        after = await read(creator, magnet)
        assert after["polished"]["sections"] == [
            {**SECTION, "id": "section-1", "introduction": "", "keyTakeaway": "Ask."}
        ]
        assert after["version"] == before["version"] + 2

    async def test_one_file_of_html_needs_no_other(self, creator: Account, magnet: str) -> None:
        file = (await creator.browser.get(f"{magnet}/export.html")).text
        assert "The three questions" in file
        assert "/static/" not in file
        assert "<script" not in file

    async def test_the_page_around_the_words_is_small(self, creator: Account, magnet: str) -> None:
        answer = await creator.browser.get(f"{magnet}/preview")
        assert len(answer.content) < 15_000
        assert (
            "frame-src https://www.youtube-nocookie.com"
            in (answer.headers["content-security-policy"])
        )
