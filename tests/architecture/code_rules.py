"""Rules of the house: what a file of each kind may not hold; each names a module's offences."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.architecture.sources import ROOT, Module
from tests.architecture.statements import runs_sql

LONGEST_FILE = 500
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")

# Where SQL stands beside `queries`: what runs the database itself.
_SQL_MAY_STAND_IN = ("lodestone.platform.", "lodestone.rest.")
_HEALTH_CHECK = "lodestone.app"

_WEB = ("fastapi", "starlette")
_OUTSIDE = (
    *_WEB,
    "asyncio",
    "asyncpg",
    "httpx",
    "os",
    "pathlib",
    "shutil",
    "smtplib",
    "socket",
    "subprocess",
    "urllib.request",
    "lodestone.auth",
    "lodestone.connectors",
    "lodestone.platform.database",
    "lodestone.platform.events",
    "lodestone.platform.httpclient",
    "lodestone.platform.jobs",
    "lodestone.platform.mail",
    "lodestone.platform.runtime",
)


@dataclass(frozen=True, slots=True)
class CodeRule:
    """`broken` in the file `at` breaks the rule; `sound` stands there and doesn't, if any may."""

    claim: str
    offences: Callable[[Module], Iterator[str]]
    at: str
    broken: str
    sound: str | None

    def __str__(self) -> str:
        return self.claim.replace(" ", "_")

    def sample(self, text: str) -> Module:
        """Return a module with the text."""
        return Module(ROOT / self.at, text)


def _starts_with(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def _other_domains(module: Module) -> Iterator[str]:
    for name in module.imports():
        parts = name.split(".")
        if parts[:2] != ["lodestone", "domains"] or module.domain is None or len(parts) < 3:
            continue
        if parts[2] != module.domain and parts[3:4] != ["service"]:
            yield name


def _reaching_out(module: Module) -> Iterator[str]:
    if module.domain and module.role in ("rules", "models"):
        yield from (name for name in module.imports() if _starts_with(name, _OUTSIDE))
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in ("open", "print"):
                yield ast.unparse(node)


def _web_in_service(module: Module) -> Iterator[str]:
    if module.domain and module.role in ("service", "queries"):
        yield from (name for name in module.imports() if _starts_with(name, _WEB))


def _queries_at_the_door(module: Module) -> Iterator[str]:
    if module.domain and module.role in ("api", "pages", "hooks", "jobs", "cli"):
        yield from (name for name in module.imports() if "queries" in name.split("."))


def _misplaced_sql(module: Module) -> Iterator[str]:
    if module.role == "queries" or module.name == _HEALTH_CHECK:
        return
    if not module.name.startswith(_SQL_MAY_STAND_IN):
        yield from (f"line {call.lineno}" for call, _ in runs_sql(module))


def _busy_packages(module: Module) -> Iterator[str]:
    if module.path.name == "__init__.py" and module.path.parent.parent == ROOT / "domains":
        yield from module.imports()
        if ast.get_docstring(module.tree) is None:
            yield "no docstring"


def _vague_names(module: Module) -> Iterator[str]:
    words = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
    yield from words & set(module.name.split("."))


def _long_files(module: Module) -> Iterator[str]:
    lines = module.text.count("\n")
    if lines > LONGEST_FILE:
        yield f"{lines} lines"


def _unfinished(module: Module) -> Iterator[str]:
    yield from UNFINISHED.findall(module.text)


def _swallowed(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler) and all(
            isinstance(one, ast.Pass) or _is_ellipsis(one) for one in node.body
        ):
            yield f"line {node.lineno}"


def _is_ellipsis(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and getattr(node.value, "value", None) is ...


RULES = (
    CodeRule(
        "a domain enters another by its service",
        _other_domains,
        "domains/email/jobs.py",
        "from lodestone.domains.funnels.queries import get_funnel_page",
        "from lodestone.domains.funnels.service import LeadCaptured",
    ),
    CodeRule(
        "rules and models reach nothing outside",
        _reaching_out,
        "domains/email/rules.py",
        "from lodestone.platform.database import Tx",
        "from lodestone.platform.errors import InvalidInput",
    ),
    CodeRule(
        "a service does not know the web",
        _web_in_service,
        "domains/email/service.py",
        "from starlette.requests import Request",
        "from lodestone.platform.errors import NotFound",
    ),
    CodeRule(
        "pages, use cases, hooks and jobs go through the service",
        _queries_at_the_door,
        "domains/email/pages.py",
        "from lodestone.domains.email import queries",
        "from lodestone.domains.email import service",
    ),
    CodeRule(
        "statements stand in queries",
        _misplaced_sql,
        "domains/email/service.py",
        "async def read(tx): return await tx.fetch('select 1')",
        "async def read(tx): return await queries.list_messages(tx)",
    ),
    CodeRule(
        "the package of a domain says what it is and imports nothing",
        _busy_packages,
        "domains/email/__init__.py",
        "from lodestone.domains.email import service",
        '"""Mail: its tables, its writer, its terms."""',
    ),
    CodeRule(
        "every module is named after what it holds",
        _vague_names,
        "domains/email/helpers.py",
        "LIMIT = 3",
        None,
    ),
    CodeRule(
        f"no file has more than {LONGEST_FILE} lines",
        _long_files,
        "domains/email/service.py",
        "\n" * (LONGEST_FILE + 1),
        "\n" * LONGEST_FILE,
    ),
    CodeRule(
        "nothing is left to be done",
        _unfinished,
        "domains/email/service.py",
        "# TODO: the rest",
        "# The rest is done",
    ),
    CodeRule(
        "no error is swallowed",
        _swallowed,
        "domains/email/service.py",
        "try:\n    send()\nexcept OSError:\n    pass",
        "try:\n    send()\nexcept OSError as error:\n    raise MailRefused() from error",
    ),
)
