"""Reads names, JSON paths and values from a piece of an address, and says where it fails."""

import re

from lodestone.rest.errors import RestError, parse_error
from lodestone.rest.grammar.tree import Field, Step

_NAME = re.compile(r"(?:[^\s\-\"',.:()!*<>&|=][^\-\"',.:()!*<>&|=]*|-(?!>))+")
_KEY = re.compile(r"(?:[^\-\"',.:()]|-(?!>)|:(?!:))+")
_INDEX = re.compile(r"-?[0-9]{1,9}")
_LONGEST_INDEX = 2**31 - 1


class Scanner:
    """A text and a place in it; `what` names the text in errors."""

    __slots__ = ("at", "text", "what")

    def __init__(self, text: str, what: str) -> None:
        self.text = text
        self.what = what
        self.at = 0

    @property
    def is_done(self) -> bool:
        """Whether everything is read."""
        return self.at >= len(self.text)

    def fail(self, expected: str) -> RestError:
        """Return the error that names this place."""
        return parse_error(self.what, self.text, at=self.at, expected=expected)

    def peek(self, text: str) -> bool:
        """Say whether a text comes next."""
        return self.text.startswith(text, self.at)

    def take(self, text: str) -> bool:
        """Read a text if it comes next."""
        if not self.peek(text):
            return False
        self.at += len(text)
        return True

    def require(self, text: str) -> None:
        """Read a text. Raises RestError when something else comes."""
        if not self.take(text):
            raise self.fail(f'"{text}"')

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """Read what a pattern matches here."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found.group()

    def skip_spaces(self) -> None:
        """Read over blanks."""
        while self.at < len(self.text) and self.text[self.at] in " \t\n":
            self.at += 1

    def end(self) -> None:
        """Require that nothing is left."""
        if not self.is_done:
            raise self.fail("nothing more")

    def quoted(self) -> str | None:
        """Read a text in double quotes, where a backslash keeps the next character."""
        if not self.peek('"'):
            return None
        at = self.at + 1
        found: list[str] = []
        while at < len(self.text) and self.text[at] != '"':
            if self.text[at] == "\\" and at + 1 < len(self.text):
                at += 1
            found.append(self.text[at])
            at += 1
        if at >= len(self.text):
            self.at = at
            raise self.fail('"""')
        self.at = at + 1
        return "".join(found)

    def name(self) -> str:
        """Read the name of a column or relation, in quotes or without."""
        self.skip_spaces()
        found = self.quoted()
        if found is None:
            found = (self.match(_NAME) or "").strip()
        if not found:
            raise self.fail("a name")
        return found

    def field(self) -> Field:
        """Read a name and the arrows behind it."""
        name = self.name()
        steps: list[Step] = []
        while self.peek("->"):
            as_text = self.take("->>")
            if not as_text:
                self.require("->")
            steps.append(Step(self._key(), as_text))
        return Field(name, tuple(steps))

    def _key(self) -> str | int:
        quoted = self.quoted()
        if quoted is not None:
            return quoted
        text = self.match(_KEY)
        if not text:
            raise self.fail("a key or an index")
        if _INDEX.fullmatch(text) and abs(int(text)) <= _LONGEST_INDEX:
            return int(text)
        return text
