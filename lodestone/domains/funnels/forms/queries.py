"""The SQL of forms, their questions, and the answers that leads give."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound

_QUESTION = """
    q.id, q.question_text, q.answer_type, coalesce(q.options, '[]') as options, q.placeholder,
    q.is_required, q.is_qualifying, q.qualifying_answer
"""


async def insert_form(tx: Tx, *, user_id: UUID, team_id: UUID | None, name: str) -> UUID:
    """Insert a form; return its id."""
    identifier: UUID = await tx.fetchval(
        "insert into qualification_forms (user_id, team_id, name) values ($1, $2, $3) returning id",
        user_id,
        team_id,
        name,
    )
    return identifier


async def get_form(tx: Tx, *, form_id: UUID) -> Record:
    """Return a form. Raises NotFound when it is invisible."""
    row = await tx.fetchrow(
        "select id, name, team_id, updated_at from qualification_forms where id = $1", form_id
    )
    if row is None:
        raise NotFound("There is no such form.")
    return row


async def list_forms(
    tx: Tx, *, team_id: UUID | None, author_id: UUID | None, search: str | None, limit: int
) -> list[Record]:
    """List a workspace's forms by name, with their questions and the funnels that use them."""
    return await tx.fetch(
        """
        select f.id, f.name, f.team_id, f.updated_at,
            (select count(*) from qualification_questions as q where q.form_id = f.id)
                as questions,
            (
                select count(*) from funnel_pages as p
                where p.qualification_form_id = f.id and not p.is_variant
            ) as funnels
        from qualification_forms as f
        where (f.team_id = $1 or (f.team_id is null and f.user_id = $2))
            and ($3::text is null or f.name ilike '%' || $3 || '%')
        order by lower(f.name), f.id
        limit $4
        """,
        team_id,
        author_id,
        search,
        limit,
    )


async def update_form_name(tx: Tx, *, form_id: UUID, name: str) -> None:
    """Rename a form. Raises NotFound when it is invisible."""
    found = await tx.fetchval(
        "update qualification_forms set name = $2 where id = $1 returning id", form_id, name
    )
    if found is None:
        raise NotFound("There is no such form.")


async def delete_form(tx: Tx, *, form_id: UUID) -> None:
    """Delete a form with its questions. Raises NotFound when it is invisible."""
    found = await tx.fetchval("delete from qualification_forms where id = $1 returning id", form_id)
    if found is None:
        raise NotFound("There is no such form.")


async def list_questions(
    tx: Tx, *, funnel_page_id: UUID | None, form_id: UUID | None
) -> list[Record]:
    """List the questions of a funnel's own or of a form, in order."""
    return await tx.fetch(
        f"""
        select {_QUESTION}
        from qualification_questions as q
        where q.funnel_page_id = $1 or q.form_id = $2
        order by q.question_order, q.created_at, q.id
        """,
        funnel_page_id,
        form_id,
    )


async def insert_questions(
    tx: Tx,
    *,
    funnel_page_id: UUID | None,
    form_id: UUID | None,
    questions: Sequence[Mapping[str, Any]],
) -> list[UUID]:
    """Insert questions behind those that are there; return their ids in order."""
    rows = await tx.fetch(
        """
        insert into qualification_questions (
            funnel_page_id, form_id, question_order, question_text, answer_type, options,
            placeholder, is_required, is_qualifying, qualifying_answer
        )
        select
            $1, $2, g.number + (
                select coalesce(max(q.question_order) + 1, 0) from qualification_questions as q
                where q.funnel_page_id = $1 or q.form_id = $2
            ), r.question_text, r.answer_type, r.options, r.placeholder, r.is_required,
            r.is_qualifying, r.qualifying_answer
        from jsonb_array_elements($3::jsonb) with ordinality as g (given, number)
        cross join lateral jsonb_populate_record(null::qualification_questions, g.given) as r
        order by g.number
        returning id
        """,
        funnel_page_id,
        form_id,
        [dict(question) for question in questions],
    )
    return [row["id"] for row in rows]


async def update_question(tx: Tx, *, question_id: UUID, changes: Mapping[str, Any]) -> None:
    """Write a question anew, in its place. Raises NotFound when it is invisible."""
    found = await tx.fetchval(
        """
        update qualification_questions as q set
            question_text = r.question_text, answer_type = r.answer_type, options = r.options,
            placeholder = r.placeholder, is_required = r.is_required,
            is_qualifying = r.is_qualifying, qualifying_answer = r.qualifying_answer
        from jsonb_populate_record(null::qualification_questions, $2) as r
        where q.id = $1
        returning q.id
        """,
        question_id,
        dict(changes),
    )
    if found is None:
        raise NotFound("There is no such question.")


async def delete_question(tx: Tx, *, question_id: UUID) -> Record:
    """Delete a question; return its parents. Raises NotFound when it is invisible."""
    row = await tx.fetchrow(
        "delete from qualification_questions where id = $1 returning funnel_page_id, form_id",
        question_id,
    )
    if row is None:
        raise NotFound("There is no such question.")
    return row


async def get_question_owner(tx: Tx, *, question_id: UUID) -> Record:
    """Return the parents of a question. Raises NotFound when it is invisible."""
    row = await tx.fetchrow(
        "select funnel_page_id, form_id from qualification_questions where id = $1", question_id
    )
    if row is None:
        raise NotFound("There is no such question.")
    return row


async def update_question_order(
    tx: Tx, *, funnel_page_id: UUID | None, form_id: UUID | None, question_ids: Sequence[UUID]
) -> None:
    """Put the questions of a parent into the order given; ids of others are passed over."""
    await tx.execute(
        """
        update qualification_questions as q set question_order = g.position
        from unnest($3::uuid[]) with ordinality as g (id, position)
        where q.id = g.id and (q.funnel_page_id = $1 or q.form_id = $2)
        """,
        funnel_page_id,
        form_id,
        question_ids,
    )


async def get_page_form(tx: Tx, *, funnel_page_id: UUID) -> Record:
    """Return which form a page uses. Raises NotFound when the page is invisible."""
    row = await tx.fetchrow(
        """
        select p.id as funnel_page_id, p.team_id, p.qualification_form_id, f.name as form_name,
            f.team_id as form_team_id, f.updated_at as form_updated_at
        from funnel_pages as p
        left join qualification_forms as f on f.id = p.qualification_form_id
        where p.id = $1
        """,
        funnel_page_id,
    )
    if row is None:
        raise NotFound("There is no such funnel.")
    return row


async def set_page_form(tx: Tx, *, funnel_page_id: UUID, form_id: UUID | None) -> None:
    """Let a page use a form, or its own questions. Raises NotFound when the page is invisible."""
    found = await tx.fetchval(
        "update funnel_pages set qualification_form_id = $2 where id = $1 returning id",
        funnel_page_id,
        form_id,
    )
    if found is None:
        raise NotFound("There is no such funnel.")


async def find_page_of_lead(tx: Tx, *, lead_id: UUID) -> UUID | None:
    """Find the page on which a lead opted in."""
    identifier: UUID | None = await tx.fetchval("select find_page_of_lead($1)", lead_id)
    return identifier


_RESPONDENT = """
    select
        l.id, l.email, l.name, l.is_qualified, l.answered_at,
        coalesce(l.qualification_answers, '{}') as answers, l.partial_answers as partial,
        find_survey(l.funnel_page_id) as questions
    from funnel_leads as l
    where l.id = $1 and l.funnel_page_id = $2
"""


async def find_respondent(tx: Tx, *, lead_id: UUID, funnel_page_id: UUID) -> Record | None:
    """Find a lead of a page with the page's survey."""
    return await tx.fetchrow(_RESPONDENT, lead_id, funnel_page_id)


async def lock_respondent(tx: Tx, *, lead_id: UUID, funnel_page_id: UUID) -> Record:
    """Return a lead of a page with its survey, which nobody else answers meanwhile.

    Raises NotFound when the lead is not one of the page's.
    """
    row = await tx.fetchrow(f"{_RESPONDENT} for update of l", lead_id, funnel_page_id)
    if row is None:
        raise NotFound("This link is not one of this page's.")
    return row


async def update_partial_answers(tx: Tx, *, lead_id: UUID, answers: Mapping[str, str]) -> None:
    """Keep what somebody has answered so far."""
    await tx.execute(
        "update funnel_leads set partial_answers = $2, partial_at = now() where id = $1",
        lead_id,
        dict(answers),
    )


async def update_answers(
    tx: Tx,
    *,
    lead_id: UUID,
    answers: Mapping[str, str],
    texts: Mapping[str, str],
    is_qualified: bool,
    answered_at: datetime,
) -> None:
    """Keep the answers with the texts of their questions, and what they found."""
    await tx.execute(
        """
        update funnel_leads set
            qualification_answers = $2, qualification_questions = $3, is_qualified = $4,
            answered_at = $5, partial_answers = null, partial_at = null
        where id = $1
        """,
        lead_id,
        dict(answers),
        dict(texts),
        is_qualified,
        answered_at,
    )
