"""Mail: a broadcast into a local sink and aiosmtplib alone; segments and imports of a large list.

Each part runs in a process of its own, on a list of its own in the filled database.
"""

import asyncio
import json
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID, uuid4

import aiosmtplib
import uvloop

from benchmarks.business import Business
from lodestone.domains.email.broadcasts import queries as broadcasts
from lodestone.domains.email.broadcasts import running, service
from lodestone.domains.email.segments import service as segments
from lodestone.domains.email.subscribers import imports
from lodestone.domains.email.subscribers.queries import imports as staging
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import discover_jobs
from lodestone.platform.mail import SmtpMailer
from lodestone.platform.runtime import Runtime
from lodestone.platform.secrets import SecretBox

CONNECTIONS = 4
LINE = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor. "
BODY = "Hello {{first_name|there}},\n\n" + LINE * 60 + "\n\n[Look](https://example.com/look)\n"
FILTERS = {
    "opened lately": {"field": "last_opened_at", "op": "in_last_days", "value": 30},
    "tag": {"field": "tag", "op": "has", "value": "t7"},
    "nested": {
        "all": [
            {"field": "company", "op": "contains", "value": "comp1"},
            {
                "any": [
                    {"field": "tag", "op": "has", "value": "t7"},
                    {"not": {"field": "last_opened_at", "op": "in_last_days", "value": 90}},
                ]
            },
        ]
    },
}


@dataclass(frozen=True)
class Figures:
    """Mails and rows a second, seconds of a count, MB at the most."""

    mails: float
    alone: float
    expanded: float
    doubles: int
    peak_mb: float
    counts: dict[str, float]
    copied: float
    imported: float


def measure(business: Business, *, mails: int, people: int) -> Figures:
    """Return what a process of its own measured."""
    program = "from benchmarks.mail import main; main()"
    command = [sys.executable, "-c", program, business.url, str(mails), str(people)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"mail failed: {done.stderr[-2000:]}")
    return Figures(**json.loads(done.stdout))


@contextmanager
def sink() -> Iterator[tuple[int, list[int]]]:
    """Run the sink; yield its port and, once it has ended, what it counted."""
    counted: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        port_file = Path(folder) / "port"
        command = [sys.executable, "-m", "benchmarks.smtp_sink", str(port_file), "--pipelining"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            while not port_file.exists() or not port_file.read_text():
                time.sleep(0.02)
            yield int(port_file.read_text()), counted
            process.send_signal(signal.SIGTERM)
            counted += map(int, process.communicate()[0].split())


async def _send_alone(port: int, mails: int) -> float:
    """Send ready-made bytes by the library alone, over as many kept connections."""
    head = "From: a@example.com\r\nTo: b@example.com\r\nMessage-ID: <{}@alone>\r\n\r\n"
    body = f"{LINE[:76]}\r\n".encode() * 90
    ready = [head.format(number).encode() + body for number in range(mails)]

    async def lane(first: int) -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False)
        await client.connect()
        for content in ready[first::CONNECTIONS]:
            await client.sendmail("a@example.com", ["b@example.com"], content)
        await client.quit()

    began = time.perf_counter()
    await asyncio.gather(*map(lane, range(CONNECTIONS)))
    return mails / (time.perf_counter() - began)


async def _make_list(database: Database, people: int) -> tuple[UUID, UUID, UUID]:
    handle = uuid4().hex[:12]
    async with database.acting_as(Root()) as tx:
        tenant_id = await tx.fetchval(
            "insert into tenants (name, email, business_name, slug) values ('B', $1, 'B', $2)"
            " returning id",
            f"{handle}@example.com",
            handle,
        )
        user_id = await tx.fetchval(
            "insert into users (email, name, username) values ($1, 'Bench', $2) returning id",
            f"{handle}@example.com",
            handle,
        )
        await tx.execute(
            "insert into profiles (id, tenant_id, email, full_name) values ($1, $2, $3, 'Bench')"
            " on conflict (id) do update set tenant_id = excluded.tenant_id",
            user_id,
            tenant_id,
            f"{handle}@example.com",
        )
        team_id = await tx.fetchval(
            "insert into teams (owner_id, name) values ($1, 'Bench') returning id", user_id
        )
        await tx.execute(
            """
            insert into email_subscribers (
                tenant_id, team_id, email, first_name, last_name, company, source, created_at,
                last_opened_at, metadata)
            select $1, $2, 'p' || i || '@' || $4 || '.example', 'First' || (i % 1000), 'Last',
                'Comp' || (i % 500), 'import', now() - make_interval(secs => i),
                case when i % 3 = 0 then now() - make_interval(days => i % 365) end,
                case when i % 10 = 0
                    then jsonb_build_object('tags', jsonb_build_array('t' || (i / 10 % 50)))
                    else '{}' end
            from generate_series(1, $3::int) as i
            """,
            tenant_id,
            team_id,
            people,
            handle,
        )
    await database.pool.execute("vacuum analyze email_subscribers")
    return tenant_id, team_id, user_id


async def _count(database: Database, team_id: UUID) -> dict[str, float]:
    found = {}
    for name, given in FILTERS.items():
        times = []
        for _ in range(3):
            began = time.perf_counter()
            async with database.acting_as(Root(), readonly=True) as tx:
                group = segments.read_filter(given)
                await segments.count_audience(tx, team_id=team_id, group=group)
            times.append(time.perf_counter() - began)
        found[name] = sorted(times)[1]
    return found


async def _measure(url: str, mails: int, people: int) -> Figures:
    discover_jobs("lodestone.domains")
    database = await Database.connect(url)
    with tempfile.TemporaryDirectory() as folder, sink() as (port, counted):
        mailer = SmtpMailer("127.0.0.1", port, encryption="none")
        runtime.set_current(
            Runtime(
                database=database,
                mailer=mailer,
                secrets=SecretBox([b"0" * 32]),
                base_url="http://localhost",
                data_dir=Path(folder),
            )
        )
        alone = await _send_alone(port, min(mails, 5_000))
        tenant_id, team_id, user_id = await _make_list(database, mails)
        async with database.acting_as(Root()) as tx:
            broadcast_id = await broadcasts.insert_broadcast(
                tx,
                tenant_id=tenant_id,
                team_id=team_id,
                user_id=user_id,
                subject="News for {{first_name|you}}",
                body=BODY,
            )
            await service.start(tx, broadcast_id=broadcast_id, recipient_count=mails)
        began = time.perf_counter()
        async with database.acting_as(Root()) as tx:
            await service.expand(tx, broadcast_id=broadcast_id)
        expanded = mails / (time.perf_counter() - began)
        began = time.perf_counter()
        while await running.run(broadcast_id) is not None:
            continue
        rate = mails / (time.perf_counter() - began)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        large = await _make_list(database, people)
        counts = await _count(database, large[1])
        copied, imported = await _import(database, large, people)
    await database.close()
    return Figures(rate, alone, expanded, counted[1], peak, counts, copied, imported)


async def _import(
    database: Database, place: tuple[UUID, UUID, UUID], people: int
) -> tuple[float, float]:
    """Return rows a second of COPY alone, and of the product's import of the same people."""
    tenant_id, team_id, user_id = place
    rows = [(f"c{number}@import.example", "First", "Last", "Company") for number in range(people)]
    await database.pool.execute(
        "create table bench_people (email text primary key, first_name text, last_name text,"
        " company text)"
    )
    began = time.perf_counter()
    await database.pool.copy_records_to_table("bench_people", records=rows)
    copied = people / (time.perf_counter() - began)
    await database.pool.execute("drop table bench_people")
    content = "\n".join(["email,first_name,last_name,company", *map(",".join, rows)]).encode()
    columns = ["email", "first_name", "last_name", "company"]
    async with database.acting_as(Root()) as tx:
        import_id = await staging.insert_import(
            tx,
            tenant_id=tenant_id,
            team_id=team_id,
            user_id=user_id,
            file_name="bench.csv",
            content=content,
            encoding="utf-8",
            delimiter=",",
            columns=columns,
            mapping={name: place for place, name in enumerate(columns)},
        )
        for state in ("checking", "checked", "importing"):
            await tx.execute(
                "update email_imports set state = $2, agreed_at = now() where id = $1",
                import_id,
                state,
            )
    began = time.perf_counter()
    await imports.run(import_id)
    return copied, people / (time.perf_counter() - began)


def main() -> None:
    """Print the figures of `<url> <mails> <people>` as JSON."""
    url, mails, people = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(_measure(url, int(mails), int(people)))
    json.dump(asdict(found), sys.stdout)
