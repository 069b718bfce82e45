"""Ideas, answers in order and what stands beside a question: pure, and the same every time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodestone.domains.lead_magnets.archetypes.service import ARCHETYPES
from lodestone.domains.lead_magnets.contents.models import ContentItem, ExtractedSection
from lodestone.domains.lead_magnets.models import Archetype
from lodestone.domains.lead_magnets.wizard import extraction, ideas, sources, tools
from lodestone.domains.lead_magnets.wizard.asks import ASIDES
from lodestone.domains.lead_magnets.wizard.models import AskedQuestion, Concept, Frequency

WORDS = st.text(alphabet="abcdefghijklmnop", min_size=1, max_size=9)
LINES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
ITEMS = st.builds(ContentItem, headline=LINES, summary=LINES, detail=LINES)
CONTENTS = st.lists(st.one_of(LINES, ITEMS), max_size=8)


@pytest.mark.parametrize(
    ("pain", "topic", "is_thing"),
    [
        ("Most agencies struggle with churn and lose a client", "churn", True),
        ("We waste hours on manual reports every week.", "manual reports", True),
        ("They can't keep good clients", "Hard to keep good clients", False),
        ("Reports take hours every Friday", "Reports take hours", False),
    ],
)
def test_a_pain_is_about_something(pain: str, topic: str, is_thing: bool) -> None:
    assert ideas.topic_of(pain) == ideas.Topic(topic, is_thing)


class TestIdeas:
    @settings(max_examples=30)
    @given(st.lists(LINES, max_size=4), st.lists(LINES, max_size=3), LINES)
    def test_are_ten_with_three_different_picks_whatever_was_said(
        self, pains: list[str], results: list[str], description: str
    ) -> None:
        ground = ideas.Ground(description=description, pains=pains, results=results)
        found = ideas.think_up(ground)
        assert [each.archetype for each in found.concepts] != []
        assert {each.archetype for each in found.concepts} == set(Archetype)
        picks = found.recommendations
        places = {
            picks.ship_this_week.concept_index,
            picks.highest_engagement.concept_index,
            picks.best_authority_builder.concept_index,
        }
        assert len(places) == 3
        assert found == ideas.think_up(ground)


class TestAnswers:
    @given(CONTENTS)
    def test_an_edited_section_comes_back_as_it_was(
        self, contents: list[str | ContentItem]
    ) -> None:
        section = ExtractedSection(section_name="One", contents=contents)
        assert extraction.read_contents(extraction.write_section(section)) == contents

    @pytest.mark.parametrize("archetype", list(Archetype))
    def test_no_word_of_an_answer_is_lost(self, archetype: Archetype) -> None:
        asked = ARCHETYPES[archetype].questions
        assert [each.id for each in asked] == list(ASIDES[archetype])
        answers = {each.id: f"word{n}a\n- word{n}b: word{n}c" for n, each in enumerate(asked)}
        concept = Concept(archetype=archetype, title="T")
        told = extraction.put_in_order(concept, answers).model_dump_json()
        assert all(f"word{n}{part}" in told for n in range(len(asked)) for part in "abc")

    def test_wording_is_taken_only_when_what_is_asked_stays(self) -> None:
        standard = extraction.standard_questions(Archetype.ONE_STORY)
        reworded = [
            each.model_copy(update={"question": "In your words, please?"}) for each in standard
        ]
        assert extraction.keep_wording(standard, reworded) == reworded
        optional = [each.model_copy(update={"required": False}) for each in reworded]
        short = [AskedQuestion(id=each.id, question="Eh?") for each in standard]
        for wrong in (reworded[:-1], reworded[::-1], optional, short):
            assert extraction.keep_wording(standard, wrong) == standard


class TestTools:
    def test_parts_come_out_of_the_answers(self) -> None:
        concept = Concept(archetype=Archetype.ASSESSMENT, title="Does your onboarding run?")
        answers = {
            "questions": "Could they start today? (no / partly / yes)\n- Who writes the mail",
            "ranges": "0 to 7: it depends on you. 8 to 14: it holds.",
        }
        tool = tools.draft_tool(concept, answers)
        assert tool is not None
        assert [each["options"] for each in tool["questions"]] == [
            ["no", "partly", "yes"],
            ["Yes", "Partly", "No"],
        ]
        assert [(each["min"], each["max"]) for each in tool["result_ranges"]] == [(0, 7), (8, 14)]
        assert "questions" in tools.list_lacking(Archetype.ASSESSMENT, tool)

    @settings(max_examples=40)
    @given(st.sampled_from(sorted(tools.CALL_TO_ACTION)), st.text(max_size=200))
    def test_whatever_is_answered_lacks_something_at_most(
        self, archetype: Archetype, text: str
    ) -> None:
        answers = {each.id: text for each in ARCHETYPES[archetype].questions}
        tool = tools.draft_tool(Concept(archetype=archetype, title="What it costs"), answers)
        assert tool is not None
        tools.list_lacking(archetype, tool)


def test_what_is_said_again_and_again_is_dominant() -> None:
    found = sources.listen(
        "Ann: We are losing leads.\n" + "Bob: Our leads go quiet, it is hard.\n" * 1
    )
    assert {pain.theme for pain in found.pain_points} == {"leads"}
    assert {pain.frequency for pain in found.pain_points} == {Frequency.RECURRING}


def test_a_competitor_is_recognised_by_its_format() -> None:
    found = sources.dissect("The ROI calculator for agencies\nWork out what churn costs you.")
    assert found.detected_archetype is Archetype.SINGLE_CALCULATOR
    assert found.original_title == "The ROI calculator for agencies"
