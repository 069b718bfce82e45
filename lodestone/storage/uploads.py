"""An upload as it comes in: a bare body, or a form as browsers send it, read piece by piece."""

import base64
import binascii
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from lodestone.storage.errors import StorageError, incomplete, invalid_parameter, wrong_type
from lodestone.storage.models import NewFile

MOST_FIELD_BYTES = 64 * 1024
"""What a form may say beside its file."""

_DRAINED_BYTES = 4 * 1024 * 1024
_MIME = re.compile(r"[\w.+-]+/[\w.+-]+(?:;[\x20-\x7e]*)?")
_CACHE = re.compile(r"[\w=, -]{1,200}")


class Upload:
    """A file on its way: `start` reads what comes before its bytes, `pieces` are they."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._body = request.stream()
        kind, options = parse_options_header(request.headers.get("content-type", ""))
        boundary = options.get(b"boundary") if kind == b"multipart/form-data" else None
        self._form = _Form(boundary) if boundary else None
        self._waiting: list[bytes] = []

    @property
    def file_name(self) -> str:
        """Return what the uploader's own machine calls the file, empty when it does not say."""
        return self._form.file_name if self._form else ""

    @property
    def announced_size(self) -> int | None:
        """Return how large the file is at least, as far as the headers tell."""
        length = self._request.headers.get("content-length", "")
        if not length.isdigit():
            return None
        return int(length) if self._form is None else max(int(length) - MOST_FIELD_BYTES, 0)

    async def start(self, new: NewFile) -> NewFile:
        """Return the file with what is said of it before its bytes. Raises StorageError."""
        if self._form is None:
            headers = self._request.headers
            return replace(
                new,
                mime_type=_mime_type(headers.get("content-type")),
                cache_control=_cache_control(headers.get("cache-control")),
                user_metadata=_header_metadata(headers.get("x-metadata")),
            )
        async for chunk in self._body:
            self._waiting = self._form.feed(chunk)
            if self._form.has_file:
                break
        if not self._form.has_file:
            raise incomplete("the form holds no file")
        return self.complete(replace(new, mime_type=_mime_type(self._form.file_type)))

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the bytes. Raises StorageError when the body ends before its end."""
        try:
            for piece in self._waiting:
                yield piece
            async for chunk in self._body:
                if self._form is None:
                    yield chunk
                    continue
                for piece in self._form.feed(chunk):
                    yield piece
        except ClientDisconnect:
            raise incomplete("the connection was lost") from None
        if self._form is not None and not self._form.is_complete:
            raise incomplete("the form has no end")

    def complete(self, new: NewFile) -> NewFile:
        """Return the file with what the form says of it, before its bytes or after."""
        if self._form is None:
            return new
        fields = self._form.fields
        seconds = fields.get("cacheControl")
        control = f"max-age={seconds}" if seconds and seconds.isdigit() else seconds
        return replace(
            new,
            cache_control=_cache_control(control or None),
            user_metadata=_metadata(fields.get("metadata")),
        )

    async def drain(self) -> None:
        """Read on a little, so that a client which is still sending hears why it is refused."""
        left = _DRAINED_BYTES
        try:
            async for chunk in self._body:
                left -= len(chunk)
                if left < 0:
                    return
        except (ClientDisconnect, RuntimeError):
            return


class _Form:
    """A multipart form with one file, read as it comes; only the fields are kept."""

    def __init__(self, boundary: bytes) -> None:
        self.fields: dict[str, str] = {}
        self.file_type: str | None = None
        self.file_name = ""
        self.has_file = False
        self.is_complete = False
        self._is_file = False
        self._name = ""
        self._kept = 0
        self._header = (bytearray(), bytearray())
        self._headers: dict[bytes, bytes] = {}
        self._value = bytearray()
        self._pieces: list[bytes] = []
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": lambda data, start, end: self._keep(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._keep(1, data[start:end]),
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._add,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return what of the chunk belongs to the file. Raises StorageError for a broken form."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise incomplete("the form is broken") from error
        pieces, self._pieces = self._pieces, []
        return pieces

    def _count(self, size: int) -> None:
        self._kept += size
        if self._kept > MOST_FIELD_BYTES:
            raise StorageError("The form says too much beside its file", code="InvalidRequest")

    def _keep(self, part: int, data: bytes) -> None:
        self._count(len(data))
        self._header[part].extend(data)

    def _begin_part(self) -> None:
        self._headers = {}
        self._value = bytearray()

    def _end_header(self) -> None:
        field, value = self._header
        self._headers[bytes(field).lower()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = b"filename" in options
        if not self._is_file:
            return
        if self.has_file:
            raise StorageError("Send one file at a time", code="InvalidRequest")
        self.has_file = True
        self.file_name = options[b"filename"].decode("utf-8", "replace")
        given = self._headers.get(b"content-type")
        self.file_type = given.decode("latin-1").strip() if given else None

    def _add(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._pieces.append(data[start:end])
            return
        self._count(end - start)
        self._value.extend(data[start:end])

    def _end_part(self) -> None:
        if not self._is_file:
            self.fields[self._name] = self._value.decode("utf-8", "replace")

    def _end(self) -> None:
        self.is_complete = True


def _mime_type(given: str | None) -> str | None:
    if not given:
        return None
    if len(given) > 255 or not _MIME.fullmatch(given):
        raise wrong_type(given[:100])
    return given


def _cache_control(given: str | None) -> str:
    if not given:
        return "no-cache"
    if not _CACHE.fullmatch(given):
        raise invalid_parameter("cacheControl", "give a number of seconds")
    return given


def _header_metadata(given: str | None) -> Mapping[str, Any] | None:
    if not given:
        return None
    try:
        return _metadata(base64.b64decode(given, validate=True).decode())
    except (binascii.Error, ValueError):
        raise invalid_parameter("x-metadata", "give JSON in base64") from None


def _metadata(given: str | None) -> Mapping[str, Any] | None:
    if not given:
        return None
    try:
        found = json.loads(given)
    except ValueError:
        raise invalid_parameter("metadata", "give JSON") from None
    if found is not None and not isinstance(found, dict):
        raise invalid_parameter("metadata", "give a JSON object")
    if "\\u0000" in given:
        raise invalid_parameter("metadata", "it holds a character that JSON in PostgreSQL has not")
    return found
