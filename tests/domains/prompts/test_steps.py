"""Steps: the registry's text or the shipped one, a model or the offline rule, and the log."""

import dataclasses
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from lodestone.domains.prompts import rules, service
from lodestone.domains.prompts.models import Caller, Category, Prompt, Source, Step
from lodestone.platform.actors import Root
from lodestone.platform.ai import AiOptions
from lodestone.platform.database import Database
from lodestone.platform.runtime import Runtime, set_current
from tests.model_server import ModelServer, serving_models


class Topic(BaseModel):
    """What the step is given."""

    topic: str = Field(description="What to write about", examples=["calm launches"])


class Copy(BaseModel):
    """What the step gives."""

    headline: str


Headline = Step[Topic, Copy]


@pytest.fixture
def step() -> Headline:
    prompt = Prompt(
        slug=f"headline-{uuid4().hex[:8]}",
        name="Headline",
        category=Category.FUNNELS,
        description="One headline",
        system="You write for {{topic}}.",
        user="Topic: {{topic}}",
        model="claude-sonnet-4-6",
        temperature=0.3,
        max_tokens=500,
    )
    return service.declare(
        prompt, input=Topic, output=Copy, offline=lambda given: Copy(headline=given.topic.title())
    )


@pytest.fixture
async def models() -> AsyncIterator[ModelServer]:
    async with serving_models() as server:
        yield server


@pytest.fixture
def with_models(runtime: Runtime, models: ModelServer) -> Iterator[ModelServer]:
    """An OpenAI-compatible server of one's own."""
    options = AiOptions(openai_key="key", openai_url=models.url, model="local-model")
    set_current(dataclasses.replace(runtime, ai=options))
    yield models
    set_current(runtime)


@pytest.fixture
def with_anthropic(runtime: Runtime, models: ModelServer) -> Iterator[ModelServer]:
    options = AiOptions(anthropic_key="key", anthropic_url=models.url.removesuffix("/v1"))
    set_current(dataclasses.replace(runtime, ai=options))
    yield models
    set_current(runtime)


async def take(step: Headline, topic: str = "calm launches") -> service.Outcome[Copy]:
    return await service.run(step, Topic(topic=topic), caller=Caller(source="funnels"))


async def usage(database: Database, step: Headline) -> list[dict[str, object]]:
    async with database.acting_as(Root()) as tx:
        rows = await tx.fetch(
            "select * from ai_usage_logs where caller = $1 order by created_at, model", step.slug
        )
    return [dict(row) for row in rows]


@pytest.mark.usefixtures("runtime")
class TestWithoutAModel:
    async def test_the_offline_rule_gives_the_result(
        self, database: Database, step: Headline
    ) -> None:
        outcome = await take(step)
        assert outcome.value == Copy(headline="Calm Launches")
        assert (outcome.model, outcome.source, outcome.failure) == ("offline", "offline", None)
        logged = await usage(database, step)
        assert [(row["model"], row["input_tokens"]) for row in logged] == [("offline", 0)]


class TestWithAModel:
    async def test_its_answer_is_read_and_logged(
        self, database: Database, step: Headline, with_models: ModelServer
    ) -> None:
        with_models.answers = ['{"headline": "Launch calmly"}']
        outcome = await take(step)
        assert outcome.value == Copy(headline="Launch calmly")
        assert (outcome.model, outcome.source) == ("local-model", Source.DEFAULT)
        asked = with_models.asked[0]
        assert (asked["model"], asked["temperature"]) == ("local-model", 0.3)
        assert "You write for calm launches." in str(asked["messages"])
        [row] = await usage(database, step)
        assert (row["input_tokens"], row["output_tokens"]) == (100, 20)
        assert row["metadata"]["unpriced"] is True  # type: ignore[index]

    async def test_anthropics_cache_is_counted_and_priced(
        self, database: Database, step: Headline, with_anthropic: ModelServer
    ) -> None:
        with_anthropic.answers = ['{"headline": "Launch calmly"}']
        await take(step)
        [row] = await usage(database, step)
        tokens = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")
        assert [row[name] for name in tokens] == [100, 20, 7, 3]
        assert float(str(row["estimated_cost_cents"])) > 0

    async def test_overload_is_waited_out(self, step: Headline, with_models: ModelServer) -> None:
        with_models.answers = [429, 503, '{"headline": "Third time"}']
        assert (await take(step)).value == Copy(headline="Third time")

    async def test_a_wrong_shape_is_sent_back_once(
        self, step: Headline, with_models: ModelServer
    ) -> None:
        with_models.answers = ["Sure! Here it is.", '```json\n{"headline": "Mended"}\n```']
        assert (await take(step)).value == Copy(headline="Mended")

    @pytest.mark.parametrize(
        "answers", [[400], ["nonsense", "nonsense again"], [500, 500, 500, 500]]
    )
    async def test_the_offline_rule_takes_over(
        self,
        database: Database,
        step: Headline,
        with_models: ModelServer,
        answers: list[str | int],
    ) -> None:
        with_models.answers = answers
        outcome = await take(step)
        assert outcome.model == "offline"
        assert outcome.failure
        logged = await usage(database, step)
        assert sorted(str(row["model"]) for row in logged) == ["claude-sonnet-4-6", "offline"]
        assert [row["metadata"]["ok"] for row in logged].count(False) == 1  # type: ignore[index]

    async def test_half_an_answer_is_none(self, step: Headline, with_models: ModelServer) -> None:
        with_models.finish_reason = "length"
        with_models.answers = ['{"headline": "Cut"}'] * 2
        assert (await take(step)).model == "offline"


@pytest.mark.usefixtures("runtime")
class TestRegistry:
    async def test_seeds_what_ships_once(self, database: Database, step: Headline) -> None:
        async with database.acting_as(Root()) as tx:
            await service.seed(tx)
            await tx.execute(
                "update ai_prompt_templates set user_prompt = 'Ours' where slug = $1", step.slug
            )
            await service.seed(tx)
            row = await tx.fetchrow(
                """
                select t.user_prompt, t.is_active, t.variables, count(v.id) as versions
                from ai_prompt_templates as t
                left join ai_prompt_versions as v on v.prompt_id = t.id
                where t.slug = $1
                group by t.id
                """,
                step.slug,
            )
        assert row is not None
        assert (row["user_prompt"], row["is_active"], row["versions"]) == ("Ours", False, 1)
        assert row["variables"] == [
            {"name": "topic", "description": "What to write about", "example": "calm launches"}
        ]

    async def test_an_active_text_replaces_the_shipped_one_at_once(
        self, database: Database, step: Headline, with_models: ModelServer
    ) -> None:
        async with database.acting_as(Root()) as tx:
            await service.seed(tx)
            await tx.execute(
                "update ai_prompt_templates set is_active = true, user_prompt = $2 where slug = $1",
                step.slug,
                r"Now: {{topic}} {{ unknown }}{{unknown}} \{{first_name}} {link}",
            )
        with_models.answers = ['{"headline": "From the registry"}']
        outcome = await take(step, topic="a {{topic}}")
        assert (outcome.source, outcome.prompt_version) == (Source.DATABASE, 1)
        text = str(with_models.asked[0]["messages"])
        assert "Now: a {{topic}} {{ unknown }} {{first_name}} {link}" in text


class TestDeclaring:
    def test_refuses_a_text_that_asks_for_what_is_not_given(self) -> None:
        prompt = Prompt("asks-too-much", "Name", Category.EMAIL, "", "", "{{topic}} {{mood}}")
        with pytest.raises(ValueError, match="mood"):
            service.declare(
                prompt, input=Topic, output=Copy, offline=lambda given: Copy(headline=given.topic)
            )

    def test_refuses_a_slug_twice(self, step: Headline) -> None:
        with pytest.raises(ValueError, match="twice"):
            service.declare(step.prompt, input=Topic, output=Copy, offline=step.offline)


class TestInterpolation:
    @given(value=st.text())
    def test_puts_values_in_as_they_are(self, value: str) -> None:
        assert rules.interpolate("<{{value}}>", {"value": value}) == f"<{value}>"

    @given(text=st.text(alphabet="ab{}\\ "))
    def test_never_fails(self, text: str) -> None:
        assert isinstance(rules.interpolate(text, {"a": "1"}), str)
