"""Accounts, teams and tenants for tests, made as the service key would make them."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from lodestone.platform.actors import Root, Service, User, Writer
from lodestone.platform.database import Database


@dataclass(frozen=True, slots=True)
class Person:
    """An account; `actor` is that person signed in."""

    id: UUID
    email: str
    username: str
    actor: User = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "actor", User(self.id))

    def through(self, writer: Writer) -> Service:
        """Return a service that acts for this person."""
        return Service(writer, user_id=self.id)


@dataclass(frozen=True, slots=True)
class People:
    """Makes people; every name is new, so that tests share a database without meeting."""

    database: Database

    async def user(self, *, name: str = "Ada Tester", tenant_id: UUID | None = None) -> Person:
        """Make an account, and its profile in a tenant when one is given."""
        handle = f"u{uuid4().hex[:16]}"
        email = f"{handle}@example.com"
        async with self.database.acting_as(Root()) as tx:
            user_id: UUID = await tx.fetchval(
                "insert into public.users (email, name, username) values ($1, $2, $3) returning id",
                email,
                name,
                handle,
            )
            if tenant_id is not None:
                await tx.execute(
                    "insert into public.profiles (id, tenant_id, email, full_name)"
                    " values ($1, $2, $3, $4)",
                    user_id,
                    tenant_id,
                    email,
                    name,
                )
        return Person(user_id, email, handle)

    async def team(self, owner: Person, *members: Person, name: str = "Team") -> UUID:
        """Make a team with its owner and active members; return its id."""
        async with self.database.acting_as(Root()) as tx:
            team_id: UUID = await tx.fetchval(
                "insert into public.teams (owner_id, name) values ($1, $2) returning id",
                owner.id,
                name,
            )
            for person in (owner, *members):
                await tx.execute(
                    "insert into public.team_profiles"
                    " (team_id, user_id, email, full_name, role, status, accepted_at)"
                    " values ($1, $2, $3, $4, $5, 'active', now())",
                    team_id,
                    person.id,
                    person.email,
                    person.username,
                    "owner" if person is owner else "member",
                )
        return team_id

    async def tenant(self, *, name: str = "Business") -> UUID:
        """Make a tenant and return its id; give it to `user` to make its people."""
        handle = f"t{uuid4().hex[:16]}"
        async with self.database.acting_as(Root()) as tx:
            tenant_id: UUID = await tx.fetchval(
                "insert into public.tenants (name, email, business_name, slug)"
                " values ($1, $2, $1, $3) returning id",
                name,
                f"{handle}@example.com",
                handle,
            )
        return tenant_id
