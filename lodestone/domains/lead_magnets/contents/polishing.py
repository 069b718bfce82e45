"""Long work on contents: writing a magnet from its idea, and polishing it, in the background."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

from lodestone.domains.lead_magnets import rules
from lodestone.domains.lead_magnets.archetypes import service as archetypes
from lodestone.domains.lead_magnets.background_jobs import service as background_jobs
from lodestone.domains.lead_magnets.background_jobs.service import BackgroundJob, Status
from lodestone.domains.lead_magnets.brand_kits import service as brand_kits
from lodestone.domains.lead_magnets.contents import conversion, formatting, queries, service, steps
from lodestone.domains.lead_magnets.contents.models import ExtractedContent
from lodestone.domains.lead_magnets.contents.service import Layers
from lodestone.domains.prompts import service as prompts
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, LodestoneError, NotFound
from lodestone.platform.jobs import report_progress

_EMPTIED = "The polished text came back empty. Yours is as it was."
_NOTHING = "There is nothing to polish yet."


class Work(BaseModel):
    """The last long work on a magnet, as its editor shows it."""

    id: UUID
    kind: str
    status: Status
    error: str | None
    task_id: str | None
    result: dict[str, Any] | None

    @property
    def was_kept_apart(self) -> bool:
        """Say whether its result waits, because the text was edited meanwhile."""
        return self.status is Status.COMPLETED and bool((self.result or {}).get("keptApart"))

    def can_be_undone(self, version: int) -> bool:
        """Say whether what stands there is still what this work wrote."""
        result = self.result or {}
        return bool(result.get("before")) and result.get("version") == version


class WorkChoice(BaseModel):
    """Which work's result a person means."""

    job_id: UUID


async def find_last_work(tx: Tx, *, lead_magnet_id: UUID) -> Work | None:
    """Find the last work that the actor began on a magnet."""
    row = await queries.find_last_work(tx, lead_magnet_id=lead_magnet_id)
    return Work.model_validate(dict(row)) if row is not None else None


async def check_visible(tx: Tx, *, lead_magnet_id: UUID) -> None:
    """See that there is such a magnet. Raises NotFound."""
    await service.get_layers(tx, lead_magnet_id=lead_magnet_id)


async def check_polish(tx: Tx, *, lead_magnet_id: UUID) -> None:
    """See that there is something to polish. Raises InvalidInput, NotFound."""
    layers = await service.get_layers(tx, lead_magnet_id=lead_magnet_id)
    if service.read_content(layers) is None:
        raise InvalidInput(_NOTHING, fields={"content": "Write or generate some first."})


async def polish(job: BackgroundJob) -> dict[str, Any]:
    """Polish what stands there; what it was goes into the result, to be put back.

    Raises: NotFound, InvalidInput, LodestoneError when nothing good came back.
    """
    layers, author = await _read(job)
    content = service.read_content(layers)
    if content is None:
        raise InvalidInput(_NOTHING, fields={"content": "Write or generate some first."})
    await report_progress(done=1, total=3, message="Polishing the text")
    polished, model = await _polish(job, layers, author, rules.write_text(content))
    await report_progress(done=3, total=3, message="Done")
    return {
        "content": polished,
        "model": model,
        "begunWith": layers.version,
        "before": layers.polished_content,
    }


async def write(job: BackgroundJob) -> dict[str, Any]:
    """Write a magnet from its idea, then polish it; a failed polish leaves it set for reading."""
    layers, author = await _read(job)
    await report_progress(done=0, total=3, message="Writing the sections")
    written = await prompts.run(
        steps.WRITE_CONTENT, _full_input(layers, author), caller=_caller(job, layers)
    )
    extracted = written.value
    await _keep_extracted(job, extracted)
    await report_progress(done=1, total=3, message="Polishing the text")
    plain = conversion.from_extracted(extracted, title=layers.title)
    try:
        polished, _ = await _polish(job, layers, author, rules.write_text(plain))
    except LodestoneError:
        # What was written stays, as it was written.
        polished = formatting.format_content(plain).to_json()
    await report_progress(done=3, total=3, message="Done")
    return {
        "content": polished,
        "extracted": extracted.to_json(),
        "model": written.model,
        "begunWith": layers.version,
        "before": layers.polished_content,
    }


async def keep(tx: Tx, job: BackgroundJob, result: dict[str, Any]) -> None:
    """Put the result on the page, unless it was edited since: then it waits to be chosen."""
    lead_magnet_id = UUID(job.input["lead_magnet_id"])
    try:
        saved = await service.replace_content(
            tx,
            lead_magnet_id=lead_magnet_id,
            content=result["content"],
            begun_with=result["begunWith"],
        )
    except LodestoneError:
        await queries.update_result(tx, job_id=job.id, changes={"keptApart": True})
    else:
        await queries.update_result(tx, job_id=job.id, changes={"version": saved.version})


async def use_result(tx: Tx, *, lead_magnet_id: UUID, job_id: UUID) -> None:
    """Put a result that waited in the place of the text. Raises Conflict, NotFound."""
    work, layers = await _work_on(tx, lead_magnet_id, job_id)
    if not work.was_kept_apart or work.result is None:
        raise Conflict("This result is on the page already.")
    saved = await service.replace_content(
        tx,
        lead_magnet_id=lead_magnet_id,
        content=work.result["content"],
        begun_with=layers.version,
    )
    changes = {"keptApart": False, "version": saved.version, "before": layers.polished_content}
    await queries.update_result(tx, job_id=job_id, changes=changes)


async def put_back(tx: Tx, *, lead_magnet_id: UUID, job_id: UUID) -> None:
    """Put back the text as it was before. Raises Conflict when it was edited since, NotFound."""
    work, layers = await _work_on(tx, lead_magnet_id, job_id)
    if work.result is None or not work.can_be_undone(layers.version):
        raise Conflict("The text was edited since: it can't be put back any more.")
    await service.replace_content(
        tx,
        lead_magnet_id=lead_magnet_id,
        content=work.result["before"],
        begun_with=layers.version,
    )
    await queries.update_result(tx, job_id=job_id, changes={"before": None})


async def _work_on(tx: Tx, lead_magnet_id: UUID, job_id: UUID) -> tuple[Work, Layers]:
    layers = await service.get_layers(tx, lead_magnet_id=lead_magnet_id)
    work = await find_last_work(tx, lead_magnet_id=lead_magnet_id)
    if work is None or work.id != job_id:
        raise NotFound("There is no such result any more.")
    return work, layers


async def _read(job: BackgroundJob) -> tuple[Layers, str]:
    """Return a magnet's layers, and its author as text for a prompt."""
    actor = background_jobs.writer_for(job.user_id)
    async with runtime.acting_as(actor, readonly=True) as tx:
        lead_magnet_id = UUID(job.input["lead_magnet_id"])
        layers = await service.get_layers(tx, lead_magnet_id=lead_magnet_id)
        kit = await brand_kits.find_kit(tx, user_id=layers.user_id, team_id=layers.team_id)
    name = f"Name: {kit.sender_name}\n" if kit is not None and kit.sender_name else ""
    return layers, name + brand_kits.describe_author(kit)


async def _polish(
    job: BackgroundJob, layers: Layers, author: str, text: str
) -> tuple[dict[str, Any], str]:
    given = steps.PolishInput(
        title=layers.title,
        author=author,
        audience=layers.target_audience or "",
        content=text,
    )
    outcome = await prompts.run(steps.POLISH, given, caller=_caller(job, layers))
    draft = steps.drop_invented(outcome.value, source=f"{layers.title}\n{text}\n{author}")
    if not draft.sections:
        raise LodestoneError(_EMPTIED, code="unavailable", status=502)
    content = formatting.format_content(service.from_draft(draft, title=layers.title))
    return content.to_json(), outcome.model


async def _keep_extracted(job: BackgroundJob, extracted: ExtractedContent) -> None:
    """Keep what was written before it is polished: a failure there loses nothing."""
    async with runtime.acting_as(background_jobs.writer_for(job.user_id)) as tx:
        await service.keep_extracted(
            tx, lead_magnet_id=UUID(job.input["lead_magnet_id"]), given=extracted.to_json()
        )


def _full_input(layers: Layers, author: str) -> steps.FullContentInput:
    concept = layers.concept or {}
    archetype = layers.archetype
    return steps.FullContentInput(
        title=layers.title,
        format_name=archetypes.name_of(archetype) if archetype else "",
        guidance=archetypes.guidance_text(archetype) if archetype else "",
        author=author,
        audience=layers.target_audience or "",
        pain=_first(layers.pain_point, concept.get("painSolved")),
        why_now=_first(concept.get("whyNowHook")),
        contents=_first(concept.get("contents"), layers.short_description),
        delivery=_first(concept.get("deliveryFormat")),
        answers=_said(layers),
    )


def _first(*texts: object) -> str:
    return next((text for text in texts if isinstance(text, str) and text.strip()), "")


def _said(layers: Layers) -> str:
    """Return what the author said or wrote already, as Markdown."""
    if not layers.extracted_content:
        return ""
    told = ExtractedContent.model_validate(layers.extracted_content)
    return rules.write_text(conversion.from_extracted(told, title=layers.title))


def _caller(job: BackgroundJob, layers: Layers) -> prompts.Caller:
    return prompts.Caller(
        source="lead_magnets", user_id=job.user_id, team_id=layers.team_id, job_id=job.id
    )
