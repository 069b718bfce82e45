"""Input that is a whole document: checked against a model, every wrong place named by its path."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from lodestone.domains.lead_magnets.models import BlockType
from lodestone.platform.errors import InvalidInput

Model = TypeVar("Model", bound=BaseModel)

UNFINISHED = frozenset({"missing", "string_too_short", "too_short", "value_error"})
"""What is wrong with a draft that is not written to its end; anything else is malformed."""

_SENTENCES = {
    "missing": "This is needed.",
    "string_too_short": "At least {min_length} characters.",
    "string_too_long": "At most {max_length} characters.",
    "too_short": "At least {min_length} of these.",
    "too_long": "At most {max_length} of these.",
    "extra_forbidden": "There is no such field here.",
    "union_tag_invalid": "There is no such kind of block.",
    "string_type": "This is a text.",
    "list_type": "This is a list.",
}
_KINDS = frozenset(BlockType)


def check(model: type[Model], given: Any, *, message: str) -> Model:
    """Return the checked document.

    Raises InvalidInput that names every failing path, such as `sections.0.body`.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise InvalidInput(message, fields=name_failures(error)) from error


def name_failures(error: ValidationError, *, among: frozenset[str] | None = None) -> dict[str, str]:
    """Return a sentence by path for each failure, or for those of some kinds only."""
    return {
        _path(detail["loc"]): _sentence(detail)
        for detail in error.errors()
        if among is None or detail["type"] in among
    }


def _path(place: tuple[int | str, ...]) -> str:
    # A union by type names the type it took after the block's number.
    steps = [
        str(step)
        for before, step in zip((None, *place), place, strict=False)
        if not (isinstance(before, int) and step in _KINDS)
    ]
    return ".".join(steps) or "content"


def _sentence(detail: Mapping[str, Any]) -> str:
    known = _SENTENCES.get(detail["type"])
    if known is not None:
        return known.format(**detail.get("ctx", {}))
    return str(detail["msg"]).removeprefix("Value error, ").rstrip(".") + "."
