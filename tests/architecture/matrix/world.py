"""Who comes: everybody with claims of their own, of our side and of another business."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from tests.architecture.matrix.rows import Known, Rows
from tests.architecture.matrix.tables import Table

WRITERS = ("magnetlab", "gtm_system", "leadmagnet_backend", "copy_of_gtm_os")
ACCOUNTS = ("owner", "team member", "tenant member", "stranger", "administrator", "newcomer")

# Those who are no accounts, and their claim.
CLAIMANTS = {
    "student": "student_id",
    "client": "engagement_id",
    "partner": "affiliate_id",
    "community member": "member_id",
}
OTHERS = tuple(f"another {name}" for name in CLAIMANTS)
SIGNED_IN = frozenset((*ACCOUNTS, *CLAIMANTS, *OTHERS))


@dataclass(frozen=True, slots=True)
class Identity:
    """`acts_for` is the account in whose name a service comes."""

    name: str
    role: str
    claims: str
    writer: str | None = None
    acts_for: str | None = None


@dataclass(frozen=True, slots=True)
class World:
    """Ids by name; where a table is a name, the row of it that other rows name."""

    known: Mapping[str, str]
    identities: tuple[Identity, ...]


async def build_world(connection: asyncpg.Connection, tables: Mapping[str, Table]) -> World:
    """Make two businesses with their people, as the service key."""
    known: dict[str, str] = {}
    rows = Rows(connection, tables, known, {})

    async def make(name: str, table: str, **values: object) -> None:
        known[name] = (await rows.make(table, values))["id"]

    for name in ACCOUNTS:
        await make(name, "users", is_super_admin=name == "administrator")
    for side, owner in (("ours", "owner"), ("theirs", "stranger")):
        await make(f"{side} tenant", "tenants")
        await make(f"{side} team", "teams", owner_id=Known(owner))
        await make(
            f"{side} profile",
            "team_profiles",
            team_id=Known(f"{side} team"),
            user_id=Known(owner),
            role="owner",
        )
        await rows.make(
            "profiles",
            {"id": Known(owner), "tenant_id": Known(f"{side} tenant"), "role": "owner"},
        )
    # Whoever has an account works for a business, their own if no other.
    for name in ("team member", "administrator"):
        await make(f"business of the {name}", "tenants")
        await rows.make(
            "profiles",
            {"id": Known(name), "tenant_id": Known(f"business of the {name}"), "role": "owner"},
        )
    await rows.make(
        "team_profiles", {"team_id": Known("ours team"), "user_id": Known("team member")}
    )
    await rows.make("profiles", {"id": Known("tenant member"), "tenant_id": Known("ours tenant")})
    for prefix, side in (("", "ours"), ("another ", "theirs")):
        await _make_claimants(make, prefix, Known(f"{side} tenant"))
    await rows.make(
        "student_cohorts", {"student_id": Known("student"), "cohort_id": Known("course")}
    )
    known |= {
        "users": known["owner"],
        "tenants": known["ours tenant"],
        "teams": known["ours team"],
        "team_profiles": known["ours profile"],
        "bootcamp_students": known["student"],
        "dfy_engagements": known["client"],
        "affiliates": known["partner"],
        "gc_members": known["community member"],
        "prospects": known["prospect"],
        "lms_cohorts": known["course"],
    }
    return World(known, tuple(_identities(known)))


async def _make_claimants(make: object, prefix: str, tenant: Known) -> None:
    assert callable(make)
    await make(f"{prefix}prospect", "prospects", tenant_id=tenant)
    await make(f"{prefix}course", "lms_cohorts", tenant_id=tenant, status="Active")
    await make(
        f"{prefix}student",
        "bootcamp_students",
        tenant_id=tenant,
        prospect_id=Known(f"{prefix}prospect"),
    )
    await make(f"{prefix}client", "dfy_engagements", tenant_id=tenant)
    await make(f"{prefix}partner", "affiliates", tenant_id=tenant, status="active")
    await make(f"{prefix}community member", "gc_members", tenant_id=tenant, status="Active")


def _identities(known: Mapping[str, str]) -> list[Identity]:
    found = [
        Identity("visitor", "anon", "{}"),
        *(_signed_in(name, sub=known[name]) for name in ACCOUNTS),
        *(
            _signed_in(who, **{claim: known[who]})
            for name, claim in CLAIMANTS.items()
            for who in (name, f"another {name}")
        ),
    ]
    for writer in WRITERS:
        for account, tenant in (("owner", "ours tenant"), ("stranger", "theirs tenant")):
            claims = {"sub": known[account], "tenant_id": known[tenant]}
            found.append(
                Identity(
                    f"{writer} for the {account}",
                    f"svc_{writer}",
                    json.dumps(claims),
                    writer,
                    account,
                )
            )
    return found


def _signed_in(name: str, **claims: str) -> Identity:
    return Identity(name, "authenticated", json.dumps({"role": "authenticated", **claims}))
