"""The use cases of imports: read a file, a page, a text or a sheet; keep what was shown."""

from urllib.parse import urlsplit
from uuid import UUID

import httpx

from lodestone.domains.lead_magnets import service as lead_magnets
from lodestone.domains.lead_magnets.checking import check
from lodestone.domains.lead_magnets.imports import parsing, queries, rules, spreadsheets
from lodestone.domains.lead_magnets.imports.isolation import parse_apart
from lodestone.domains.lead_magnets.imports.models import (
    LEAST_CHARACTERS,
    LEAST_SHEET,
    MOST_CHARACTERS,
    MOST_FILE_BYTES,
    MOST_SHEET,
    FileKind,
    ReadText,
)
from lodestone.domains.lead_magnets.imports.printed_text import UnreadableFile
from lodestone.domains.lead_magnets.imports.rules import guess_archetype
from lodestone.domains.lead_magnets.imports.spreadsheets import Found
from lodestone.domains.lead_magnets.interactive import formulas
from lodestone.domains.lead_magnets.interactive.models import CalculatorConfig
from lodestone.domains.lead_magnets.interactive.rules import show_figure
from lodestone.domains.lead_magnets.models import Archetype, LeadMagnet, LeadMagnetCreate
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput, LodestoneError
from lodestone.platform.httpclient import check_url, open_fenced_client, send_with_retries

__all__ = [
    "CalculatorConfig",
    "FileKind",
    "Found",
    "ReadText",
    "check_calculator",
    "guess_archetype",
    "keep_calculator",
    "read_file",
    "read_pasted",
    "read_sheet",
    "read_url",
    "try_calculator",
]

MOST_REDIRECTS = 5
_NOT_READ = "This could not be read."
_KINDS_BY_TYPE = {
    "text/html": FileKind.HTML,
    "application/xhtml+xml": FileKind.HTML,
    "text/markdown": FileKind.MARKDOWN,
    "text/plain": FileKind.MARKDOWN,
}


async def read_file(*, name: str, body: bytes) -> ReadText:
    """Return a file's text. Raises InvalidInput for `file`."""
    if not body:
        raise _refusal("file", "Choose a file that is not empty.")
    if len(body) > MOST_FILE_BYTES:
        raise _refusal("file", "A file has at most 10 MB.")
    found = await _parse(body, name=name, field="file")
    title = found.title or name.rsplit("/", 1)[-1].rsplit(".", 1)[0].replace("-", " ")
    return found.model_copy(update={"title": title.replace("_", " ").strip()[:200]})


async def read_pasted(text: str) -> ReadText:
    """Return pasted text, HTML as Markdown. Raises InvalidInput for `text`."""
    return await _parse(text.encode("utf-8", "replace"), name="", field="text")


async def read_url(url: str) -> ReadText:
    """Return the text of a page or file on the web. Raises InvalidInput for `url`."""
    url = url.strip()
    if "://" not in url:
        url = f"https://{url}"
    answer = await _fetch(url)
    if answer.status_code != httpx.codes.OK:
        raise _refusal("url", f"The page answered {answer.status_code}.")
    address = str(answer.url)
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    kind = _KINDS_BY_TYPE.get(media_type)
    name = urlsplit(address).path if kind is not FileKind.HTML else "page.html"
    body = answer.content
    if kind is FileKind.HTML and answer.encoding:
        body = answer.text.encode("utf-8", "replace")
    found = await _parse(body, name=name, field="url", base_url=address)
    return found.model_copy(update={"title": found.title[:200]})


async def read_sheet(text: str) -> Found:
    """Return the calculator that a sheet is. Raises InvalidInput for `sheet`."""
    if not LEAST_SHEET <= len(text) <= MOST_SHEET:
        raise _refusal("sheet", f"A sheet has {LEAST_SHEET} to {MOST_SHEET:,} characters.")
    try:
        return spreadsheets.find_calculator(spreadsheets.read_sheet(text))
    except spreadsheets.UnreadableSheet as error:
        raise _refusal("sheet", str(error)) from error


def check_calculator(given: object) -> CalculatorConfig:
    """Return a calculator, checked. Raises InvalidInput that names every wrong path."""
    return check(CalculatorConfig, given, message="This is no calculator yet.")


def try_calculator(config: CalculatorConfig) -> str:
    """Return what a calculator gives for its examples, as visitors see it."""
    values = {one.id: one.default_value or 0.0 for one in config.inputs}
    value = formulas.work_out(formulas.read(config.formula), values)
    return show_figure(value, config.result_format)


async def keep_calculator(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, config: CalculatorConfig
) -> LeadMagnet:
    """Keep a calculator as a draft, with a page that says how it is worked out.

    Raises: identity's UsageLimitExceeded when the plan of whoever pays holds no more.
    """
    given = LeadMagnetCreate(
        title=config.headline,
        body=rules.describe_calculator(config),
        archetype=Archetype.SINGLE_CALCULATOR,
        short_description=config.description[:1_000] or None,
    )
    magnet = await lead_magnets.write_lead_magnet(tx, user_id=user_id, team_id=team_id, given=given)
    await queries.update_tool(tx, lead_magnet_id=magnet.id, config=config.to_json())
    return magnet


async def _fetch(url: str) -> httpx.Response:
    """Follow a page's redirects, each checked by the fence."""
    is_private_allowed = runtime.current().allow_private_urls
    async with open_fenced_client(allow_private=is_private_allowed) as client:
        for _ in range(MOST_REDIRECTS + 1):
            check_url(url, allow_private=is_private_allowed)
            try:
                answer = await send_with_retries(
                    client, "GET", url, attempts=2, largest_answer=MOST_FILE_BYTES
                )
            except InvalidInput:
                raise
            except (LodestoneError, httpx.HTTPError, httpx.InvalidURL) as error:
                told = (
                    error.message if isinstance(error, LodestoneError) else "It can't be reached."
                )
                raise _refusal("url", told) from error
            if not answer.has_redirect_location:
                return answer
            url = str(answer.url.join(answer.headers["location"]))
    raise _refusal("url", "The address leads on and on.")


async def _parse(body: bytes, *, name: str, field: str, base_url: str = "") -> ReadText:
    try:
        kind = parsing.find_kind(body, name=name)
        if kind is FileKind.MARKDOWN:
            found = parsing.parse(body, kind=kind)
        else:
            found = await parse_apart(body, kind=kind, base_url=base_url)
    except UnreadableFile as refusal:
        raise _refusal(field, str(refusal)) from refusal
    if len(found.text) < LEAST_CHARACTERS:
        raise _refusal(field, "There is hardly any text in it.")
    if len(found.text) > MOST_CHARACTERS:
        raise _refusal(field, f"It is too long: at most {MOST_CHARACTERS:,} characters.")
    return found


def _refusal(field: str, sentence: str) -> InvalidInput:
    return InvalidInput(_NOT_READ, fields={field: sentence})
