"""What a rule of the schema is, and the words that the rules share."""

from dataclasses import dataclass

OURS = "('public', 'access', 'platform', 'storage')"
PEOPLE = "('anon', 'authenticated')"
NOT_OF_AN_EXTENSION = (
    "not exists (select from pg_depend as d where d.objid = {} and d.deptype = 'e')"
)

TABLE = "create table public.samples (id uuid primary key)"
FUNCTION = """
        create function public.sample() returns integer
        language sql set search_path = '' as 'select 1'
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """`broken` makes `offender` appear in the answer to `query`; `sound` is the same done right."""

    claim: str
    query: str
    broken: str
    offender: str
    sound: str

    def __str__(self) -> str:
        return self.claim.replace(" ", "_")
