"""Writes settings.md, cli.md and jobs.md of docs/reference from what they describe.

`python -m lodestone.cli.manual` rewrites them; a test keeps the committed ones current.
"""

import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from lodestone import domains
from lodestone.cli.application import app
from lodestone.platform.jobs import discover_jobs, reference
from lodestone.settings import Settings, variable

PAGES = Path("docs/reference")
_MARKUP = re.compile(r"\[/?(?:bold|dim)\]")
_EXAMPLE = re.compile(r"\[dim\](.*?)\[/dim\]", re.DOTALL)


def settings_page() -> str:
    """Return every setting with its default and meaning."""
    lines = [
        "# Settings",
        "",
        (
            "Read from the environment, then from `.env` in the working directory, then, for"
            " generated secrets, from `secrets.env` in the data directory. A variable that starts"
            " with `LODESTONE_` and is not listed here is refused."
        ),
        "",
        "| Variable | Default | Meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        lines.append(f"| `{variable(name)}` | {_default(field.default)} | {field.description} |")
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """Return every command with its arguments, options and examples."""
    root = typer.main.get_command(app)
    lines = [
        "# Commands",
        "",
        (
            "Exit codes: 0 done, 1 `schema check` found drift, 2 it could not be done, with one"
            " sentence on standard error that says why."
        ),
        "",
    ]
    lines += _group(root, "lodestone")
    return "\n".join(lines).rstrip() + "\n"


def jobs_page() -> str:
    """Return every job, schedule and event of the product."""
    discover_jobs(domains.__name__)
    names = {module.name for module in pkgutil.iter_modules(domains.__path__)}
    return reference.write({"platform", *names})


def main() -> None:
    """Write the pages."""
    pages = {"settings.md": settings_page, "cli.md": commands_page, "jobs.md": jobs_page}
    for name, page in pages.items():
        (PAGES / name).write_text(page())
        sys.stdout.write(f"wrote {PAGES / name}\n")


def _default(value: object) -> str:
    plain = getattr(value, "get_secret_value", lambda: value)()
    if plain is None or plain in ("", ()):
        return ""
    return f"`{str(plain).lower() if isinstance(plain, bool) else plain}`"


def _group(command: Any, path: str) -> Iterator[str]:
    # Typer brings its own Click, whose classes have no public home.
    if not hasattr(command, "commands"):
        yield from _command(command, path)
        return
    for name, child in sorted(command.commands.items()):
        yield from _group(child, f"{path} {name}")


def _command(command: Any, path: str) -> Iterator[str]:
    text = command.help or ""
    example = _EXAMPLE.search(text)
    yield from (f"## {path}", "", _MARKUP.sub("", _EXAMPLE.sub("", text)).strip(), "")
    rows = [row for parameter in command.params if (row := _parameter(parameter))]
    if rows:
        yield from ("| Option | Meaning |", "|---|---|", *rows, "")
    if example:
        lines = [line.strip() for line in example[1].splitlines()]
        yield from ("```sh", *lines, "```", "")


def _parameter(parameter: Any) -> str | None:
    if getattr(parameter, "hidden", False) or parameter.name == "help":
        return None
    is_argument = parameter.param_type_name == "argument"
    name = (parameter.name or "").upper() if is_argument else ", ".join(parameter.opts)
    return f"| `{name}` | {getattr(parameter, 'help', '') or ''} |"


if __name__ == "__main__":
    main()
