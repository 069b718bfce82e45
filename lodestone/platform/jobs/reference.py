"""Writes docs/reference/jobs.md: every job, schedule and event of the product."""

import dataclasses
import inspect
from collections.abc import Collection, Iterator
from typing import Any

from lodestone.platform.events import Event, registered_events
from lodestone.platform.jobs.registry import Job, registered_jobs, registered_schedules


def write(domains: Collection[str]) -> str:
    """Return the page, of the jobs whose names begin with one of the domains.

    Call `discover_jobs` before.
    """
    jobs = [found for found in registered_jobs() if _domain(found.name) in domains]
    events = {
        event: subscribers
        for event, subscribers in registered_events().items()
        if _domain(event.event_name) in domains
    }
    return "\n".join([*_introduction(), *_jobs(jobs, events), "", *_events(events)]) + "\n"


def _introduction() -> Iterator[str]:
    yield from (
        "# Jobs and events",
        "",
        (
            "Written from the declarations by `make reference`. A job is enqueued on the"
            " transaction that asks for it: both happen or neither. It may run twice and leaves"
            " one result. When its attempts are used up it goes to the dead-letter list, where"
            " it can be replayed."
        ),
        "",
        "## Jobs",
        "",
        "| Job | Runs | Arguments | Attempts | Ends after | What it does |",
        "|---|---|---|---|---|---|",
    )


def _jobs(jobs: list[Job[Any]], events: dict[type[Event], list[Job[Any]]]) -> Iterator[str]:
    by_clock = {found.name: f"`{found.cron}` (UTC)" for found in registered_schedules()}
    on_event = {
        found.name: f"on `{event.event_name}`"
        for event, subscribers in events.items()
        for found in subscribers
    }
    for found in jobs:
        runs = by_clock.get(found.name) or on_event.get(found.name) or "when asked"
        yield (
            f"| `{found.name}` | {runs} | {_fields(found.args_type)} | {found.attempts}"
            f" | {found.timeout_seconds:g} s | {found.description} |"
        )


def _events(events: dict[type[Event], list[Job[Any]]]) -> Iterator[str]:
    yield from ("## Events", "", "| Event | Carries | Heard by | Meaning |", "|---|---|---|---|")
    for event, subscribers in events.items():
        heard = ", ".join(f"`{found.name}`" for found in subscribers)
        meaning = (inspect.getdoc(event) or "").partition("\n")[0]
        yield f"| `{event.event_name}` | {_fields(event)} | {heard} | {meaning} |"


def _fields(kind: type[Any]) -> str:
    return ", ".join(f"`{one.name}`" for one in dataclasses.fields(kind))


def _domain(name: str) -> str:
    return name.partition(":")[0]
