"""From what one knows to a lead magnet, step by step, with rules alone and with a model."""

import dataclasses
import json
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from lodestone.domains.lead_magnets.background_jobs.service import WorkOn
from lodestone.domains.lead_magnets.models import Archetype
from lodestone.domains.lead_magnets.wizard.jobs import think_up_ideas
from lodestone.platform.actors import Root
from lodestone.platform.ai import AiOptions
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from lodestone.platform.runtime import Runtime, set_current
from tests.domains.accounts import Account
from tests.domains.lead_magnets.wizard.drafts import CONTEXT, Wizard
from tests.model_server import ModelServer, serving_models


def _id(wizard: Wizard) -> UUID:
    return UUID(wizard.path.rsplit("/", 1)[1])


@pytest.fixture
async def models(runtime: Runtime) -> AsyncIterator[ModelServer]:
    """A language model of one's own."""
    async with serving_models() as server:
        options = AiOptions(openai_key="key", openai_url=server.url, model="local-model")
        set_current(dataclasses.replace(runtime, ai=options))
        yield server
        set_current(runtime)


class TestContext:
    async def test_needs_to_know_what_one_does(self, wizard: Wizard) -> None:
        answer = await wizard.post("context", act="ideas", business_description="Advice")
        assert answer.status_code == 422
        assert "f-business-description-error" in answer.text
        assert "#f-business-type" in answer.text

    async def test_reads_a_pasted_text_without_replacing_what_was_typed(
        self, wizard: Wizard
    ) -> None:
        text = (
            "We help agencies keep clients. Most struggle with churn every quarter.\n"
            "We cut churn from 9% to 3% for 40 clients."
        )
        typed = "I mend grandfather clocks, by hand, for museums."
        answer = await wizard.post(
            "context", act="read", business_description=typed, source_text=text
        )
        assert answer.status_code == 303
        shown = await wizard.work()
        assert typed in shown
        assert "Most struggle with churn every quarter." in shown
        assert "Nothing that you had typed was replaced" in shown

    async def test_finds_what_clients_said_in_a_call(self, wizard: Wizard) -> None:
        call = "Ann: We are losing clients and it hurts.\nAnn: How do you keep yours?\n" * 2
        assert (await wizard.post("context", act="listen", transcript="short")).status_code == 422
        await wizard.open()
        assert (await wizard.post("context", act="listen", transcript=call)).status_code == 303
        shown = await wizard.work()
        assert "We are losing clients and it hurts." in shown
        assert "How do you keep yours?" in shown


class TestIdeas:
    async def test_come_in_ten_formats_with_three_picks_and_are_kept_for_the_next_draft(
        self, wizard: Wizard
    ) -> None:
        shown = await wizard.reach_ideas()
        assert shown.count("Take this one") == 10
        for pick in ("Ship this week", "Most engagement", "Best for authority"):
            assert shown.count(pick) == 1
        assert "From your words" in shown
        following = await Wizard(wizard.creator, wizard.database_url).start()
        assert CONTEXT["business_description"] in await following.open()
        answer = await following.post("context", act="reuse", **CONTEXT)
        assert answer.status_code == 303
        assert (await following.open()).count("Take this one") == 10

    async def test_refuses_an_idea_that_is_none(self, wizard: Wizard) -> None:
        await wizard.reach_ideas()
        assert (await wizard.post("idea", index="10")).status_code == 422
        answer = await wizard.post("idea", act="own", own_title="", own_archetype="sonnet")
        assert answer.status_code == 422
        for field in ("own-title", "own-pain"):
            assert f"f-{field}-error" in answer.text

    async def test_a_model_is_asked_in_five_calls_and_what_it_gets_wrong_is_settled(
        self, wizard: Wizard, models: ModelServer
    ) -> None:
        idea = {"archetype": "prompt", "title": "Prompts for renewals", "painSolved": "Churn"}
        models.answers = [json.dumps({"concepts": [idea] * 2})] * 5
        picks = {"shipThisWeek": {"conceptIndex": 99, "reason": "Out of the list"}}
        models.answers.append(json.dumps({"recommendations": picks}))
        shown = await wizard.reach_ideas()
        assert len(models.asked) == 6
        assert shown.count("Take this one") == 10
        assert shown.count("Ship this week") == 1
        assert "Out of the list" not in shown
        assert "no model is set up" not in shown


class TestAnswers:
    async def test_names_the_required_questions_that_are_open(self, wizard: Wizard) -> None:
        shown = await wizard.reach_answers()
        assert "1 of 6" in shown
        answer = await wizard.post("answers", answer_useCase="Calls", answer_exclusions="None")
        assert answer.status_code == 422
        assert answer.text.count("data-wrong") == 4
        assert "Calls" in await wizard.open(3)

    async def test_keep_the_standard_wording_when_a_model_changes_what_is_asked(
        self, wizard: Wizard, models: ModelServer
    ) -> None:
        # Ideas come by rules, as the model is down; then it drops a question, then it rewords all.
        models.answers = [400] * 6
        models.answers.append(
            json.dumps({"questions": [{"id": "useCase", "question": "Only this one?"}]})
        )
        assert "For which one job is this kit?" in await wizard.reach_answers()
        reworded = [
            {"id": name, "question": f"Tell me about {name} in an agency?", "required": needed}
            for name, needed in {
                "useCase": True,
                "items": True,
                "content": True,
                "context": True,
                "testing": True,
                "exclusions": False,
            }.items()
        ]
        models.answers = [json.dumps({"questions": reworded})]
        await wizard.open(2)
        await wizard.post(
            "idea",
            act="own",
            own_title="Another toolkit",
            own_pain="Churn",
            own_archetype="focused-toolkit",
        )
        assert "Tell me about items in an agency?" in await wizard.work()

    async def test_are_dug_into_by_a_chat_that_is_kept(self, wizard: Wizard) -> None:
        await wizard.reach_answers()
        answer = await wizard.creator.browser.post(
            f"{wizard.path}/chat",
            data={"version": wizard.version, "answer_useCase": "Calls", "message": "It is hard"},
            headers={"accept": "application/json"},
        )
        assert answer.status_code == 200
        assert "short so far" in answer.json()["reply"]
        shown = await wizard.open()
        assert "It is hard" in shown
        assert "short so far" in shown


class TestContent:
    async def test_keeps_every_word_and_its_order_can_be_changed(self, wizard: Wizard) -> None:
        shown = await wizard.reach_content()
        assert "**Point one** what I do" in shown
        answer = await wizard.save(
            4,
            s0_name="Second thoughts",
            s0_body="**Head** told\nmore of it\n\nA plain point",
            s1_name="First",
            s1_intro="Opening",
            s2_name="",
            mistakes="- One\n- Two",
        )
        assert answer.status_code == 200
        shown = await wizard.open(4)
        assert shown.index("Second thoughts") < shown.index('value="First"')
        assert "**Head** told\nmore of it\n\nA plain point" in shown
        assert "s2_name" not in shown

    @pytest.mark.parametrize("archetype", [Archetype.SINGLE_CALCULATOR, Archetype.ONE_STORY])
    async def test_is_made_in_every_kind_of_format(
        self, wizard: Wizard, database: Database, archetype: Archetype
    ) -> None:
        shown = await wizard.reach_content(archetype)
        assert "Read it as your reader would" in shown
        assert ("Parts of the tool" in shown) is (archetype is Archetype.SINGLE_CALCULATOR)
        assert (await wizard.publish()).status_code == 303
        async with database.acting_as(wizard.creator.actor) as tx:
            row = await tx.fetchrow(
                "select generated_content, polished_content from lead_magnets where id = $1",
                _id(wizard),
            )
        assert row is not None
        assert bool(row["generated_content"]) is (archetype is Archetype.SINGLE_CALCULATOR)
        assert "first." in str(row["polished_content"])


class TestWork:
    async def test_can_be_stopped_and_tried_again(self, wizard: Wizard, database: Database) -> None:
        await wizard.post("context", act="ideas", **CONTEXT)
        shown = await wizard.open()
        assert "Looking for ideas" in shown
        again = await wizard.creator.browser.post(f"{wizard.path}/ideas")
        assert again.status_code == 409
        assert (await wizard.post("job", act="cancel")).status_code == 303
        await work_off(wizard.database_url)
        assert "Take this one" not in await wizard.open()
        await wizard.post("context", act="ideas", **CONTEXT)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update background_jobs set status = 'failed', error = 'The line broke.'"
                " where user_id = $1 and status = 'pending'",
                wizard.creator.id,
            )
        shown = await wizard.open()
        assert "The line broke." in shown
        assert (await wizard.post("job", act="retry")).status_code == 303
        assert "Take this one" in await wizard.work()

    async def test_keeps_its_result_when_the_draft_is_gone(
        self, wizard: Wizard, database: Database, stranger: Account
    ) -> None:
        await wizard.post("context", act="listen", transcript="We struggle with churn. " * 5)
        async with database.acting_as(Root()) as tx:
            job_id = await tx.fetchval(
                "select id from background_jobs where user_id = $1", wizard.creator.id
            )
        path = f"/api/lead-magnets/jobs/{job_id}"
        assert (await wizard.creator.browser.get(path)).json()["status"] == "pending"
        assert (await stranger.browser.get(path)).status_code == 404
        assert (await stranger.browser.post(f"{path}/cancel")).status_code == 404
        await wizard.post("job", act="dismiss")
        answer = await wizard.creator.browser.get(path)
        assert (answer.json()["status"], answer.json()["error"]) == ("failed", "You stopped it.")

    async def test_leaves_one_result_when_its_worker_dies_and_it_runs_again(
        self, wizard: Wizard, database: Database
    ) -> None:
        await wizard.post("context", act="ideas", **CONTEXT)
        async with database.acting_as(Root()) as tx:
            job_id = await tx.fetchval(
                "update background_jobs set status = 'processing' where user_id = $1 returning id",
                wizard.creator.id,
            )
        # What a worker did before it died is done again, and a third time changes nothing.
        for _ in range(2):
            await think_up_ideas(WorkOn(job_id, wizard.creator.id))
        shown = await wizard.open()
        assert shown.count("Take this one") == 10
        version = wizard.version
        await work_off(wizard.database_url)
        await wizard.open()
        assert wizard.version == version

    async def test_brings_its_result_to_a_draft_that_was_deleted_meanwhile(
        self, wizard: Wizard
    ) -> None:
        await wizard.post("context", act="ideas", **CONTEXT)
        await wizard.post("delete")
        await work_off(wizard.database_url)
        await wizard.post("restore")
        assert "Take this one" in await wizard.open()

    async def test_ends_when_the_queue_has_given_it_up(
        self, wizard: Wizard, database: Database
    ) -> None:
        await wizard.post("context", act="ideas", **CONTEXT)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update platform.jobs set status = 'failed' where id = (select"
                " trigger_task_id::bigint from background_jobs where user_id = $1)",
                wizard.creator.id,
            )
        assert "Something went wrong on our side" in await wizard.open()


class TestPublishing:
    async def test_makes_the_magnet_with_all_that_was_made_and_ends_the_draft(
        self, wizard: Wizard, database: Database
    ) -> None:
        await wizard.reach_posts()
        first = await wizard.open(5)
        assert first.count("po-choose") == 3
        await wizard.save(5, selected="2", post_2="My own words", cta_word="churn!", dm_template="")
        answer = await wizard.publish("The churn kit")
        assert answer.headers["location"] == f"/app/lead-magnets/{_id(wizard)}"
        async with database.acting_as(wizard.creator.actor) as tx:
            row = await tx.fetchrow("select * from lead_magnets where id = $1", _id(wizard))
            drafts = await tx.fetchval("select count(*) from extraction_sessions")
        assert row is not None
        assert (row["title"], row["status"], row["archetype"]) == (
            "The churn kit",
            "draft",
            "focused-toolkit",
        )
        assert row["linkedin_post"] == "My own words"
        assert row["cta_word"] == "CHURN"
        assert len(row["post_variations"]) == 3
        assert row["polished_content"]["metadata"]["wordCount"] > 30
        assert row["extracted_content"]["structure"]
        assert drafts == 0

    async def test_twice_makes_one(self, wizard: Wizard, database: Database) -> None:
        await wizard.reach_content()
        first, second = await wizard.publish(), await wizard.post("publish", title="Again")
        assert first.headers["location"] == second.headers["location"]
        async with database.acting_as(wizard.creator.actor) as tx:
            assert await tx.fetchval("select count(*) from lead_magnets") == 1

    async def test_loses_nothing_to_the_limit_of_a_plan(
        self, wizard: Wizard, database: Database
    ) -> None:
        await wizard.reach_content()
        async with database.acting_as(Root()) as tx:
            await tx.execute("update app_settings set value = 'off' where key = 'beta'")
            await tx.execute(
                "update subscriptions set plan = 'free' where user_id = $1", wizard.creator.id
            )
        try:
            async with database.acting_as(wizard.creator.actor) as tx:
                await tx.execute(
                    "insert into lead_magnets (user_id, title) values ($1, 'One'), ($1, 'Two')",
                    wizard.creator.id,
                )
            answer = await wizard.publish()
        finally:
            async with database.acting_as(Root()) as tx:
                await tx.execute("update app_settings set value = 'on' where key = 'beta'")
        assert answer.status_code == 403
        assert "holds 2 lead magnets a month" in answer.text
        assert "Last look" in await wizard.open(6)

    async def test_needs_content(self, wizard: Wizard) -> None:
        await wizard.reach_answers()
        assert (await wizard.post("publish", title="Too early")).status_code == 409
