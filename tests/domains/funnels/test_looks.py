"""Whatever colours are chosen can be read, and addresses can't break out of a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.domains.funnels import embeds, looks

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(
    theme=st.sampled_from(["light", "dark", "custom"]),
    accent=COLOURS,
    background=COLOURS,
    style=st.sampled_from(["solid", "gradient", "pattern"]),
)
def test_text_can_be_read_on_every_choice_of_colours(
    theme: str, accent: str, background: str, style: str
) -> None:
    chosen = looks.choose_palette(theme=theme, accent=accent, background=background, style=style)
    for ground in (chosen.ground, chosen.card, chosen.wash, chosen.glow):
        assert looks.contrast(chosen.ink, ground) >= 4.5
        assert looks.contrast(chosen.soft, ground) >= 4.5
    assert looks.contrast(chosen.on_accent, chosen.accent) >= 4.5
    assert min(looks.contrast(chosen.edge, each) for each in (chosen.ground, chosen.card)) >= 3


@pytest.mark.parametrize(
    ("url", "player"),
    [
        ("https://youtu.be/dQw4w9WgXcQ?t=3", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        (
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
            "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
        ),
        (
            "https://vimeo.com/123456/ab12cd34",
            "https://player.vimeo.com/video/123456?dnt=1&h=ab12cd34",
        ),
        (
            "https://www.loom.com/share/0123456789abcdef",
            "https://www.loom.com/embed/0123456789abcdef",
        ),
        ("https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ", None),
        ("https://example.com/video.mp4", None),
        ("javascript:alert(1)", None),
        ('https://youtu.be/"><script>', None),
    ],
)
def test_videos_are_those_of_three_sites(url: str, player: str | None) -> None:
    assert embeds.embed_video(url) == player


@pytest.mark.parametrize(
    ("url", "filled"),
    [
        ("https://calendly.com/ada/call", "name=Ada+L&email=ada%40example.org"),
        ("https://cal.com/ada/call?month=1", "month=1&name=Ada+L&email=ada%40example.org"),
        ("https://app.iclosed.io/e/ada/call", "iclosedName=Ada+L&iclosedEmail=ada%40example.org"),
    ],
)
def test_calendars_know_who_comes(url: str, filled: str) -> None:
    booking = embeds.embed_booking(url, name="Ada L", email="ada@example.org")
    assert booking.provider is not None
    assert filled in booking.url


def test_an_unknown_calendar_is_told_nothing() -> None:
    booking = embeds.embed_booking("https://book.example.com/x", name="Ada", email="a@example.org")
    assert booking == embeds.Booking(None, "https://book.example.com/x")


@pytest.mark.parametrize("url", ["https://x.example/a.woff2);body{}", "https://x.example/a.ttf"])
def test_a_font_can_not_break_out_of_the_style(url: str) -> None:
    assert looks.choose_typeface("Own", url).url is None
    assert "}" not in looks.choose_typeface('x";}', None).families
