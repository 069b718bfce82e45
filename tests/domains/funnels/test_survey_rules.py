"""Which answers are taken and who qualifies, for any survey."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lodestone.domains.funnels.forms import rules
from lodestone.domains.funnels.forms.models import AnswerType, Question, QuestionDraft

OPTIONS = ["Solo", "Team", "Company"]


def question(**values: Any) -> Question:
    usual = {
        "id": uuid4(),
        "question_text": "Ready?",
        "answer_type": "yes_no",
        "is_required": True,
        "is_qualifying": False,
    }
    return Question.model_validate(usual | values)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    kind = draw(st.sampled_from(AnswerType))
    accepted: Any = None
    if kind is AnswerType.YES_NO:
        accepted = draw(st.sampled_from(["yes", "no"]))
    elif kind is AnswerType.MULTIPLE_CHOICE:
        accepted = draw(st.lists(st.sampled_from(OPTIONS), min_size=1, unique=True))
    return question(
        id=draw(st.uuids()),
        answer_type=kind,
        options=OPTIONS if kind is AnswerType.MULTIPLE_CHOICE else [],
        is_required=draw(st.booleans()),
        is_qualifying=draw(st.booleans()),
        qualifying_answer=accepted,
    )


surveys = st.lists(questions(), max_size=6, unique_by=lambda each: each.id)


@st.composite
def answered(draw: st.DrawFn) -> tuple[list[Question], dict[str, str]]:
    survey = draw(surveys)
    possible = {
        AnswerType.YES_NO: st.sampled_from(["yes", "no"]),
        AnswerType.MULTIPLE_CHOICE: st.sampled_from(OPTIONS),
        AnswerType.TEXT: st.text(max_size=20),
        AnswerType.TEXTAREA: st.text(max_size=20),
    }
    answers = {
        str(each.id): draw(possible[each.answer_type]) for each in survey if draw(st.booleans())
    }
    return survey, answers


class TestQualifying:
    @pytest.mark.parametrize(
        ("values", "answer", "passes"),
        [
            ({"qualifying_answer": "yes"}, "yes", True),
            ({"qualifying_answer": "yes"}, "no", False),
            ({"qualifying_answer": "no"}, "no", True),
            ({"qualifying_answer": "yes"}, None, False),
            ({"answer_type": "text"}, "anything", True),
            ({"answer_type": "textarea"}, "   ", False),
            (
                {
                    "answer_type": "multiple_choice",
                    "options": OPTIONS,
                    "qualifying_answer": ["Team"],
                },
                "Team",
                True,
            ),
            (
                {
                    "answer_type": "multiple_choice",
                    "options": OPTIONS,
                    "qualifying_answer": ["Team"],
                },
                "Solo",
                False,
            ),
        ],
    )
    def test_asks_each_type_its_own_way(
        self, values: dict[str, Any], answer: str | None, passes: bool
    ) -> None:
        asked = question(is_qualifying=True, **values)
        answers = {} if answer is None else {str(asked.id): answer}
        assert rules.is_qualified([asked], answers) is passes

    @given(answered())
    def test_everybody_qualifies_whom_no_question_rules_out(
        self, given_survey: tuple[list[Question], dict[str, str]]
    ) -> None:
        survey, answers = given_survey
        verdicts = [rules.is_qualified([each], answers) for each in survey]
        assert rules.is_qualified(survey, answers) is all(verdicts)
        assert rules.is_qualified([q for q in survey if not q.is_qualifying], answers)


class TestChecking:
    @given(answered())
    def test_takes_what_was_given_and_names_what_is_missing(
        self, given_survey: tuple[list[Question], dict[str, str]]
    ) -> None:
        survey, answers = given_survey
        checked = rules.check_answers(survey, answers)
        filled = {key: value.strip() for key, value in answers.items() if value.strip()}
        required = {str(each.id) for each in survey if each.is_required}
        assert checked.answers == filled
        assert set(checked.errors) == required - set(filled)
        assert set(rules.snapshot(survey, checked.answers)) == set(filled)
        partial = rules.check_answers(survey, answers, is_partial=True)
        assert partial.errors == {}

    @pytest.mark.parametrize(
        ("values", "answer", "says"),
        [
            ({}, "perhaps", "yes or no"),
            ({}, 7, "with text"),
            ({"answer_type": "text"}, "x" * 5_001, "5,000"),
            ({"answer_type": "multiple_choice", "options": OPTIONS}, "Other", "one of its options"),
            ({"answer_type": "text"}, " ", "needs an answer"),
        ],
    )
    def test_names_the_question(self, values: dict[str, Any], answer: Any, says: str) -> None:
        asked = question(question_text="How many?", **values)
        errors = rules.check_answers([asked], {str(asked.id): answer}).errors
        assert says in errors[str(asked.id)]
        assert "How many?" in errors[str(asked.id)]

    def test_refuses_questions_that_nobody_asked_and_too_many(self) -> None:
        assert rules.check_answers([], {"x": "1"}).errors == {
            "x": "This page asks no such question."
        }
        many = {str(number): "yes" for number in range(51)}
        assert "answers" in rules.check_answers([], many).errors


class TestDrafts:
    @pytest.mark.parametrize(
        "values",
        [
            {"answer_type": "multiple_choice", "options": ["one"]},
            {"answer_type": "multiple_choice", "options": ["one", "one"]},
            {"answer_type": "multiple_choice", "options": OPTIONS, "is_qualifying": True},
            {
                "answer_type": "multiple_choice",
                "options": OPTIONS,
                "is_qualifying": True,
                "qualifying_answer": ["Other"],
            },
            {"answer_type": "yes_no", "is_qualifying": True},
        ],
    )
    def test_refuses_what_nobody_could_qualify_by(self, values: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            QuestionDraft.model_validate({"question_text": "Which?", **values})

    def test_begins_from_questions_that_are_good(self) -> None:
        assert [each.question_text for each in rules.starter_set()]


class TestTelling:
    def test_keeps_answers_apart_whose_questions_read_alike(self) -> None:
        one, other = str(uuid4()), str(uuid4())
        told = rules.survey_answers(
            {one: "Wie groß ist Ihr Team?", other: "Wie groß ist Ihr Team?"},
            {one: "3", other: "4"},
        )
        assert told == {"wie_gro_ist_ihr_team": "3", "wie_gro_ist_ihr_team_2": "4"}

    @given(st.dictionaries(st.uuids().map(str), st.text(max_size=90), max_size=5))
    def test_loses_no_answer(self, texts: dict[str, str]) -> None:
        told = rules.survey_answers(texts, {key: f"answer {key}" for key in texts})
        assert sorted(told.values()) == sorted(f"answer {key}" for key in texts)
        assert all(len(slug) <= rules.SLUG_LIMIT for slug in told)

    def test_may_be_corrected_for_a_day(self) -> None:
        at = datetime(2026, 3, 1, 12, tzinfo=UTC)
        assert rules.may_change(at, now=at + timedelta(hours=24))
        assert not rules.may_change(at, now=at + timedelta(hours=24, seconds=1))


class TestOrder:
    def test_goes_on_where_somebody_stopped(self) -> None:
        asked = [question() for _ in range(3)]
        kept = {str(asked[0].id): "yes", str(asked[1].id): ""}
        assert rules.current_question(asked, kept, asked=None) is asked[2]
        assert rules.current_question(asked, kept, asked=str(asked[0].id)) is asked[0]
        assert rules.current_question(asked, {}, asked=str(UUID(int=0))) is asked[0]
        assert rules.next_question(asked, after=asked[2]) is None
        assert rules.previous_question(asked, before=asked[0]) is None
