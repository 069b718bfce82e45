"""The teams of the demo: a client with its people and their voices, and one that just began."""

from uuid import UUID

from lodestone.demo import cast
from lodestone.demo.account import EMAIL
from lodestone.demo.scene import Row, Rows, Scene
from lodestone.domains.lead_magnets.service import Archetype, LeadMagnetCreate
from lodestone.platform.secrets import hash_token

_OWNER_VOICE = {
    "tone": "Plain and warm; says the price aloud",
    "storytelling_style": "One client, one call, one number. Ends with what to do on Monday.",
    "vocabulary": ["reply", "one page", "said no", "next step"],
    "signature_phrases": ["Send it on a Monday.", "What would make this an easy yes?"],
    "banned_phrases": ["game changer", "unlock", "in today's fast-paced world"],
}
_WRITER_VOICE = {
    "tone": "Dry, exact, a little impatient with theory",
    "storytelling_style": "Starts in the middle of the shop floor and works outwards.",
    "vocabulary": ["changeover", "scrap", "shift", "cycle time"],
    "banned_phrases": ["industry 4.0", "leverage"],
}
DRAFT = LeadMagnetCreate(
    title="Changeover in under ten minutes",
    archetype=Archetype.SINGLE_SYSTEM,
    pain_point="A line that stands still for an hour because the next part is a different one.",
    target_audience="Production leads in shops of 20 to 200 people",
    body="""A changeover is mostly looking for things. Take that out and it fits in ten minutes.

## Film one changeover

- Put a phone on a shelf and let it run
- Write down every walk longer than three steps
- Mark what could have been done while the line still ran

## Move what can be moved

1. Tools for the next part lie on one tray before the last part ends
2. Settings are on a card, not in a head
3. One person calls the start, the other the first good part

## Keep the time in sight

> What is written on the wall gets shorter by itself.

Write each changeover's minutes on a board beside the line, with nobody's name.
""",
)


def rows(scene: Scene) -> Rows:
    """Return the teams, their people and one invitation that is on its way."""
    begun = scene.id("team northlight")
    profiles = [
        *_client_people(scene),
        _person(scene, begun, (scene.owner_id, EMAIL, cast.OWNER, "Founder"), days=6),
        _person(scene, begun, (scene.writer_id, cast.WRITER[1], cast.WRITER[0], "Writer"), days=5),
        {
            **_person(scene, begun, (None, "ines@example.com", "Ines Moreau", "Roaster"), days=2),
            "id": scene.id("team northlight ines"),
            "status": "pending",
            "accepted_at": None,
        },
    ]
    invitation = {
        "id": scene.id("invitation ines"),
        "team_profile_id": scene.id("team northlight ines"),
        "email": "ines@example.com",
        "token_hash": hash_token(scene.id("nobody was mailed this link")),
        "invited_by": str(scene.owner_id),
        "expires_at": scene.ago(days=-5),
        "created_at": scene.ago(days=2),
    }
    return [
        ("teams", _teams(scene, begun)),
        ("team_profiles", profiles),
        ("team_invitations", [invitation]),
        ("team_activity_log", _activity(scene)),
        ("team_members", _readers(scene)),
    ]


def _teams(scene: Scene, begun: str) -> list[Row]:
    return [
        {
            "id": str(scene.client_team_id),
            "owner_id": str(scene.owner_id),
            "name": cast.CLIENT,
            "description": "What we write and publish for Halden",
            "industry": "Robotics",
            "target_audience": "Makers with 20 to 200 people",
            "shared_goal": "Twelve demos a month from people who read something first",
            "created_at": scene.ago(days=40),
        },
        {
            "id": begun,
            "owner_id": str(scene.owner_id),
            "name": "Northlight Coffee",
            "description": "A roastery that wants offices as customers",
            "industry": "Food and drink",
            "target_audience": "Office managers in towns within an hour's drive",
            "shared_goal": "Thirty tasting boxes asked for by spring",
            "created_at": scene.ago(days=6),
        },
    ]


def _client_people(scene: Scene) -> list[Row]:
    team_id = str(scene.client_team_id)
    founder = (scene.owner_id, EMAIL, cast.OWNER, "Founder")
    author = (scene.writer_id, cast.WRITER[1], cast.WRITER[0], "Writer")
    keeper = (scene.manager_id, cast.MANAGER[1], cast.MANAGER[0], "Account manager")
    owner = _person(scene, team_id, founder, days=40)
    writer = _person(scene, team_id, author, days=38)
    manager = _person(scene, team_id, keeper, days=37)
    return [
        {
            **owner,
            "expertise_areas": ["Proposals", "Pricing", "Referrals"],
            "voice_profile": _OWNER_VOICE,
        },
        {
            **writer,
            "expertise_areas": ["Shop floors", "Case studies"],
            "voice_profile": _WRITER_VOICE,
        },
        {**manager, "bio": "Keeps the calendar, and asks the question that nobody wrote down."},
    ]


def _person(
    scene: Scene, team_id: str, who: tuple[UUID | None, str, str, str], *, days: float
) -> Row:
    user_id, email, name, title = who
    is_owner = user_id == scene.owner_id
    since = scene.ago(days=days)
    return {
        "id": scene.id(f"place {team_id} {email}"),
        "team_id": team_id,
        "user_id": str(user_id) if user_id else None,
        "email": email,
        "full_name": name,
        "title": title,
        "bio": None,
        "expertise_areas": [],
        "voice_profile": {},
        "role": "owner" if is_owner else "member",
        "status": "active",
        "is_default": is_owner,
        "invited_at": None if is_owner else since,
        "accepted_at": since,
        "confirmed_at": since if user_id else None,
        "created_at": since,
    }


def _readers(scene: Scene) -> list[Row]:
    return [
        {
            "owner_id": str(scene.owner_id),
            "member_id": str(scene.manager_id),
            "email": cast.MANAGER[1],
            "status": "active",
            "invited_at": scene.ago(days=30),
            "accepted_at": scene.ago(days=29),
        },
        {
            "owner_id": str(scene.owner_id),
            "member_id": None,
            "email": "noor@example.com",
            "status": "pending",
            "invited_at": scene.ago(days=1),
            "accepted_at": None,
        },
    ]


def _activity(scene: Scene) -> list[Row]:
    team_id = str(scene.client_team_id)
    writer = scene.id(f"place {team_id} {cast.WRITER[1]}")
    manager = scene.id(f"place {team_id} {cast.MANAGER[1]}")
    said: list[tuple[float, UUID, str, str, str, list[str]]] = [
        (40, scene.owner_id, "team.created", "team", team_id, []),
        (39, scene.owner_id, "profile.created", "profile", writer, []),
        (38, scene.writer_id, "profile.joined", "profile", writer, []),
        (37.5, scene.owner_id, "profile.created", "profile", manager, []),
        (37, scene.manager_id, "profile.joined", "profile", manager, []),
        (31, scene.writer_id, "profile.updated", "profile", writer, ["voice_profile", "title"]),
        (12, scene.manager_id, "profile.updated", "profile", manager, ["bio"]),
        (9, scene.owner_id, "team.updated", "team", team_id, ["shared_goal", "target_audience"]),
    ]
    return [
        {
            "id": scene.id(f"activity {action} {days}"),
            "team_id": team_id,
            "user_id": str(user_id),
            "action": action,
            "target_type": target_type,
            "target_id": target_id,
            "details": {"fields": fields} if fields else {},
            "created_at": scene.ago(days=days),
        }
        for days, user_id, action, target_type, target_id, fields in said
    ]
