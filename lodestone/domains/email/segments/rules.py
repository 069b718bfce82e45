"""Pure rules of filters: what may be asked, and how a filter becomes one condition of SQL.

Whatever a person chooses is a bound value. Columns, operators and joins come from the catalogue.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from lodestone.domains.email.segments.models import Condition, Group, Join, Value
from lodestone.platform.errors import InvalidInput

DEEPEST = 6
MOST_CONDITIONS = 60
LONGEST_VALUE = 500
MOST_DAYS = 3650

_NO_VALUE = frozenset({"is_empty", "is_not_empty", "never", "ever", "yes", "no"})

TEXT = {
    "is": "lower({column}) = lower({value})",
    "is_not": "lower({column}) <> lower({value})",
    "contains": "strpos(lower({column}), lower({value})) > 0",
    "not_contains": "strpos(lower({column}), lower({value})) = 0",
    "starts_with": "starts_with(lower({column}), lower({value}))",
    "ends_with": "right(lower({column}), length({value})) = lower({value})",
    "is_empty": "{column} = ''",
    "is_not_empty": "{column} <> ''",
}
DATES = {
    "in_last_days": "coalesce({column} >= now() - make_interval(days => {value}), false)",
    "not_in_last_days": "coalesce({column} < now() - make_interval(days => {value}), true)",
    "before": "coalesce({column} < {value}, false)",
    "after": "coalesce({column} >= {value}::date + 1, false)",
    "never": "{column} is null",
    "ever": "{column} is not null",
}
_LEAD = """exists (
    select from funnel_leads as l
    where lower(l.email) = s.email
        and (l.team_id = s.team_id or (l.team_id is null and l.user_id = (
            select t.owner_id from teams as t where t.id = s.team_id and t.is_personal)))
        and {test})"""
_CAME_BY = """(coalesce(s.source_id = {value}, false) or exists (
    select from email_consents as c where c.subscriber_id = s.id and c.source_id = {value}))"""
_MAIL = """exists (
    select from email_outbox as o
    where o.subscriber_id = s.id and o.broadcast_id = {value} and o.{mark} is not null)"""
_TAG = "coalesce(s.metadata -> 'tags' ? {value}, false)"

SOURCES = (
    *("lead_magnet", "manual", "import", "csv_import", "resend_import", "positive_reply"),
    *("purchaser", "meeting", "heyreach", "plusvibe", "gtm_sync"),
)


@dataclass(frozen=True, slots=True)
class Field:
    """What a condition may be about: its operators as SQL, and what kind of value they take."""

    label: str
    kind: str
    ops: Mapping[str, str]
    has_key: bool = False


def _text(column: str) -> dict[str, str]:
    return {op: sql.replace("{column}", f"coalesce({column}, '')") for op, sql in TEXT.items()}


def _dates(column: str) -> dict[str, str]:
    return {op: sql.replace("{column}", column) for op, sql in DATES.items()}


def _with_lead(ops: Mapping[str, str]) -> dict[str, str]:
    return {op: _LEAD.replace("{test}", sql) for op, sql in ops.items()}


def _both(yes: str, no: str, sql: str) -> dict[str, str]:
    return {yes: sql, no: f"not {sql}"}


def _mail(mark: str) -> str:
    return _MAIL.replace("{mark}", mark)


FIELDS: dict[str, Field] = {
    "email": Field("E-mail address", "text", _text("s.email")),
    "first_name": Field("First name", "text", _text("s.first_name")),
    "last_name": Field("Last name", "text", _text("s.last_name")),
    "company": Field("Company", "text", _text("s.company")),
    "source": Field(
        "Came by",
        "source",
        {"is": "coalesce(s.source, '') = {value}", "is_not": "coalesce(s.source, '') <> {value}"},
    ),
    "lead_magnet": Field("Lead magnet", "lead_magnet", _both("is", "is_not", _CAME_BY)),
    "tag": Field("Tag", "tag", _both("has", "has_not", _TAG)),
    "subscribed_at": Field("On the list since", "date", _dates("s.subscribed_at")),
    "last_opened_at": Field("Last opened a mail", "date", _dates("s.last_opened_at")),
    "last_clicked_at": Field("Last clicked a link", "date", _dates("s.last_clicked_at")),
    "broadcast": Field(
        "Broadcast",
        "broadcast",
        {
            **_both("received", "not_received", _mail("sent_at")),
            **_both("opened", "not_opened", _mail("opened_at")),
            **_both("clicked", "not_clicked", _mail("clicked_at")),
        },
    ),
    "is_qualified": Field(
        "Qualified by a survey",
        "none",
        _both("yes", "no", _LEAD.replace("{test}", "l.is_qualified")),
    ),
    "answer": Field(
        "Answer in a survey",
        "text",
        _with_lead(
            {
                op: sql.replace("{column}", "coalesce(l.qualification_answers ->> {key}, '')")
                for op, sql in TEXT.items()
            }
        ),
        has_key=True,
    ),
    "custom": Field(
        "Custom field",
        "text",
        {
            op: sql.replace("{column}", "coalesce(s.metadata ->> {key}, '')")
            for op, sql in TEXT.items()
        },
        has_key=True,
    ),
}
"""The catalogue. An operator that needs no value is one of `never`, `is_empty` and the like."""

EVERYBODY = Group(Join.ALL)


def needs_value(op: str) -> bool:
    """Say whether an operator compares with something."""
    return op not in _NO_VALUE


def read_filter(given: Any) -> Group:
    """Return a filter that was sent or stored. Raises InvalidInput naming what is wrong."""
    counter = [0]
    found = _read(given, depth=1, counter=counter)
    return found if isinstance(found, Group) else Group(Join.ALL, (found,))


def _read(given: Any, *, depth: int, counter: list[int]) -> Group | Condition:
    if not isinstance(given, Mapping):
        raise _wrong("A group or a condition is an object.")
    if depth > DEEPEST:
        raise _wrong(f"Groups may lie {DEEPEST} deep.")
    if "not" in given:
        inner = _read(given["not"], depth=depth + 1, counter=counter)
        parts = inner if isinstance(inner, Group) else Group(Join.ALL, (inner,))
        return Group(parts.join, parts.parts, is_negated=not parts.is_negated)
    for join in Join:
        if join in given:
            return Group(join, _read_parts(given[join], depth=depth, counter=counter))
    if not given:
        return EVERYBODY
    counter[0] += 1
    if counter[0] > MOST_CONDITIONS:
        raise _wrong(f"A segment has at most {MOST_CONDITIONS} conditions.")
    return _read_condition(given)


def _read_parts(given: Any, *, depth: int, counter: list[int]) -> tuple[Group | Condition, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) > MOST_CONDITIONS:
        raise _wrong("A group holds a list of conditions.")
    return tuple(_read(one, depth=depth + 1, counter=counter) for one in given)


def _read_condition(given: Mapping[str, Any]) -> Condition:
    field = FIELDS.get(str(given.get("field")))
    if field is None:
        raise _wrong("A condition is about something that is not known.")
    op = str(given.get("op"))
    if op not in field.ops:
        raise _wrong(f"{field.label} can't be asked like that.")
    key = given.get("key")
    if field.has_key and not (isinstance(key, str) and 0 < len(key) <= 200 and "\x00" not in key):
        raise _wrong(f"{field.label}: choose which one.")
    value = _read_value(field, op, given.get("value")) if needs_value(op) else None
    return Condition(str(given["field"]), op, value, key if field.has_key else None)


def _read_value(field: Field, op: str, given: Any) -> Value:
    reader = _READERS.get("days" if op.endswith("_days") else field.kind, _read_text)
    try:
        return reader(given)
    except (ValueError, TypeError) as error:
        raise _wrong(f"{field.label}: {error}") from error


def _read_text(given: Any) -> str:
    if not isinstance(given, str) or not given.strip():
        raise ValueError("write something to compare with.")
    if len(given) > LONGEST_VALUE or "\x00" in given:
        raise ValueError(f"at most {LONGEST_VALUE} characters.")
    return given.strip()


def _read_source(given: Any) -> str:
    if given not in SOURCES:
        raise ValueError("choose a way of coming.")
    return str(given)


def _read_days(given: Any) -> int:
    text = str(given)
    if not text.isdecimal() or len(text) > 4 or not 0 < int(text) <= MOST_DAYS:
        raise ValueError(f"a number of days from 1 to {MOST_DAYS}.")
    return int(text)


def _read_date(given: Any) -> date:
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        raise ValueError("choose a day.") from None


def _read_id(given: Any) -> UUID:
    try:
        return UUID(str(given))
    except ValueError:
        raise ValueError("choose one.") from None


_READERS: dict[str, Callable[[Any], Value]] = {
    "days": _read_days,
    "date": _read_date,
    "source": _read_source,
    "lead_magnet": _read_id,
    "broadcast": _read_id,
}


def _wrong(message: str) -> InvalidInput:
    return InvalidInput("This segment can't be taken as it is.", fields={"filter": message})


def to_sql(group: Group, *, first: int) -> tuple[str, list[Value]]:
    """Return the condition on `email_subscribers as s`, its values bound from `$first` on."""
    values: list[Value] = []
    return _group_sql(group, values, first), values


def _group_sql(group: Group, values: list[Value], first: int) -> str:
    parts = [
        _group_sql(part, values, first)
        if isinstance(part, Group)
        else _condition_sql(part, values, first)
        for part in group.parts
    ]
    joiner = " and " if group.join is Join.ALL else " or "
    joined = f"({joiner.join(parts)})" if parts else "true"
    return f"not {joined}" if group.is_negated else joined


def _condition_sql(condition: Condition, values: list[Value], first: int) -> str:
    sql = FIELDS[condition.field].ops[condition.op]
    if condition.key is not None:
        values.append(condition.key)
        sql = sql.replace("{key}", f"${first + len(values) - 1}::text")
    if needs_value(condition.op):
        values.append(condition.value)
        cast = _CASTS[type(condition.value)]
        sql = sql.replace("{value}", f"${first + len(values) - 1}::{cast}")
    return f"({sql})"


_CASTS: dict[type, str] = {str: "text", int: "int", date: "date", UUID: "uuid"}


def from_audience(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the filter of an `audience_filter`, as broadcasts of an earlier version have it."""
    parts: list[dict[str, Any]] = []
    engagement = (given or {}).get("engagement")
    if engagement == "never_opened":
        parts.append({"field": "last_opened_at", "op": "never"})
    elif engagement is not None:
        what, days = engagement.split("_")
        parts.append(
            {"field": f"last_{what}_at", "op": "in_last_days", "value": int(days.removesuffix("d"))}
        )
    source = (given or {}).get("source")
    if source is not None and source.startswith("lead_magnet:"):
        parts.append({"field": "lead_magnet", "op": "is", "value": source.partition(":")[2]})
    elif source is not None:
        parts.append({"field": "source", "op": "is", "value": source})
    return {"all": parts}
