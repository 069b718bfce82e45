"""What an import reads."""

from enum import StrEnum

from pydantic import BaseModel

MOST_FILE_BYTES = 10 * 1024 * 1024
MOST_CHARACTERS = 400_000
LEAST_CHARACTERS = 20
LEAST_SHEET, MOST_SHEET = 10, 100_000
WIDEST = 1_000_000_000_000.0
"""The end of a range that has none: a million millions."""


class FileKind(StrEnum):
    """What can be read."""

    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    WORD = "docx"


class ReadText(BaseModel):
    """What was found in a source, as Markdown, and what had to be left out."""

    title: str = ""
    text: str
    notes: list[str] = []
