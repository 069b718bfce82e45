"""Runs the scripts of `js/`, which state claims and note which methods of the client they call."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

JS = Path(__file__).parent / "js"
NODE = shutil.which("node")
CLIENT = JS / "node_modules" / "@supabase" / "supabase-js"
LIMIT_SECONDS = 300.0

needs_client = pytest.mark.skipif(
    NODE is None or not CLIENT.exists(),
    reason="supabase-js is not installed: npm install --prefix tests/contract/js",
)


@dataclass(frozen=True)
class Outcome:
    """What a script found: how many claims it tried, which failed how, which methods it missed."""

    claims: int
    failures: dict[str, str]
    unused: list[str]


def run_script(name: str, **place: object) -> Outcome:
    """Run a script, tell it where to go, and return what it found."""
    command = [NODE or "node", str(JS / name), json.dumps(place)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS
    )
    assert done.returncode == 0, done.stderr
    return Outcome(**json.loads(done.stdout))
