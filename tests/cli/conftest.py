import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import Running, running_up


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that the database's own account can reach, as pytest's is not."""
    made = Path(tempfile.mkdtemp(prefix="lodestone-cli-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def product() -> Iterator[Running]:
    """`lodestone up --no-demo`, running for the tests of a module."""
    made = Path(tempfile.mkdtemp(prefix="lodestone-cli-"))
    with running_up(made / "data", "--no-demo") as running:
        yield running
    shutil.rmtree(made)
