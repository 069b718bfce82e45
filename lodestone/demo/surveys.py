"""What the demo's pages ask, what people answered, and who booked a call."""

import random
from collections.abc import Sequence
from datetime import timedelta

from lodestone.demo.history import OptIn, Page
from lodestone.demo.scene import Row, Rows, Scene
from lodestone.domains.funnels.forms import rules
from lodestone.domains.funnels.forms.models import Question

SEED = 20_270
ANSWERING, STOPPING, BOOKING = 0.58, 0.08, 0.35
TRIED = (
    "A spreadsheet, until nobody kept it up",
    "Two agencies, both wrote for everybody",
    "Nothing yet, I only post now and then",
)


def questions(scene: Scene, pages: Sequence[Page]) -> Rows:
    """Return the questions of each page."""
    rows: list[Row] = [
        {
            "funnel_page_id": str(page.id),
            "question_order": number,
            **question.model_dump(mode="json"),
        }
        for page in pages
        for number, question in enumerate(_survey(scene, page))
    ]
    return [("qualification_questions", rows)]


def answers(scene: Scene, taken: Sequence[OptIn]) -> list[Row]:
    """Return what each opt-in has of the survey, in their order; all have the same columns."""
    chance = random.Random(SEED)
    return [_answers(scene, one, chance) for one in taken]


def bookings(scene: Scene, taken: Sequence[OptIn]) -> Rows:
    """Return the calls of some who qualified."""
    chance = random.Random(SEED + 1)
    rows: list[Row] = [
        {
            "funnel_lead_id": str(one.id),
            "kind": "booked",
            "source": "calendar",
            "happened_at": (one.at + timedelta(minutes=9)).isoformat(),
        }
        for one, given in zip(taken, answers(scene, taken), strict=True)
        if given["is_qualified"] and chance.random() < BOOKING
    ]
    return [("funnel_lead_outcomes", rows)]


def _survey(scene: Scene, page: Page) -> list[Question]:
    return [
        Question.model_validate(
            {**draft.model_dump(), "id": scene.id(f"question:{page.id}:{number}")}
        )
        for number, draft in enumerate(rules.starter_set())
    ]


def _answers(scene: Scene, one: OptIn, chance: random.Random) -> Row:
    survey = _survey(scene, one.page)
    said = {
        str(question.id): chance.choice(
            TRIED if not question.choices else [answer for answer, _ in question.choices]
        )
        for question in survey
    }
    kind, at = chance.random(), (one.at + timedelta(minutes=4)).isoformat()
    had_time = scene.now - one.at > timedelta(minutes=30)
    has_answered = had_time and kind < ANSWERING
    has_stopped = had_time and ANSWERING <= kind < ANSWERING + STOPPING
    half = dict(list(said.items())[:2])
    return {
        "qualification_answers": said if has_answered else None,
        "qualification_questions": rules.snapshot(survey, said) if has_answered else None,
        "is_qualified": rules.is_qualified(survey, said) if has_answered else None,
        "answered_at": at if has_answered else None,
        "partial_answers": half if has_stopped else None,
        "partial_at": at if has_stopped else None,
    }
