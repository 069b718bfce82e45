"""Input from outside, checked against a model; what is wrong is said field by field."""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from lodestone.platform.errors import InvalidInput, LodestoneError

MOST_FIELDS = 200
_PLAIN_FORM = "application/x-www-form-urlencoded"

Model = TypeVar("Model", bound=BaseModel)

_SENTENCES = {
    "missing": "This is needed.",
    "string_too_short": "This is too short: at least {min_length} characters.",
    "string_too_long": "This is too long: at most {max_length} characters.",
    "uuid_parsing": "This is not an id.",
    "json_invalid": "This is not JSON.",
}


def parse(model: type[Model], given: Any, *, by_path: bool = False) -> Model:
    """Return the checked input. Raises InvalidInput with a sentence for each wrong field.

    `by_path` names what lies inside a field too: `steps.0.title`, where else it is `steps`.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        name = _path if by_path else _field
        fields = {name(detail): _sentence(detail) for detail in error.errors()}
        raise InvalidInput("Some of this can't be taken as it is.", fields=fields) from error


async def read_form(request: Request, *, most_bytes: int = 1024 * 1024) -> dict[str, str]:
    """Return the text fields of a posted form; files are left out.

    Raises LodestoneError 413 when the body is larger than `most_bytes` or has too many fields.
    """
    body = await read_body(request, most_bytes=most_bytes)
    if request.headers.get("content-type", "").startswith(_PLAIN_FORM):
        return _read_plain_form(body)
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        return {key: value for key, value in form.items() if isinstance(value, str)}


def _read_plain_form(body: bytes) -> dict[str, str]:
    """Read a form without files; several times quicker than the parser of streams and files."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise LodestoneError(
            "The form has too many fields.", code="too_large", status=413
        ) from error
    return dict(pairs)


async def read_json(request: Request, *, most_bytes: int = 1024 * 1024) -> Any:
    """Return the posted JSON. Raises InvalidInput, or LodestoneError 413 when it is too large."""
    await read_body(request, most_bytes=most_bytes)
    try:
        return await request.json()
    except ValueError as error:
        raise InvalidInput("The body is not JSON.", fields={"body": "Send JSON."}) from error


async def read_body(request: Request, *, most_bytes: int) -> bytes:
    """Return the body, which the request then holds; stops reading beyond `most_bytes`."""
    size = 0
    chunks = []
    async for chunk in request.stream():
        size += len(chunk)
        if size > most_bytes:
            raise LodestoneError("The body is too large.", code="too_large", status=413)
        chunks.append(chunk)
    request._body = b"".join(chunks)
    return request._body


def _field(detail: Mapping[str, Any]) -> str:
    # JSON lets half of a surrogate pair in, UTF-8 lets none out.
    return str((*detail["loc"], "body")[0]).encode("utf-8", "replace").decode()


def _path(detail: Mapping[str, Any]) -> str:
    path = ".".join(str(part) for part in detail["loc"]) or "body"
    return path.encode("utf-8", "replace").decode()


def _sentence(detail: Mapping[str, Any]) -> str:
    known = _SENTENCES.get(detail["type"])
    if known is not None:
        return known.format(**detail.get("ctx", {}))
    message = str(detail["msg"]).removeprefix("Value error, ")
    return message.rstrip(".") + "."
