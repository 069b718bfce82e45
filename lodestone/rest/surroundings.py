"""What functions may know of a request, and say about its answer: settings of the transaction.

They are `request.headers`, `request.cookies`, `request.method` and `request.path`; and
`response.headers` and `response.status`. Only databases that mention them pay for them.

Source: https://docs.postgrest.org/en/v14/references/transactions.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from lodestone.platform.database import Tx
from lodestone.rest.errors import RestError, to_raw

READ_RESPONSE = """
select
    nullif(current_setting('response.headers', true), '') as headers,
    nullif(current_setting('response.status', true), '') as status
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a function said about the answer."""

    status: int | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()


NOTHING_SAID = Said()


def of_request(method: str, path: str, headers: Mapping[bytes, bytes]) -> dict[str, str]:
    """Return the settings that describe a request."""
    names = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
    cookie = names.pop("cookie", "")
    return {
        "request.method": method,
        "request.path": path,
        "request.headers": json.dumps(names),
        "request.cookies": json.dumps(_cookies(cookie)),
    }


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: one.value for name, one in SimpleCookie(header).items()}
    except CookieError:
        return {}


async def write(tx: Tx, settings: Mapping[str, str]) -> None:
    """Set settings until the transaction ends."""
    calls = (f"set_config(${at}, ${at + 1}, true)" for at in range(1, 2 * len(settings), 2))
    values = [one for pair in settings.items() for one in pair]
    await tx.fetchrow(f"select {', '.join(calls)}", *values)


async def read_response(tx: Tx) -> Said:
    """Return what was said about the answer. Raises RestError PGRST111 or PGRST112 for nonsense."""
    row = await tx.fetchrow(READ_RESPONSE)
    if row is None or (row["headers"] is None and row["status"] is None):
        return NOTHING_SAID
    return Said(_status(row["status"]), _headers(row["headers"]))


def _status(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 200 <= int(text[:4]) <= 599):
        raise RestError(
            "response.status guc must be a valid status code", code="PGRST112", status=500
        )
    return int(text)


def _headers(text: str | None) -> tuple[tuple[bytes, bytes], ...]:
    if text is None:
        return ()
    try:
        return to_raw(pair for one in json.loads(text) for pair in one.items())
    except (ValueError, AttributeError, TypeError):
        raise RestError(
            "response.headers guc must be a JSON array composed of objects with a single key and"
            " a string value",
            code="PGRST111",
            status=500,
        ) from None
