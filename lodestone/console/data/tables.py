"""A table of the catalog as a view of starlette-admin, over the data API as whoever looks."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette_admin import RequestAction
from starlette_admin.exceptions import ActionFailed, FormValidationError
from starlette_admin.export import CsvExporter
from starlette_admin.fields import BaseField, BooleanField, EnumField, StringField
from starlette_admin.filters import FilterGroup, FilterRegistry
from starlette_admin.views import BaseModelView

from lodestone.console.data import fields as shown
from lodestone.console.data import filters
from lodestone.console.data.fields import ROLE, actor_of, from_json, may_read, to_json
from lodestone.rest import inside
from lodestone.rest.catalog import Relationship, Table
from lodestone.rest.errors import RestError

KEY = "row_key"
"""What names a row of a table whose primary key has several columns."""

_CHUNK = 1_000
_MANY = 8
_NAMED = re.compile(r'column "([^"]+)"|Key \(([^)]+)\)')


class Row:
    """A row; its columns are attributes."""

    def __init__(self, values: Mapping[str, Any], key: Sequence[str]) -> None:
        self.__dict__.update(values)
        if len(key) > 1:
            setattr(self, KEY, json.dumps([str(values[name]) for name in key]))
        self._title = next(
            (values[name] for name in _TITLES if values.get(name)), values.get(key[0], "")
        )

    async def __admin_repr__(self, request: Request) -> str:
        return str(self._title)[:80]


_TITLES = ("title", "name", "full_name", "label", "subject", "email", "slug")


class TableView(BaseModelView):
    """The rows of one table that whoever looks may see."""

    page_size = 25
    page_size_options = (25, 50, 100, 250)
    search_auto_submit = True
    action_select_all_limit = 1_000
    # A visitor's name may be a formula, which a spreadsheet would run.
    exporters = (CsvExporter(escape_formulas=True), "json")
    importers = ("csv", "json")
    show_pk_in_forms = False

    def __init__(self, table: Table, relationships: Sequence[Relationship]) -> None:
        self.table = table
        self.columns = {
            name: column for name, column in table.columns.items() if may_read(table, column)
        }
        references = shown.references_of(tuple(relationships))
        self.key = self.identity = table.name
        self.display_name = self.menu_label = table.name.replace("_", " ").capitalize()
        self.icon = "fa-solid fa-table"
        self.fields = [
            shown.field_of(table, column, references) for column in self.columns.values()
        ]
        self.pk_attr = table.primary_key[0] if len(table.primary_key) == 1 else KEY
        if self.pk_attr == KEY:
            self.fields = [_unseen(shown.KeyField(KEY)), *self.fields]
        self.inline_editable_fields = [
            field.name for field in self.fields if self._may_edit_inline(field)
        ]
        self.fields_default_sort = self._newest_first()
        self._texts = [
            name
            for name, column in self.columns.items()
            if column.type == "text" and not column.is_array
        ]
        super().__init__()
        self._show_fewer()

    def get_filter_registry(self) -> FilterRegistry:
        return filters.REGISTRY

    def is_accessible(self, request: Request) -> bool:
        return bool(self.columns)

    def can_create(self, request: Request) -> bool:
        return self._may("insert")

    def can_edit(self, request: Request) -> bool:
        return self._may("update")

    def can_delete(self, request: Request) -> bool:
        return self._may("delete")

    def can_import(self, request: Request) -> bool:
        return self._may("insert")

    async def find_all(  # noqa: PLR0917 -- the library's own signature
        self,
        request: Request,
        skip: int = 0,
        limit: int = 100,
        q: str | None = None,
        sorts: Sequence[tuple[str, str]] | None = None,
        filters: FilterGroup | None = None,
    ) -> Sequence[Row]:
        """Return a page of rows; `limit` -1 returns all, in steps that the data API allows."""
        asked = [*self._conditions(q, filters), ("select", self._selection()), self._order(sorts)]
        found: list[Row] = []
        while limit < 0 or len(found) < limit:
            step = _CHUNK if limit < 0 else min(limit - len(found), _CHUNK)
            span = [("limit", str(step)), ("offset", str(skip + len(found)))]
            rows = await self._read(request, [*asked, *span])
            found += rows
            if len(rows) < step:
                break
        return found

    async def count(
        self, request: Request, q: str | None = None, filters: FilterGroup | None = None
    ) -> int:
        """Return how many rows there are: exactly up to a thousand, then as planned."""
        asked = [*self._conditions(q, filters), ("select", _some(self.columns)), ("limit", "0")]
        try:
            found = await inside.read(actor_of(request), self.table.name, asked, count="estimated")
        except RestError as refusal:
            raise HTTPException(refusal.status, refusal.message) from refusal
        return found.total or 0

    async def find_by_pk(self, request: Request, pk: Any) -> Row | None:
        asked = [*self._named(pk), ("select", self._selection())]
        found = await self._read(request, asked)
        return found[0] if found else None

    async def find_by_pks(self, request: Request, pks: list[Any]) -> Sequence[Row]:
        found = [await self.find_by_pk(request, pk) for pk in pks]
        return [row for row in found if row is not None]

    async def create(self, request: Request, data: dict[str, Any]) -> Row:
        """Insert a row. Raises: FormValidationError with what the database refused."""
        row = self._new(data)
        try:
            found = await inside.insert(actor_of(request), self.table.name, row)
        except RestError as refusal:
            raise self._refused(refusal) from refusal
        return self._row(found.rows[0])

    async def edit(self, request: Request, pk: Any, data: dict[str, Any]) -> Row:
        """Change a row. Raises: FormValidationError with what the database refused."""
        row = self._given(data)
        try:
            found = await inside.update(actor_of(request), self.table.name, self._named(pk), row)
        except RestError as refusal:
            raise self._refused(refusal) from refusal
        if not found.rows:
            nobody = "This row is gone, or is not yours to change."
            raise FormValidationError({self._first_field(): nobody})
        return self._row(found.rows[0])

    async def delete(self, request: Request, pks: list[Any]) -> int:
        """Delete rows one by one. Raises: ActionFailed at the first that the database refuses."""
        gone = 0
        for pk in pks:
            try:
                found = await inside.delete(actor_of(request), self.table.name, self._named(pk))
            except RestError as refusal:
                raise ActionFailed(refusal.message) from refusal
            gone += len(found.rows)
        return gone

    async def validate_fields(
        self, request: Request, data: dict[str, Any], exclude: Collection[str] = ()
    ) -> None:
        """Check what was given; in the dry run of an import the database is asked for each row."""
        await super().validate_fields(request, data, exclude=exclude)
        is_trial = request.query_params.get("preview") in ("1", "true", "yes")
        if request.state.action != RequestAction.IMPORT or not is_trial:
            return
        row = self._new(data)
        try:
            await inside.insert(actor_of(request), self.table.name, row, is_trial=True)
        except RestError as refusal:
            raise self._refused(refusal) from refusal

    async def get_pk_value(self, request: Request, obj: Row) -> Any:
        return str(getattr(obj, str(self.pk_attr)))

    def _may(self, act: str) -> bool:
        return not self.table.is_view and ROLE in self.table.writers.get(act, frozenset())

    def _may_edit_inline(self, field: BaseField) -> bool:
        kinds = (BooleanField, EnumField, StringField)
        is_open = not (field.exclude_from_list or field.exclude_from_edit)
        is_simple = isinstance(field, kinds) and not isinstance(field, shown.KeyField)
        return self._may("update") and is_open and is_simple

    def _newest_first(self) -> list[tuple[str, bool]]:
        newest = next((name for name in ("created_at", "updated_at") if name in self.columns), None)
        return [(newest, True)] if newest else [(self.table.primary_key[0], False)]

    def _show_fewer(self) -> None:
        """Leave to the row's own page what would make the list wider than a screen."""
        seen = [field for field in self.fields if not field.exclude_from_list]
        first = [field for field in seen if field.name in (*_TITLES, "status", "created_at")]
        rest = [field for field in seen if field not in first and field.name not in _UNTOLD]
        for field in [*first, *rest][_MANY:] + [f for f in seen if f.name in _UNTOLD]:
            if field.name != self.pk_attr or len(first) > 1:
                field.exclude_from_list = True

    def _selection(self) -> str:
        return ",".join(filters.quoted(name) for name in self.columns)

    def _order(self, sorts: Sequence[tuple[str, str]] | None) -> tuple[str, str]:
        given = [f"{filters.quoted(name)}.{way}" for name, way in sorts or () if name != KEY]
        named = {name for name, _ in sorts or ()}
        # The key last, so that no row is on two pages.
        given += [filters.quoted(name) for name in self.table.primary_key if name not in named]
        return "order", ",".join(given)

    def _conditions(self, q: str | None, tree: FilterGroup | None) -> list[tuple[str, str]]:
        found = []
        if q:
            anywhere = filters.pattern(q, before="*", after="*")
            parts = [f"{filters.quoted(name)}.ilike.{anywhere}" for name in self._texts]
            if parts:
                found.append(("or", f"({','.join(parts)})"))
        if tree is not None and not tree.is_empty():
            asked = filters.condition(tree, {field.name: field for field in self.fields})
            if asked:
                found.append(("and", f"({asked})"))
        return found

    def _named(self, pk: Any) -> list[tuple[str, str]]:
        """Return the filters of one row by its key."""
        values = [str(pk)]
        if self.pk_attr == KEY:
            try:
                values = [str(value) for value in json.loads(pk)]
            except ValueError:
                values = []
        names = self.table.primary_key
        if len(values) != len(names):
            return [(name, "is.null") for name in names]
        return [(name, f"eq.{value}") for name, value in zip(names, values, strict=True)]

    async def _read(self, request: Request, asked: Sequence[tuple[str, str]]) -> list[Row]:
        try:
            found = await inside.read(actor_of(request), self.table.name, asked)
        except RestError as refusal:
            if refusal.code == "22P02":  # a key that is none
                return []
            raise HTTPException(refusal.status, refusal.message) from refusal
        return [self._row(row) for row in found.rows]

    def _row(self, row: Mapping[str, Any]) -> Row:
        values = {name: from_json(column, row.get(name)) for name, column in self.columns.items()}
        return Row(values, self.table.primary_key)

    def _given(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: to_json(self.columns[name], value)
            for name, value in data.items()
            if name in self.columns
        }

    def _new(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row to insert: what was left empty gets the table's own default."""
        return {name: value for name, value in self._given(data).items() if value not in _EMPTY}

    def _first_field(self) -> str:
        return next(field.name for field in self.fields if not field.exclude_from_create)

    def _refused(self, refusal: RestError) -> FormValidationError:
        """Return the refusal at the field that the database names, else at the first."""
        told = f"{refusal.message} {refusal.details or ''}"
        named = _NAMED.search(told)
        name = (named.group(1) or named.group(2).split(",")[0]) if named else ""
        message = " ".join(part for part in (refusal.message, refusal.details) if part)
        return FormValidationError({name if name in self.columns else self._first_field(): message})


_EMPTY: tuple[Any, ...] = (None, {}, [])
_UNTOLD = ("id", "tenant_id", "team_id", "user_id", "updated_at")


def _unseen(field: BaseField) -> BaseField:
    for act in ("list", "detail", "create", "edit", "export", "import"):
        setattr(field, f"exclude_from_{act}", True)
    field.searchable = field.orderable = False
    return field


def _some(names: Mapping[str, object]) -> str:
    return filters.quoted(next(iter(names)))
