"""The pages of jobs and of the dead-letter list."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser
from lodestone.console.jobs import service
from lodestone.console.jobs.models import JobId
from lodestone.platform.jobs import JobState, registered_jobs
from lodestone.platform.pages import Entry, add_entry, redirect, render

router = APIRouter(include_in_schema=False, prefix="/app/jobs")
add_entry(
    Entry(
        "Jobs", "/app/jobs", "jobs", "Operate", order=10, for_admins=True,
        keywords="queue background worker retries schedules running",
    )
)  # fmt: skip
add_entry(
    Entry(
        "Dead letters", "/app/jobs/dead", "skull", "Operate", order=20, for_admins=True,
        keywords="failed jobs replay retry errors",
    )
)  # fmt: skip

_TABS = (
    ("All", None),
    ("Waiting", JobState.WAITING),
    ("Running", JobState.RUNNING),
    ("Done", JobState.DONE),
)


@router.get("")
async def list_jobs(
    request: Request,
    user: CurrentUser,
    state: str = "",
    name: str = "",
    before: int | None = None,
) -> Response:
    chosen = JobState(state) if state in {value.value for _, value in _TABS if value} else None
    overview = await service.get_overview(user, state=chosen, name=name or None, before_id=before)
    context = _context(overview, name=name, before=before) | {
        "state": state if chosen else "",
        "tabs": [
            (
                label,
                f"/app/jobs?state={value}" if value else "/app/jobs",
                value is chosen,
                overview.total(value) if value and value is not JobState.DONE else None,
            )
            for label, value in _TABS
        ],
        "dead": overview.total(JobState.FAILED),
    }
    return render(request, "jobs.html", context)


@router.get("/dead")
async def list_dead(
    request: Request, user: CurrentUser, name: str = "", before: int | None = None
) -> Response:
    overview = await service.get_overview(
        user, state=JobState.FAILED, name=name or None, before_id=before
    )
    context = _context(overview, name=name, before=before)
    context["total"] = overview.total(JobState.FAILED)
    return render(request, "jobs_dead.html", context)


@router.post("/dead/replay")
async def replay_all(user: CurrentUser, name: Annotated[str, Form()] = "") -> Response:
    count = await service.replay_all(user, name=name or None)
    return redirect("/app/jobs/dead", toast=f"{count} put back into the queue")


@router.get("/{job_id}")
async def show_job(request: Request, user: CurrentUser, job_id: JobId) -> Response:
    detail = await service.get_job(user, job_id=job_id)
    context = {
        "detail": detail,
        "job": detail.job,
        "arguments": json.dumps(detail.args, indent=2, ensure_ascii=False),
    }
    return render(request, "job.html", context)


@router.post("/{job_id}/replay")
async def replay(user: CurrentUser, job_id: JobId) -> Response:
    await service.replay(user, job_id=job_id)
    return redirect(f"/app/jobs/{job_id}", toast="Back in the queue, with all its attempts")


@router.post("/{job_id}/discard")
async def discard(user: CurrentUser, job_id: JobId) -> Response:
    await service.discard(user, job_id=job_id)
    return redirect("/app/jobs/dead", toast="Given up for good")


def _context(overview: service.Overview, *, name: str, before: int | None) -> dict[str, Any]:
    rows = overview.rows[: service.PAGE]
    has_more = len(overview.rows) > service.PAGE
    return {
        "overview": overview,
        "rows": rows,
        "name": name,
        "names": [job.name for job in registered_jobs()],
        "before": before,
        "older": rows[-1].id if has_more else None,
    }
