"""Names and sizes, as people read them."""

import pytest

from lodestone.domains.files import rules


@pytest.mark.parametrize(
    ("given", "tidy"),
    [
        ("plan.pdf", "plan.pdf"),
        ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("Übersicht #1 %.pdf", "Übersicht -1 -.pdf"),
        ("...", "file"),
        ("", "file"),
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
        ("a" * 300, "a" * 120),
    ],
)
def test_a_name_is_made_one_that_every_store_takes(given: str, tidy: str) -> None:
    assert rules.tidy_name(given) == tidy


def test_a_taken_name_gets_a_number() -> None:
    assert rules.other_names("a.b.pdf")[:3] == ["a.b.pdf", "a.b 2.pdf", "a.b 3.pdf"]
    assert rules.other_names("plain")[1] == "plain 2"


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (9_960, "10 kB"), (2_500_000_000, "2.5 GB")],
)
def test_a_size_is_said_in_the_unit_that_suits_it(size: int, said: str) -> None:
    assert rules.read_size(size) == said


def test_a_drawing_that_may_hold_scripts_is_not_previewed() -> None:
    assert rules.kind_of("image/svg+xml") == "other"
    assert rules.kind_of("image/png") == "image"
    assert rules.kind_of("text/html") == "other"
