"""Surveys: built in the console, answered on the thank-you page, told once."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from lodestone.domains.funnels.service import LeadQualified, sign_lead
from lodestone.domains.operations.jobs import record_qualification
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import Account, open_browser, publish, sign_up
from tests.domains.funnels.experiments import BROWSER, id_of, new_address, new_email

DECIDES = {
    "question_text": "Do you decide?",
    "answer_type": "yes_no",
    "is_required": "true",
    "is_qualifying": "true",
    "qualifying_answer": "yes",
}
SIZE = {
    "question_text": "How many are you?",
    "answer_type": "multiple_choice",
    "option_0": "Only me",
    "option_1": "A team",
    "accepts_1": "true",
    "is_required": "true",
    "is_qualifying": "true",
}
TRIED = {"question_text": "What did you try?", "answer_type": "textarea"}


@pytest.fixture(scope="module")
async def creator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture(scope="module")
async def stranger(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Eve Other")


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with open_browser(app, address=new_address()) as opened:
        opened.headers.update(BROWSER)
        yield opened


@pytest.fixture
async def funnel(creator: Account) -> tuple[str, str]:
    """The path of a published funnel with three questions, and its public one."""
    console, public = await publish(creator, title=f"Guide {uuid4().hex[:8]}")
    for question in (DECIDES, SIZE, TRIED):
        answer = await creator.browser.post(f"{console}/survey/questions", data=question)
        assert answer.status_code == 303, answer.text
    return console, public


async def opt_in(visitor: httpx.AsyncClient, page: str) -> str:
    """Opt in; return the address of the thank-you page with the lead's token."""
    answer = await visitor.post(page, data={"email": new_email(), "name": "Grace"})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def token_of(thanks: str) -> str:
    return httpx.URL(thanks).params["lead"]


async def press(
    visitor: httpx.AsyncClient, thanks: str, answer: str | None, *, move: str | None = None
) -> httpx.Response:
    """Answer the question that the page shows, and return the page that follows."""
    page = await visitor.get(thanks)
    question = re.search(r'name="question" value="([^"]+)"', page.text)
    assert question is not None, page.text
    data = {"question": question[1]}
    if answer is not None:
        data["answer"] = answer
    if move is not None:
        data["move"] = move
    action = str(httpx.URL(thanks).copy_with(params={"lead": token_of(thanks)}, fragment=None))
    posted = await visitor.post(action.replace("/thankyou?", "/survey?"), data=data)
    assert posted.status_code == 303, posted.text
    return await visitor.get(str(posted.url.join(posted.headers["location"])))


async def read_lead(database: Database, lead_id: UUID) -> dict[str, Any]:
    async with database.acting_as(Root()) as tx:
        row = await tx.fetchrow("select * from funnel_leads where id = $1", lead_id)
    assert row is not None
    return dict(row)


async def lead_on(database: Database, page: str) -> UUID:
    async with database.acting_as(Root()) as tx:
        found: UUID = await tx.fetchval(
            "select l.id from funnel_leads as l join funnel_pages as f on f.id = l.funnel_page_id"
            " where f.slug = $1 order by l.created_at desc limit 1",
            page.rsplit("/", 1)[1],
        )
    return found


class TestAnswering:
    async def test_asks_one_question_at_a_time_and_tells_once(
        self, visitor: httpx.AsyncClient, funnel: tuple[str, str], database: Database
    ) -> None:
        thanks = await opt_in(visitor, funnel[1])
        first = await visitor.get(thanks)
        assert "Question 1 of 3" in first.text
        assert "How many are you?" not in first.text
        assert "qualifying" not in first.text
        second = await press(visitor, thanks, "yes")
        assert "Question 2 of 3" in second.text
        kept = await read_lead(database, await lead_on(database, funnel[1]))
        assert list(kept["partial_answers"].values()) == ["yes"]
        assert kept["answered_at"] is None
        # Somebody who comes back goes on where they stopped.
        assert "Question 2 of 3" in (await visitor.get(thanks)).text
        assert "Question 3 of 3" in (await press(visitor, thanks, "A team")).text
        done = await press(visitor, thanks, None, move="skip")
        assert "Great! Book a call below." in done.text
        lead = await read_lead(database, await lead_on(database, funnel[1]))
        assert lead["is_qualified"] is True
        assert lead["partial_answers"] is None
        assert sorted(lead["qualification_questions"].values()) == [
            "Do you decide?",
            "How many are you?",
        ]
        assert await count_jobs(database, lead["id"]) == 1

    async def test_may_be_changed_for_a_day_and_tells_nobody_again(
        self, visitor: httpx.AsyncClient, funnel: tuple[str, str], database: Database
    ) -> None:
        thanks = await opt_in(visitor, funnel[1])
        token, lead_id = token_of(thanks), await lead_on(database, funnel[1])
        ids = await question_ids(database, funnel[0])
        answers = {ids[0]: "yes", ids[1]: "A team"}
        body = {"token": token, "answers": answers}
        first = await visitor.patch("/api/public/lead", json=body)
        assert first.json()["isQualified"] is True
        again = await visitor.patch(
            "/api/public/lead", json={"token": token, "answers": {**answers, ids[0]: "no"}}
        )
        assert again.json()["isQualified"] is False
        assert again.json()["bookingUrl"] is None
        assert await count_jobs(database, lead_id) == 1
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update funnel_leads set answered_at = now() - interval '25 hours' where id = $1",
                lead_id,
            )
        late = await visitor.patch("/api/public/lead", json=body)
        assert late.status_code == 409
        assert "Change your answers" not in (await visitor.get(thanks)).text

    async def test_shows_nobody_what_another_said_who_knows_the_address_alone(
        self, visitor: httpx.AsyncClient, funnel: tuple[str, str], database: Database, app: FastAPI
    ) -> None:
        thanks = await opt_in(visitor, funnel[1])
        await press(visitor, thanks, "yes")
        await press(visitor, thanks, "A team")
        await press(visitor, thanks, "We lost a client over it")
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update funnel_pages set calendly_url = 'https://calendly.com/ada' where id = $1",
                id_of(funnel[0]),
            )
        lead = await read_lead(database, await lead_on(database, funnel[1]))
        last = {"q": (await question_ids(database, funnel[0]))[2]}
        async with open_browser(app, address=new_address()) as other:
            other.headers.update(BROWSER)
            again = await other.post(funnel[1], data={"email": lead["email"], "name": ""})
            theirs = again.headers["location"]
            assert token_of(theirs) != token_of(thanks)
            shown = await other.get(str(httpx.URL(theirs).copy_merge_params(last)))
            assert "Question 3 of 3" in shown.text
            assert "We lost a client" not in shown.text
            assert "name=Grace" not in (await other.get(theirs)).text
        own = await visitor.get(str(httpx.URL(thanks).copy_merge_params(last)))
        assert "We lost a client" in own.text
        assert "name=Grace" in (await visitor.get(thanks)).text

    @pytest.mark.parametrize("given", ["the id", "forged", "another page's"])
    async def test_needs_the_signed_token_of_a_lead(
        self, visitor: httpx.AsyncClient, funnel: tuple[str, str], database: Database, given: str
    ) -> None:
        thanks = await opt_in(visitor, funnel[1])
        lead_id = await lead_on(database, funnel[1])
        token = {
            "the id": str(lead_id),
            "forged": token_of(thanks)[:-2] + "xx",
            "another page's": sign_lead(uuid4()),
        }[given]
        answer = await visitor.patch("/api/public/lead", json={"token": token, "answers": {}})
        assert answer.status_code in {403, 404}
        bare = await visitor.patch("/api/public/lead", json={"leadId": str(lead_id), "answers": {}})
        assert bare.status_code == 422
        posted = await visitor.post(f"{funnel[1]}/survey?lead={token}", data={"answer": "yes"})
        assert posted.status_code == 303
        led_to = await visitor.get(str(posted.url.join(posted.headers["location"])))
        assert 'name="email"' in led_to.text
        assert (await read_lead(database, lead_id))["answered_at"] is None

    async def test_names_the_question_that_is_wrong(
        self, visitor: httpx.AsyncClient, funnel: tuple[str, str], database: Database
    ) -> None:
        token = token_of(await opt_in(visitor, funnel[1]))
        ids = await question_ids(database, funnel[0])
        body = {"token": token, "answers": {ids[0]: "perhaps", "nobody": "asked"}}
        answer = await visitor.patch("/api/public/lead", json=body)
        assert answer.status_code == 422
        fields = answer.json()["details"]["fields"]
        assert "Do you decide?" in fields[ids[0]]
        assert "How many are you?" in fields[ids[1]]
        assert set(fields) == {ids[0], ids[1], "nobody"}

    async def test_leads_the_qualified_and_the_others_apart(
        self, visitor: httpx.AsyncClient, funnel: tuple[str, str], database: Database
    ) -> None:
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update funnel_pages set redirect_trigger = 'after_qualification',"
                " redirect_url = 'https://book.example.com/call' where id = $1",
                id_of(funnel[0]),
            )
        passed = await opt_in(visitor, funnel[1])
        for answer in ("yes", "A team"):
            await press(visitor, passed, answer)
        on = await press(visitor, passed, "Much")
        assert on.headers["refresh"] == "0;url=https://book.example.com/call"
        failed = await opt_in(visitor, funnel[1])
        for answer in ("no", "A team"):
            await press(visitor, failed, answer)
        # Without an address for the others the page shows its own result.
        assert "Thanks for your interest!" in (await press(visitor, failed, "Much")).text

    async def test_brings_the_verdict_into_the_pipeline(
        self,
        visitor: httpx.AsyncClient,
        creator: Account,
        funnel: tuple[str, str],
        database: Database,
    ) -> None:
        thanks = await opt_in(visitor, funnel[1])
        lead = await read_lead(database, await lead_on(database, funnel[1]))
        for answer in ("yes", "A team", "Much"):
            await press(visitor, thanks, answer)
        event = LeadQualified(
            lead_id=lead["id"],
            funnel_page_id=id_of(funnel[0]),
            acting_user_id=creator.id,
            qualified=True,
            answered_at=lead["created_at"],
        )
        for _ in range(2):
            await record_qualification(event)
        found = await creator.browser.get(
            "/app/leads/by-email", params={"email": str(lead["email"])}
        )
        trail = await creator.browser.get(found.headers["location"])
        assert trail.text.count("Answered the questions of") == 1
        assert "qualified" in trail.text.lower()


class TestEditing:
    async def test_refuses_a_choice_by_which_nobody_could_qualify(
        self, creator: Account, funnel: tuple[str, str], database: Database
    ) -> None:
        wrong = {key: value for key, value in SIZE.items() if key != "accepts_1"}
        answer = await creator.browser.post(f"{funnel[0]}/survey/questions", data=wrong)
        assert answer.status_code == 422
        assert "Mark the options that qualify" in answer.text
        [*_, size, _] = ids = await question_ids(database, funnel[0])
        answer = await creator.browser.post(f"/app/questions/{size}", data=wrong)
        assert answer.status_code == 422
        assert await question_ids(database, funnel[0]) == ids

    async def test_puts_questions_in_order_and_shares_them(
        self, creator: Account, funnel: tuple[str, str], database: Database
    ) -> None:
        ids = await question_ids(database, funnel[0])
        turned = [ids[2], ids[0], ids[1]]
        await creator.browser.post(f"{funnel[0]}/survey/order", data={"ids": turned})
        assert await question_ids(database, funnel[0]) == turned
        await creator.browser.post(f"{funnel[0]}/survey/share", data={"name": "Fit"})
        other, _ = await publish(creator, title=f"Guide {uuid4().hex[:8]}")
        async with database.acting_as(Root()) as tx:
            form_id = await tx.fetchval(
                "select qualification_form_id from funnel_pages where id = $1", id_of(funnel[0])
            )
        chosen = await creator.browser.post(f"{other}/survey/form", data={"form_id": str(form_id)})
        assert chosen.status_code == 303
        shown = await creator.browser.get(f"{other}/survey")
        assert "is asked by 2 funnels" in shown.text
        assert shown.text.index("What did you try?") < shown.text.index("Do you decide?")

    async def test_shows_the_first_question_in_the_preview(
        self, creator: Account, funnel: tuple[str, str]
    ) -> None:
        shown = await creator.browser.get(f"{funnel[0]}/preview?page=thankyou")
        assert "Question 1 of 3" in shown.text
        assert "inert" in shown.text

    async def test_drafts_questions_without_a_model(
        self, creator: Account, database: Database
    ) -> None:
        funnel, _ = await publish(creator, title=f"Guide {uuid4().hex[:8]}")
        answer = await creator.browser.post(f"{funnel}/survey/draft")
        assert answer.status_code == 303
        shown = await creator.browser.get(f"{funnel}/survey")
        assert "Deals go quiet" in shown.text
        assert len(await question_ids(database, funnel)) == 4

    async def test_is_closed_to_strangers(
        self, stranger: Account, funnel: tuple[str, str], database: Database
    ) -> None:
        ids = await question_ids(database, funnel[0])
        for path, data in (
            (f"{funnel[0]}/survey/questions", DECIDES),
            (f"{funnel[0]}/survey/starter", {}),
            (f"{funnel[0]}/survey/draft", {}),
            (f"{funnel[0]}/survey/order", {"ids": list(reversed(ids))}),
            (f"{funnel[0]}/survey/form", {"form_id": ""}),
            (f"/app/questions/{ids[0]}", DECIDES),
            (f"/app/questions/{ids[0]}/delete", {}),
        ):
            answer = await stranger.browser.post(path, data=data)
            assert answer.status_code == 404, path
        assert (await stranger.browser.get(f"{funnel[0]}/survey")).status_code == 404
        assert await question_ids(database, funnel[0]) == ids

    async def test_keeps_answers_to_questions_that_are_gone(
        self,
        visitor: httpx.AsyncClient,
        creator: Account,
        funnel: tuple[str, str],
        database: Database,
    ) -> None:
        thanks = await opt_in(visitor, funnel[1])
        for answer in ("yes", "A team", "Much"):
            await press(visitor, thanks, answer)
        ids = await question_ids(database, funnel[0])
        await creator.browser.post(f"/app/questions/{ids[0]}/delete")
        lead = await read_lead(database, await lead_on(database, funnel[1]))
        assert lead["qualification_questions"][ids[0]] == "Do you decide?"
        assert lead["qualification_answers"][ids[0]] == "yes"


async def count_jobs(database: Database, lead_id: object) -> int:
    """Return how often the pipeline is to be told of a lead's answers."""
    async with database.acting_as(Root()) as tx:
        count: int = await tx.fetchval(
            "select count(*) from platform.jobs"
            " where entrypoint = 'operations:record_qualification'"
            " and convert_from(payload, 'utf8') like '%' || $1::text || '%'",
            str(lead_id),
        )
    return count


async def question_ids(database: Database, funnel: str) -> list[str]:
    async with database.acting_as(Root()) as tx:
        rows = await tx.fetch(
            "select id from qualification_questions where funnel_page_id = $1"
            " order by question_order",
            id_of(funnel),
        )
    return [str(row["id"]) for row in rows]
