"""The screens of files: folders of the workspace, one file with its links, and the buckets."""

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lodestone.auth.dependencies import CurrentSuperAdmin, CurrentUser
from lodestone.auth.models import SignedIn
from lodestone.domains.files import rules, service
from lodestone.domains.files.models import BucketForm
from lodestone.domains.identity.service import CurrentScope, Scope
from lodestone.platform.errors import Conflict, InvalidInput, NotFound
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Column, Entry, Listing, add_entry, redirect, render
from lodestone.platform.storage import BlobMissing
from lodestone.storage import objects
from lodestone.storage.errors import StorageError
from lodestone.storage.models import NewFile, Place
from lodestone.storage.serving import answer
from lodestone.storage.uploads import Upload

COLUMNS = (
    Column("name", "Name", sortable=True),
    Column("size", "Size", align="end", hide="sm"),
    Column("updated_at", "Changed", sortable=True, align="end", hide="md"),
)
HOUR, WEEK = 3_600, 7 * 86_400

router = APIRouter(include_in_schema=False, prefix="/app/files")
add_entry(
    Entry(
        "Files",
        "/app/files",
        "page",
        "Operate",
        order=60,
        keywords="uploads documents images storage buckets folders",
    )
)


@router.get("")
async def open_files(_: CurrentUser) -> Response:
    return redirect(f"/app/files/in/{service.PRIVATE_BUCKET}")


@router.get("/in/{bucket_id}")
@router.get("/in/{bucket_id}/{folder:path}")
async def list_files(
    request: Request, user: CurrentUser, scope: CurrentScope, bucket_id: str, folder: str = ""
) -> Response:
    buckets = await service.list_buckets(user.actor)
    bucket = next((each for each in buckets if each.id == bucket_id), None)
    if bucket is None:
        raise NotFound("There is no such place for files.")
    folder = folder.strip("/")
    listing = Listing.read(request, columns=COLUMNS, sort="name")
    found = await service.list_folder(
        user.actor,
        bucket.id,
        _owner(scope),
        folder,
        search=listing.q,
        sort=listing.sort_key,
        descending=listing.descending,
    )
    context: dict[str, Any] = {
        "listing": listing,
        "rows": found[listing.offset : listing.offset + listing.limit],
        "total": len(found),
        "bucket": bucket,
        "buckets": buckets,
        "folder": folder,
        "here": _folder_address(bucket.id, folder),
        "crumbs": _crumbs(bucket.id, folder),
        "is_admin": user.is_super_admin,
        "rules": rules,
    }
    return render(request, "files/list.html", context)


@router.post("/upload/{bucket_id}")
@router.post("/upload/{bucket_id}/{folder:path}")
async def upload_file(
    request: Request, user: CurrentUser, scope: CurrentScope, bucket_id: str, folder: str = ""
) -> Response:
    folder, upload = folder.strip("/"), Upload(request)
    new = await upload.start(NewFile(Place(bucket_id, ""), owner_id=str(user.user_id)))
    if not upload.file_name:
        raise InvalidInput("Choose a file first.", fields={"file": "Choose a file."})
    place = await service.free_place(user.actor, bucket_id, _owner(scope), folder, upload.file_name)
    new = replace(new, place=place, cache_control="max-age=3600")
    await objects.put_object(user.actor, new, upload.pieces(), announced_size=upload.announced_size)
    name = place.name.rpartition("/")[2]
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"name": name})
    return redirect(_folder_address(bucket_id, folder), toast=f"Uploaded {name}")


@router.get("/file/{bucket_id}/{path:path}")
async def show_file(
    request: Request, user: CurrentUser, scope: CurrentScope, bucket_id: str, path: str
) -> Response:
    where = _place(scope, bucket_id, path)
    opened = await service.open_file(user.actor, where)
    kind = rules.kind_of(opened.row.mime_type)
    context: dict[str, Any] = {
        "row": opened.row,
        "name": path.rpartition("/")[2],
        "path": path,
        "kind": kind,
        "detected": opened.row.metadata.get("detectedType"),
        "size": rules.read_size(opened.row.size),
        "text": await _preview(user.actor, where) if kind == "text" else None,
        "is_public": opened.is_public,
        "public_address": service.public_address(where),
        # What somebody sees with another's eyes for half an hour opens nothing after that.
        "links": []
        if user.viewing
        else [
            ("Ends in an hour", await service.signed_address(user.actor, where, seconds=HOUR)),
            ("Ends in a week", await service.signed_address(user.actor, where, seconds=WEEK)),
        ],
        "content": f"/app/files/content/{quote(bucket_id)}/{quote(path)}",
        "crumbs": _crumbs(bucket_id, path.rpartition("/")[0], whole=True),
        "parent": _folder_address(bucket_id, path.rpartition("/")[0]),
    }
    return render(request, "files/show.html", context)


@router.get("/content/{bucket_id}/{path:path}")
async def show_content(
    request: Request, user: CurrentUser, scope: CurrentScope, bucket_id: str, path: str
) -> Response:
    where = _place(scope, bucket_id, path)
    try:
        opened = await service.open_file(user.actor, where)
        return await answer(request, opened, download=request.query_params.get("download"))
    except BlobMissing as error:
        raise NotFound("The bytes of this file are gone.") from error


@router.post("/delete/{bucket_id}")
async def delete_files(
    user: CurrentUser,
    scope: CurrentScope,
    bucket_id: str,
    ids: Annotated[list[str] | None, Form()] = None,
) -> Response:
    chosen = ids or []
    if not chosen:
        raise InvalidInput("Choose what to delete.", fields={"ids": "Choose at least one."})
    count = await service.delete_files(user.actor, bucket_id, _owner(scope), chosen)
    parent = chosen[0].rstrip("/").rpartition("/")[0]
    said = "Deleted 1 file" if count == 1 else f"Deleted {count} files"
    return redirect(_folder_address(bucket_id, parent), toast=said)


@router.get("/buckets")
async def list_buckets(request: Request, user: CurrentSuperAdmin) -> Response:
    rows = await service.list_all_buckets(user.actor)
    return render(request, "files/buckets.html", {"rows": rows, "rules": rules})


@router.get("/buckets/new")
async def draft_bucket(request: Request, _: CurrentSuperAdmin) -> Response:
    return _bucket_form(request, None, BucketForm(has_folders=True).model_dump(), {})


@router.post("/buckets/new")
async def make_bucket(request: Request, user: CurrentSuperAdmin) -> Response:
    return await _save(request, user, None)


@router.get("/buckets/edit/{bucket_id}")
async def edit_bucket(request: Request, user: CurrentSuperAdmin, bucket_id: str) -> Response:
    rows = await service.list_all_buckets(user.actor)
    row = next((each for each in rows if each["id"] == bucket_id), None)
    if row is None:
        raise NotFound("There is no such bucket.")
    limit = row["limit"]
    values = {
        "public": row["public"],
        "has_folders": row["has_folders"],
        "most_megabytes": None if limit is None else max(limit // 1_000_000, 1),
        "types": row["types"] or [],
    }
    return _bucket_form(request, row, values, {})


@router.post("/buckets/edit/{bucket_id}")
async def save_bucket(request: Request, user: CurrentSuperAdmin, bucket_id: str) -> Response:
    return await _save(request, user, bucket_id)


@router.post("/buckets/delete/{bucket_id}")
async def delete_bucket(user: CurrentSuperAdmin, bucket_id: str) -> Response:
    try:
        await service.delete_bucket(user.actor, bucket_id)
    except asyncpg.IntegrityConstraintViolationError as error:
        raise Conflict("There are files in this bucket. Delete them first.") from error
    return redirect("/app/files/buckets", toast=f"Deleted {bucket_id}")


async def _save(request: Request, user: SignedIn, bucket_id: str | None) -> Response:
    form = await read_form(request)
    values: dict[str, Any] = {
        **form,
        "public": "public" in form,
        "has_folders": "has_folders" in form,
    }
    try:
        saved = await service.save_bucket(
            user.actor, parse(BucketForm, values), bucket_id=bucket_id
        )
    except InvalidInput as refusal:
        errors = refusal.fields
    except StorageError as refusal:
        errors = {"types" if bucket_id or "mime" in refusal.message else "name": refusal.message}
    except asyncpg.UniqueViolationError:
        errors = {"name": "There is a bucket of this name."}
    else:
        return redirect("/app/files/buckets", toast=f"Saved {saved}")
    row = None if bucket_id is None else {"id": bucket_id, "objects": 1}
    return _bucket_form(request, row, values, errors)


def _bucket_form(
    request: Request, row: Any, values: dict[str, Any], errors: dict[str, str]
) -> Response:
    types = values.get("types") or []
    context = {
        "row": row,
        "values": {
            "name": "",
            "most_megabytes": None,
            **values,
            "types": types if isinstance(types, str) else ", ".join(types),
        },
        "errors": errors,
    }
    return render(request, "files/bucket.html", context, status=422 if errors else 200)


async def _preview(actor: Any, where: Place) -> str | None:
    """Return how a text begins; None when its bytes are gone."""
    try:
        content = await service.read_file(actor, where, most_bytes=service.PREVIEW_BYTES)
    except BlobMissing:
        return None
    return content.decode("utf-8", "replace")


def _owner(scope: Scope) -> UUID:
    """Return whose folder it is: the team's, or the person's own."""
    return scope.team_id or scope.user_id


def _place(scope: Scope, bucket_id: str, path: str) -> Place:
    return Place(bucket_id, f"{_owner(scope)}/{path}")


def _folder_address(bucket_id: str, folder: str) -> str:
    return f"/app/files/in/{quote(bucket_id)}{f'/{quote(folder)}' if folder else ''}"


def _crumbs(bucket_id: str, folder: str, *, whole: bool = False) -> list[tuple[str, str]]:
    """Return the folders above, with their addresses; `whole` names the folder itself as well."""
    parts = folder.split("/") if folder else []
    shown = parts if whole else parts[:-1]
    crumbs = [("Files", _folder_address(bucket_id, ""))] if parts or whole else []
    return crumbs + [
        (part, _folder_address(bucket_id, "/".join(parts[: number + 1])))
        for number, part in enumerate(shown)
    ]
