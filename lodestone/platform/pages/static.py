"""Static files under a URL that holds the hash of their content, cached for ever by browsers.

Names map to folders: `console/…` and `<domain>/…` to the `static/` folder of that package,
`vendor/…` to named files inside an installed package: nobody else's file lives in this repository.
"""

import asyncio
import gzip
import hashlib
import importlib.util
import mimetypes
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from lodestone.platform.errors import NotFound

_PACKAGE = Path(__file__).parents[2]
_FOREVER = "public, max-age=31536000, immutable"
_COMPRESSIBLE = frozenset({"text/css", "text/javascript", "image/svg+xml", "text/plain"})

VENDOR_FILES = {
    "tabler.css": "css/vendor/tabler.min.css",
    "apexcharts.js": "js/vendor/apexcharts.min.js",
    "flatpickr.js": "js/vendor/flatpickr.min.js",
    "flatpickr.css": "css/vendor/flatpickr.min.css",
}
"""Files that pages may ask for by `vendor/<name>`, and where `starlette_admin` keeps each."""


@dataclass(frozen=True, slots=True)
class _Asset:
    body: bytes
    compressed: bytes | None
    digest: str
    media_type: str


def static_url(name: str) -> str:
    """Return the address of a static file, e.g. `console/app.css`.

    Raises: NotFound when there is no such file: a template that names it is wrong.
    """
    return f"/static/{_asset(name).digest}/{name}"


async def serve_static(request: Request) -> Response:
    """Answer `/static/{digest}/{name:path}`; an outdated digest gets today's file, not cached."""
    asset = await asyncio.to_thread(_asset, request.path_params["name"])
    current = request.path_params["digest"] == asset.digest
    headers = {
        "cache-control": _FOREVER if current else "no-cache",
        "etag": f'"{asset.digest}"',
        "vary": "accept-encoding",
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    body = asset.body
    if asset.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body = asset.compressed
        headers["content-encoding"] = "gzip"
    return Response(body, media_type=asset.media_type, headers=headers)


def _asset(name: str) -> _Asset:
    path = _locate(name)
    try:
        return _load(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise NotFound(f"There is no file {name}.") from error


@lru_cache(maxsize=256)
def _load(path: Path, _modified: int) -> _Asset:
    body = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    compressed = gzip.compress(body, 9, mtime=0) if media_type in _COMPRESSIBLE else None
    return _Asset(body, compressed, hashlib.sha256(body).hexdigest()[:12], media_type)


def _locate(name: str) -> Path:
    owner, _, rest = name.partition("/")
    if owner == "vendor":
        if rest not in VENDOR_FILES:
            raise NotFound(f"There is no file {name}.")
        return _vendor_folder() / VENDOR_FILES[rest]
    if not owner.isidentifier() or not rest:
        raise NotFound(f"There is no file {name}.")
    own = _PACKAGE / owner / "static"
    folder = own if own.is_dir() else _PACKAGE / "domains" / owner / "static"
    path = (folder / rest).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise NotFound(f"There is no file {name}.")
    return path


@cache
def _vendor_folder() -> Path:
    spec = importlib.util.find_spec("starlette_admin")
    if spec is None or spec.origin is None:
        raise RuntimeError("starlette-admin is not installed: run make install")
    return Path(spec.origin).parent / "static"
