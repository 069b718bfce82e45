"""`/docs`: every use case that programs may call, from the application's own description."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser
from lodestone.platform.pages import Entry, add_entry, render

router = APIRouter(include_in_schema=False)
add_entry(
    Entry("API", "/docs", "book", "Settings", order=200, keywords="openapi reference developer")
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: how it is made and what it is for."""

    method: str
    path: str
    summary: str
    description: str
    inputs: list[tuple[str, str, str, bool]]
    answers: list[tuple[str, str]]


@router.get("/docs")
async def show_reference(request: Request, user: CurrentUser) -> Response:
    description: dict[str, Any] = request.app.openapi()
    groups: dict[str, list[Operation]] = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            group = path.split("/")[2] if path.startswith("/api/") else "other"
            found = _operation(method, path, operation, description)
            groups.setdefault(group.replace("-", " ").capitalize(), []).append(found)
    return render(request, "reference.html", {"groups": groups})


def _operation(
    method: str, path: str, operation: dict[str, Any], description: dict[str, Any]
) -> Operation:
    inputs = [
        (one["name"], one["in"], _type_of(one.get("schema", {})), bool(one.get("required")))
        for one in operation.get("parameters", [])
    ]
    content = operation.get("requestBody", {}).get("content", {})
    for body in content.values():
        inputs += _body_inputs(_resolve(body.get("schema", {}), description))
    return Operation(
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        inputs=inputs,
        answers=[
            (code, answer["description"]) for code, answer in operation.get("responses", {}).items()
        ],
    )


def _body_inputs(schema: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    required = schema.get("required", [])
    return [
        (name, "body", _type_of(part), name in required)
        for name, part in schema.get("properties", {}).items()
    ]


def _resolve(schema: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    resolved: dict[str, Any] = description["components"]["schemas"][name] if name else schema
    return resolved


def _type_of(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_type_of(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type_of(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "anything")
