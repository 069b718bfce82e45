"""Pure rules of lists: addresses, and how a file of people is read."""

import codecs
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email

MOST_BYTES = 5 * 1024 * 1024
LONGEST_NAME = 100
LONGEST_ADDRESS = 255
MOST_COLUMNS = 200
DELIMITERS = (",", ";", "\t", "|")

# What the person may do without while they stay on the list: the kinds of mail behind each choice.
TOPICS = {
    "news": ("broadcast", "digest"),
    "series": ("flow", "sequence", "review"),
}

FIELDS = {
    "email": ("email", "email_address", "e_mail", "mail", "e_mail_address"),
    "first_name": ("first_name", "firstname", "fname", "given_name"),
    "last_name": ("last_name", "lastname", "lname", "surname", "family_name"),
    "company": ("company", "company_name", "organization", "organisation"),
}

# What nearly every address looks like; the others are asked of the validator, which takes longer.
_PLAIN_ADDRESS = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
)
_LONGEST_LOCAL_PART = 64
_SAMPLE_ROWS = 20


class UnreadableFileError(ValueError):
    """The file is not a table of people; the message says why, for a person."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's shape: how it is written, and its header."""

    encoding: str
    delimiter: str
    columns: list[str]


# A file has many of them, and a tuple is made four times as fast as a frozen dataclass.
class ReadRow(NamedTuple):
    """A row of the file; `reason` says why it can't be taken, as far as the row alone tells."""

    number: int
    email: str | None
    first_name: str | None
    last_name: str | None
    company: str | None
    reason: str | None
    cells: list[str]


def normalise_address(value: str) -> str:
    """Return the address trimmed and in lower case.

    Raises: ValueError when it is not an address (RFC 5321 and 5322, without asking the DNS).
    """
    address = value.strip().lower()
    local_part = address.partition("@")[0]
    if _PLAIN_ADDRESS.fullmatch(address) and len(local_part) <= _LONGEST_LOCAL_PART:
        return address
    try:
        checked = validate_email(address, check_deliverability=False)
    except EmailNotValidError as refusal:
        raise ValueError("This is not an e-mail address.") from refusal
    return checked.normalized.lower()


def as_line(value: str) -> str:
    """Return a text as one line, without control characters."""
    if value.isprintable():
        # Nearly every text: nothing to replace, so no need to go through it letter by letter.
        return " ".join(value.split())
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())


def examine(content: bytes) -> Sheet:
    """Return a file's encoding, delimiter and header. Raises: UnreadableFileError."""
    encoding = _encoding_of(content)
    lines = _lines(content, encoding)
    sample = [line for _, line in zip(range(_SAMPLE_ROWS), lines, strict=False)]
    if not sample:
        raise UnreadableFileError("The file is empty.")
    delimiter = max(DELIMITERS, key=lambda each: _regularity(sample, each))
    try:
        columns = [as_line(name) for name in next(_records(content, encoding, delimiter))[1]]
    except StopIteration as nothing:
        raise UnreadableFileError("The file is empty.") from nothing
    if len(columns) > MOST_COLUMNS:
        raise UnreadableFileError(f"A file has at most {MOST_COLUMNS} columns.")
    return Sheet(encoding, delimiter, columns)


def guess_mapping(columns: Sequence[str]) -> dict[str, int]:
    """Return which column holds which field, going by the header's names."""
    names = [re.sub(r"[\s_-]+", "_", name.strip().lower()) for name in columns]
    found = {}
    for field, known in FIELDS.items():
        places = [names.index(name) for name in known if name in names]
        if places:
            found[field] = places[0]
    return found


def read_rows(content: bytes, sheet: Sheet, mapping: Mapping[str, int]) -> Iterator[ReadRow]:
    """Yield the rows below the header, numbered as a spreadsheet does; empty lines are left out.

    Raises: UnreadableFileError where the file can't be read any further.
    """
    records = _records(content, sheet.encoding, sheet.delimiter)
    next(records, None)
    for number, cells in records:
        if any(cell.strip() for cell in cells):
            yield _read_row(number, cells, mapping)


def _read_row(number: int, cells: list[str], mapping: Mapping[str, int]) -> ReadRow:
    width = len(cells)
    email, first_name, last_name, company = (
        as_line(cells[place]) or None
        if (place := mapping.get(field)) is not None and place < width
        else None
        for field in FIELDS
    )
    reason = None
    if email is None:
        reason = "empty"
    elif len(email) > LONGEST_ADDRESS or any(
        name is not None and len(name) > LONGEST_NAME for name in (first_name, last_name, company)
    ):
        reason = "too_long"
    else:
        try:
            email = normalise_address(email)
        except ValueError:
            reason = "invalid"
    return ReadRow(number, email, first_name, last_name, company, reason, cells)


def _encoding_of(content: bytes) -> str:
    """Return how the text is encoded: by its mark, else UTF-8, else as Windows writes it."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return encoding
    if b"\0" in content:
        raise UnreadableFileError("This is not a text file. Save the table as CSV first.")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _lines(content: bytes, encoding: str) -> Iterator[str]:
    text = content.decode(encoding, "replace")
    if "\0" in text:
        raise UnreadableFileError("This is not a text file. Save the table as CSV first.")
    return iter(text.splitlines(keepends=True))


def _records(content: bytes, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record and its number, the header being 1."""
    reader = csv.reader(_lines(content, encoding), delimiter=delimiter)
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableFileError(f"Row {number} can't be read: {error}.") from error


def _regularity(sample: Sequence[str], delimiter: str) -> tuple[int, int]:
    """Return how many records have as many cells as the header, if it has several, and how many."""
    try:
        records = [record for record in csv.reader(sample, delimiter=delimiter) if record]
    except csv.Error:
        return (0, 0)
    width = len(records[0]) if records else 0
    # One cell tells nothing of the delimiter.
    if width < 2:
        return (0, 0)
    return (sum(len(record) == width for record in records), width)
