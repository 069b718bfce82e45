"""The use cases of own domains."""

import asyncio
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from lodestone.connectors import dns_records
from lodestone.connectors.vercel import open_vercel
from lodestone.domains.funnels.domains import queries, rules
from lodestone.domains.funnels.domains.models import Checked, DomainStatus, OwnDomain
from lodestone.domains.identity import service as identity
from lodestone.domains.identity.service import Resource, Scope
from lodestone.platform import runtime
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, Forbidden, InvalidInput, NotFound
from lodestone.platform.secrets import new_token

__all__ = [
    "OwnDomain",
    "add_domain",
    "check_domain",
    "find_domain",
    "find_state",
    "is_served",
    "list_due",
    "remove_domain",
    "target",
]

MOST_CHECKED = 200
UNPROVEN_DAYS = 3
"""How long a domain waits for the records of whoever named it before others may have it."""


def target() -> str:
    """Return the host that own domains have to point to."""
    current = runtime.current()
    return current.vendors.domain_target or urlsplit(current.base_url).hostname or "localhost"


async def find_domain(tx: Tx, *, scope: Scope) -> OwnDomain | None:
    """Find a workspace's domain; its owner sees it, nobody else."""
    if scope.home_team_id is None:
        return None
    row = await queries.find_domain(tx, team_id=scope.home_team_id)
    return OwnDomain.model_validate(dict(row)) if row is not None else None


async def add_domain(*, scope: Scope, text: str) -> OwnDomain:
    """Keep the domain of a workspace, and say what its owner has to set.

    Raises: Forbidden for members, UpgradeNeeded where the plan has no domains, InvalidInput for
    what is no domain, Conflict when it is taken or the workspace has one.
    """
    team_id = _owned(scope)
    try:
        domain = rules.clean_domain(text)
    except ValueError as error:
        raise InvalidInput(str(error), fields={"domain": str(error)}) from error
    if domain == target():
        sentence = "This is the address of the product itself."
        raise InvalidInput(sentence, fields={"domain": sentence})
    actor = Service(Writer.MAGNETLAB, user_id=scope.user_id)
    async with runtime.acting_as(actor) as tx:
        await identity.require_feature(
            tx, billing_user_id=scope.billing_user_id, feature=Resource.CUSTOM_DOMAIN
        )
    async with runtime.acting_as(Root()) as tx:
        # Whoever names a domain first and shows nothing does not hold it for ever.
        await queries.delete_unproven(tx, domain=domain, days=UNPROVEN_DAYS)
    async with runtime.acting_as(actor) as tx:
        if await queries.find_state(tx, domain=domain) is not None:
            raise Conflict("This domain is in use.")
        if await queries.find_domain(tx, team_id=team_id) is not None:
            raise Conflict("Remove the domain that is there first.")
    token = new_token(random_bytes=18)
    config = rules.dns_config(domain, target=target(), token=token)
    added: str | None = None
    async with open_vercel() as vercel:
        if vercel is not None:
            known = await vercel.add(domain)
            added = known.name
            config["verification"] = [*config["verification"], *known.verification]
    async with runtime.acting_as(actor) as tx:
        with identity.limits_told():
            is_kept = await queries.insert_domain(
                tx,
                team_id=team_id,
                domain=domain,
                dns_config=config,
                ownership_proof=token,
                vercel_domain_id=added,
            )
        if not is_kept:
            raise Conflict("This domain is in use.")
        return await _get(tx, team_id)


async def check_domain(*, team_id: UUID, owner_id: UUID) -> OwnDomain:
    """Look at a domain's records, and at the provider, and note what follows.

    Raises: NotFound without a domain, NamesUnavailable when nobody answers: then nothing changes.
    """
    actor = Service(Writer.MAGNETLAB, user_id=owner_id)
    async with runtime.acting_as(actor) as tx:
        known = await _get(tx, team_id)
    checked = await _look(known)
    config: dict[str, Any] = dict(known.dns_config or {})
    async with open_vercel() as vercel:
        if vercel is not None:
            found = await vercel.find(known.domain) or await vercel.add(known.domain)
            ours = [
                one for one in config.get("verification", []) if one.get("reason") == "ownership"
            ]
            config["verification"] = [*ours, *found.verification]
            if checked.is_owned and not found.is_verified:
                waits = "Vercel has not verified the domain yet: set the records below."
                checked = checked.model_copy(update={"leads_here": False, "problem": waits})
    status = rules.next_status(known.status, checked)
    async with runtime.acting_as(actor) as tx:
        await queries.update_domain(
            tx,
            team_id=team_id,
            domain=known.domain,
            status=status,
            last_error=None if status is DomainStatus.ACTIVE else checked.problem,
            dns_config=config,
        )
        return await _get(tx, team_id)


async def _look(known: OwnDomain) -> Checked:
    here = target()
    cname, texts, addresses, target_addresses = await asyncio.gather(
        dns_records.find_records(known.domain, "CNAME"),
        dns_records.find_records(f"{rules.OWNERSHIP_LABEL}.{known.domain}", "TXT"),
        dns_records.find_addresses(known.domain),
        dns_records.find_addresses(here),
    )
    return rules.judge(
        domain=known.domain,
        target=here,
        token=known.ownership_proof or "",
        cname=cname,
        texts=texts,
        addresses=addresses,
        target_addresses=target_addresses,
    )


async def remove_domain(*, scope: Scope) -> None:
    """Serve a workspace's pages on its domain no more; the provider forgets it first.

    Raises: Forbidden for members, NotFound without one, VendorFailed when the provider refuses.
    """
    team_id = _owned(scope)
    actor = Service(Writer.MAGNETLAB, user_id=scope.user_id)
    async with runtime.acting_as(actor) as tx:
        known = await _get(tx, team_id)
    if known.vercel_domain_id is not None:
        async with open_vercel() as vercel:
            if vercel is not None:
                await vercel.remove(known.domain)
    async with runtime.acting_as(actor) as tx:
        await queries.delete_domain(tx, team_id=team_id)


async def find_state(*, domain: str) -> DomainStatus | None:
    """Find how far a domain is, whosever it is."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB), readonly=True) as tx:
        state = await queries.find_state(tx, domain=domain)
    return DomainStatus(state) if state else None


async def is_served(*, domain: str) -> bool:
    """Tell whether pages are served on a domain."""
    return await find_state(domain=domain) is DomainStatus.ACTIVE


async def list_due() -> list[tuple[UUID, UUID]]:
    """Return teams, with their owners, whose domains are to be checked now."""
    async with runtime.acting_as(Root(), readonly=True) as tx:
        rows = await queries.list_due(tx, limit=MOST_CHECKED)
    return [(row["team_id"], row["owner_id"]) for row in rows]


async def _get(tx: Tx, team_id: UUID) -> OwnDomain:
    row = await queries.find_domain(tx, team_id=team_id)
    if row is None:
        raise NotFound("This workspace has no domain of its own.")
    return OwnDomain.model_validate(dict(row))


def _owned(scope: Scope) -> UUID:
    if not scope.is_owner:
        raise Forbidden("Only the owner of the team sets its domain.")
    if scope.home_team_id is None:
        raise Conflict("This workspace can't have a domain.")
    return scope.home_team_id
