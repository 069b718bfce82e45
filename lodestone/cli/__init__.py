"""The command `lodestone`. Commands import what they run when they run: `--help` is quick."""

import sys

from lodestone.cli.application import app
from lodestone.cli.failures import expected_failures, say


def main() -> None:
    """Run the command line; what a person can put right is one sentence and exit code 2."""
    try:
        app()
    except Exception as error:
        if not isinstance(error, expected_failures()):
            raise
        say(error)
        sys.exit(2)
