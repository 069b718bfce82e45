"""What is done in the background for a draft: asked of a model, and written back to the draft."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lodestone.domains.lead_magnets.archetypes import service as archetypes
from lodestone.domains.lead_magnets.background_jobs.service import BackgroundJob, writer_for
from lodestone.domains.lead_magnets.brand_kits import service as brand_kits
from lodestone.domains.lead_magnets.brand_kits.models import Reading, ReadSource
from lodestone.domains.lead_magnets.contents.models import ExtractedContent
from lodestone.domains.lead_magnets.models import Archetype
from lodestone.domains.lead_magnets.posts import service as posts
from lodestone.domains.lead_magnets.posts.models import PostResult
from lodestone.domains.lead_magnets.wizard import extraction, ideas, prompting, rules, service
from lodestone.domains.lead_magnets.wizard.models import (
    AskedQuestion,
    CompetitorAnalysis,
    Draft,
    IdeationResult,
    TranscriptInsights,
    WizardState,
    WizardStep,
)
from lodestone.domains.prompts import service as prompts
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict
from lodestone.platform.jobs import report_progress

SOURCE = "lead_magnets"
_ALL = tuple(archetypes.ARCHETYPES)
_PAIRS = tuple(_ALL[place : place + 2] for place in range(0, len(_ALL), 2))


async def _load(job: BackgroundJob) -> Draft:
    async with runtime.acting_as(writer_for(job.user_id), readonly=True) as tx:
        # Deleted meanwhile, it can be brought back for a day: what was begun is there then.
        return await service.get_draft(tx, draft_id=_draft_id(job), is_put_away_too=True)


async def _author(draft: Draft, user_id: UUID) -> str:
    async with runtime.acting_as(writer_for(user_id), readonly=True) as tx:
        kit = await brand_kits.find_kit(tx, user_id=user_id, team_id=draft.team_id)
    return brand_kits.describe_author(kit)


def _draft_id(job: BackgroundJob) -> UUID:
    return UUID(job.input["draft_id"])


def _caller(job: BackgroundJob, draft: Draft) -> prompts.Caller:
    return prompts.Caller(SOURCE, user_id=job.user_id, team_id=draft.team_id, job_id=job.id)


async def think_up(job: BackgroundJob) -> dict[str, Any]:
    """Ask for two ideas in each of five calls at once, then choose among the ten."""
    draft = await _load(job)
    author, caller = await _author(draft, job.user_id), _caller(job, draft)
    ground, heard = rules.ground_of(draft.state), "\n".join(rules.heard_lines(draft.state))
    analysis = draft.state.ideation_sources.competitor_inspiration.analysis
    total, done = len(_PAIRS) + 1, 0
    await report_progress(done=0, total=total, message="Looking for ideas in ten formats")

    async def ask(pair: tuple[Archetype, ...]) -> prompts.Outcome[prompting.Concepts]:
        nonlocal done
        formats = "\n\n".join(
            f"{each}: {archetypes.ARCHETYPES[each].idea}\n{archetypes.guidance_text(each)}"
            for each in pair
        )
        given = prompting.ConceptsInput(
            author=author,
            formats=formats,
            heard=heard,
            competitor="\n".join(analysis.effectiveness_factors) if analysis else "",
            archetypes=list(pair),
            ground=ground,
        )
        outcome = await prompts.run(prompting.THINK_UP, given, caller=caller)
        done += 1
        names = " and ".join(archetypes.name_of(each) for each in pair)
        await report_progress(done=done, total=total, message=f"{names}: thought through")
        return outcome

    outcomes = await asyncio.gather(*(ask(pair) for pair in _PAIRS))
    concepts = [each for outcome in outcomes for each in outcome.value.concepts][: len(_ALL)]
    await report_progress(done=total - 1, total=total, message="Weighing the ideas")
    choice = await prompts.run(
        prompting.CHOOSE, prompting.ChoiceInput(author=author, concepts=concepts), caller=caller
    )
    models = {outcome.model for outcome in outcomes} - {prompts.OFFLINE}
    result = IdeationResult(
        concepts=concepts,
        recommendations=choice.value.recommendations,
        suggested_bundle=choice.value.suggested_bundle,
        made_by=next(iter(sorted(models)), prompts.OFFLINE),
    )
    return ideas.settle(result).to_json()


async def keep_ideas(tx: Tx, job: BackgroundJob, result: dict[str, Any]) -> None:
    """Show the ideas in the draft, and keep them with the kit to be used again."""
    found = IdeationResult.model_validate(result)

    def change(state: WizardState) -> WizardState:
        return state.model_copy(
            update={
                "ideation_result": found,
                "selected_concept_index": None,
                "is_custom_idea": False,
                "current_step": WizardStep.IDEAS,
                "made_by": {**state.made_by, "ideas": found.made_by},
            }
        )

    await _keep(tx, job, change)
    team_id = job.input.get("team_id")
    await brand_kits.keep_ideas(
        tx,
        user_id=job.user_id,
        team_id=UUID(team_id) if team_id else None,
        ideas=result,
        at=datetime.now(UTC).isoformat(),
    )


async def reword(job: BackgroundJob) -> dict[str, Any]:
    """Word the questions for this author; in doubt they stay as they are."""
    draft = await _load(job)
    concept = draft.state.concept
    if concept is None:
        raise Conflict("Choose an idea first.")
    standard = extraction.standard_questions(concept.archetype)
    given = prompting.QuestionsInput(
        author=await _author(draft, job.user_id),
        title=concept.title,
        pain_solved=concept.pain_solved,
        archetype=concept.archetype,
        questions=standard,
    )
    outcome = await prompts.run(prompting.REWORD, given, caller=_caller(job, draft))
    kept = extraction.keep_wording(standard, outcome.value.questions)
    return {"questions": [each.to_json() for each in kept], "madeBy": outcome.model}


async def keep_questions(tx: Tx, job: BackgroundJob, result: dict[str, Any]) -> None:
    """Ask the draft's author in these words."""
    questions = [AskedQuestion.model_validate(each) for each in result["questions"]]
    await _keep(tx, job, lambda state: state.model_copy(update={"questions": questions}))


async def extract(job: BackgroundJob) -> dict[str, Any]:
    """Put the answers in order."""
    draft = await _load(job)
    state = draft.state
    concept = rules.require_answers(state)
    await report_progress(done=0, total=2, message="Reading your answers")
    given = prompting.ExtractionInput(
        author=await _author(draft, job.user_id),
        title=concept.title,
        guidance=archetypes.guidance_text(concept.archetype),
        questions_and_answers=rules.write_interview(state),
        heard="\n".join(rules.heard_lines(state)),
        concept=concept,
        answers=rules.answers_to(state),
        conversation=state.chat_messages,
    )
    await report_progress(done=1, total=2, message="Putting them in order")
    outcome = await prompts.run(prompting.EXTRACT, given, caller=_caller(job, draft))
    return {"content": outcome.value.to_json(), "madeBy": outcome.model}


async def keep_extracted(tx: Tx, job: BackgroundJob, result: dict[str, Any]) -> None:
    """Show the content in the draft; posts about an earlier one are written anew."""
    content = ExtractedContent.model_validate(result["content"])

    def change(state: WizardState) -> WizardState:
        return state.model_copy(
            update={
                "extracted_content": content,
                "current_step": WizardStep.CONTENT,
                "made_by": {**state.made_by, "content": result["madeBy"]},
            }
        )

    await _keep(tx, job, change)


async def write_posts(job: BackgroundJob) -> dict[str, Any]:
    """Write three posts about the content."""
    draft = await _load(job)
    given = rules.post_input(draft.state, author=await _author(draft, job.user_id))
    await report_progress(done=0, total=1, message="Writing three posts")
    outcome = await posts.write(given, caller=_caller(job, draft))
    return {"posts": outcome.value.to_json(), "madeBy": outcome.model}


async def keep_posts(tx: Tx, job: BackgroundJob, result: dict[str, Any]) -> None:
    """Show the posts in the draft."""
    found = PostResult.model_validate(result["posts"])

    def change(state: WizardState) -> WizardState:
        return state.model_copy(
            update={
                "post_result": found.to_json(),
                "selected_post_index": 0,
                "current_step": WizardStep.POSTS,
                "made_by": {**state.made_by, "posts": result["madeBy"]},
            }
        )

    await _keep(tx, job, change)


async def read_context(job: BackgroundJob) -> dict[str, Any]:
    """Read a business out of a pasted text or a web site."""
    source = ReadSource.model_validate(job.input["source"])
    await report_progress(done=0, total=1, message="Reading it")
    team_id = job.input.get("team_id")
    caller = prompts.Caller(
        SOURCE, user_id=job.user_id, team_id=UUID(team_id) if team_id else None, job_id=job.id
    )
    outcome = await brand_kits.read_source(source, caller=caller)
    return {"reading": outcome.value.model_dump(mode="json"), "madeBy": outcome.model}


async def keep_context(tx: Tx, job: BackgroundJob, result: dict[str, Any]) -> None:
    """Fill the draft's empty fields with what was read; nothing that was typed is replaced."""
    if "draft_id" not in job.input:
        return
    reading = Reading.model_validate(result["reading"])

    def change(state: WizardState) -> WizardState:
        kit = dict(state.brand_kit)
        read = reading.extracted.model_dump(mode="json")
        filled = {name: value for name, value in read.items() if value and not kit.get(name)}
        noted = {**result["reading"], "filled": sorted(filled)}
        return state.model_copy(update={"brand_kit": kit | filled, "import_result": noted})

    await _keep(tx, job, change)


async def listen(job: BackgroundJob) -> dict[str, Any]:
    """Find what clients said in the pasted call."""
    draft = await _load(job)
    raw = draft.state.ideation_sources.call_transcript.raw
    given = prompting.SourceInput(source_text=raw)
    outcome = await prompts.run(prompting.LISTEN, given, caller=_caller(job, draft))
    return outcome.value.to_json()


async def keep_insights(tx: Tx, job: BackgroundJob, result: dict[str, Any]) -> None:
    """Let ideas and questions draw on the call."""
    insights = TranscriptInsights.model_validate(result)

    def change(state: WizardState) -> WizardState:
        sources = state.ideation_sources
        call = sources.call_transcript.model_copy(update={"insights": insights})
        return state.model_copy(
            update={"ideation_sources": sources.model_copy(update={"call_transcript": call})}
        )

    await _keep(tx, job, change)


async def dissect(job: BackgroundJob) -> dict[str, Any]:
    """Find what works in the pasted magnet of somebody else."""
    draft = await _load(job)
    raw = draft.state.ideation_sources.competitor_inspiration.raw
    given = prompting.SourceInput(source_text=raw)
    outcome = await prompts.run(prompting.DISSECT, given, caller=_caller(job, draft))
    return outcome.value.to_json()


async def keep_analysis(tx: Tx, job: BackgroundJob, result: dict[str, Any]) -> None:
    """Let ideas learn from it."""
    analysis = CompetitorAnalysis.model_validate(result)

    def change(state: WizardState) -> WizardState:
        sources = state.ideation_sources
        other = sources.competitor_inspiration.model_copy(update={"analysis": analysis})
        return state.model_copy(
            update={
                "ideation_sources": sources.model_copy(update={"competitor_inspiration": other})
            }
        )

    await _keep(tx, job, change)


async def _keep(tx: Tx, job: BackgroundJob, change: service.Change) -> None:
    await service.keep_for_job(tx, draft_id=_draft_id(job), job_id=job.id, change=change)


async def follow_up(draft: Draft, *, user_id: UUID) -> str:
    """Ask the interviewer's next question, outside any transaction."""
    state = draft.state
    concept = state.concept
    if concept is None:
        raise Conflict("Choose an idea first.")
    given = prompting.ChatInput(
        author=await _author(draft, user_id),
        title=concept.title,
        questions_and_answers=rules.write_interview(state),
        conversation=state.chat_messages,
        archetype=concept.archetype,
        answers=rules.answers_to(state),
    )
    caller = prompts.Caller(SOURCE, user_id=user_id, team_id=draft.team_id)
    outcome = await prompts.run(prompting.FOLLOW_UP, given, caller=caller)
    return outcome.value
