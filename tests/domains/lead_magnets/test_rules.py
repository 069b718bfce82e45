"""Pasted text becomes content, keeps every word, and comes back as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.domains.lead_magnets import rules
from lodestone.domains.lead_magnets.contents.rendering import render_content
from lodestone.domains.lead_magnets.models import BlockType

WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzäöü", min_size=1, max_size=12)
LINES = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)
PARTS = st.one_of(
    LINES,
    LINES.map(lambda line: f"## {line}"),
    st.lists(LINES, min_size=1, max_size=4).map(lambda rows: "\n".join(f"- {r}" for r in rows)),
    LINES.map(lambda line: f"> {line}"),
    LINES.map(lambda line: f"```\n{line}\n```"),
    st.just("---"),
)
TEXTS = st.lists(PARTS, min_size=1, max_size=12).map("\n\n".join)


class TestStructure:
    def test_headings_open_sections_and_the_first_paragraph_is_the_summary(self) -> None:
        content = rules.structure_text("Why.\n\n## One\n\nA.\n\n## Two\n\nB.", title="T")
        assert content.hero_summary == "Why."
        assert [section.section_name for section in content.sections] == ["One", "Two"]
        assert [section.id for section in content.sections] == ["section-1", "section-2"]

    def test_a_heading_that_repeats_the_title_is_dropped(self) -> None:
        content = rules.structure_text("# The kit\n\nWhy.\n\n## One\n\nA.", title="The Kit")
        assert [section.section_name for section in content.sections] == ["One"]

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("- a\n- b", BlockType.LIST),
            ("1. a\n2. b", BlockType.LIST),
            ("> a", BlockType.QUOTE),
            ("```py\na\n```", BlockType.CODE),
            ("| a | b |\n|---|---|\n| 1 | 2 |", BlockType.TABLE),
            ("---", BlockType.DIVIDER),
            ("plain words", BlockType.PARAGRAPH),
        ],
    )
    def test_knows_the_kinds_of_block(self, text: str, kind: BlockType) -> None:
        content = rules.structure_text(f"Why.\n\n## One\n\n{text}", title="T")
        assert [block.type for block in content.sections[0].blocks] == [kind]

    @given(TEXTS)
    def test_text_comes_back_as_the_same_content(self, text: str) -> None:
        first = rules.structure_text(text, title="Title")
        second = rules.structure_text(rules.write_text(first), title="Title")
        assert second.hero_summary == first.hero_summary
        assert second.sections == first.sections

    @given(TEXTS)
    def test_keeps_every_word(self, text: str) -> None:
        written = rules.write_text(rules.structure_text(text, title="Title"))
        assert rules.count_words(written) == rules.count_words(text)

    @pytest.mark.parametrize(("words", "minutes"), [(0, 1), (200, 1), (201, 2), (1000, 5)])
    def test_reads_200_words_a_minute(self, words: int, minutes: int) -> None:
        assert rules.reading_minutes(words) == minutes


class TestRendering:
    @pytest.mark.parametrize(
        "attack",
        [
            "<script>alert(1)</script>",
            "[x](javascript:alert(1))",
            '<img src=x onerror="alert(1)">',
            "![x](data:text/html;base64,AAAA)",
        ],
    )
    def test_shows_no_html_of_the_writer(self, attack: str) -> None:
        content = rules.structure_text(f"Why.\n\n## One\n\n{attack}", title="T")
        html = render_content(content.to_json()).sections[0].body_html
        assert "<script" not in html
        assert "<img" not in html or "src=" not in html
        assert 'href="javascript' not in html
