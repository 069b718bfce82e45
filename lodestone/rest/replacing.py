"""What a PUT has to look like: one whole row, named by its key in the address and in the body."""

import json

from lodestone.rest.catalog import Table
from lodestone.rest.errors import RestError
from lodestone.rest.grammar.tree import Condition, Query
from lodestone.rest.payload import Payload


def check_put(table: Table, query: Query, payload: Payload) -> None:
    """Raise RestError PGRST105, PGRST114 or PGRST115 for a PUT that is not of that form."""
    level = query.level(())
    if level.limit is not None or level.offset:
        raise RestError(
            "limit/offset querystring parameters are not allowed for PUT", code="PGRST114"
        )
    given = {
        one.field.name: one.value
        for one in level.filters
        if isinstance(one, Condition) and one.operator == "eq" and not one.negated
    }
    whole = set(table.primary_key)
    if not whole or set(given) != whole or len(level.filters) != len(whole):
        raise RestError(
            "Filters must include all and only primary key columns with 'eq' operators",
            code="PGRST105",
            status=405,
        )
    rows = json.loads(payload.text)
    if len(rows) != 1 or any(str(rows[0].get(name)) != value for name, value in given.items()):
        raise RestError("Payload values do not match URL in primary key column(s)", code="PGRST115")
