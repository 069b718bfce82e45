"""The demo's mail: its list, what was sent to it, and the addresses it tells of each lead."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from uuid import UUID

from lodestone.demo import cast
from lodestone.demo.account import EMAIL, USERNAME
from lodestone.demo.history import OptIn
from lodestone.demo.scene import Row, Rows, Scene
from lodestone.domains.email import rules
from lodestone.domains.email import service as email
from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.deliveries.models import Lead
from lodestone.domains.funnels.webhooks import rules as webhook_rules
from lodestone.platform import pages, runtime

SHOWN_DAYS = 14
HOOK = "https://crm.example.com/hooks/leads"


def subscribers(scene: Scene, taken: Sequence[OptIn]) -> Rows:
    """Return everybody who opted in as a subscriber; one in eighteen has left since."""
    rows: dict[str, Row] = {}
    for number, one in enumerate(taken):
        has_left = number % 18 == 7 and number < len(taken) / 2
        rows.setdefault(
            one.email,
            {
                "id": _subscriber_id(scene, one),
                "tenant_id": str(scene.tenant_id),
                "team_id": str(scene.workspace_id),
                "email": one.email,
                "first_name": rules.first_name(one.name),
                "last_name": rules.last_name(one.name),
                "source": "lead_magnet",
                "source_id": str(one.page.lead_magnet_id),
                "status": "unsubscribed" if has_left else "active",
                "subscribed_at": one.at.isoformat(),
                "unsubscribed_at": (one.at + timedelta(days=6)).isoformat() if has_left else None,
                "created_at": one.at.isoformat(),
                "updated_at": one.at.isoformat(),
            },
        )
    return [("email_subscribers", list(rows.values()))]


def outbox(scene: Scene, taken: Sequence[OptIn]) -> Rows:
    """Return the resource mails of the last two weeks; one address did not exist."""
    recent = [one for one in taken if scene.now - one.at < timedelta(days=SHOWN_DAYS)]
    rows = [_mail(scene, one, is_refused=number == 3) for number, one in enumerate(recent)]
    events = [
        {
            "id": scene.id(f"{row['id']}:{kind}"),
            "tenant_id": str(scene.tenant_id),
            "team_id": str(scene.workspace_id),
            "user_id": str(scene.owner_id),
            "email_id": row["id"],
            "outbox_id": row["id"],
            "lead_id": row["funnel_lead_id"],
            "lead_magnet_id": row["lead_magnet_id"],
            "subscriber_id": row["subscriber_id"],
            "event_type": kind,
            "recipient_email": row["recipient"],
            "subject": row["subject"],
            "created_at": row["sent_at"],
        }
        for number, row in enumerate(rows)
        if row["status"] == "sent"
        for kind in ("delivered", "opened", "clicked")[: 1 + number % 3]
    ]
    return [("email_outbox", rows), ("email_events", events)]


def webhooks(scene: Scene, taken: Sequence[OptIn]) -> Rows:
    """Return an address that answered until it did not, and is switched off since.

    It is off so that a demo never calls out.
    """
    hook = {
        "id": scene.id("webhook"),
        "user_id": str(scene.owner_id),
        "name": "Our CRM",
        "url": HOOK,
        "is_active": False,
        "created_at": scene.ago(days=30),
    }
    tries = [_delivery(scene, one, status="delivered") for one in taken[-9:-4]]
    tries.append(_delivery(scene, taken[-4], status="failed"))
    return [("webhook_configs", [hook]), ("webhook_deliveries", tries)]


def flows(scene: Scene) -> Rows:
    """Return a welcome flow, a letter that went out and one that is being written."""
    owned: Row = {
        "tenant_id": str(scene.tenant_id),
        "team_id": str(scene.workspace_id),
        "user_id": str(scene.owner_id),
    }
    flow = owned | {
        "id": scene.id("flow"),
        "name": "Welcome, in three letters",
        "description": "For everybody who took a magnet",
        "status": "draft",
        "trigger_type": "manual",
    }
    steps: list[Row] = [
        {
            "flow_id": flow["id"],
            "step_number": number,
            "subject": subject,
            "body": body,
            "delay_days": 2,
        }
        for number, (subject, body) in enumerate(_LETTERS)
    ]
    letters: list[Row] = [
        owned
        | {
            "id": scene.id(f"broadcast:{number}"),
            "subject": subject,
            "body": body,
            "status": status,
            "recipient_count": count,
            "sent_at": scene.ago(days=9) if status == "sent" else None,
        }
        for number, (subject, body, status, count) in enumerate(_BROADCASTS)
    ]
    settings = {
        "tenant_id": str(scene.tenant_id),
        "from_email": "ada@example.com",
        "from_name": f"Ada at {cast.BUSINESS}",
        "reply_to_email": EMAIL,
    }
    return [
        ("email_settings", [settings]),
        ("email_flows", [flow]),
        ("email_flow_steps", steps),
        ("email_broadcasts", letters),
    ]


def _subscriber_id(scene: Scene, one: OptIn) -> str:
    return scene.id(f"subscriber:{one.email}")


def _mail(scene: Scene, one: OptIn, *, is_refused: bool) -> Row:
    subscriber_id = UUID(_subscriber_id(scene, one))
    unsubscribe_url = email.unsubscribe_url(subscriber_id)
    day = one.at.astimezone(UTC).date()
    context = {
        "first_name": rules.first_name(one.name),
        "title": one.page.title,
        "url": f"{runtime.current().base_url}/p/{USERNAME}/{one.page.slug}/content"
        f"?lead={funnels.sign_lead(one.id)}",
        "sender_name": f"Ada at {cast.BUSINESS}",
        "colour": cast.COLOUR,
        "text_colour": funnels.readable_on(cast.COLOUR),
        "unsubscribe_url": unsubscribe_url,
    }
    sent_at = (one.at + timedelta(seconds=4)).isoformat()
    return {
        "id": scene.id(f"mail:{one.id}"),
        "dedupe_key": rules.resource_key(lead_id=one.id, first_day=day, day=day),
        "kind": "resource",
        "status": "failed" if is_refused else "sent",
        "not_before": one.at.isoformat(),
        "recipient": one.email,
        "recipient_name": one.name,
        "reply_to_email": EMAIL,
        "subject": f"Your {one.page.title} is ready",
        "html": pages.render_text("email/resource.html", context),
        "text": pages.render_text("email/resource.txt", context),
        "headers": {
            "List-Unsubscribe": f"<{unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        "attempts": 1,
        "sent_at": None if is_refused else sent_at,
        "provider": None if is_refused else "DirectoryMailer",
        "error_message": "550 There is no mailbox of this name." if is_refused else None,
        "tenant_id": str(scene.tenant_id),
        "team_id": str(scene.workspace_id),
        "user_id": str(scene.owner_id),
        "subscriber_id": str(subscriber_id),
        "funnel_lead_id": str(one.id),
        "lead_magnet_id": str(one.page.lead_magnet_id),
        "created_at": one.at.isoformat(),
        "updated_at": sent_at,
    }


def _delivery(scene: Scene, one: OptIn, *, status: str) -> Row:
    is_delivered = status == "delivered"
    at = one.at + (timedelta(seconds=2) if is_delivered else timedelta(minutes=95))
    return {
        "id": scene.id(f"delivery:{one.id}"),
        "webhook_config_id": scene.id("webhook"),
        "user_id": str(scene.owner_id),
        "funnel_lead_id": str(one.id),
        "event": "lead.created",
        "url": HOOK,
        "payload": webhook_rules.lead_payload(
            _captured(scene, one), event="lead.created", now=one.at
        ),
        "status": status,
        "attempts": 1 if is_delivered else 6,
        "next_attempt_at": None,
        "last_attempt_at": at.isoformat(),
        "delivered_at": at.isoformat() if is_delivered else None,
        "response_status": 200 if is_delivered else 503,
        "response_excerpt": "ok" if is_delivered else "Down for maintenance",
        "duration_ms": 180 if is_delivered else 940,
        "error": None if is_delivered else "The other side answered 503.",
        "created_at": one.at.isoformat(),
        "updated_at": at.isoformat(),
    }


def _captured(scene: Scene, one: OptIn) -> Lead:
    return Lead(
        id=one.id,
        funnel_page_id=one.page.id,
        user_id=scene.owner_id,
        email=one.email,
        name=one.name,
        utm_source=one.utm[0],
        utm_medium=one.utm[1],
        utm_campaign=one.utm[2],
        created_at=one.at,
        slug=one.page.slug,
        username=USERNAME,
        title=one.page.title,
    )


_LETTERS = (
    (
        "The question that saves an hour",
        "Before your next call, ask for one number. Everything else follows from it.",
    ),
    (
        "What we got wrong for two years",
        "We sent proposals to people who could not sign. Here is how we noticed.",
    ),
    (
        "Shall we look at yours?",
        "Send me your last proposal. I will answer with three sentences, and none of them sells.",
    ),
)
_BROADCASTS = (
    (
        "Forty-one answers",
        "In May a client of ours went from 23 answered quotes to 41. The change was one page long.",
        "sent",
        131,
    ),
    (
        "Two prices are better than three",
        "Three options are homework. Two are a choice.",
        "draft",
        0,
    ),
)
