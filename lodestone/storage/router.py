"""The routes of `/storage/v1`, as storage-js and storage3 call them.

Source: https://supabase.github.io/storage/ and the clients' own requests
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from lodestone.storage import bucket_requests as buckets
from lodestone.storage import object_requests as objects
from lodestone.storage.callers import Holder
from lodestone.storage.errors import not_supported
from lodestone.storage.requests import Handler, route

_NAME = "/{bucket}/{name:path}"


def _refusing(reason: str) -> Handler:
    async def refuse(_: Request, __: Holder) -> Response:
        raise not_supported(reason)

    return refuse


def _refused(path: str, reason: str) -> BaseRoute:
    handler = _refusing(reason)
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    return route(path, dict.fromkeys(methods, handler))


routes: list[BaseRoute] = [
    route("/bucket", {"GET": buckets.list_buckets, "POST": buckets.create_bucket}),
    route(
        "/bucket/{bucket}",
        {"GET": buckets.get_bucket, "PUT": buckets.update_bucket, "DELETE": buckets.delete_bucket},
    ),
    route("/bucket/{bucket}/empty", {"POST": buckets.empty_bucket}),
    route(
        f"/object/public{_NAME}",
        {"GET": objects.read_public_object, "HEAD": objects.read_public_object},
    ),
    route(
        f"/object/authenticated{_NAME}", {"GET": objects.read_object, "HEAD": objects.read_object}
    ),
    route("/object/sign/{bucket}", {"POST": objects.sign_many}),
    route(
        f"/object/sign{_NAME}",
        {
            "GET": objects.read_signed_object,
            "HEAD": objects.read_signed_object,
            "POST": objects.sign,
        },
    ),
    route(
        f"/object/upload/sign{_NAME}", {"POST": objects.sign_upload, "PUT": objects.upload_signed}
    ),
    route(
        f"/object/info/public{_NAME}",
        {"GET": objects.get_public_info, "HEAD": objects.get_public_info},
    ),
    route(
        f"/object/info/authenticated{_NAME}", {"GET": objects.get_info, "HEAD": objects.get_info}
    ),
    route(
        f"/object/info/sign{_NAME}",
        {"GET": objects.get_signed_info, "HEAD": objects.get_signed_info},
    ),
    route(f"/object/info{_NAME}", {"GET": objects.get_info, "HEAD": objects.get_info}),
    route("/object/list/{bucket}", {"POST": objects.list_objects}),
    route("/object/list-v2/{bucket}", {"POST": objects.list_page}),
    route("/object/move", {"POST": objects.move_object}),
    route("/object/copy", {"POST": objects.copy_object}),
    route("/object/{bucket}", {"DELETE": objects.delete_objects}),
    route(
        f"/object{_NAME}",
        {
            "GET": objects.read_object,
            "HEAD": objects.read_object,
            "POST": objects.create_object,
            "PUT": objects.replace_object,
            "DELETE": objects.delete_object,
        },
    ),
    _refused(
        "/render/{rest:path}",
        objects.NO_IMAGES,
    ),
    _refused(
        "/upload/{rest:path}", "Uploads are sent in one request: resumable ones aren't taken."
    ),
    _refused("/cdn/{rest:path}", "There is no CDN to purge: browsers ask by entity tag."),
    _refused("/s3/{rest:path}", "Buckets are reached by this API, not by the protocol of S3."),
    _refused("/iceberg/{rest:path}", "Buckets here hold files, not tables."),
    _refused("/vector/{rest:path}", "Vectors are kept in tables of the database."),
]
