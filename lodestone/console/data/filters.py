"""The conditions of the filter builder, as the data API writes them."""

from collections.abc import Sequence
from typing import Any, ClassVar

from starlette_admin.fields import (
    BaseField,
    BooleanField,
    DateField,
    DateTimeField,
    EnumField,
    JSONField,
    NumberField,
    StringField,
    TagsField,
    TimeField,
)
from starlette_admin.filters import (
    FilterApplyContext,
    FilterGroup,
    FilterRegistry,
    FilterRule,
    boolean,
    date,
    enum,
    filters,
    generic,
    numeric,
    string,
)
from starlette_admin.filters.base import BaseFilter

from lodestone.console.data.fields import KeyField


def quoted(value: Any) -> str:
    """Return a value as a condition within `and=()` carries it."""
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def pattern(value: str, *, before: str = "", after: str = "") -> str:
    """Return a text to be found as it stands, with `*` where anything may be."""
    plain = "".join(f"\\{letter}" if letter in "\\%_" else letter for letter in value)
    return quoted(f"{before}{plain}{after}")


class _Asks:
    """A condition of one operator of the data API."""

    operator: ClassVar[str]

    def apply(self, ctx: FilterApplyContext) -> str:
        return f"{quoted(ctx.field_name)}.{self.operator}.{quoted(ctx.value)}"


class _Between:
    def apply(self, ctx: FilterApplyContext) -> str:
        name = quoted(ctx.field_name)
        return f"and({name}.gte.{quoted(ctx.value)},{name}.lte.{quoted(ctx.value2)})"


class Equal(_Asks, generic.EqualFilter):
    operator = "eq"


class NotEqual(_Asks, generic.NotEqualFilter):
    operator = "neq"


class IsNull(generic.IsNullFilter):
    def apply(self, ctx: FilterApplyContext) -> str:
        return f"{quoted(ctx.field_name)}.is.null"


class IsNotNull(generic.IsNotNullFilter):
    def apply(self, ctx: FilterApplyContext) -> str:
        return f"{quoted(ctx.field_name)}.not.is.null"


class Contains(string.ContainsFilter):
    def apply(self, ctx: FilterApplyContext) -> str:
        return f"{quoted(ctx.field_name)}.ilike.{pattern(ctx.value, before='*', after='*')}"


class NotContains(string.NotContainsFilter):
    def apply(self, ctx: FilterApplyContext) -> str:
        return f"{quoted(ctx.field_name)}.not.ilike.{pattern(ctx.value, before='*', after='*')}"


class StartsWith(string.StartsWithFilter):
    def apply(self, ctx: FilterApplyContext) -> str:
        return f"{quoted(ctx.field_name)}.ilike.{pattern(ctx.value, after='*')}"


class EndsWith(string.EndsWithFilter):
    def apply(self, ctx: FilterApplyContext) -> str:
        return f"{quoted(ctx.field_name)}.ilike.{pattern(ctx.value, before='*')}"


class NumberEqual(_Asks, numeric.EqualFilter):
    operator = "eq"


class NumberNotEqual(_Asks, numeric.NotEqualFilter):
    operator = "neq"


class Greater(_Asks, numeric.GreaterThanFilter):
    operator = "gt"


class Less(_Asks, numeric.LessThanFilter):
    operator = "lt"


class AtLeast(_Asks, numeric.GreaterThanOrEqualFilter):
    operator = "gte"


class AtMost(_Asks, numeric.LessThanOrEqualFilter):
    operator = "lte"


class NumberBetween(_Between, numeric.BetweenFilter):
    pass


class OnDate(_Asks, date.DateEqualFilter):
    operator = "eq"


class AtMoment(_Asks, date.DateTimeEqualFilter):
    operator = "eq"


class AtTime(_Asks, date.TimeEqualFilter):
    operator = "eq"


class DatesBetween(_Between, date.DateBetweenFilter):
    pass


class MomentsBetween(_Between, date.DateTimeBetweenFilter):
    pass


class TimesBetween(_Between, date.TimeBetweenFilter):
    pass


class IsTrue(boolean.IsTrueFilter):
    def apply(self, ctx: FilterApplyContext) -> str:
        return f"{quoted(ctx.field_name)}.is.true"


class IsFalse(boolean.IsFalseFilter):
    def apply(self, ctx: FilterApplyContext) -> str:
        return f"{quoted(ctx.field_name)}.is.false"


class OneOf(enum.InFilter):
    def apply(self, ctx: FilterApplyContext) -> str:
        values = ctx.value if isinstance(ctx.value, list | tuple) else [ctx.value]
        return f"{quoted(ctx.field_name)}.in.({','.join(map(quoted, values))})"


class NoneOf(enum.NotInFilter):
    def apply(self, ctx: FilterApplyContext) -> str:
        values = ctx.value if isinstance(ctx.value, list | tuple) else [ctx.value]
        return f"{quoted(ctx.field_name)}.not.in.({','.join(map(quoted, values))})"


Filters = Sequence[type[BaseFilter]]
_NULLS: list[type[BaseFilter]] = [IsNull, IsNotNull]


class Registry(FilterRegistry):
    """Which conditions each kind of field offers."""

    @filters(StringField)
    def of_text(self, _: BaseField) -> Filters:
        return [Contains, NotContains, StartsWith, EndsWith, Equal, NotEqual, *_NULLS]

    @filters(KeyField)
    def of_keys(self, _: BaseField) -> Filters:
        return [Equal, NotEqual, *_NULLS]

    @filters(NumberField)
    def of_numbers(self, _: BaseField) -> Filters:
        ordered: list[type[BaseFilter]] = [Greater, AtLeast, Less, AtMost, NumberBetween]
        return [NumberEqual, NumberNotEqual, *ordered, *_NULLS]

    @filters(BooleanField)
    def of_booleans(self, _: BaseField) -> Filters:
        return [IsTrue, IsFalse, *_NULLS]

    @filters(EnumField)
    def of_choices(self, _: BaseField) -> Filters:
        return [OneOf, NoneOf, *_NULLS]

    @filters(DateTimeField)
    def of_moments(self, _: BaseField) -> Filters:
        return [MomentsBetween, AtMoment, *_NULLS]

    @filters(DateField)
    def of_dates(self, _: BaseField) -> Filters:
        return [DatesBetween, OnDate, *_NULLS]

    @filters(TimeField)
    def of_times(self, _: BaseField) -> Filters:
        return [TimesBetween, AtTime, *_NULLS]

    @filters(JSONField, TagsField)
    def of_the_rest(self, _: BaseField) -> Filters:
        return _NULLS


REGISTRY = Registry()


def condition(node: FilterGroup | FilterRule, fields: dict[str, BaseField]) -> str | None:
    """Return a tree of the builder as one condition, None for an empty one."""
    if isinstance(node, FilterRule):
        found = REGISTRY.get_filter(fields[node.field], node.filter)
        if found is None:
            return None
        asked = FilterApplyContext(
            query=None, field_name=node.field, value=node.value, value2=node.value2
        )
        return str(found().apply(asked))
    parts = [part for rule in node.rules if (part := condition(rule, fields))]
    logic = "or" if str(node.logic).lower() == "or" else "and"
    return f"{logic}({','.join(parts)})" if parts else None
