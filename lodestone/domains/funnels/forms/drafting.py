"""A first draft of a survey, written by a model from what the funnel gives away, or by rule."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from lodestone.auth.models import SignedIn
from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.forms import service
from lodestone.domains.funnels.forms.models import AnswerType, Owner, QuestionDraft
from lodestone.domains.lead_magnets import service as lead_magnets
from lodestone.domains.prompts import service as prompts
from lodestone.platform import runtime

MOST_DRAFTED = 5


class QuizInput(BaseModel):
    """What the questions are drafted from."""

    title: str = Field(description="What the funnel gives away", examples=["Pipeline checklist"])
    promise: str = Field(description="What it does for the reader", examples=["Deals go on"])
    pain_point: str = Field(description="The pain that it eases", examples=["Deals go quiet"])
    audience: str = Field(description="For whom it is", examples=["Agency founders"])


class Quiz(BaseModel):
    """One to five questions, two of which decide."""

    questions: Annotated[list[QuestionDraft], Field(min_length=1, max_length=MOST_DRAFTED)]


def _draft_by_rule(given: QuizInput) -> Quiz:
    audience = given.audience.strip().rstrip(".") or "people like this"
    pain = given.pain_point.strip().rstrip(".?!") or given.title
    return Quiz(
        questions=[
            QuestionDraft(
                question_text=f"Does this describe you: {audience}?"[:1000],
                answer_type=AnswerType.YES_NO,
                is_qualifying=True,
                qualifying_answer="yes",
            ),
            QuestionDraft(
                question_text=f"How pressing is this for you today: {pain}?"[:1000],
                answer_type=AnswerType.MULTIPLE_CHOICE,
                options=["I need it solved now", "This quarter would be good", "I am only curious"],
                is_qualifying=True,
                qualifying_answer=["I need it solved now", "This quarter would be good"],
            ),
            QuestionDraft(
                question_text="Who decides whether you spend money on it?",
                answer_type=AnswerType.MULTIPLE_CHOICE,
                options=["I do", "I do, with others", "Somebody else"],
            ),
            QuestionDraft(
                question_text="What have you tried so far, and what was missing?",
                answer_type=AnswerType.TEXTAREA,
                placeholder="A sentence or two is plenty",
                is_required=False,
            ),
        ]
    )


QUIZ = prompts.declare(
    prompts.Prompt(
        slug="quiz-generator",
        name="Survey of a funnel",
        category=prompts.Category.FUNNELS,
        description="Drafts the questions that tell a good customer from a curious reader",
        system=(
            "You write the short survey that people see after they asked for a free resource. It "
            "finds out who would be a good customer without feeling like an exam. Write three to "
            "five questions in plain words, one thought each, in the language of the input. Prefer "
            "questions that are answered with one tap: yes_no, or multiple_choice with two to four "
            "options that leave nobody out. At most one textarea, and that one is not required. "
            "Two or three questions qualify (is_qualifying): for yes_no say in qualifying_answer "
            "which answer does, for multiple_choice list the options that do. Never ask for name, "
            "e-mail address or phone number."
        ),
        user=(
            "The resource: {{title}}\nWhat it does: {{promise}}\nThe pain: {{pain_point}}\n"
            "The readers: {{audience}}"
        ),
        temperature=0.5,
        max_tokens=3_000,
    ),
    input=QuizInput,
    output=Quiz,
    offline=_draft_by_rule,
)


async def draft_quiz(user: SignedIn, *, funnel_page_id: UUID) -> tuple[int, bool]:
    """Draft questions for a funnel behind those it has; return how many, and whether by rule.

    Raises NotFound when the funnel is invisible, InvalidInput when it has too many questions.
    """
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        page = await funnels.get_funnel(tx, funnel_page_id=funnel_page_id)
        given = QuizInput(
            title=page.optin_headline, promise=page.optin_subline or "", pain_point="", audience=""
        )
        if page.lead_magnet_id is not None:
            magnet = await lead_magnets.get_lead_magnet(tx, lead_magnet_id=page.lead_magnet_id)
            given = QuizInput(
                title=magnet.title,
                promise=magnet.short_description or page.optin_subline or "",
                pain_point=magnet.pain_point or "",
                audience=magnet.target_audience or "",
            )
    caller = prompts.Caller(source="funnels", user_id=user.user_id, team_id=page.team_id)
    outcome = await prompts.run(QUIZ, given, caller=caller)
    async with runtime.acting_as(user.actor) as tx:
        survey = await service.get_page_survey(tx, funnel_page_id=funnel_page_id)
        owner = (
            Owner(form_id=survey.form.id) if survey.form else Owner(funnel_page_id=funnel_page_id)
        )
        added = await service.add_questions(tx, owner=owner, given=outcome.value.questions)
    return len(added), outcome.model == prompts.OFFLINE
