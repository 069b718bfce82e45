"""Requests about objects."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import asyncpg
from starlette.requests import Request
from starlette.responses import Response

from lodestone.platform.actors import Actor
from lodestone.platform.errors import LodestoneError
from lodestone.platform.storage import BlobMissing
from lodestone.storage import answers, objects, queries, signing
from lodestone.storage.callers import Holder, may_write, owner_of
from lodestone.storage.errors import invalid_parameter, not_supported
from lodestone.storage.models import ListOptions, NewFile, Place, StoredObject
from lodestone.storage.requests import (
    MOST_LISTED,
    flag,
    json_answer,
    json_body,
    names_of,
    number,
    order_of,
    place_of,
    said,
    text,
)
from lodestone.storage.serving import answer
from lodestone.storage.uploads import Upload

NO_IMAGES = "Images are served as they were stored: this installation scales none."


async def _upload(request: Request, caller: Actor, new: NewFile) -> StoredObject:
    upload = Upload(request)
    try:
        new = await upload.start(new)
        return await objects.put_object(
            caller,
            new,
            upload.pieces(),
            announced_size=upload.announced_size,
            complete=upload.complete,
        )
    except (LodestoneError, asyncpg.PostgresError):
        await upload.drain()
        raise


def _stored(row: StoredObject) -> Response:
    return json_answer({"Id": str(row.id), "Key": f"{row.bucket_id}/{row.name}"})


def _is_upsert(request: Request) -> bool:
    return request.headers.get("x-upsert", "").lower() == "true"


async def create_object(request: Request, caller: Holder) -> Response:
    may_write(caller)
    new = NewFile(place_of(request), is_upsert=_is_upsert(request), owner_id=owner_of(caller))
    return _stored(await _upload(request, caller, new))


async def replace_object(request: Request, caller: Holder) -> Response:
    may_write(caller)
    new = NewFile(place_of(request), is_upsert=True, owner_id=owner_of(caller))
    return _stored(await _upload(request, caller, new))


async def delete_object(request: Request, caller: Holder) -> Response:
    may_write(caller)
    await objects.delete_object(caller, place_of(request))
    return said("Successfully deleted")


async def delete_objects(request: Request, caller: Holder) -> Response:
    may_write(caller)
    names = names_of(await json_body(request), "prefixes")
    deleted = await objects.delete_objects(caller, request.path_params["bucket"], names)
    return json_answer([answers.removed(row) for row in deleted])


async def _answer_latest(
    request: Request, find: Callable[[], Awaitable[objects.OpenObject]], **more: Any
) -> Response:
    """Answer a file; one that was replaced between row and bytes is looked up once more."""
    download = request.query_params.get("download")
    try:
        return await answer(request, await find(), download=download, **more)
    except BlobMissing:
        return await answer(request, await find(), download=download, **more)


async def read_object(request: Request, caller: Holder) -> Response:
    place = place_of(request)
    return await _answer_latest(request, lambda: objects.open_object(caller, place))


async def read_public_object(request: Request, _: Holder) -> Response:
    place = place_of(request)
    return await _answer_latest(request, lambda: objects.open_public_object(place))


async def read_signed_object(request: Request, _: Holder) -> Response:
    place = place_of(request)
    expires_at = signing.verify_download(request.query_params.get("token", ""), place)
    return await _answer_latest(
        request, lambda: objects.open_signed_object(place), expires_at=expires_at
    )


async def get_info(request: Request, caller: Holder) -> Response:
    opened = await objects.open_object(caller, place_of(request))
    return json_answer(answers.info(opened.row))


async def get_public_info(request: Request, _: Holder) -> Response:
    return json_answer(answers.info((await objects.open_public_object(place_of(request))).row))


async def get_signed_info(request: Request, _: Holder) -> Response:
    place = place_of(request)
    signing.verify_download(request.query_params.get("token", ""), place)
    return json_answer(answers.info((await objects.open_signed_object(place)).row))


def _seconds(given: Mapping[str, Any]) -> int:
    return number(given, "expiresIn", 0, most=signing.LONGEST_SECONDS)


def _signed_address(place: Place, seconds: int) -> str:
    token = signing.sign_download(place, seconds=seconds)
    return f"/object/sign/{place.bucket_id}/{place.name}?token={token}"


async def sign(request: Request, caller: Holder) -> Response:
    given, place = await json_body(request), place_of(request)
    if given.get("transform"):
        raise not_supported(NO_IMAGES)
    await objects.open_object(caller, place)
    return json_answer({"signedURL": _signed_address(place, _seconds(given))})


async def sign_many(request: Request, caller: Holder) -> Response:
    given, bucket_id = await json_body(request), request.path_params["bucket"]
    names, seconds = names_of(given, "paths"), _seconds(given)
    seen = await objects.find_names(caller, bucket_id, names)
    unseen = "Either the object does not exist or you do not have access to it"
    return json_answer(
        [
            {
                "error": None if name in seen else unseen,
                "path": name,
                "signedURL": _signed_address(Place(bucket_id, name), seconds)
                if name in seen
                else None,
            }
            for name in names
        ]
    )


async def sign_upload(request: Request, caller: Holder) -> Response:
    may_write(caller)
    place, owner_id, is_upsert = place_of(request), owner_of(caller), _is_upsert(request)
    new = NewFile(place, is_upsert=is_upsert, owner_id=owner_id)
    await objects.check_upload(caller, new)
    token = signing.sign_upload(place, owner_id=owner_id, is_upsert=is_upsert)
    address = f"/object/upload/sign/{place.bucket_id}/{place.name}?token={token}"
    return json_answer({"url": address, "token": token})


async def upload_signed(request: Request, _: Holder) -> Response:
    new = signing.verify_upload(request.query_params.get("token", ""), place_of(request))
    return _stored(await _upload(request, objects.SIGNED, new))


async def list_objects(request: Request, caller: Holder) -> Response:
    given, bucket_id = await json_body(request), request.path_params["bucket"]
    order = given.get("sortBy") or {}
    if not isinstance(order, dict):
        raise invalid_parameter("sortBy", "give column and order")
    sort, descending = order_of(order, "column", "order", queries.LEVEL_SORTS)
    options = ListOptions(
        prefix=text(given, "prefix", ""),
        search=text(given, "search", ""),
        limit=number(given, "limit", 100, most=MOST_LISTED),
        offset=number(given, "offset", 0, most=10**9),
        sort=sort,
        descending=descending,
    )
    found = await objects.list_objects(caller, bucket_id, options)
    return json_answer([answers.listed(entry) for entry in found])


async def list_page(request: Request, caller: Holder) -> Response:
    given, bucket_id = await json_body(request), request.path_params["bucket"]
    order = given.get("sortBy") or {}
    if not isinstance(order, dict):
        raise invalid_parameter("sortBy", "give column and order")
    sort, descending = order_of(order, "column", "order", queries.FLAT_SORTS)
    options = ListOptions(
        prefix=text(given, "prefix", ""),
        limit=max(number(given, "limit", MOST_LISTED, most=MOST_LISTED), 1),
        sort=sort,
        descending=descending,
    )
    page = await objects.list_page(
        caller,
        bucket_id,
        options,
        after=_read_cursor(text(given, "cursor", ""), by_name=sort == "name" and not descending),
        by_folder=flag(given, "with_delimiter"),
    )
    answered: dict[str, Any] = {
        "hasNext": page.next_cursor is not None,
        "folders": [{"name": each.name, "key": each.name} for each in page.folders],
        "objects": [{**answers.listed(each), "key": each.name} for each in page.objects],
    }
    if page.next_cursor is not None:
        answered["nextCursor"] = base64.urlsafe_b64encode(page.next_cursor.encode()).decode()
    return json_answer(answered)


def _read_cursor(given: str, *, by_name: bool) -> str:
    try:
        found = base64.b64decode(given, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise invalid_parameter("cursor") from None
    if "\x00" in found or (found and not by_name and not (found.isascii() and found.isdigit())):
        raise invalid_parameter("cursor")
    return found


def _source_and_target(given: Mapping[str, Any]) -> tuple[Place, Place]:
    bucket_id = text(given, "bucketId")
    return (
        Place(bucket_id, text(given, "sourceKey")),
        Place(text(given, "destinationBucket", bucket_id), text(given, "destinationKey")),
    )


async def move_object(request: Request, caller: Holder) -> Response:
    may_write(caller)
    source, target = _source_and_target(await json_body(request))
    row = await objects.move_object(caller, source, target, owner_id=owner_of(caller))
    return json_answer(
        {
            "message": "Successfully moved",
            "Id": str(row.id),
            "Key": f"{row.bucket_id}/{row.name}",
        }
    )


async def copy_object(request: Request, caller: Holder) -> Response:
    may_write(caller)
    given = await json_body(request)
    source, target = _source_and_target(given)
    new = NewFile(target, is_upsert=_is_upsert(request), owner_id=owner_of(caller))
    return _stored(await objects.copy_object(caller, source, new))
