"""The rules of `code_rules` against the code base, and against what breaks them."""

import re
from pathlib import Path

import pytest

from tests.architecture.code_rules import RULES, UNFINISHED, CodeRule
from tests.architecture.sources import modules

_REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize("rule", RULES, ids=str)
class TestEachRule:
    def test_holds(self, rule: CodeRule) -> None:
        found = {str(module): sorted(rule.offences(module)) for module in modules()}
        assert {name: offences for name, offences in found.items() if offences} == {}

    def test_names_what_breaks_it(self, rule: CodeRule) -> None:
        assert list(rule.offences(rule.sample(rule.broken)))

    def test_lets_the_sound_way_pass(self, rule: CodeRule) -> None:
        if rule.sound is not None:
            assert list(rule.offences(rule.sample(rule.sound))) == []


@pytest.mark.parametrize("folder", ["migrations", "tests", "docs", "benchmarks"])
def test_nothing_else_is_left_to_be_done(folder: str) -> None:
    found = [
        str(path.relative_to(_REPOSITORY))
        for path in (_REPOSITORY / folder).rglob("*")
        if path.suffix in (".sql", ".py", ".md")
        and Path(__file__).parent not in path.parents  # the rule itself names the words
        and UNFINISHED.search(path.read_text())
    ]
    assert found == []


def test_no_test_stands_on_a_patched_part() -> None:
    patching = re.compile(r"unittest\.mock|\bmocker\b|MagicMock|AsyncMock|pytest\.mark\.xfail")
    found = [
        path.name
        for path in (_REPOSITORY / "tests").rglob("*.py")
        if path != Path(__file__) and patching.search(path.read_text())
    ]
    assert found == []
