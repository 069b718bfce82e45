"""A column of the catalog as a field of a form, and its values between JSON and the form."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette_admin.fields import (
    BaseField,
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    EnumField,
    IntegerField,
    JSONField,
    StringField,
    TagsField,
    TextAreaField,
    TimeField,
)

from lodestone.rest.catalog import Column, Relationship, Table

ROLE = "authenticated"
"""The database role of the people who sign in."""

_KINDS: dict[str, type[BaseField]] = {
    "boolean": BooleanField,
    "smallint": IntegerField,
    "integer": IntegerField,
    "bigint": IntegerField,
    "numeric": DecimalField,
    "real": DecimalField,
    "double precision": DecimalField,
    "timestamp with time zone": DateTimeField,
    "date": DateField,
    "time without time zone": TimeField,
    "json": JSONField,
    "jsonb": JSONField,
    "text": TextAreaField,
}
_HIDDEN = ("vector", "tsvector")
_SHORT = ("name", "title", "slug", "email", "status", "label", "url", "subject", "kind", "type")


class KeyField(StringField):
    """A key, an address or another value that is looked for as a whole."""


class ReferenceField(KeyField):
    """The key of a row of another table, with the way there."""

    def __init__(self, name: str, *, table: str, **given: Any) -> None:
        super().__init__(name, **given)
        self.extra = {"table": table}
        self.detail_template = "reference.html"


def field_of(table: Table, column: Column, references: dict[str, str]) -> BaseField:
    """Return the field of a column; `references` name the table that a column leads to."""
    own = column.name in table.primary_key
    has_value = column.default_sql is not None or column.is_generated
    field = _field(column, references)
    field.help_text = _help(column, references)
    field.required = column.is_required and not has_value and column.type != "boolean"
    if column.name == "user_id":
        field.default = _own_id
    field.orderable = not (column.is_array or column.is_json or _is_hidden(column))
    field.copy_to_clipboard = own
    field.exclude_from_list = column.is_json or _is_hidden(column)
    field.exclude_from_export = _is_hidden(column)
    is_ours = column.is_generated or _is_hidden(column) or column.name == "updated_at"
    field.exclude_from_create = field.exclude_from_import = is_ours
    field.exclude_from_edit = is_ours or own or column.name == "created_at"
    return field


def references_of(relationships: tuple[Relationship, ...]) -> dict[str, str]:
    """Return the table that each column leads to, where it is the whole key of the way."""
    return {
        one.pairs[0][0]: one.target
        for one in relationships
        if one.kind == "many-to-one" and len(one.pairs) == 1 and one.pairs[0][1] == "id"
    }


def _field(column: Column, references: dict[str, str]) -> BaseField:
    name = column.name
    if name in references:
        return ReferenceField(name, table=references[name])
    if column.is_array:
        return TagsField(name)
    if column.labels:
        return EnumField(name, choices=list(column.labels))
    if column.type == "text" and any(name.endswith(word) for word in _SHORT):
        return StringField(name)
    return _KINDS.get(column.type, KeyField)(name)


def _own_id(request: Request) -> str:
    return str(request.state.viewer.user_id)


def _is_hidden(column: Column) -> bool:
    return column.type.startswith(_HIDDEN)


def _help(column: Column, references: dict[str, str]) -> str | None:
    target = references.get(column.name)
    parts = [column.comment, f"A row of {target}." if target else None]
    return " ".join(part for part in parts if part) or None


def from_json(column: Column, value: Any) -> Any:
    """Return a value of an answer as its field shows it."""
    read = _READERS.get(column.type)
    return value if value is None or column.is_array or read is None else read(value)


def to_json(column: Column, value: Any) -> Any:
    """Return what a form gave for a column as a request carries it; nothing is null."""
    if value == "" and not (column.type == "text" and column.is_required):
        return None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def may_read(table: Table, column: Column) -> bool:
    """Say whether people may read a column; a view's columns are those of the view."""
    return table.anonymous or ROLE in column.readers


_READERS: dict[str, Callable[[Any], Any]] = {
    "timestamp with time zone": lambda value: datetime.fromisoformat(str(value)),
    "date": lambda value: date.fromisoformat(str(value)),
    "time without time zone": lambda value: time.fromisoformat(str(value)),
    "numeric": lambda value: Decimal(str(value)),
    "real": lambda value: Decimal(str(value)),
    "double precision": lambda value: Decimal(str(value)),
}


def actor_of(request: Request) -> Any:
    """Return who looks at the screen."""
    return request.state.viewer.actor
