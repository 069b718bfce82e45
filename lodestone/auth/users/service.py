"""Find accounts, and change what sign-in knows of them."""

import json
from typing import Any
from uuid import UUID

from lodestone.auth.one_time import queries as one_time_queries
from lodestone.auth.users import queries
from lodestone.auth.users.models import Account
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput, NotFound

LARGEST_METADATA = 16_384
"""Characters of metadata as JSON: every access token carries it."""


async def get_account(tx: Tx, *, user_id: UUID) -> Account:
    """Return an account. Raises: NotFound."""
    row = await queries.find_account(tx, user_id=user_id)
    if row is None:
        raise NotFound("There is no such account.", code="user_not_found")
    return Account(**row)


async def find_account_by_email(tx: Tx, *, email: str) -> Account | None:
    """Return the account of an address, closed and barred ones too."""
    row = await queries.find_account_by_email(tx, email=email)
    return None if row is None else Account(**row)


async def list_accounts(
    tx: Tx, *, filter_text: str | None, limit: int, offset: int
) -> tuple[list[Account], int]:
    """Return a page of the open accounts, and how many there are in all."""
    rows = await queries.list_accounts(tx, filter_text=filter_text, limit=limit, offset=offset)
    total = await queries.count_accounts(tx, filter_text=filter_text)
    return [Account(**row) for row in rows], total


async def write_user_metadata(tx: Tx, *, user_id: UUID, values: dict[str, Any]) -> None:
    """Write what is given and drop nulls. Raises: InvalidInput when it is too much."""
    refuse_large(values)
    await queries.merge_user_metadata(tx, user_id=user_id, values=values)
    refuse_large((await get_account(tx, user_id=user_id)).user_metadata)


async def write_app_metadata(tx: Tx, *, user_id: UUID, values: dict[str, Any]) -> None:
    """Write what is given and drop nulls. Raises: InvalidInput when it is too much."""
    refuse_large(values)
    await queries.merge_app_metadata(tx, user_id=user_id, values=values)


def refuse_large(values: dict[str, Any]) -> None:
    """Raise InvalidInput for metadata that no access token could carry."""
    if len(json.dumps(values)) > LARGEST_METADATA:
        sentence = f"Metadata may have {LARGEST_METADATA} characters as JSON."
        raise InvalidInput(sentence, fields={"data": sentence})


async def close_account(tx: Tx, *, user_id: UUID) -> None:
    """Empty an account and end its sessions; what it wrote keeps its author."""
    await queries.delete_sessions(tx, user_id=user_id)
    await one_time_queries.delete_tokens(tx, user_id=user_id)
    await queries.close_account(tx, user_id=user_id)
