"""Every layer becomes blocks, and every block a page, without losing or adding a word."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.domains.lead_magnets import rules
from lodestone.domains.lead_magnets.contents import conversion, formatting, rendering
from lodestone.domains.lead_magnets.contents.models import BLOCKS, ExtractedContent
from lodestone.domains.lead_magnets.models import (
    Archetype,
    Block,
    BlockType,
    ContentMetadata,
    PolishedContent,
    Section,
)
from tests.domains.lead_magnets.archetypes.examples import shortest

UNSAFE = re.compile(r"""<script|<[^>]+\son\w+=|src="(?!https?://)|href="(?!https?://|mailto:|//)""")
WORD = re.compile(r"\w+")
SAMPLES: dict[BlockType, tuple[dict[str, Any], str]] = {
    BlockType.PARAGRAPH: ({"content": "So **it** is"}, "So <strong>it</strong> is"),
    BlockType.CALLOUT: ({"style": "warning", "content": "Mind"}, 'data-tone="warning"'),
    BlockType.LIST: ({"content": "- a\n- b"}, "<li>b</li>"),
    BlockType.QUOTE: ({"content": "Said"}, "<blockquote><p>Said</p>"),
    BlockType.DIVIDER: ({}, "<hr>"),
    BlockType.IMAGE: (
        {"src": "https://x.example/a.png", "alt": 'A "b"', "caption": "C"},
        'alt="A &quot;b&quot;"',
    ),
    BlockType.EMBED: (
        {"url": "https://youtu.be/dQw4w9WgXcQ", "provider": "youtube"},
        "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
    ),
    BlockType.CODE: ({"language": "prompt", "content": "Do <it>"}, "Do &lt;it&gt;"),
    BlockType.TABLE: ({"headers": ["H"], "rows": [["a|b"]]}, "<td>a|b</td>"),
    BlockType.ACCORDION: ({"title": "Why", "content": "So"}, "<summary>Why</summary>"),
    BlockType.NUMBERED_ITEM: (
        {"number": 3, "title": "T", "content": "C", "detail": "D", "category": "K"},
        '<span class="tag">K</span>',
    ),
    BlockType.STAT_CARD: (
        {"title": "41%", "style": "success", "content": "more"},
        "<strong>41%</strong>",
    ),
    BlockType.RESOURCE_CARD: (
        {"title": "T", "url": "https://x.example/", "content": "C"},
        'href="https://x.example/"',
    ),
    BlockType.RESOURCE_GRID: (
        {"items": [{"title": "T", "url": "https://x.example/"}, {"title": "U"}]},
        '<div class="links">',
    ),
}
ATTACKS = ["javascript:alert(1)", "//evil.example/x", "data:text/html,x", '" onerror="x']


def content_of(*blocks: Block) -> PolishedContent:
    section = Section(id="section-1", section_name="One", blocks=list(blocks))
    metadata = ContentMetadata(word_count=0, reading_time_minutes=1)
    return PolishedContent(title="T", hero_summary="Why.", sections=[section], metadata=metadata)


def words_of(content: PolishedContent) -> list[str]:
    return WORD.findall(" ".join(rules.read_texts(content)))


def html_of(content: PolishedContent) -> str:
    rendered = rendering.render_content(content.to_json())
    parts = [
        section.name + section.introduction_html + section.body_html + section.takeaway_html
        for section in rendered.sections
    ]
    return rendered.summary_html + "".join(parts)


@pytest.mark.parametrize("kind", BlockType)
class TestBlock:
    def test_is_taken_shown_and_comes_back_from_markdown(self, kind: BlockType) -> None:
        fields, shown = SAMPLES[kind]
        taken = BLOCKS.validate_python({"type": kind, **fields})
        block = Block.model_validate(taken.model_dump(mode="json"))
        assert shown in rendering.render_block(block)
        again = rules.structure_text(rules.write_text(content_of(block)), title="T")
        assert [rendering.render_block(one) for one in again.sections[0].blocks] == [
            rendering.render_block(block)
        ]

    def test_runs_and_loads_nothing_but_the_web(self, kind: BlockType) -> None:
        for attack in ATTACKS:
            stored = Block(
                type=kind,
                content=f"<script>x</script>[a]({attack})",
                title="<img src=x onerror=x>",
                src=attack,
                url=attack,
                items=[{"title": "<b>", "url": attack}],
                style='"><script>',
            )
            assert not UNSAFE.search(rendering.render_block(stored))


class TestGenerated:
    @pytest.mark.parametrize("archetype", Archetype)
    def test_every_format_becomes_a_page_with_all_it_holds(self, archetype: Archetype) -> None:
        draft = {**shortest(archetype), "subheadline": "In a word", "proof_points": ["41% more"]}
        content = conversion.from_generated(draft, archetype=archetype, title="T")
        html = html_of(content)
        for text in _texts(draft):
            if text not in {draft["headline"], "https://example.com"}:
                assert text in html or "41%" in text
        assert "<strong>41%</strong>" in html
        assert content.title == draft["headline"]
        assert [section.id for section in content.sections] == [
            f"section-{number}" for number in range(1, len(content.sections) + 1)
        ]

    def test_half_a_draft_becomes_what_there_is(self) -> None:
        draft = {"tools": [{"name": "One", "description": None}, "junk"], "headline": 7}
        content = conversion.from_generated(
            draft, archetype=Archetype.FOCUSED_TOOLKIT, title="The kit"
        )
        assert content.title == "The kit"
        assert [block.title for block in content.sections[0].blocks] == ["One"]


class TestExtracted:
    def test_what_was_told_stands_in_its_order(self) -> None:
        told = ExtractedContent.model_validate(
            {
                "structure": [
                    {
                        "sectionName": "First",
                        "introduction": "Begin here",
                        "contents": [
                            "a point",
                            "b point",
                            {"headline": "H", "summary": "S", "detail": "D"},
                            "x" * 200,
                        ],
                        "keyTakeaway": "Remember",
                    }
                ],
                "proof": "38% fewer calls",
                "commonMistakes": ["hurry", "worry"],
                "nonObviousInsight": "Less is more",
                "differentiation": "We ask first.",
            }
        )
        content = conversion.from_extracted(told, title="T")
        assert content.hero_summary == "We ask first."
        assert [block.type for block in content.sections[0].blocks] == [
            BlockType.LIST,
            BlockType.NUMBERED_ITEM,
            BlockType.PARAGRAPH,
        ]
        closing = content.sections[1].blocks
        assert [block.type for block in closing] == ["stat-card", "callout", "callout"]
        assert (closing[0].title, closing[0].content) == ("38%", "fewer calls")


class TestFormatting:
    @pytest.mark.parametrize(
        ("text", "kinds"),
        [
            ("One here. Two here. Three here.", ["paragraph", "paragraph"]),
            ("We met Dr. Gray at 5 p.m. in Rome, e.g. Tuesday.", ["paragraph"]),
            ("Do three things: 1) ask 2) wait 3) call", ["paragraph", "list"]),
            ("Tip: ask first", ["callout"]),
            ("A line\nbroken by hand. And on. And on.", ["paragraph"]),
        ],
    )
    def test_sets_text_for_scanning(self, text: str, kinds: list[str]) -> None:
        block = Block(type=BlockType.PARAGRAPH, content=text)
        assert [one.type for one in formatting.format_block(block)] == kinds

    @given(st.text(alphabet="aB1 .,:;)(!?\nTip", max_size=120))
    def test_keeps_every_word_in_order_and_is_done_once(self, text: str) -> None:
        before = content_of(Block(type=BlockType.PARAGRAPH, content=text))
        once = formatting.format_content(before)
        assert words_of(once) == words_of(before)
        assert formatting.format_content(once) == once


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []
