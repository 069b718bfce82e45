"""The data API as supabase-js uses it. `npm install --prefix tests/rest/js` brings the client."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from lodestone.settings import Settings
from tests.rest.conftest import sign
from tests.rest.serving import serving

SCRIPT = Path(__file__).parent / "js" / "contract.js"
NODE = shutil.which("node")
CLIENT = SCRIPT.parent / "node_modules" / "@supabase" / "supabase-js"

pytestmark = pytest.mark.skipif(
    NODE is None or not CLIENT.exists(),
    reason="supabase-js is not installed: npm install --prefix tests/rest/js",
)


@pytest.fixture(scope="module")
def answers(
    settings: Settings, library_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """What the script heard."""
    key = sign(settings, role="anon")
    token = sign(settings, role="authenticated", sub=str(uuid4()))
    with serving(settings, library_url, tmp_path_factory.mktemp("serve") / "log") as address:
        command = [NODE or "node", str(SCRIPT), address, key, token]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        yield json.loads(done.stdout)


class TestSupabaseJs:
    def test_every_filter_finds_its_rows(self, answers: dict[str, Any]) -> None:
        assert answers["filters"] == [
            [3],
            [2, 3, 4, 5],
            [4, 5],
            [4, 5],
            [1, 2],
            [1, 2],
            [4],
            [3, 4],
            [5],
            [3],
            [2, 3],
            [1],
            [2, 3, 4],
            [1, 3],
            [1],
            [2],
            [1],
            [2],
            [2],
            [1],
            [3, 4, 5],
            [1, 3],
            [2],
        ]

    def test_every_modifier_is_followed(self, answers: dict[str, Any]) -> None:
        assert answers["page"] == [{"id": 4}, {"id": 3}]
        assert answers["count"] == 5
        assert answers["embedded"] == {
            "name": "Stanislaw",
            "books": [{"title": "Solaris", "loans": [{"count": 1}]}],
        }
        assert answers["nobody"] is None
        assert answers["several"] == "PGRST116"
        assert answers["csv"] == "id,title\n3,Solaris"

    def test_every_write_is_done(self, answers: dict[str, Any]) -> None:
        assert answers["inserted"] == [{"id": 601, "name": "A"}]
        assert (answers["many"], answers["merged"], answers["ignored"]) == (201, {"name": "AA"}, [])
        assert (answers["changed"], answers["deleted"]) == (3, 3)
        assert answers["duplicate"] == "23505"

    def test_functions_are_called(self, answers: dict[str, Any]) -> None:
        assert (answers["value"], answers["byGet"], answers["rows"]) == (3, 11, [{"id": 2}])
        assert answers["nowhere"] == "PGRST205"
