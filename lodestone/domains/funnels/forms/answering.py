"""Answering a survey: what the thank-you page and the public endpoint do for a lead."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.forms import queries, rules
from lodestone.domains.funnels.forms.models import Question, Respondent, Result
from lodestone.domains.funnels.models import PublicPage
from lodestone.domains.funnels.service import LeadQualified
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, NotFound
from lodestone.platform.events import publish


async def get_page_of(lead_id: UUID) -> PublicPage:
    """Return the page on which a lead opted in. Raises NotFound while it is not published."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB), readonly=True) as tx:
        page_id = await queries.find_page_of_lead(tx, lead_id=lead_id)
    page = await funnels.find_public_page_by_id(funnel_page_id=page_id) if page_id else None
    if page is None:
        raise NotFound("This page is not published.")
    return page


async def find_respondent(page: PublicPage, *, lead_id: UUID) -> Respondent | None:
    """Find a lead of a page with the page's survey; None for another page's."""
    async with runtime.acting_as(_actor(page), readonly=True) as tx:
        row = await queries.find_respondent(tx, lead_id=lead_id, funnel_page_id=page.id)
    return None if row is None else Respondent.model_validate(dict(row))


async def keep_answer(
    page: PublicPage, *, lead_id: UUID, question: Question, given: str | None
) -> None:
    """Keep one answer of a survey that goes on; None passes the question over.

    Raises NotFound, InvalidInput naming the question, Conflict a day after the answers were given.
    """
    answer, error = rules.check_answer(question, given)
    if error is None and answer is None and question.is_required:
        error = f"“{question.question_text}” needs an answer."
    if error is not None:
        raise InvalidInput(error, fields={str(question.id): error})
    async with runtime.acting_as(_actor(page)) as tx:
        there = await _lock(tx, page, lead_id)
        begun = there.partial if there.partial is not None else there.answers
        known = {str(each.id) for each in there.questions}
        kept = {key: value for key, value in begun.items() if key in known}
        kept[str(question.id)] = answer or rules.SKIPPED
        await queries.update_partial_answers(tx, lead_id=lead_id, answers=kept)


async def keep_partial(page: PublicPage, *, lead_id: UUID, given: Mapping[str, Any]) -> None:
    """Keep all that was answered so far. Raises as `keep_answer`."""
    async with runtime.acting_as(_actor(page)) as tx:
        there = await _lock(tx, page, lead_id)
        checked = rules.check_answers(there.questions, given, is_partial=True)
        _refuse(checked.errors)
        kept = {**(there.partial or there.answers), **checked.answers}
        await queries.update_partial_answers(tx, lead_id=lead_id, answers=kept)


async def answer_survey(
    page: PublicPage, *, lead_id: UUID, given: Mapping[str, Any] | None = None
) -> Result:
    """Take the answers of a lead, those given or the partial ones, and say who qualifies.

    The first time everybody who subscribed is told, in the same transaction. For a day the answers
    may be corrected, which tells nobody. Raises NotFound, InvalidInput naming the questions,
    Conflict after that day.
    """
    now = datetime.now(UTC)
    async with runtime.acting_as(_actor(page)) as tx:
        there = await _lock(tx, page, lead_id, now=now)
        # Of a question that is gone by now nothing is asked any more.
        known = {str(question.id) for question in there.questions}
        begun = {key: value for key, value in (there.partial or {}).items() if key in known}
        checked = rules.check_answers(there.questions, begun if given is None else given)
        _refuse(checked.errors)
        result = Result(
            is_qualified=rules.is_qualified(there.questions, checked.answers),
            answered_at=there.answered_at or now,
            is_first=there.answered_at is None,
        )
        await queries.update_answers(
            tx,
            lead_id=lead_id,
            answers=checked.answers,
            texts=rules.snapshot(there.questions, checked.answers),
            is_qualified=result.is_qualified,
            answered_at=result.answered_at,
        )
        if result.is_first:
            await publish(
                tx,
                LeadQualified(
                    lead_id=lead_id,
                    funnel_page_id=page.id,
                    acting_user_id=page.acting_user_id,
                    qualified=result.is_qualified,
                    answered_at=now,
                ),
            )
    return result


async def _lock(
    tx: Tx, page: PublicPage, lead_id: UUID, *, now: datetime | None = None
) -> Respondent:
    row = await queries.lock_respondent(tx, lead_id=lead_id, funnel_page_id=page.id)
    there = Respondent.model_validate(dict(row))
    if there.answered_at is not None and not rules.may_change(
        there.answered_at, now=now or datetime.now(UTC)
    ):
        raise Conflict("These answers were given more than a day ago and stay as they are.")
    return there


def _refuse(errors: dict[str, str]) -> None:
    if errors:
        raise InvalidInput(" ".join(list(errors.values())[:5]), fields=errors)


def _actor(page: PublicPage) -> Service:
    return Service(Writer.MAGNETLAB, user_id=page.acting_user_id)


def read_token(token: str) -> UUID | None:
    """Return the lead that a signed token is for, or None when it is forged or has expired."""
    return funnels.read_lead_token(token)
