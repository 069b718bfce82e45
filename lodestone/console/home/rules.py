"""What the home page makes of the numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

MOST = 100
"""Counting stops here: more than that is written 99+."""


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that waits for the person."""

    icon: str
    title: str
    text: str
    path: str
    tone: str = "primary"


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first steps of a new account."""

    title: str
    text: str
    path: str
    is_done: bool


def greeting(name: str | None, moment: datetime) -> str:
    """Return a greeting for the time of day, by first name."""
    if 4 <= moment.hour < 12:
        part = "morning"
    else:
        part = "afternoon" if 12 <= moment.hour < 18 else "evening"
    first = (name or "").split(" ")[0]
    return f"Good {part}, {first}" if first else f"Good {part}"


def todos(open_work: Mapping[str, int], *, dead_jobs: int) -> list[Todo]:
    """Return what needs doing, the most pressing first."""
    found: list[Todo] = []
    if dead_jobs:
        found.append(
            Todo(
                "skull",
                f"{_count(dead_jobs, 'job')} gave up",
                "Every retry failed. See why, then run them again.",
                "/app/jobs/dead",
                "danger",
            )
        )
    for key, icon, noun, verb, text, path, tone in _KINDS:
        if open_work[key]:
            title = f"{_count(open_work[key], noun)} {verb}"
            found.append(Todo(icon, title, text, path, tone))
    return found


_KINDS = (
    (
        "paused_accounts", "key", "mail account", "refused: sending stands still",
        "Connect a key that works, and everything that waits goes out.", "/app/email/settings",
        "danger",
    ),
    (
        "failed_mails", "mail", "mail", "did not go out",
        "Check the address and send them again.", "/app/outbox?status=failed", "danger",
    ),
    (
        "failed_webhooks", "webhook", "webhook call", "failed",
        "The other side refused them or was away.", "/app/jobs/dead", "warning",
    ),
    (
        "failed_deliveries", "webhook", "lead", "did not reach another service",
        "See what it answered, then send them again.", "/app/deliveries?status=failed", "warning",
    ),
    (
        "mails_to_review", "check-circle", "mail", "to read before it goes",
        "Written for one person each: approve, change or leave out.", "/app/email/review",
        "primary",
    ),
    (
        "failed_leads", "alert", "lead", "stopped with an error",
        "See what went wrong and start them again.", "/app/leads?status=error", "warning",
    ),
    (
        "unpublished_pages", "funnel", "page", "not published yet",
        "Drafts bring no leads. Read them once more and publish.", "/app/funnels", "primary",
    ),
    (
        "magnets_without_page", "magnet", "lead magnet", "without a page",
        "Draft a page from it, and people can ask for it.", "/app/lead-magnets", "primary",
    ),
    (
        "new_leads", "users", "new lead", "since yesterday",
        "Say hello while they remember you.", "/app/leads", "info",
    ),
)  # fmt: skip


def steps(taken: Mapping[str, bool]) -> list[Step]:
    """Return the way of a new account to its first lead."""
    return [
        Step(
            "Choose your public name",
            "It is part of every page's address.",
            "/app/account",
            taken["has_name"],
        ),
        Step(
            "Write a lead magnet",
            "Paste a checklist, a guide or a template you have.",
            "/app/lead-magnets/new",
            taken["has_magnet"],
        ),
        Step(
            "Publish its page",
            "Lodestone drafts it. You read it and press publish.",
            "/app/funnels",
            taken["has_page"],
        ),
        Step(
            "Get the first lead",
            "Share the address, or try it yourself.",
            "/app/leads",
            taken["has_lead"],
        ),
    ]


def next_step(found: Sequence[Step]) -> str | None:
    """Return the path of the first step that is not taken yet."""
    return next((step.path for step in found if not step.is_done), None)


def change(now: int, before: int) -> float | None:
    """Return the growth as a share of before, None when there was nothing to compare with."""
    return None if before == 0 else (now - before) / before


def rate(part: int, whole: int) -> float | None:
    """Return a share, None of nothing; never above 1, though views may be blocked."""
    return None if whole == 0 else min(part / whole, 1.0)


def halves(values: Sequence[int]) -> tuple[int, int]:
    """Return the sums of the earlier and the later half."""
    middle = len(values) // 2
    return sum(values[:middle]), sum(values[middle:])


def _count(number: int, noun: str) -> str:
    shown = "99+" if number >= MOST else str(number)
    return f"{shown} {noun}{'' if number == 1 else 's'}"
