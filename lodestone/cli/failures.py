"""Failures that are the person's to put right: one clear sentence, exit code 2, no traceback."""

import sys


class CommandError(Exception):
    """A command can't do what was asked; the message is one sentence for a person."""


def expected_failures() -> tuple[type[Exception], ...]:
    """Return the exceptions whose message is meant for the person at the terminal."""
    from lodestone.platform.clients import ClientError
    from lodestone.platform.embedded import EmbeddedError
    from lodestone.platform.errors import LodestoneError
    from lodestone.platform.migrations import MigrationError
    from lodestone.settings import SettingsError
    from lodestone.wiring import DatabaseUnreachable

    return (
        ClientError,
        CommandError,
        DatabaseUnreachable,
        EmbeddedError,
        LodestoneError,
        MigrationError,
        SettingsError,
    )


def say(error: Exception) -> None:
    """Write the sentence, and the fields that bad input names, to standard error."""
    sys.stderr.write(f"lodestone: {error}\n")
    for name, sentence in getattr(error, "fields", {}).items():
        if str(sentence) != str(error):
            sys.stderr.write(f"  {name}: {sentence}\n")
