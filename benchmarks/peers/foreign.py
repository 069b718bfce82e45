"""Directus and PostGraphile from npm, on the database that is measured, each with ten connections.

The versions are the newest that run on Node 20: Directus asks for 22 since 11.4, and of what
PostGraphile 5 needs of it one function is missing, which `postgraphile.mjs` brings.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from benchmarks import processes
from benchmarks.business import Business
from benchmarks.peers import npm
from benchmarks.processes import Served

POSTGRAPHILE = "5.1.5"
DIRECTUS = "11.3.5"
DIRECTUS_TOKEN = "measured-by-nobody-else-0123456789"
CONNECTIONS = 20

# What its screens would write when somebody draws the relations there.
RELATIONS = """
insert into directus_fields (collection, field, special, interface) values
    ('desk_projects', 'tasks', 'o2m', 'list-o2m'), ('desk_tasks', 'comments', 'o2m', 'list-o2m');
insert into directus_relations (many_collection, many_field, one_collection, one_field) values
    ('desk_tasks', 'project_id', 'desk_projects', 'tasks'),
    ('desk_comments', 'task_id', 'desk_tasks', 'comments');
"""


@contextmanager
def postgraphile(business: Business, claims: str) -> Iterator[Served | None]:
    """Serve PostGraphile as one person; None where it can't be installed."""
    packages = npm.find_package("postgraphile", POSTGRAPHILE)
    if packages is None:
        yield None
        return
    port = processes.free_port()
    given = {
        "packages": str(packages),
        **_database(business),
        "port": port,
        "connections": CONNECTIONS,
        "claims": claims,
    }
    script = str(Path(__file__).with_name("postgraphile.mjs"))
    command = [npm.NODE or "node", script, json.dumps(given)]
    environment = {"GRAPHILE_ENV": "production", "NODE_ENV": "production"}
    with processes.program(command, environment, port=port, probe="/") as served:
        yield served


@contextmanager
def directus(business: Business) -> Iterator[Served | None]:
    """Serve Directus with its administrator's token; None where it can't be installed."""
    packages = npm.find_package("directus", DIRECTUS)
    if packages is None:
        yield None
        return
    port = processes.free_port()
    command = [npm.NODE or "node", str(packages / "node_modules" / "directus" / "cli.js")]
    with tempfile.TemporaryDirectory(prefix="lodestone-directus-") as directory:
        environment = _directus_environment(business, port, directory)
        subprocess.run(
            [*command, "bootstrap"],
            check=True,
            capture_output=True,
            env={**processes.inherited(), **environment},
        )
        processes.execute(business.url, RELATIONS)
        with processes.program(
            [*command, "start"], environment, port=port, probe="/server/ping"
        ) as served:
            yield served


def _database(business: Business) -> dict[str, str]:
    parts = urlsplit(business.url)
    return {"host": parse_qs(parts.query)["host"][0], "database": parts.path.strip("/")}


def _directus_environment(business: Business, port: int, directory: str) -> dict[str, str]:
    database = _database(business)
    return {
        "NODE_ENV": "production",
        "DB_CLIENT": "pg",
        "DB_HOST": database["host"],
        "DB_PORT": "5432",
        "DB_DATABASE": database["database"],
        "DB_USER": "postgres",
        "DB_PASSWORD": "unused",
        "DB_POOL__MAX": str(CONNECTIONS),
        "SECRET": DIRECTUS_TOKEN,
        "ADMIN_EMAIL": "admin@example.com",
        "ADMIN_PASSWORD": "three plain words",
        "ADMIN_TOKEN": DIRECTUS_TOKEN,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "LOG_LEVEL": "error",
        "TELEMETRY": "false",
        "SERVE_APP": "false",
        "CACHE_ENABLED": "false",
        "RATE_LIMITER_ENABLED": "false",
        "PRESSURE_LIMITER_ENABLED": "false",
        "WEBSOCKETS_ENABLED": "false",
        "MAX_PAYLOAD_SIZE": "10mb",
        "STORAGE_LOCAL_ROOT": directory,
        "EXTENSIONS_PATH": directory,
    }
