"""The use cases of forms: the library, the questions, and which survey a page has."""

from collections.abc import Sequence
from uuid import UUID

from lodestone.domains.funnels.forms import queries, rules
from lodestone.domains.funnels.forms.models import (
    MOST_QUESTIONS,
    Form,
    FormRow,
    Owner,
    PageSurvey,
    Question,
    QuestionDraft,
)
from lodestone.domains.identity.service import Scope
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput, NotFound

__all__ = [
    "add_question",
    "add_questions",
    "add_starter_set",
    "choose_form",
    "create_form",
    "delete_form",
    "get_form",
    "get_owner",
    "get_page_survey",
    "list_forms",
    "list_questions",
    "make_form_of_page",
    "order_questions",
    "remove_question",
    "rename_form",
    "revise_question",
    "survey_answers",
]

FORMS_SHOWN = 200

survey_answers = rules.survey_answers


async def create_form(tx: Tx, *, user_id: UUID, scope: Scope, name: str) -> UUID:
    """Create an empty form in a workspace; return its id."""
    return await queries.insert_form(tx, user_id=user_id, team_id=scope.team_id, name=name)


async def get_form(tx: Tx, *, form_id: UUID) -> Form:
    """Return a form. Raises NotFound when it is missing or invisible."""
    return Form.model_validate(dict(await queries.get_form(tx, form_id=form_id)))


async def list_forms(tx: Tx, *, scope: Scope, search: str | None = None) -> list[FormRow]:
    """Return the forms of a workspace by name."""
    rows = await queries.list_forms(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        search=search,
        limit=FORMS_SHOWN,
    )
    return [FormRow.model_validate(dict(row)) for row in rows]


async def rename_form(tx: Tx, *, form_id: UUID, name: str) -> None:
    """Rename a form. Raises NotFound when it is invisible."""
    await queries.update_form_name(tx, form_id=form_id, name=name)


async def delete_form(tx: Tx, *, form_id: UUID) -> None:
    """Delete a form; its funnels ask their own questions again, and old answers keep their texts.

    Raises NotFound when it is invisible.
    """
    await queries.delete_form(tx, form_id=form_id)


async def list_questions(tx: Tx, *, owner: Owner) -> list[Question]:
    """Return the questions of a funnel's own or of a form, in order."""
    rows = await queries.list_questions(
        tx, funnel_page_id=owner.funnel_page_id, form_id=owner.form_id
    )
    return [Question.model_validate(dict(row)) for row in rows]


async def get_page_survey(tx: Tx, *, funnel_page_id: UUID) -> PageSurvey:
    """Return what a page asks: its form's questions, else its own. Raises NotFound."""
    row = await queries.get_page_form(tx, funnel_page_id=funnel_page_id)
    form_id = row["qualification_form_id"]
    form = None
    if form_id is not None:
        form = Form(
            id=form_id,
            name=row["form_name"] or "A form of somebody else's",
            team_id=row["form_team_id"],
            updated_at=row["form_updated_at"],
        )
    owner = Owner(form_id=form_id) if form_id else Owner(funnel_page_id=funnel_page_id)
    return PageSurvey(
        funnel_page_id=funnel_page_id,
        team_id=row["team_id"],
        form=form,
        questions=await list_questions(tx, owner=owner),
    )


async def choose_form(tx: Tx, *, funnel_page_id: UUID, form_id: UUID | None) -> None:
    """Let a page ask a form's questions, or its own.

    Raises NotFound when the page or the form is invisible, InvalidInput when they are of two
    workspaces: whoever works on the page must be able to work on its questions.
    """
    row = await queries.get_page_form(tx, funnel_page_id=funnel_page_id)
    if form_id is not None:
        form = await get_form(tx, form_id=form_id)
        if form.team_id != row["team_id"]:
            raise InvalidInput(
                "This form is of another workspace.",
                fields={"form_id": "Choose a form of the funnel's workspace."},
            )
    await queries.set_page_form(tx, funnel_page_id=funnel_page_id, form_id=form_id)


async def make_form_of_page(
    tx: Tx, *, user_id: UUID, scope: Scope, funnel_page_id: UUID, name: str
) -> UUID:
    """Copy a page's own questions into a new form that other funnels can use, and use it.

    Raises NotFound, InvalidInput when there is no question to copy.
    """
    own = await list_questions(tx, owner=Owner(funnel_page_id=funnel_page_id))
    if not own:
        raise InvalidInput("There is no question to share yet.", fields={"name": "Add one first."})
    form_id = await create_form(tx, user_id=user_id, scope=scope, name=name)
    await queries.insert_questions(
        tx,
        funnel_page_id=None,
        form_id=form_id,
        questions=[question.model_dump(mode="json", exclude={"id"}) for question in own],
    )
    await choose_form(tx, funnel_page_id=funnel_page_id, form_id=form_id)
    return form_id


async def add_question(tx: Tx, *, owner: Owner, given: QuestionDraft) -> UUID:
    """Add a question behind the others; return its id.

    Raises NotFound when the owner is invisible, InvalidInput when there are too many.
    """
    return (await add_questions(tx, owner=owner, given=[given]))[0]


async def add_questions(tx: Tx, *, owner: Owner, given: Sequence[QuestionDraft]) -> list[UUID]:
    """Add questions behind the others; return their ids. Raises NotFound, InvalidInput."""
    await _see(tx, owner)
    there = await list_questions(tx, owner=owner)
    if len(there) + len(given) > MOST_QUESTIONS:
        raise InvalidInput(
            f"A survey has at most {MOST_QUESTIONS} questions.",
            fields={"question_text": f"At most {MOST_QUESTIONS} questions: remove one first."},
        )
    return await queries.insert_questions(
        tx,
        funnel_page_id=owner.funnel_page_id,
        form_id=owner.form_id,
        questions=[question.model_dump(mode="json") for question in given],
    )


async def add_starter_set(tx: Tx, *, owner: Owner) -> None:
    """Add the questions that one can begin from. Raises NotFound, InvalidInput."""
    await add_questions(tx, owner=owner, given=rules.starter_set())


async def get_owner(tx: Tx, *, question_id: UUID) -> Owner:
    """Return whose a question is. Raises NotFound when it is invisible."""
    row = await queries.get_question_owner(tx, question_id=question_id)
    return Owner.model_validate(dict(row))


async def revise_question(tx: Tx, *, question_id: UUID, given: QuestionDraft) -> Owner:
    """Write a question anew; return whose it is. Raises NotFound when it is invisible."""
    owner = await get_owner(tx, question_id=question_id)
    await queries.update_question(
        tx, question_id=question_id, changes=given.model_dump(mode="json")
    )
    return owner


async def remove_question(tx: Tx, *, question_id: UUID) -> Owner:
    """Delete a question; answers to it keep its text. Raises NotFound when it is invisible."""
    return Owner.model_validate(dict(await queries.delete_question(tx, question_id=question_id)))


async def order_questions(tx: Tx, *, owner: Owner, question_ids: Sequence[UUID]) -> None:
    """Put questions into an order. Raises NotFound when the owner is invisible."""
    await _see(tx, owner)
    await queries.update_question_order(
        tx,
        funnel_page_id=owner.funnel_page_id,
        form_id=owner.form_id,
        question_ids=question_ids,
    )


async def _see(tx: Tx, owner: Owner) -> None:
    if owner.form_id is not None:
        await queries.get_form(tx, form_id=owner.form_id)
    elif owner.funnel_page_id is not None:
        await queries.get_page_form(tx, funnel_page_id=owner.funnel_page_id)
    else:
        raise NotFound("There is no such survey.")
