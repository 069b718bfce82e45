"""Long work on contents: with a model, without one, and when somebody edits meanwhile."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from lodestone.domains.lead_magnets.background_jobs.service import WorkOn
from lodestone.domains.lead_magnets.contents import jobs
from lodestone.platform.ai import AiOptions
from lodestone.platform.database import Database
from lodestone.platform.runtime import Runtime, set_current
from tests.domains.accounts import Account, open_browser
from tests.domains.identity.teams import make_team
from tests.domains.lead_magnets.contents.test_editing import SECTION, api_of, read, set_layers
from tests.model_server import ModelServer, serving_models
from tests.people import People, Person

POLISHED = {
    "heroSummary": "You will have a review by Friday.",
    "sections": [
        {
            "sectionName": "Ten minutes",
            "introduction": "",
            "blocks": [
                {"type": "paragraph", "content": "One. Two. Three."},
                {"type": "stat-card", "title": "10-minute", "content": "as the title says"},
                {"type": "stat-card", "title": "73%", "content": "made up"},
                {"type": "resource-card", "title": "T", "url": "https://made.up", "content": ""},
            ],
            "keyTakeaway": "Sort by the last touch.",
        },
        {"sectionName": "Made up", "blocks": [{"type": "embed", "url": "https://youtu.be/abcdef"}]},
    ],
}


@pytest.fixture
async def models(runtime: Runtime) -> AsyncIterator[ModelServer]:
    async with serving_models() as server:
        options = AiOptions(openai_key="key", openai_url=server.url, model="local-model")
        set_current(dataclasses.replace(runtime, ai=options))
        yield server
        set_current(runtime)


async def begin(creator: Account, magnet: str, what: str = "polish") -> WorkOn:
    answer = await creator.browser.post(f"{api_of(magnet)}/{what}")
    assert answer.status_code == 202, answer.text
    return WorkOn(UUID(answer.json()["jobId"]), creator.id)


async def follow(creator: Account, work: WorkOn) -> dict[str, Any]:
    answer = await creator.browser.get(f"/api/lead-magnets/jobs/{work.background_job_id}")
    found: dict[str, Any] = answer.json()
    return found


async def choose(creator: Account, magnet: str, what: str, work: WorkOn) -> int:
    form = {"job_id": str(work.background_job_id)}
    return (await creator.browser.post(f"{magnet}/content/{what}", data=form)).status_code


class TestPolish:
    async def test_keeps_what_the_text_holds_and_nothing_made_up(
        self, creator: Account, magnet: str, models: ModelServer
    ) -> None:
        models.answers = [json.dumps(POLISHED)]
        before = await read(creator, magnet)
        work = await begin(creator, magnet)
        assert (await follow(creator, work))["status"] == "pending"
        await jobs.polish_content(work)
        await jobs.polish_content(work)
        assert len(models.asked) == 1
        after = (await read(creator, magnet))["polished"]
        [section] = after["sections"]
        assert [block["type"] for block in section["blocks"]] == [
            "paragraph",
            "paragraph",
            "stat-card",
        ]
        assert after["heroSummary"] == POLISHED["heroSummary"]
        assert "Put back what was there" in (await creator.browser.get(f"{magnet}/content")).text
        assert await choose(creator, magnet, "put-back", work) == 303
        assert await choose(creator, magnet, "put-back", work) == 409
        assert (await read(creator, magnet))["polished"]["sections"] == (
            before["polished"]["sections"]
        )

    @pytest.mark.parametrize("what", ["polish", "generate"])
    async def test_is_not_begun_with_a_key_of_a_team_that_has_not_the_magnet(
        self, creator: Account, magnet: str, app: FastAPI, what: str
    ) -> None:
        given = {"name": "One team's", "scope": "write"}
        team_id = await make_team(creator, "Halden")
        answer = await creator.browser.post(
            "/api/identity/keys", json={**given, "team_id": team_id}
        )
        headers = {"authorization": f"Bearer {answer.json()['key']}"}
        async with open_browser(app) as program:
            refused = await program.post(f"{api_of(magnet)}/{what}", headers=headers)
        assert refused.status_code == 404

    @pytest.mark.parametrize("answers", [[400], ["{", '{"sections": ['], []])
    async def test_stores_no_half_text_and_keeps_every_word_without_a_model(
        self, creator: Account, magnet: str, models: ModelServer, answers: list[str | int]
    ) -> None:
        models.answers = list(answers)
        if not answers:
            models.answers = [json.dumps({"sections": POLISHED["sections"][1:]})]
        before = await read(creator, magnet)
        work = await begin(creator, magnet)
        await jobs.polish_content(work)
        followed = await follow(creator, work)
        after = await read(creator, magnet)
        if answers:
            assert followed["result"]["model"] == "offline"
            assert after["polished"]["metadata"] == before["polished"]["metadata"]
            assert after["version"] == before["version"] + 1
        else:
            assert (followed["status"], after) == ("failed", before)
            assert "Yours is as it was" in followed["error"]

    async def test_waits_when_the_text_was_edited_meanwhile(
        self, creator: Account, stranger: Account, magnet: str, models: ModelServer
    ) -> None:
        models.answers = [429, 429, json.dumps(POLISHED)]
        work = await begin(creator, magnet)
        polishing = asyncio.create_task(jobs.polish_content(work))
        for _ in range(1_000):
            if models.asked:
                break
            await asyncio.sleep(0.01)
        given = {"version": 1, "content": {"sections": [SECTION]}}
        assert (await creator.browser.put(api_of(magnet), json=given)).status_code == 200
        await polishing
        assert (await read(creator, magnet))["polished"]["sections"][0]["sectionName"] == "One"
        assert "A polished text is ready" in (await creator.browser.get(f"{magnet}/content")).text
        assert await choose(stranger, magnet, "use", work) == 404
        assert await choose(creator, magnet, "use", work) == 303
        assert (await read(creator, magnet))["polished"]["sections"][0]["sectionName"] == (
            "Ten minutes"
        )
        assert await choose(creator, magnet, "put-back", work) == 303
        assert (await read(creator, magnet))["polished"]["sections"][0]["sectionName"] == "One"

    async def test_members_polish_what_is_the_teams(
        self,
        creator: Account,
        stranger: Account,
        magnet: str,
        people: People,
        models: ModelServer,
    ) -> None:
        models.answers = [json.dumps(POLISHED)]
        owner = Person(creator.id, creator.email, creator.username)
        team_id = await people.team(owner, Person(stranger.id, stranger.email, stranger.username))
        async with people.database.acting_as(creator.actor) as tx:
            await tx.execute(
                "update lead_magnets set team_id = $2 where id = $1",
                magnet.rsplit("/", 1)[1],
                team_id,
            )
        work = await begin(stranger, magnet)
        await jobs.polish_content(work)
        assert (await follow(stranger, work))["status"] == "completed"
        assert (await read(creator, magnet))["polished"]["sections"][0]["sectionName"] == (
            "Ten minutes"
        )
        assert await choose(stranger, magnet, "put-back", work) == 303


class TestWriting:
    async def test_sets_out_what_is_known_without_a_model(
        self, creator: Account, magnet: str, database: Database, runtime: Runtime
    ) -> None:
        concept = {
            "painSolved": "Deals go quiet.",
            "contents": "Ten questions: one for each stage\nA sheet to sort by\nThree mails",
        }
        await set_layers(database, creator, magnet, concept=concept)
        work = await begin(creator, magnet, "generate")
        await jobs.write_content(work)
        followed = await follow(creator, work)
        assert followed["status"] == "completed", followed
        layers = await read(creator, magnet)
        names = [section["sectionName"] for section in layers["extracted"]["structure"]]
        assert names == ["The problem", "What is inside", "Ten questions"]
        assert [section["sectionName"] for section in layers["polished"]["sections"]] == names
