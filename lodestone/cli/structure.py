"""Commands about the structure of the database: its drift and its reference."""

import asyncio
import sys
from pathlib import Path

from lodestone import settings as configuration
from lodestone.cli.database import reached
from lodestone.platform.schema import drift, reference


def check(*, data_dir: Path | None) -> None:
    """Print each drift on a line of its own; exit code 1 when there is any."""
    settings = configuration.load(data_dir=data_dir)
    with reached(settings) as url:
        drifts = asyncio.run(drift.check(url))
    for found in drifts:
        sys.stdout.write(f"{found}\n")
    if drifts:
        sys.exit(1)
    sys.stdout.write("The database is as the migrations declare it.\n")


def write_reference(*, output: Path | None, data_dir: Path | None) -> None:
    """Write the schema reference to a file or to standard output."""
    settings = configuration.load(data_dir=data_dir)
    with reached(settings) as url:
        text = asyncio.run(reference.write(url))
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text)
