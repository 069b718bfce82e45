"""Each test begins with nothing done and nothing told to fail."""

import pytest

from tests.platform.jobs import declared


@pytest.fixture(autouse=True)
def _forget() -> None:
    declared.done.clear()
    declared.failing.clear()
    declared.attempts_made.clear()
