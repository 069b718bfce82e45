"""Finds the relationship that an embedded name means.

Source: https://docs.postgrest.org/en/v14/references/api/resource_embedding.html
"""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from lodestone.rest.catalog import Catalog, Relationship
from lodestone.rest.errors import RestError
from lodestone.rest.grammar.tree import Embed


def find_relationship(catalog: Catalog, origin: str, embed: Embed) -> Relationship:
    """Return the one way from a table to an embedded one.

    Raises: RestError PGRST200 when there is none, PGRST201 when there are several.
    """
    every = catalog.relationships.get(origin, ())
    computed = [one for one in every if one.function == embed.target]
    if computed:
        return computed[0]
    found = [one for one in every if one.function is None and _is_meant(one, embed)]
    if not found:
        raise _unrelated(origin, embed, [one.target for one in every])
    if len(found) == 1:
        return found[0]
    if _is_self_reference(found):
        # The way up is asked for by the name of its column, so this is the way down.
        return next(one for one in found if one.kind != "many-to-one")
    raise _ambiguous(origin, embed, found)


def _is_meant(relationship: Relationship, embed: Embed) -> bool:
    if embed.hint is not None:
        return embed.target == relationship.target and _fits(relationship, embed.hint)
    if embed.target == relationship.target:
        return True
    if relationship.kind == "many-to-many":
        return False
    is_own_key = len(relationship.pairs) == 1 and relationship.pairs[0][0] == embed.target
    if relationship.kind == "one-to-many":
        return embed.target == relationship.name and relationship.origin != relationship.target
    return embed.target == relationship.name or is_own_key


def _fits(relationship: Relationship, hint: str) -> bool:
    if relationship.kind == "many-to-many":
        return hint in (relationship.junction, relationship.name, relationship.onward_name)
    columns = [name for pair in relationship.pairs for name in pair]
    return hint == relationship.name or (len(relationship.pairs) == 1 and hint in columns)


def _is_self_reference(found: list[Relationship]) -> bool:
    return (
        len(found) == 2
        and found[0].name == found[1].name
        and all(one.origin == one.target for one in found)
    )


def _unrelated(origin: str, embed: Embed, related: Sequence[str]) -> RestError:
    close = get_close_matches(embed.target, related, n=1)
    hinted = f" using the hint '{embed.hint}'" if embed.hint else ""
    return RestError(
        f"Could not find a relationship between '{origin}' and '{embed.target}'"
        " in the schema cache",
        code="PGRST200",
        details=f"Searched for a foreign key relationship between '{origin}' and"
        f" '{embed.target}'{hinted} in the schema 'public', but no matches were found.",
        hint=f"Perhaps you meant '{close[0]}' instead of '{embed.target}'." if close else None,
    )


def _ambiguous(origin: str, embed: Embed, found: list[Relationship]) -> RestError:
    choices = ", ".join(f"'{embed.target}!{_hint(one)}'" for one in found)
    return RestError(
        "Could not embed because more than one relationship was found for"
        f" '{origin}' and '{embed.target}'",
        code="PGRST201",
        status=300,
        details=[_description(one) for one in found],
        hint=f"Try changing '{embed.target}' to one of the following: {choices}."
        " Find the desired relationship in the 'details' key.",
    )


def _hint(relationship: Relationship) -> str:
    return relationship.junction or relationship.name


def _description(relationship: Relationship) -> dict[str, Any]:
    ours = ", ".join(own for own, _ in relationship.pairs)
    theirs = ", ".join(target for _, target in relationship.pairs)
    how = f"{relationship.name} using {relationship.origin}({ours})"
    if relationship.junction is not None:
        how = (
            f"{relationship.junction} using {relationship.name}({theirs})"
            f" and {relationship.onward_name}({', '.join(own for own, _ in relationship.onward)})"
        )
    else:
        how += f" and {relationship.target}({theirs})"
    return {
        "cardinality": relationship.kind,
        "embedding": f"{relationship.origin} with {relationship.target}",
        "relationship": how,
    }
