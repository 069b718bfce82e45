"""The rows of an answer, with everything embedded in them, as one SELECT."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from lodestone.rest.catalog import Catalog, Relationship, Table
from lodestone.rest.errors import RestError
from lodestone.rest.grammar.tree import (
    Condition,
    Embed,
    Field,
    Item,
    Level,
    Order,
    Path,
    Query,
    Selected,
    Star,
)
from lodestone.rest.sql.binding import Binder, in_public, quote
from lodestone.rest.sql.conditions import Source, condition_sql, expression, only_null
from lodestone.rest.sql.relating import find_relationship

_NOTHING = Level()


@dataclass(frozen=True, slots=True)
class Lift:
    """An aggregate of a spread relation: the rows around the relation are what it sums up."""

    name: str
    aggregate: str
    cast: str | None


@dataclass(slots=True)
class Output:
    """The columns of a SELECT and the joins that they need; `groups` are positions.

    One that `is_lifting` has the inputs of its aggregates as columns, for the SELECT around it to
    sum up; `lifts` says which ones those are.
    """

    columns: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    is_grouped: bool = False
    is_lifting: bool = False
    lifts: dict[str, Lift] = field(default_factory=dict)

    @property
    def meets_group(self) -> bool:
        """Whether the columns have to be comparable, for they are grouped by, here or outside."""
        return self.is_grouped or self.is_lifting

    def add(self, sql: str, name: str, *, is_aggregate: bool = False) -> None:
        """Add a column under its name in the answer."""
        self.columns.append(f"{sql} as {quote(name)}")
        self.names.append(name)
        if not is_aggregate:
            self.groups.append(len(self.columns))


class RowBuilder:
    """Builds the SELECTs of one request for one role."""

    def __init__(
        self,
        catalog: Catalog,
        query: Query,
        *,
        role: str,
        most_rows: int | None,
        deepest: int,
    ) -> None:
        self.binder = Binder()
        self._catalog = catalog
        self._query = query
        self.role = role
        self._most_rows = most_rows
        self._deepest = deepest
        self._numbers = count(1)
        self._check_paths()

    def source(self, table: Table, *, is_written: bool = False) -> Source:
        """Return a table, or what a write returned of it, under a new alias."""
        visible = frozenset(table.readable(self.role)) if is_written else None
        return Source(table, f"t{next(self._numbers)}", visible)

    def select(
        self,
        source: Source,
        rows: str,
        items: Sequence[Item],
        path: Path,
        conditions: list[str],
        *,
        is_lifting: bool = False,
    ) -> tuple[str, Output]:
        """Return the SELECT of one level; `rows` is its FROM, `conditions` tie it to the outer."""
        level = self._query.levels.get(path, _NOTHING)
        output = self._output(source, items, path, is_lifting=is_lifting)
        sql = f"select {', '.join(output.columns)} from {rows}"
        if output.joins:
            sql += " " + " ".join(output.joins)
        where = [*conditions, *self.conditions(source, items, path)]
        if where:
            sql += f" where {' and '.join(where)}"
        if output.is_grouped and output.groups:
            sql += f" group by {', '.join(map(str, output.groups))}"
        return sql + self._order(source, level, items, path) + self._window(level), output

    def filters(self, source: Source, query: Query) -> list[str]:
        """Return the filters on the table itself, for a write to choose its rows by."""
        level = query.levels.get((), _NOTHING)
        return [condition_sql(source, one, self.binder, lambda _: None) for one in level.filters]

    def window(self, query: Query) -> str:
        """Return LIMIT and OFFSET of the outermost level."""
        return self._window(query.levels.get((), _NOTHING))

    def conditions(self, source: Source, items: Sequence[Item], path: Path) -> list[str]:
        """Return what a row has to fulfil at a level, inner relations included."""
        embeds = {item.name: item for item in items if isinstance(item, Embed)}

        def related(condition: Condition) -> str | None:
            embed = embeds.get(condition.field.name)
            if embed is None or condition.field.steps:
                return None
            exists = self._exists(source, embed, path)
            return f"not {exists}" if only_null(condition) else exists

        # A write has chosen its rows already, and they may no longer look as they did.
        filters = () if source.is_written else self._query.levels.get(path, _NOTHING).filters
        found = [condition_sql(source, one, self.binder, related) for one in filters]
        inner = [embed for embed in embeds.values() if embed.join == "inner"]
        return found + [self._exists(source, embed, path) for embed in inner]

    def _output(
        self, source: Source, items: Sequence[Item], path: Path, *, is_lifting: bool
    ) -> Output:
        output = Output(is_lifting=is_lifting)
        output.is_grouped = not is_lifting and self._sums_up(source.table, items)
        for item in items:
            if isinstance(item, Star):
                self._add_star(output, source)
            elif isinstance(item, Selected):
                self._add_column(output, source, item)
            elif item.spread:
                self._add_spread(output, source, item, path)
            elif item.items:
                self._add_embedded(output, source, item, path)
        return output

    def _add_star(self, output: Output, source: Source) -> None:
        # With nothing to read PostgreSQL says so itself.
        names = source.table.readable(self.role) or list(source.table.columns)
        for name in names:
            output.add(source.column(name), name)

    def _add_column(self, output: Output, source: Source, item: Selected) -> None:
        aggregate = _aggregate(source.table, item)
        sql: str | None = None
        if item.field is not None and (aggregate is None or item.aggregate):
            found = expression(source, item.field, self.binder)
            sql = self._cast(found.sql, item.cast)
            if output.meets_group and not aggregate and found.type == "json":
                sql = f"({sql})::jsonb"
        name = _name_of(item, aggregate)
        if aggregate is None:
            output.add(self._cast(sql or "null", item.aggregate_cast), name)
        elif output.is_lifting:
            lifted = f"lifted {next(self._numbers)}"
            output.add(sql or "true", lifted)
            output.lifts[lifted] = Lift(name, aggregate, item.aggregate_cast)
        else:
            sql = self._cast(f"{aggregate}({sql or '*'})", item.aggregate_cast)
            output.add(sql, name, is_aggregate=True)

    def _sums_up(self, table: Table, items: Sequence[Item]) -> bool:
        """Say whether there is an aggregate among items, or in a relation spread among them."""
        for item in items:
            if isinstance(item, Selected) and _aggregate(table, item):
                return True
            if isinstance(item, Embed) and item.spread:
                target = find_relationship(self._catalog, table.name, item).target
                if self._sums_up(self._catalog.tables[target], item.items):
                    return True
        return False

    def _cast(self, sql: str, cast: str | None) -> str:
        if cast is None:
            return sql
        known = self._catalog.types.get(cast)
        if known is None:
            raise RestError(f'type "{cast}" does not exist', code="42704")
        return f"({sql})::{known}"

    def _add_embedded(self, output: Output, source: Source, embed: Embed, path: Path) -> None:
        relationship, inner, rows, ties = self._relate(source, embed, path)
        below = (*path, embed.name)
        sql, _ = self.select(inner, rows, embed.items, below, ties)
        if relationship.is_single:
            json = f"(select row_to_json(e) from ({sql}) as e limit 1)"
        else:
            json = f"(select coalesce(json_agg(e), '[]') from ({sql}) as e)"
        output.add(f"{json}::jsonb" if output.meets_group else json, embed.name)

    def _add_spread(self, output: Output, source: Source, embed: Embed, path: Path) -> None:
        relationship, inner, rows, ties = self._relate(source, embed, path)
        is_lifting = output.meets_group and relationship.is_single
        if not relationship.is_single and self._sums_up(inner.table, embed.items):
            raise _not_summed_up()
        below = (*path, embed.name)
        sql, spread = self.select(inner, rows, embed.items, below, ties, is_lifting=is_lifting)
        alias = f"s{next(self._numbers)}"
        if not relationship.is_single:
            lists = ", ".join(
                f"coalesce(json_agg(e.{quote(name)}), '[]') as {quote(name)}"
                for name in spread.names
            )
            sql = f"select {lists} from ({sql}) as e"
        output.joins.append(f"left join lateral ({sql}) as {alias} on true")
        for name in spread.names:
            column = f"{alias}.{quote(name)}"
            if output.meets_group and not relationship.is_single:
                column += "::jsonb"
            self._add_lifted(output, spread.lifts.get(name), column, name)

    def _add_lifted(self, output: Output, lift: Lift | None, column: str, name: str) -> None:
        if lift is None:
            output.add(column, name)
        elif output.is_lifting:
            output.add(column, name)
            output.lifts[name] = lift
        else:
            sql = self._cast(f"{lift.aggregate}({column})", lift.cast)
            output.add(sql, lift.name, is_aggregate=True)

    def _exists(self, source: Source, embed: Embed, path: Path) -> str:
        _, inner, rows, ties = self._relate(source, embed, path)
        where = [*ties, *self.conditions(inner, embed.items, (*path, embed.name))]
        return f"exists (select from {rows} where {' and '.join(where) or 'true'})"

    def _relate(
        self, source: Source, embed: Embed, path: Path
    ) -> tuple[Relationship, Source, str, list[str]]:
        """Return the way to a relation: its rows under an alias, and what ties them to ours."""
        if len(path) >= self._deepest:
            raise RestError(
                f"Relations may be embedded {self._deepest} levels deep at most.",
                code="embedding_too_deep",
            )
        relationship = find_relationship(self._catalog, source.table.name, embed)
        inner = self.source(self._catalog.tables[relationship.target])
        if relationship.function is not None:
            call = f"{in_public(relationship.function)}({source.row()}) as {inner.alias}"
            return relationship, inner, call, []
        rows = f"{in_public(inner.table.name)} as {inner.alias}"
        if relationship.junction is None:
            ties = [f"{inner.column(b)} = {source.column(a)}" for a, b in relationship.pairs]
            return relationship, inner, rows, ties
        via = f"j{next(self._numbers)}"
        onward = " and ".join(
            f"{via}.{quote(a)} = {inner.column(b)}" for a, b in relationship.onward
        )
        rows += f" join {in_public(relationship.junction)} as {via} on {onward}"
        ties = [f"{via}.{quote(b)} = {source.column(a)}" for a, b in relationship.pairs]
        return relationship, inner, rows, ties

    def _order(self, source: Source, level: Level, items: Sequence[Item], path: Path) -> str:
        if not level.order:
            return ""
        terms = [self._term(source, term, items, path) for term in level.order]
        return f" order by {', '.join(terms)}"

    def _term(self, source: Source, term: Order, items: Sequence[Item], path: Path) -> str:
        if term.relation is None:
            sql = expression(source, term.field, self.binder).sql
        else:
            sql = self._related_term(source, term, items, path)
        sql += " desc" if term.descending else ""
        return sql + (f" nulls {term.nulls}" if term.nulls else "")

    def _related_term(self, source: Source, term: Order, items: Sequence[Item], path: Path) -> str:
        embed = next((e for e in items if isinstance(e, Embed) and e.name == term.relation), None)
        if embed is None:
            raise _not_embedded(term.relation or "")
        relationship, inner, rows, ties = self._relate(source, embed, path)
        if not relationship.is_single:
            raise RestError(
                f"A related order on '{term.relation}' is not possible",
                code="PGRST118",
                details=f"'{source.table.name}' and '{relationship.target}' do not form a"
                " many-to-one or one-to-one relationship",
            )
        found = expression(inner, term.field, self.binder)
        where = " and ".join(ties) or "true"
        return f"(select {found.sql} from {rows} where {where} limit 1)"

    def _window(self, level: Level) -> str:
        limits = [one for one in (level.limit, self._most_rows) if one is not None]
        sql = f" limit {self.binder.number(min(limits))}" if limits else ""
        return sql + (f" offset {self.binder.number(level.offset)}" if level.offset else "")

    def _check_paths(self) -> None:
        for path in self._query.levels:
            items: Sequence[Item] = self._query.items
            for name in path:
                embed = next((e for e in items if isinstance(e, Embed) and e.name == name), None)
                if embed is None:
                    raise _not_embedded(name)
                items = embed.items


def _aggregate(table: Table, item: Selected) -> str | None:
    """Return the aggregate; a bare `count` is one where no column has that name."""
    if item.aggregate or item.field is None:
        return item.aggregate
    is_count = item.field == Field("count") and "count" not in table.columns
    return "count" if is_count else None


def _not_summed_up() -> RestError:
    return RestError(
        "Feature not implemented",
        code="PGRST127",
        details="Aggregates are not implemented for one-to-many or many-to-many spreads.",
    )


def _not_embedded(name: str) -> RestError:
    return RestError(
        f"'{name}' is not an embedded resource in this request",
        code="PGRST108",
        hint=f"Verify that '{name}' is included in the 'select' query parameter.",
    )


def _name_of(item: Selected, aggregate: str | None) -> str:
    if item.alias:
        return item.alias
    if aggregate:
        return aggregate
    if item.field is None:
        return "count"
    keys = [step.key for step in item.field.steps if isinstance(step.key, str)]
    return keys[-1] if keys else item.field.name
