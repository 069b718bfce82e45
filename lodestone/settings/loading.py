"""Reading the settings of this process."""

import difflib
import os
import secrets as random_source
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lodestone.platform import embedded
from lodestone.platform.firstrun import write_secrets_once
from lodestone.settings.accounts import KEY_LENGTH
from lodestone.settings.every import Settings
from lodestone.settings.values import PREFIX, variable

_SECRETS_FILE = "secrets.env"
_SECRETS = ("secret_keys", "jwt_secret")


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and is for a person."""


def load(**overrides: Any) -> Settings:
    """Read the settings, with their secrets; what is given here, and not None, goes first.

    Raises: SettingsError naming the variable, EmbeddedError when the data directory is unusable.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    _refuse_unknown_variables()
    settings = _read(given)
    missing = [name for name in _SECRETS if not getattr(settings, name)]
    if not missing:
        return settings
    if settings.database_url is not None:
        names = " and ".join(variable(name) for name in missing)
        raise SettingsError(
            f"{names} must be set when {variable('database_url')} is: every machine needs the same."
        )
    return _read(given, _secrets_file(settings.data_dir))


def _read(given: dict[str, Any], secrets_file: Path | None = None) -> Settings:
    try:
        if secrets_file is None:
            return Settings(**given)
        # The later file wins, so what a person wrote goes before what we made.
        return Settings(_env_file=(secrets_file, ".env"), **given)
    except ValidationError as error:
        problems = []
        for found in error.errors():
            name = variable(str(found["loc"][0])) if found["loc"] else "LODESTONE_DATABASE_*_URL"
            problem = found["msg"].removeprefix("Value error, ")
            problems.append(problem if problem.startswith(PREFIX) else f"{name}: {problem}")
        raise SettingsError("; ".join(problems) + ".") from None


def _refuse_unknown_variables() -> None:
    known = {variable(name) for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f": did you mean {close[0]}?" if close else "."
            raise SettingsError(f"{name} is not a setting{hint}")


def _secrets_file(data_dir: Path) -> Path:
    """Return the file of the generated secrets, made now if it is not there."""
    path = data_dir / _SECRETS_FILE
    if path.exists():
        return path
    embedded.prepare(data_dir)
    lines = [f"{variable(name)}={random_source.token_urlsafe(KEY_LENGTH)}" for name in _SECRETS]
    write_secrets_once(path, lines)
    return path
