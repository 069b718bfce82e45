"""Slugs, drafted copy, bots, visitors' hashes and readable colours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.domains.funnels import looks, rules


class TestSlug:
    @pytest.mark.parametrize(
        ("title", "slug"),
        [
            ("The 10-minute pipeline review", "the-10-minute-pipeline-review"),
            ("  Über uns: Größe & Mut  ", "uber-uns-groe-mut"),
            ("日本語", "page"),
            ("", "page"),
        ],
    )
    def test_is_made_of_plain_letters(self, title: str, slug: str) -> None:
        assert rules.slugify(title) == slug

    @given(st.text(max_size=300) | st.text("abc XYZ-", min_size=40, max_size=300))
    def test_always_fits_the_address(self, title: str) -> None:
        slug = rules.slugify(title)
        assert 1 <= len(slug) <= rules.MAX_AUTOMATIC_SLUG
        assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert not slug.startswith("-")
        assert not slug.endswith("-")


class TestCut:
    @given(st.text(max_size=300), st.integers(min_value=10, max_value=120))
    def test_never_exceeds_the_limit(self, text: str, limit: int) -> None:
        assert len(rules.cut(text, limit)) <= limit

    def test_ends_at_a_word(self) -> None:
        assert rules.cut("one two three four five", 12) == "one two…"


class TestBots:
    @pytest.mark.parametrize(
        "user_agent",
        [None, "", "curl/8.4", "python-httpx/0.28", "Mozilla/5.0 (compatible; Googlebot/2.1)"],
    )
    def test_are_known_by_their_name(self, user_agent: str | None) -> None:
        assert rules.is_bot(user_agent)

    def test_people_are_none(self) -> None:
        assert not rules.is_bot("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")


class TestVisitors:
    def test_are_the_same_all_day_and_another_the_next(self) -> None:
        monday = rules.hash_visitor(salt=b"mon", address="192.0.2.1", user_agent="F")
        assert monday == rules.hash_visitor(salt=b"mon", address="192.0.2.1", user_agent="F")
        assert monday != rules.hash_visitor(salt=b"tue", address="192.0.2.1", user_agent="F")
        assert monday != rules.hash_visitor(salt=b"mon", address="192.0.2.2", user_agent="F")


@given(st.integers(min_value=0, max_value=0xFFFFFF))
def test_button_text_can_be_read_on_any_colour(number: int) -> None:
    colour = f"#{number:06x}"
    assert _contrast(looks.readable_on(colour), colour) >= 4.5


def _contrast(first: str, second: str) -> float:
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
