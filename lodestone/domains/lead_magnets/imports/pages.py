"""The screens of imports: choose a source, see what was found, keep it."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser
from lodestone.domains.identity import service as identity
from lodestone.domains.lead_magnets import rules as texts
from lodestone.domains.lead_magnets.contents.service import render_content
from lodestone.domains.lead_magnets.imports import parsing, service
from lodestone.domains.lead_magnets.imports.models import MOST_FILE_BYTES
from lodestone.domains.lead_magnets.imports.rules import range_of_all
from lodestone.domains.lead_magnets.imports.service import Found, ReadText
from lodestone.domains.lead_magnets.interactive.models import MOST_INPUTS
from lodestone.domains.lead_magnets.models import Archetype, BlockType, PolishedContent
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import read_body
from lodestone.platform.pages import Entry, add_entry, redirect, render

PATH = "/app/lead-magnets/import"
MOST_FORM_BYTES = 3 * 1024 * 1024
_FORM_AROUND_FILE = 64 * 1024
_FIELDS_AROUND_INPUTS = 10
_FIELDS_OF_INPUT = 4
SOURCES = [
    ("file", "File", "PDF, Word, HTML or Markdown"),
    ("link", "Web page", "An article or file of yours"),
    ("text", "Pasted text", "Markdown, HTML or plain"),
    ("sheet", "Spreadsheet", "Becomes a calculator"),
]
STYLES = [("number", "Number"), ("currency", "Money"), ("percentage", "Per cent")]
BLANK = {"url": "", "text": "", "sheet": ""}

router = APIRouter(include_in_schema=False, prefix=PATH)
add_entry(
    Entry(
        "Import a lead magnet",
        PATH,
        "upload",
        is_action=True,
        keywords="pdf word docx html markdown url csv spreadsheet calculator",
    )
)


@router.get("")
async def choose_source(request: Request, _: CurrentUser) -> Response:
    chosen = request.query_params.get("from", "file")
    known = {source for source, _, _ in SOURCES}
    return _source_page(request, source=chosen if chosen in known else "file")


@router.post("")
async def read_source(request: Request, _: CurrentUser) -> Response:
    await read_body(request, most_bytes=MOST_FILE_BYTES + _FORM_AROUND_FILE)
    async with request.form(max_files=1, max_fields=10, max_part_size=MOST_FORM_BYTES) as form:
        values = {key: value for key, value in form.items() if isinstance(value, str)}
        upload = form.get("file")
        is_file = isinstance(upload, UploadFile) and bool(upload.filename)
        body = await upload.read() if isinstance(upload, UploadFile) and is_file else b""
        name = PurePath(upload.filename or "").name if isinstance(upload, UploadFile) else ""
    source = values.get("source", "file")
    try:
        if source == "sheet":
            sheet = parsing.decode(body) if is_file else values.get("sheet", "")
            return _sheet_page(request, values=_sheet_values(await service.read_sheet(sheet)))
        if source == "link":
            found = await service.read_url(values.get("url", ""))
        elif source == "text":
            found = await service.read_pasted(values.get("text", ""))
        else:
            found = await service.read_file(name=name, body=body)
    except InvalidInput as refusal:
        return _source_page(request, source=source, values=values, errors=refusal.fields)
    return _preview_page(request, values=_found_values(found), notes=found.notes)


@router.post("/preview")
async def preview_text(request: Request, _: CurrentUser) -> Response:
    return _preview_page(request, values=await _read_texts(request), notes=[])


@router.post("/sheet")
async def keep_sheet(request: Request, user: CurrentUser, scope: identity.CurrentScope) -> Response:
    form = await _read_texts(request)
    values = _posted_sheet(form)
    try:
        config = service.check_calculator(_config(values))
    except InvalidInput as refusal:
        return _sheet_page(request, values=values, errors=refusal.fields)
    if form.get("do") != "keep":
        return _sheet_page(request, values=values, result=service.try_calculator(config))
    try:
        async with runtime.acting_as(user.actor) as tx:
            magnet = await service.keep_calculator(
                tx, user_id=user.user_id, team_id=scope.team_id, config=config
            )
    except identity.UsageLimitExceeded as limit:
        # What was entered is shown again: nobody loses work to a limit.
        return _sheet_page(request, values=values, errors={"headline": limit.message})
    return redirect(f"/app/lead-magnets/{magnet.id}", toast="Kept as a draft")


async def _read_texts(request: Request) -> dict[str, str]:
    await read_body(request, most_bytes=MOST_FORM_BYTES)
    fields = _FIELDS_AROUND_INPUTS + MOST_INPUTS * _FIELDS_OF_INPUT
    async with request.form(max_files=0, max_fields=fields, max_part_size=MOST_FORM_BYTES) as form:
        return {key: value for key, value in form.items() if isinstance(value, str)}


def _source_page(
    request: Request,
    *,
    source: str,
    values: Mapping[str, str] = BLANK,
    errors: Mapping[str, str] | None = None,
) -> Response:
    context = {
        "source": source,
        "sources": SOURCES,
        "values": {**BLANK, **values},
        "errors": errors or {},
        "path": PATH,
    }
    status = 422 if errors else 200
    return render(request, "lead_magnets/imports/source.html", context, status=status)


def _found_values(found: ReadText) -> dict[str, str]:
    return {
        "title": found.title,
        "body": found.text,
        "archetype": service.guess_archetype(found.text),
    }


def _preview_page(request: Request, *, values: Mapping[str, str], notes: list[str]) -> Response:
    title, body = values.get("title", ""), values.get("body", "")
    content = texts.structure_text(body, title=title)
    context = {
        "path": PATH,
        "values": {"title": title, "body": body, "archetype": values.get("archetype", "")},
        "notes": notes,
        "choices": [(one.value, one.label.removeprefix("The ")) for one in Archetype],
        "content": render_content(_without_players(content).to_json()),
        "words": texts.measure(content).word_count,
    }
    return render(request, "lead_magnets/imports/preview.html", context)


def _without_players(content: PolishedContent) -> PolishedContent:
    """Return content whose videos are links: other sites' players have no place in the console."""
    sections = [
        section.model_copy(
            update={
                "blocks": [
                    block.model_copy(update={"type": BlockType.RESOURCE_CARD})
                    if block.type == BlockType.EMBED
                    else block
                    for block in section.blocks
                ]
            }
        )
        for section in content.sections
    ]
    return content.model_copy(update={"sections": sections})


def _sheet_page(
    request: Request,
    *,
    values: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    result: str | None = None,
) -> Response:
    if result is None and not errors and values["formula"] and values["headline"]:
        result = service.try_calculator(service.check_calculator(_config(values)))
    context = {
        "path": PATH,
        "values": values,
        "styles": STYLES,
        "errors": errors or {},
        "result": result,
    }
    status = 422 if errors else 200
    return render(request, "lead_magnets/imports/sheet.html", context, status=status)


def _sheet_values(found: Found) -> dict[str, Any]:
    return {
        "headline": "" if found.result_label == "Result" else f"{found.result_label} calculator",
        "description": "",
        "formula": found.formula,
        "result_label": found.result_label,
        "result_format": found.result_format,
        "inputs": [
            {
                "id": one.id,
                "label": one.label,
                "default": f"{one.default_value:g}" if one.default_value is not None else "",
                "unit": one.unit or "",
            }
            for one in found.inputs
        ],
    }


def _posted_sheet(form: Mapping[str, str]) -> dict[str, Any]:
    names = ("headline", "description", "formula", "result_label", "result_format")
    numbers = [number for number in range(MOST_INPUTS) if f"id_{number}" in form]
    return {
        **{name: form.get(name, "").strip() for name in names},
        "inputs": [
            {
                name: form.get(f"{name}_{number}", "").strip()
                for name in ("id", "label", "default", "unit")
            }
            for number in numbers
        ],
    }


def _config(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "headline": values["headline"],
        "description": values["description"],
        "formula": values["formula"],
        "resultLabel": values["result_label"],
        "resultFormat": values["result_format"],
        "resultInterpretation": range_of_all(values["result_label"]),
        "inputs": [
            {
                "id": one["id"],
                "label": one["label"],
                "defaultValue": one["default"] or None,
                "placeholder": one["default"] or None,
                "unit": one["unit"] or None,
            }
            for one in values["inputs"]
        ],
    }
