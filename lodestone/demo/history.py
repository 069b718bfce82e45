"""Sixty days of the demo business: who saw its pages, who opted in, and what came of it."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lodestone.demo import cast
from lodestone.demo.scene import Row, Rows, Scene
from lodestone.domains.operations import rules as pipeline
from lodestone.domains.operations.service import LeadSource, LeadStatus, Touch

DAYS = 60
LEADS = 154
VIEWS_A_DAY = 16
SEED = 20


Utm = tuple[str | None, str | None, str | None]
"""Source, medium and campaign."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is public since `days`, and its share of the readers."""

    id: UUID
    lead_magnet_id: UUID
    slug: str
    title: str
    weight: float
    days: int


@dataclass(frozen=True, slots=True)
class OptIn:
    """Somebody who asked for a magnet."""

    id: UUID
    page: Page
    email: str
    name: str
    utm: Utm
    at: datetime


def opt_ins(scene: Scene, pages: Sequence[Page]) -> list[OptIn]:
    """Return who opted in, the oldest first; a few come back for a second magnet."""
    chance = random.Random(SEED)
    names = [f"{first} {last}" for first in cast.FIRST_NAMES for last in cast.LAST_NAMES]
    chance.shuffle(names)
    people = [(name, _email(name, chance)) for name in names[:LEADS]]
    moments = sorted(_moment(scene, chance) for _ in people)
    found: list[OptIn] = []
    for number, ((name, email), moment) in enumerate(zip(people, moments, strict=True)):
        page = _page(pages, scene, moment, chance)
        utm = chance.choices([s[:3] for s in cast.SOURCES], [s[3] for s in cast.SOURCES])[0]
        found.append(OptIn(_lead_id(scene, number), page, email, name, utm, moment))
        if number % 17 == 5:
            found += _return(scene, found[-1], pages)
    return sorted(found, key=lambda one: one.at)


def visits(scene: Scene, taken: Sequence[OptIn], pages: Sequence[Page]) -> Rows:
    """Return the views: of those who opted in, and of the four in five who did not."""
    chance = random.Random(SEED + 1)
    rows = [
        _view(one.page, one.at, chance, kind, one.utm) for one in taken for kind in _seen(chance)
    ]
    sources, weights = [s[:3] for s in cast.SOURCES], [s[3] for s in cast.SOURCES]
    for day in range(DAYS):
        public = [page for page in pages if page.days > day]
        rush = VIEWS_A_DAY * _rush(scene, day, growth=0.4) / sum(page.weight for page in public)
        rows += [
            _view(
                page,
                _during(scene, day, chance),
                chance,
                "optin",
                chance.choices(sources, weights)[0],
            )
            for page in public
            for _ in range(round(chance.uniform(0.6, 1.4) * rush * page.weight))
        ]
    return [("page_views", rows)]


def leads(scene: Scene, taken: Sequence[OptIn], surveyed: Sequence[Row]) -> Rows:
    """Return the opt-ins as their pages keep them, with what they answered."""
    rows = [
        {
            "id": str(one.id),
            "funnel_page_id": str(one.page.id),
            "lead_magnet_id": str(one.page.lead_magnet_id),
            "user_id": str(scene.owner_id),
            "email": one.email,
            "name": one.name,
            "utm_source": one.utm[0],
            "utm_medium": one.utm[1],
            "utm_campaign": one.utm[2],
            "created_at": one.at.isoformat(),
            **given,
        }
        for one, given in zip(taken, surveyed, strict=True)
    ]
    return [("funnel_leads", rows)]


def prospects(scene: Scene, taken: Sequence[OptIn]) -> Rows:
    """Return one lead per person with its touches, and the trail of each."""
    chance = random.Random(SEED + 2)
    by_email: dict[str, list[OptIn]] = {}
    for one in taken:
        by_email.setdefault(one.email, []).append(one)
    rows, events = [], []
    for number, own in enumerate(by_email.values()):
        status = _status(scene, own[0], number, chance)
        lead_id = scene.id(f"lead:{own[0].email}")
        trail = list(_trail(scene, lead_id, own, status, chance))
        rows.append(_lead(scene, lead_id, own, status, str(trail[-1]["created_at"])))
        events += trail
    return [("leads", rows), ("events", events)]


def _email(name: str, chance: random.Random) -> str:
    return f"{name.lower().replace(' ', '.')}@{chance.choice(cast.COMPANIES)}.example.com"


def _lead_id(scene: Scene, number: int) -> UUID:
    return UUID(scene.id(f"opt-in:{number}"))


def _is_weekend(scene: Scene, day: int) -> bool:
    return (scene.now - timedelta(days=day)).weekday() >= 5


def _rush(scene: Scene, day: int, *, growth: float) -> float:
    """Return how busy a day is: 1 for a working day of now, less the longer ago, by `growth`."""
    weekend = 0.4 if _is_weekend(scene, day) else 1
    return weekend * (1 - growth * day / DAYS)


def _moment(scene: Scene, chance: random.Random) -> datetime:
    days = range(DAYS)
    weights = [_rush(scene, day, growth=0.6) for day in days]
    return _during(scene, chance.choices(days, weights)[0], chance)


def _during(scene: Scene, day: int, chance: random.Random) -> datetime:
    """Return a moment of the working day so many days back, never one to come."""
    if day == 0:
        midnight = scene.now.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + (scene.now - midnight) * chance.uniform(0.3, 0.98)
    start = (scene.now - timedelta(days=day)).replace(hour=6, minute=0, second=0, microsecond=0)
    return start + timedelta(seconds=chance.triangular(0, 15 * 3600, 5 * 3600))


def _page(pages: Sequence[Page], scene: Scene, moment: datetime, chance: random.Random) -> Page:
    public = [page for page in pages if moment > scene.now - timedelta(days=page.days)]
    return chance.choices(public, [page.weight for page in public])[0]


def _return(scene: Scene, first: OptIn, pages: Sequence[Page]) -> Iterator[OptIn]:
    other = next((page for page in pages if page.id != first.page.id), None)
    at = first.at + timedelta(days=2, hours=3)
    if other is not None and scene.now - timedelta(days=other.days) < at < scene.now:
        again = UUID(scene.id(f"return:{first.email}"))
        yield OptIn(again, other, first.email, first.name, first.utm, at)


def _seen(chance: random.Random) -> list[str]:
    return ["optin", "thankyou", "content"][: 3 if chance.random() < 0.72 else 2]


def _view(page: Page, at: datetime, chance: random.Random, kind: str, utm: Utm) -> Row:
    return {
        "funnel_page_id": str(page.id),
        "visitor_hash": f"{chance.getrandbits(128):032x}",
        "page_type": kind,
        "utm_source": utm[0],
        "utm_medium": utm[1],
        "utm_campaign": utm[2],
        "view_date": at.date().isoformat(),
        "created_at": at.isoformat(),
    }


def _status(scene: Scene, first: OptIn, number: int, chance: random.Random) -> LeadStatus:
    if scene.now - first.at < timedelta(days=1):
        return LeadStatus.PENDING
    if number in {61, 118}:
        return LeadStatus.ERROR
    return chance.choices(
        [
            LeadStatus.COMPLETE,
            LeadStatus.QUALIFIED,
            LeadStatus.MEETING_BOOKED,
            LeadStatus.MEETING_ATTENDED,
        ],
        [58, 24, 10, 8],
    )[0]


_STEPS = {
    LeadStatus.PENDING: [],
    LeadStatus.ERROR: [LeadStatus.ERROR],
    LeadStatus.COMPLETE: [LeadStatus.COMPLETE],
    LeadStatus.QUALIFIED: [LeadStatus.COMPLETE, LeadStatus.QUALIFIED],
    LeadStatus.MEETING_BOOKED: [
        LeadStatus.COMPLETE,
        LeadStatus.QUALIFIED,
        LeadStatus.MEETING_BOOKED,
    ],
    LeadStatus.MEETING_ATTENDED: [
        LeadStatus.COMPLETE,
        LeadStatus.QUALIFIED,
        LeadStatus.MEETING_BOOKED,
        LeadStatus.MEETING_ATTENDED,
    ],
}
_NOTES = (
    "Sells to hospitals. Wants two quotes a week answered instead of none.",
    "Asked whether we work with firms of three people. Yes, if the founder writes.",
    "Budget is decided in the first week of next month. Call on the Tuesday.",
    "Knows Petra from Halden Robotics. Mention the winter project.",
    "Will try the checklist alone first. Ask again in six weeks.",
)


def _lead(
    scene: Scene, lead_id: str, own: Sequence[OptIn], status: LeadStatus, changed_at: str
) -> Row:
    data = pipeline.opt_in_data(_touch(own[0]))
    data["touches"] = [
        _touch(one).model_dump(mode="json", exclude_none=True, exclude={"email", "name"})
        for one in own
    ]
    return {
        "id": lead_id,
        "tenant_id": str(scene.tenant_id),
        "slug": pipeline.lead_slug(name=own[0].name, email=own[0].email, key=own[0].id),
        "email": own[0].email,
        "full_name": own[0].name,
        "opt_in_data": data,
        "status": status.value,
        "error_log": "The profile page did not answer." if status == LeadStatus.ERROR else None,
        "created_at": own[0].at.isoformat(),
        "updated_at": changed_at,
    }


def _touch(one: OptIn) -> Touch:
    return Touch(
        source=LeadSource.ORGANIC,
        email=one.email,
        name=one.name,
        utm_source=one.utm[0],
        utm_medium=one.utm[1],
        utm_campaign=one.utm[2],
        funnel_lead_id=one.id,
        funnel_slug=one.page.slug,
        lead_magnet_title=one.page.title,
        touched_at=one.at,
    )


def _trail(
    scene: Scene,
    lead_id: str,
    own: Sequence[OptIn],
    status: LeadStatus,
    chance: random.Random,
) -> Iterator[Row]:
    """Yield a lead's events, the oldest first; none lies ahead."""
    owned = {
        "tenant_id": str(scene.tenant_id),
        "lead_id": lead_id,
        "metadata": {"email": own[0].email},
    }
    at = own[0].at
    for number, one in enumerate(own):
        at = one.at
        yield owned | {
            "id": str(pipeline.event_id("touch", one.id)),
            "event_type": "lead_updated" if number else "lead_created",
            "event_source": "form",
            "title": f"Opted in to {one.page.title}",
            "description": f"Came from {one.utm[0]}" if one.utm[0] else None,
            "created_at": at.isoformat(),
        }
    before = LeadStatus.PENDING
    room = (scene.now - at) / (len(_STEPS[status]) + 1)
    for step in _STEPS[status]:
        at += min(room, timedelta(hours=chance.uniform(2, 40)))
        yield owned | {
            "id": scene.id(f"{lead_id}:{step}"),
            "event_type": "status_changed",
            "event_source": "user" if step in _BY_HAND else "system",
            "title": f"Moved from {_words(before)} to {_words(step)}",
            "description": None,
            "created_at": at.isoformat(),
        }
        before = step
    if status in _BY_HAND:
        yield owned | {
            "id": scene.id(f"{lead_id}:note"),
            "event_type": "note",
            "event_source": "user",
            "title": "Note",
            "description": chance.choice(_NOTES),
            "created_at": at.isoformat(),
        }


_BY_HAND = {LeadStatus.QUALIFIED, LeadStatus.MEETING_BOOKED, LeadStatus.MEETING_ATTENDED}


def _words(status: LeadStatus) -> str:
    return status.value.replace("_", " ")
