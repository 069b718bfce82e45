"""Work for one client: the proposal, the engagement and its deliverables."""

from lodestone.demo import cast
from lodestone.demo.scene import Row, Rows, Scene

_DELIVERABLES = (
    ("Map of where proposals stop", "onboarding", "completed", -24),
    ("Proposal on a page, first version", "content", "approved", -10),
    ("Lead magnet about quoting", "funnel", "review", 2),
    ("Opt-in page", "funnel", "in_progress", 6),
    ("First messages to 40 makers", "outbound", "pending", 13),
)
_LOG = (
    ("status_changed", "The map is done and was walked through together", "Sanne de Wit", 24),
    ("deliverable_approved", "Petra approved the proposal", "Petra Halden", 9),
    ("status_changed", "The lead magnet waits for Halden's review", "Milo Reyes", 2),
    ("comment_added", "“Could the second part be shorter?”", "Petra Halden", 1),
)


def rows(scene: Scene) -> Rows:
    """Return a signed proposal, one that is being written, and the running engagement."""
    owned: Row = {"tenant_id": str(scene.tenant_id)}
    return [
        ("proposals", [_proposal(scene, owned), _draft(scene, owned)]),
        ("dfy_engagements", [_engagement(scene, owned)]),
        ("dfy_deliverables", [_deliverable(scene, number) for number in range(len(_DELIVERABLES))]),
        ("dfy_activity_log", [_log(scene, number) for number in range(len(_LOG))]),
    ]


def _proposal(scene: Scene, owned: Row) -> Row:
    return owned | {
        "id": scene.id("proposal"),
        "slug": f"halden-robotics-{scene.id('proposal')[:8]}",
        "status": "signed",
        "client_name": "Petra Halden",
        "client_title": "Managing director",
        "client_company": cast.CLIENT,
        "headline": "Six answered quotes in twelve by the end of the quarter",
        "executive_summary": "Twelve quotes leave Halden every month and nine hear nothing. In"
        " twelve weeks we find out where they stop, put each on a page, and hand the routine over.",
        "services": [
            {"name": "Listen", "description": "A map of where quotes stop, in two weeks"},
            {"name": "Build", "description": "A page and a routine, in six"},
            {"name": "Stay", "description": "The numbers, for four more"},
        ],
        "goals": ["From three answers in twelve to six"],
        "roadmap": [],
        "next_steps": ["Send the last twenty quotes"],
        "pricing": {"total": "18,500", "currency": "EUR"},
        "monthly_rate_cents": 616_000,
        "about_us": {},
        "client_snapshot": {},
        "view_count": 7,
        "created_at": scene.ago(days=41),
    }


def _draft(scene: Scene, owned: Row) -> Row:
    return owned | {
        "id": scene.id("proposal:draft"),
        "slug": f"quayside-{scene.id('proposal:draft')[:8]}",
        "status": "draft",
        "client_name": "Theo Marchand",
        "client_title": "Owner",
        "client_company": "Quayside Interiors",
        "headline": "A calendar that fills itself",
        "executive_summary": "A page that asks, and a habit that answers.",
        "services": [],
        "goals": [],
        "roadmap": [],
        "next_steps": [],
        "pricing": {},
        "monthly_rate_cents": None,
        "about_us": {},
        "client_snapshot": {},
        "view_count": 0,
        "created_at": scene.ago(days=2),
    }


def _engagement(scene: Scene, owned: Row) -> Row:
    return owned | {
        "id": scene.id("engagement"),
        "proposal_id": scene.id("proposal"),
        "client_name": "Petra Halden",
        "client_email": "petra@halden.example.com",
        "client_company": cast.CLIENT,
        "portal_slug": f"halden-{scene.id('engagement')[:8]}",
        "status": "active",
        "monthly_rate": 616_000,
        "signed_name": "Petra Halden",
        "signed_at": scene.ago(days=36),
        "start_date": scene.day(-34),
        "client_industry": "Robotics",
        "intake_status": "ready",
        "created_at": scene.ago(days=40),
    }


def _deliverable(scene: Scene, number: int) -> Row:
    name, category, status, due = _DELIVERABLES[number]
    return {
        "id": scene.id(f"deliverable:{number}"),
        "engagement_id": scene.id("engagement"),
        "name": name,
        "category": category,
        "status": status,
        "assignee": "Milo Reyes" if number % 2 else "Sanne de Wit",
        "due_date": scene.day(due),
        "sort_order": number,
        "client_approved_at": scene.ago(days=9) if status == "approved" else None,
        "created_at": scene.ago(days=33),
    }


def _log(scene: Scene, number: int) -> Row:
    action, text, actor, days = _LOG[number]
    return {
        "engagement_id": scene.id("engagement"),
        "deliverable_id": scene.id(f"deliverable:{min(number, 2)}"),
        "action": action,
        "description": text,
        "actor": actor,
        "client_visible": True,
        "created_at": scene.ago(days=days),
    }
