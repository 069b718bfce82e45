"""Pure rules of surveys: which answers are taken, who qualifies, what comes next, what is told."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lodestone.domains.funnels.forms.models import AnswerType, Question, QuestionDraft

MOST_CHARACTERS = 5_000
MOST_ANSWERS = 50
CHANGEABLE_FOR = timedelta(hours=24)
SLUG_LIMIT = 60

SKIPPED = ""
"""What stands for a question that was passed over."""

Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """Answers in the order of the questions, without empty ones; errors by question id."""

    answers: dict[str, str]
    errors: dict[str, str]


def check_answer(question: Question, given: object) -> tuple[str | None, str | None]:
    """Return the answer, None when it is empty, and what is wrong with it in a sentence."""
    if given is None:
        return None, None
    asked = f"“{question.question_text}”"
    if not isinstance(given, str):
        return None, f"{asked} is answered with text."
    answer, error = given.strip(), None
    if answer == SKIPPED:
        return None, None
    if len(answer) > MOST_CHARACTERS:
        error = f"{asked} takes at most {MOST_CHARACTERS:,} characters."
    elif question.answer_type is AnswerType.YES_NO and answer not in {"yes", "no"}:
        error = f"{asked} is answered with yes or no."
    elif question.answer_type is AnswerType.MULTIPLE_CHOICE and answer not in question.options:
        error = f"{asked} is answered with one of its options."
    return (None, error) if error else (answer, None)


def check_answers(
    questions: Sequence[Question], given: Mapping[str, Any], *, is_partial: bool = False
) -> Checked:
    """Return what is taken of the answers; partial ones may leave out what is required."""
    if len(given) > MOST_ANSWERS:
        return Checked({}, {"answers": f"At most {MOST_ANSWERS} answers are taken."})
    known = {str(question.id) for question in questions}
    errors = {key[:100]: "This page asks no such question." for key in given if key not in known}
    answers: dict[str, str] = {}
    for question in questions:
        key = str(question.id)
        answer, error = check_answer(question, given.get(key))
        if error is not None:
            errors[key] = error
        elif answer is not None:
            answers[key] = answer
        elif question.is_required and not is_partial:
            errors[key] = f"“{question.question_text}” needs an answer."
        elif is_partial and key in given:
            answers[key] = SKIPPED
    return Checked(answers, errors)


def is_qualified(questions: Sequence[Question], answers: Answers) -> bool:
    """Tell whether the answers qualify: everybody does whom no qualifying question rules out."""
    return all(
        _passes(question, answers.get(str(question.id), SKIPPED))
        for question in questions
        if question.is_qualifying
    )


def _passes(question: Question, answer: str) -> bool:
    if not answer.strip():
        return False
    if question.answer_type is AnswerType.YES_NO:
        return answer == question.qualifying_answer
    if question.answer_type is AnswerType.MULTIPLE_CHOICE:
        return isinstance(question.qualifying_answer, list) and answer in question.qualifying_answer
    return True


def may_change(answered_at: datetime, *, now: datetime) -> bool:
    """Tell whether answers may still be corrected."""
    return now - answered_at <= CHANGEABLE_FOR


def snapshot(questions: Sequence[Question], answers: Answers) -> dict[str, str]:
    """Return the texts of the answered questions as they read now."""
    return {
        str(question.id): question.question_text
        for question in questions
        if str(question.id) in answers
    }


def next_question(questions: Sequence[Question], *, after: Question | None) -> Question | None:
    """Return the question that follows one, the first after none, None after the last."""
    at = -1 if after is None else _place(questions, after)
    return questions[at + 1] if at + 1 < len(questions) else None


def previous_question(questions: Sequence[Question], *, before: Question) -> Question | None:
    """Return the question in front of one."""
    at = _place(questions, before)
    return questions[at - 1] if at > 0 else None


def current_question(
    questions: Sequence[Question], partial: Mapping[str, Any], *, asked: str | None
) -> Question | None:
    """Return the question to show: the one asked for, else the first that nobody has come to."""
    for question in questions:
        if str(question.id) == asked:
            return question
    for question in questions:
        if str(question.id) not in partial:
            return question
    return questions[-1] if questions else None


def _place(questions: Sequence[Question], question: Question) -> int:
    return [each.id for each in questions].index(question.id)


def survey_answers(texts: Mapping[str, str], answers: Answers) -> dict[str, str]:
    """Return slugs of the questions with their answers, as other systems are told them.

    Two questions that read alike get a number behind their slug.
    """
    found: dict[str, str] = {}
    for key, answer in answers.items():
        slug = _slug(texts.get(key, key))
        name, number = slug, 2
        while name in found:
            name, number = f"{slug[: SLUG_LIMIT - 3]}_{number}", number + 1
        found[name] = answer
    return found


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:SLUG_LIMIT].strip("_") or "question"


def starter_set() -> list[QuestionDraft]:
    """Return a few questions that suit most businesses, to begin from."""
    return [
        QuestionDraft(
            question_text="Do you decide what is bought for your team?",
            answer_type=AnswerType.YES_NO,
            is_qualifying=True,
            qualifying_answer="yes",
        ),
        QuestionDraft(
            question_text="How many people work in your company?",
            answer_type=AnswerType.MULTIPLE_CHOICE,
            options=["Only me", "2 to 10", "11 to 50", "More than 50"],
            is_qualifying=True,
            qualifying_answer=["2 to 10", "11 to 50", "More than 50"],
        ),
        QuestionDraft(
            question_text="When do you want this solved?",
            answer_type=AnswerType.MULTIPLE_CHOICE,
            options=["This month", "This quarter", "Some day"],
            is_qualifying=True,
            qualifying_answer=["This month", "This quarter"],
        ),
        QuestionDraft(
            question_text="What have you tried so far?",
            answer_type=AnswerType.TEXTAREA,
            placeholder="A sentence or two is plenty",
            is_required=False,
        ),
    ]
