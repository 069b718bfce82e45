"""Every format has its questions, its guidance and a shape that refuses what is too short."""

import pytest

from lodestone.domains.lead_magnets import service
from lodestone.domains.lead_magnets.models import Archetype
from lodestone.platform.errors import InvalidInput
from tests.domains.lead_magnets.archetypes.examples import FRAME, shortened, shortest

QUESTIONS = {
    "single-breakdown": "example walkthrough psychology insight adaptation",
    "single-system": "outcome steps pitfalls templates results differentiation",
    "focused-toolkit": "useCase items content context testing exclusions*",
    "single-calculator": "question inputs logic output interpretation limitations*",
    "focused-directory": "need items dataPoints experience choosing excluded*",
    "mini-training": "skill chunks teaching practice mistakes beforeAfter*",
    "one-story": "summary before journey turningPoint after lessons",
    "prompt": "task prompt inputs examples technique tips*",
    "assessment": "evaluates questions scoring ranges actions benchmarks*",
    "workflow": "purpose steps setup customization timeSaved troubleshooting*",
}
TOOLS = {"single-calculator": "calculator", "assessment": "assessment", "prompt": "gpt"}


@pytest.mark.parametrize("archetype", Archetype)
class TestFormat:
    def test_asks_its_questions_in_order(self, archetype: Archetype) -> None:
        asked = [
            question.id + ("" if question.required else "*")
            for question in service.questions_of(archetype)
        ]
        assert asked == QUESTIONS[archetype].split()

    def test_describes_itself(self, archetype: Archetype) -> None:
        info = service.ARCHETYPES[archetype]
        assert info.name.startswith("The ")
        assert info.idea.endswith(".")
        assert info.interactive == TOOLS.get(archetype)
        text = service.guidance_text(archetype)
        assert all(line in text for line in (*info.guidance.structure, *info.guidance.mistakes))

    def test_takes_the_least_and_names_every_shorter_field(self, archetype: Archetype) -> None:
        least = shortest(archetype)
        service.check_content(archetype, least)
        cuts = [(path, cut) for path, cut in shortened(least) if "placeholder" not in path]
        assert len(cuts) >= len(FRAME) + 2
        for path, cut in cuts:
            with pytest.raises(InvalidInput) as refusal:
                service.check_content(archetype, cut)
            assert set(refusal.value.fields) == {path}

    def test_names_everything_that_is_missing(self, archetype: Archetype) -> None:
        with pytest.raises(InvalidInput) as refusal:
            service.check_content(archetype, {})
        needed = {"headline", "problem_statement", "call_to_action", *shortest(archetype)}
        assert set(refusal.value.fields) == needed

    def test_counts_required_answers_alone(self, archetype: Archetype) -> None:
        required = [one.id for one in service.questions_of(archetype) if one.required]
        optional = {one.id: "x" for one in service.questions_of(archetype) if not one.required}
        answers = {**optional, **dict.fromkeys(required[1:], "said"), required[0]: "  "}
        left = service.list_unanswered(archetype, answers)
        assert [question.id for question in left] == required[:1]


def test_directories_link_to_the_web_and_ranges_end_after_they_begin() -> None:
    directory = shortest(Archetype.FOCUSED_DIRECTORY)
    directory["resources"] = [{**directory["resources"][0], "url": "javascript:alert(1)"}] * 5
    with pytest.raises(InvalidInput) as refusal:
        service.check_content(Archetype.FOCUSED_DIRECTORY, directory)
    assert refusal.value.fields["resources.0.url"] == "A web address starts with https://."
    assessment = shortest(Archetype.ASSESSMENT)
    assessment["result_ranges"] = [{**assessment["result_ranges"][0], "min": 6}]
    with pytest.raises(InvalidInput) as refusal:
        service.check_content(Archetype.ASSESSMENT, assessment)
    assert set(refusal.value.fields) == {"result_ranges.0"}
