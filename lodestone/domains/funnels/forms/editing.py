"""A question as the editor's form posts it."""

from collections.abc import Mapping
from typing import Any

from lodestone.domains.funnels.forms.models import (
    MOST_OPTIONS,
    AnswerType,
    Question,
    QuestionDraft,
)
from lodestone.platform.forms import parse

BLANK_OPTIONS = 3
"""How many empty lines for options a new question offers."""


def read_question(form: Mapping[str, str]) -> QuestionDraft:
    """Return the question. Raises InvalidInput with a sentence for each wrong field."""
    kind = form.get("answer_type", "")
    options, accepted = [], []
    for number in range(MOST_OPTIONS):
        option = form.get(f"option_{number}", "").strip()
        if option:
            options.append(option)
            if form.get(f"accepts_{number}"):
                accepted.append(option)
    yes_or_no = form.get("qualifying_answer") or None
    return parse(
        QuestionDraft,
        {
            "question_text": form.get("question_text", ""),
            "answer_type": kind,
            "options": options if kind == AnswerType.MULTIPLE_CHOICE else [],
            "placeholder": form.get("placeholder") or None,
            "is_required": "is_required" in form,
            "is_qualifying": "is_qualifying" in form,
            "qualifying_answer": accepted if kind == AnswerType.MULTIPLE_CHOICE else yes_or_no,
        },
    )


def values_of(question: Question) -> dict[str, Any]:
    """Return a stored question as the form shows it."""
    accepted = question.qualifying_answer
    return {
        **question.model_dump(mode="json"),
        "qualifying_answer": accepted if isinstance(accepted, str) else "yes",
        "lines": [
            (option, isinstance(accepted, list) and option in accepted)
            for option in question.options
        ],
    }


def values_given(form: Mapping[str, str]) -> dict[str, Any]:
    """Return a refused form as it was filled in."""
    lines = [
        (form[f"option_{number}"], f"accepts_{number}" in form)
        for number in range(MOST_OPTIONS)
        if form.get(f"option_{number}", "").strip()
    ]
    return {
        "question_text": form.get("question_text", ""),
        "answer_type": form.get("answer_type", "yes_no"),
        "placeholder": form.get("placeholder", ""),
        "is_required": "is_required" in form,
        "is_qualifying": "is_qualifying" in form,
        "qualifying_answer": form.get("qualifying_answer", "yes"),
        "lines": lines,
    }


def values_blank() -> dict[str, Any]:
    """Return what an empty form shows."""
    return {
        "question_text": "",
        "answer_type": AnswerType.YES_NO.value,
        "placeholder": "",
        "is_required": True,
        "is_qualifying": True,
        "qualifying_answer": "yes",
        "lines": [],
    }
