"""The description at `/rest/v1/`: OpenAPI 2.0 of what the caller's role may read, write and call.

Source: https://docs.postgrest.org/en/v14/references/api/openapi.html
"""

import json
from typing import Any

from lodestone.platform import runtime
from lodestone.rest.answers import Answer, answer
from lodestone.rest.asking import Ask
from lodestone.rest.catalog import Catalog, Column, Function, Table

_FORMS = {
    "boolean": "boolean",
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "real": "number",
    "double precision": "number",
    "numeric": "number",
}
_VERBS = {"insert": "post", "update": "patch", "delete": "delete"}


async def describe(ask: Ask) -> Answer:
    """Answer the description."""
    found = description(ask.catalog, ask.role, base_url=runtime.current().base_url)
    headers = {"content-type": "application/openapi+json; charset=utf-8"}
    return answer(200, headers, json.dumps(found, ensure_ascii=False).encode())


def description(catalog: Catalog, role: str, *, base_url: str) -> dict[str, Any]:
    """Return the document for a role."""
    scheme, _, host = base_url.partition("://")
    readable = {
        name: names for name, table in catalog.tables.items() if (names := table.readable(role))
    }
    paths: dict[str, Any] = {}
    for name in readable:
        paths[f"/{name}"] = _table_path(catalog.tables[name], role)
    for name, overloads in catalog.functions.items():
        callable_ones = [one for one in overloads if role in one.callers]
        if callable_ones:
            paths[f"/rpc/{name}"] = _function_path(callable_ones[0])
    return {
        "swagger": "2.0",
        "info": {"title": "Lodestone data API", "version": "14", "description": ""},
        "host": host,
        "basePath": "/rest/v1",
        "schemes": [scheme],
        "consumes": ["application/json", "text/csv"],
        "produces": ["application/json", "application/vnd.pgrst.object+json", "text/csv"],
        "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "apikey"}},
        "security": [{"key": []}],
        "definitions": {
            name: _definition(catalog, catalog.tables[name], names)
            for name, names in readable.items()
        },
        "paths": paths,
    }


def _definition(catalog: Catalog, table: Table, names: list[str]) -> dict[str, Any]:
    points = {
        relationship.pairs[0][0]: relationship
        for relationship in catalog.relationships.get(table.name, ())
        if relationship.kind == "many-to-one" and len(relationship.pairs) == 1
    }
    properties: dict[str, Any] = {}
    for name in names:
        found = _property(table.columns[name])
        notes = [found["description"]] if "description" in found else []
        if name in table.primary_key:
            notes.append("This is a Primary Key.<pk/>")
        if name in points:
            target = points[name]
            column = target.pairs[0][1]
            notes.append(
                f"This is a Foreign Key to `{target.target}.{column}`."
                f"<fk table='{target.target}' column='{column}'/>"
            )
        if notes:
            found["description"] = "\n".join(notes)
        properties[name] = found
    required = [n for n in names if table.columns[n].is_required]
    described = {"description": table.comment} if table.comment else {}
    return {"type": "object", "required": required, "properties": properties, **described}


def _property(column: Column) -> dict[str, Any]:
    found = {**_form(column.type), "format": column.type}
    if column.labels:
        found["enum"] = list(column.labels)
    if column.comment:
        found["description"] = column.comment
    if column.default_sql:
        found["default"] = column.default_sql
    return found


def _form(sql_type: str) -> dict[str, Any]:
    if sql_type.endswith("[]"):
        return {"type": "array", "items": _form(sql_type.removesuffix("[]"))}
    if sql_type in ("json", "jsonb"):
        return {}
    return {"type": _FORMS.get(sql_type, "string")}


def _table_path(table: Table, role: str) -> dict[str, Any]:
    schema = {"$ref": f"#/definitions/{table.name}"}
    tags = [table.name]
    filters: list[dict[str, Any]] = [
        {"name": name, "in": "query", "required": False, "type": "string"}
        for name in (*table.readable(role), "select", "order", "limit", "offset")
    ]
    rows = {"200": {"description": "OK", "schema": {"type": "array", "items": schema}}}
    found: dict[str, Any] = {"get": {"tags": tags, "parameters": filters, "responses": rows}}
    body = {"name": "body", "in": "body", "required": False, "schema": schema}
    for right, verb in _VERBS.items():
        if role not in table.writers.get(right, ()):
            continue
        parameters = [] if verb == "post" else filters
        found[verb] = {
            "tags": tags,
            "parameters": parameters if verb == "delete" else [*parameters, body],
            "responses": {"201" if verb == "post" else "204": {"description": "Done"}},
        }
    return found


def _function_path(function: Function) -> dict[str, Any]:
    properties = {one.name: {**_form(one.type), "format": one.type} for one in function.arguments}
    schema = {
        "type": "object",
        "properties": properties,
        "required": [one.name for one in function.arguments if one.is_required],
    }
    called = {
        "tags": [f"(rpc) {function.name}"],
        "parameters": [{"name": "args", "in": "body", "required": True, "schema": schema}],
        "responses": {"200": {"description": "OK"}},
    }
    return {"post": called | ({"summary": function.comment} if function.comment else {})}
