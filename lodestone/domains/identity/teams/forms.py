"""What the forms of teams post, as their models take it."""

from lodestone.domains.identity.teams import rules
from lodestone.domains.identity.teams.invitations.models import Invite
from lodestone.domains.identity.teams.models import ProfileUpdate, TeamCreate, TeamUpdate
from lodestone.platform.forms import parse

BLANK_TEAM = {
    "name": "",
    "description": "",
    "industry": "",
    "target_audience": "",
    "shared_goal": "",
}
BLANK_PERSON = {"full_name": "", "email": "", "title": ""}
_SWITCHES = ("whitelabel_enabled", "hide_branding")
_VOICE_TEXTS = ("tone", "storytelling_style")
_VOICE_LISTS = ("vocabulary", "banned_phrases", "signature_phrases")


def read_new_team(form: dict[str, str]) -> TeamCreate:
    """Return the posted team. Raises: InvalidInput."""
    return parse(TeamCreate, {**_emptied(form), "name": form.get("name", "")})


def read_business(form: dict[str, str]) -> TeamUpdate:
    """Return the posted name and business. Raises: InvalidInput."""
    return parse(TeamUpdate, {**_emptied(form), "name": form.get("name", "")})


def read_white_label(form: dict[str, str]) -> TeamUpdate:
    """Return the posted look; a switch that is off isn't posted. Raises: InvalidInput."""
    return parse(TeamUpdate, {**_emptied(form), **{name: name in form for name in _SWITCHES}})


def read_persona(form: dict[str, str]) -> ProfileUpdate:
    """Return the posted persona; lists are written one a line. Raises: InvalidInput."""
    values: dict[str, object] = {
        name: value or None
        for name, value in form.items()
        if name not in (*_VOICE_TEXTS, *_VOICE_LISTS)
    }
    values["full_name"] = form.get("full_name", "")
    values["expertise_areas"] = rules.split_phrases(form.get("expertise_areas", ""))
    values["voice_profile"] = {
        **{name: form.get(name) or None for name in _VOICE_TEXTS},
        **{name: rules.split_phrases(form.get(name, "")) for name in _VOICE_LISTS},
    }
    return parse(ProfileUpdate, values)


def read_invite(form: dict[str, str]) -> Invite:
    """Return whom to bring in. Raises: InvalidInput."""
    return parse(Invite, {**_emptied(form), "full_name": form.get("full_name", "")})


def _emptied(form: dict[str, str]) -> dict[str, str | None]:
    """Return the form with its empty fields as null, which clears them."""
    return {name: value or None for name, value in form.items()}
