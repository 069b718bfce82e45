"""What calculators work out and assessments score."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.domains.lead_magnets.interactive import rules, steps
from lodestone.domains.lead_magnets.interactive.models import AssessmentConfig, CalculatorConfig
from lodestone.domains.lead_magnets.interactive.steps import ToolInput
from lodestone.platform.errors import InvalidInput

CALCULATOR: dict[str, Any] = {
    "headline": "What slow replies cost",
    "inputs": [
        {"id": "leads", "label": "Leads a month", "min": 0, "max": 1000},
        {"id": "value", "label": "Worth of one", "defaultValue": 250, "unit": "$"},
    ],
    "formula": "leads × value × 0.2",
    "resultLabel": "Lost each month",
    "resultFormat": "currency",
    "resultInterpretation": [
        {"range": [0, 999.99], "label": "Little", "description": "Fine.", "color": "green"},
        {"range": [1000, 1e12], "label": "Much", "description": "Mend it.", "color": "red"},
    ],
}
ASSESSMENT: dict[str, Any] = {
    "questions": [
        {
            "id": "one",
            "text": "Do you answer within an hour?",
            "options": [{"label": "No", "value": 0}, {"label": "Yes", "value": 10}],
        },
        {
            "id": "many",
            "text": "Where do leads come from?",
            "type": "multiple_choice",
            "options": [{"label": "Mail", "value": 3}, {"label": "Calls", "value": 4}],
        },
        {"id": "sure", "text": "How sure?", "type": "scale", "scaleMin": 1, "scaleMax": 5},
    ],
    "scoring": {
        "method": "sum",
        "ranges": [
            {"min": 0, "max": 10, "label": "Low", "description": "Begin."},
            {"min": 11, "max": 22, "label": "High", "description": "Go on."},
        ],
    },
}


class TestFigures:
    @pytest.mark.parametrize(
        ("value", "form", "shown"),
        [
            (1234.5, "number", "1,234.5"),
            (0.005, "number", "0.01"),
            (-0.001, "number", "0"),
            (1234.5, "currency", "$1,234"),
            (-12.4, "currency", "-$12"),
            (12.34, "percentage", "12.3%"),
            (None, "currency", "--"),
            (float("inf"), "number", "--"),
        ],
    )
    def test_are_shown_as_people_read_them(
        self, value: float | None, form: str, shown: str
    ) -> None:
        assert rules.show_figure(value, form) == shown


class TestCalculators:
    def test_work_out_what_was_entered(self) -> None:
        config = CalculatorConfig.model_validate(CALCULATOR)
        verdict = rules.calculate(config, {"leads": ["100"], "value": ["1,000"]})
        assert (verdict.figure, verdict.label, verdict.tone) == ("$20,000", "Much", "red")
        assert rules.calculate(config, {"leads": ["4"]}).figure == "$200"

    def test_name_every_wrong_input(self) -> None:
        config = CalculatorConfig.model_validate(CALCULATOR)
        with pytest.raises(InvalidInput) as refused:
            rules.calculate(config, {"leads": ["2000"], "value": ["nan"]})
        assert set(refused.value.fields) == {"leads", "value"}

    @pytest.mark.parametrize(
        "change",
        [
            {"formula": "leads * price"},
            {"formula": "leads *"},
            {"formula": "__import__('os')"},
            {"formula": "+".join(["value"] * 330)},
            {"formula": "+".join("1" * 1_000)},
            {"inputs": [*CALCULATOR["inputs"], CALCULATOR["inputs"][0]]},
            {"inputs": [{"id": "leads", "label": "L", "type": "slider"}]},
            {"resultInterpretation": []},
        ],
    )
    def test_are_refused_when_they_could_not_work(self, change: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="validation error"):
            CalculatorConfig.model_validate(CALCULATOR | change)


class TestAssessments:
    def test_count_what_was_chosen(self) -> None:
        config = AssessmentConfig.model_validate(ASSESSMENT)
        verdict = rules.score(config, {"one": ["1"], "many": ["0", "1"], "sure": ["5"]})
        assert (verdict.figure, verdict.label, verdict.share) == ("22", "High", 1.0)
        between = rules.score(config, {"one": ["1"], "sure": ["1"]})
        assert (between.figure, between.label) == ("11", "High")
        averaged = ASSESSMENT | {"scoring": ASSESSMENT["scoring"] | {"method": "average"}}
        third = rules.score(
            AssessmentConfig.model_validate(averaged), {"one": ["1"], "many": [], "sure": ["2"]}
        )
        assert third.figure == "4"

    def test_name_every_open_question(self) -> None:
        config = AssessmentConfig.model_validate(ASSESSMENT)
        with pytest.raises(InvalidInput) as refused:
            rules.score(config, {"one": ["7"], "many": ["x"], "sure": []})
        assert set(refused.value.fields) == {"one", "many", "sure"}

    @given(st.integers(0, 1), st.sets(st.integers(0, 1)), st.integers(1, 5))
    def test_lie_between_the_least_and_the_most(self, one: int, many: set[int], sure: int) -> None:
        config = AssessmentConfig.model_validate(ASSESSMENT)
        chosen = {"one": [str(one)], "many": [str(n) for n in many], "sure": [str(sure)]}
        share = rules.score(config, chosen).share
        assert share is not None
        assert 0 <= share <= 1


class TestWithoutAModel:
    @given(st.text(max_size=400), st.text(max_size=200))
    def test_there_is_always_a_tool_that_works(self, asked: str, logic: str) -> None:
        given_ = ToolInput(title="A title", asked=asked, logic=logic)
        calculator = steps.MAKE_CALCULATOR.offline(given_)
        values = {one.id: ["2"] for one in calculator.inputs}
        assert rules.calculate(calculator, values).figure
        test = steps.MAKE_ASSESSMENT.offline(given_)
        assert rules.score(test, {one.id: ["2"] for one in test.questions}).share == 1.0

    def test_what_the_author_said_becomes_inputs_and_formula(self) -> None:
        said = ToolInput(
            title="What slow replies cost",
            asked="- Leads a month (100)\n- Value of a lead (250)",
            logic="Loss = leads a month * value of a lead * 0.2",
        )
        config = steps.MAKE_CALCULATOR.offline(said)
        assert [(one.id, one.default_value) for one in config.inputs] == [
            ("leadsAMonth", 100.0),
            ("valueOfALead", 250.0),
        ]
        assert config.formula == "leadsAMonth * valueOfALead * 0.2"
