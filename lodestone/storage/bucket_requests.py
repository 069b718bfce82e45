"""Requests about buckets."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from lodestone.storage import answers, buckets, queries
from lodestone.storage.callers import Holder, may_write, owner_of
from lodestone.storage.errors import not_supported
from lodestone.storage.names import read_mime_types, read_size
from lodestone.storage.requests import (
    MOST_LISTED,
    flag,
    json_answer,
    json_body,
    number,
    order_of,
    said,
    text,
)


async def list_buckets(request: Request, caller: Holder) -> Response:
    query = request.query_params
    sort, descending = order_of(query, "sortColumn", "sortOrder", queries.BUCKET_SORTS)
    found = await buckets.list_buckets(
        caller,
        search=text(query, "search", ""),
        limit=number(query, "limit", MOST_LISTED, most=MOST_LISTED),
        offset=number(query, "offset", 0, most=10**9),
        sort=sort,
        descending=descending,
    )
    return json_answer([answers.bucket(each) for each in found])


async def get_bucket(request: Request, caller: Holder) -> Response:
    return json_answer(
        answers.bucket(await buckets.get_bucket(caller, request.path_params["bucket"]))
    )


def _limits(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the limits that are given; null lifts one. Raises StorageError."""
    found: dict[str, Any] = {}
    if "file_size_limit" in given:
        found["file_size_limit"] = read_size(given["file_size_limit"])
    if "allowed_mime_types" in given:
        found["allowed_mime_types"] = read_mime_types(given["allowed_mime_types"])
    return found


async def create_bucket(request: Request, caller: Holder) -> Response:
    may_write(caller)
    given = await json_body(request)
    if given.get("type") not in (None, "STANDARD"):
        raise not_supported("Buckets here hold files: there are none for analytics or vectors.")
    bucket_id = given.get("id") or given.get("name")
    await buckets.create_bucket(
        caller,
        text({"name": bucket_id}, "name"),
        owner_id=owner_of(caller),
        public=flag(given, "public"),
        **_limits(given),
    )
    return json_answer({"name": bucket_id})


async def update_bucket(request: Request, caller: Holder) -> Response:
    may_write(caller)
    given = await json_body(request)
    public = flag(given, "public") if given.get("public") is not None else None
    bucket_id = request.path_params["bucket"]
    await buckets.update_bucket(caller, bucket_id, public=public, limits=_limits(given))
    return said("Successfully updated")


async def empty_bucket(request: Request, caller: Holder) -> Response:
    may_write(caller)
    await buckets.empty_bucket(caller, request.path_params["bucket"])
    return said("Successfully emptied")


async def delete_bucket(request: Request, caller: Holder) -> Response:
    may_write(caller)
    await buckets.delete_bucket(caller, request.path_params["bucket"])
    return said("Successfully deleted")
