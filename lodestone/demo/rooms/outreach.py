"""People who did not come by themselves: conversations, personal reports, and the next market."""

from lodestone.demo.scene import Row, Rows, Scene

_TALKS = (
    ("Henrik", "Aalto", "Managing partner at Fieldhouse", "qualifying", 72),
    ("Lucia", "Bianchi", "Founder of Loom & Co", "opening", 64),
    ("Theo", "Marchand", "Owner, Quayside Interiors", "meeting_booked", 88),
    ("Nadia", "Farouk", "Head of sales at Copperline", "new", 41),
)
_LINES = (
    ("outbound", "Your post about quoting within a day stuck with me. Who writes them at yours?"),
    ("inbound", "Me, mostly on Sundays. Why?"),
    ("outbound", "Because twelve go out and three come back at most firms like yours. And there?"),
    ("inbound", "Two of ten last month. Fine, you have my attention."),
)
_COMPANIES = (
    ("Saltmarsh Architects", "saltmarsh.example.com", 14, "qualified"),
    ("Juniper Law", "juniper-law.example.com", 9, "qualified"),
    ("Stonebridge Surveyors", "stonebridge.example.com", 31, "pending"),
    ("Arbor Interiors", "arbor.example.com", 6, "disqualified"),
)


def rows(scene: Scene) -> Rows:
    """Return conversations, a report with its posts, an enrichment run and a market."""
    owned: Row = {"tenant_id": str(scene.tenant_id)}
    messages = [
        _message(scene, owned, contact, line)
        for contact in range(len(_TALKS))
        for line in range(4 - contact)
    ]
    companies = [_company(scene, number) for number in range(len(_COMPANIES))]
    return [
        ("dm_contacts", [_contact(scene, owned, number) for number in range(len(_TALKS))]),
        ("dm_messages", messages),
        ("call_queue", [_call(scene, owned)]),
        ("prospects", [_prospect(scene, owned)]),
        ("posts", [_report_post(scene, number) for number in range(1, 4)]),
        ("blueprint_requests", [_request(scene, owned)]),
        ("reply_pipeline", [_reply(scene, owned)]),
        ("enrichment_recipes", [_recipe(scene, owned)]),
        ("enrichment_runs", [_run(scene, owned)]),
        ("enrichment_lead_status", [_found(scene, number) for number in range(12)]),
        ("tam_projects", [_market(scene, owned)]),
        ("tam_companies", companies),
    ]


def _contact(scene: Scene, owned: Row, number: int) -> Row:
    first, last, headline, stage, score = _TALKS[number]
    handle = f"{first}-{last}".lower()
    return owned | {
        "id": scene.id(f"contact:{number}"),
        "linkedin_uid": f"demo-{handle}",
        "linkedin_url": f"https://www.linkedin.com/in/{handle}-demo",
        "linkedin_handle": f"{handle}-demo",
        "first_name": first,
        "last_name": last,
        "headline": headline,
        "company_name": headline.rsplit(" at ", maxsplit=1)[-1],
        "connected_at": scene.ago(days=20 - number),
        "connected_by": "Ada",
        "icp_status": "match",
        "priority_score": score,
        "icp_score": score,
        "last_message_at": scene.ago(days=number + 1),
        "pipeline_stage": stage,
        "pipeline_high_water_mark": stage,
        "created_at": scene.ago(days=20 - number),
    }


def _message(scene: Scene, owned: Row, contact: int, line: int) -> Row:
    direction, text = _LINES[line]
    return owned | {
        "contact_id": scene.id(f"contact:{contact}"),
        "content": text,
        "direction": direction,
        "sent_at": scene.ago(days=contact + 1, hours=12 - 3 * line),
        "sentiment": "positive" if direction == "inbound" else None,
        "delivery_status": "sent" if direction == "outbound" else None,
    }


def _call(scene: Scene, owned: Row) -> Row:
    return owned | {
        "contact_id": scene.id("contact:2"),
        "priority": 2,
        "reason": "Booked for Thursday; call a day before",
        "scheduled_for": scene.ago(days=-1),
        "source": "positive_reply",
    }


def _prospect(scene: Scene, owned: Row) -> Row:
    return owned | {
        "id": scene.id("prospect"),
        "full_name": "Theo Marchand",
        "first_name": "Theo",
        "last_name": "Marchand",
        "email": "theo@quayside.example.com",
        "company": "Quayside Interiors",
        "slug": f"theo-marchand-{scene.id('prospect')[:8]}",
        "linkedin_url": "https://www.linkedin.com/in/theo-marchand-demo",
        "normalized_linkedin_url": "https://www.linkedin.com/in/theo-marchand-demo",
        "status": "complete",
        "analysis_status": "complete",
        "authority_score": 61,
        "fit_score": 78,
        "score_profile_optimization": 6,
        "score_content_presence": 4,
        "score_outbound_systems": 3,
        "score_inbound_infrastructure": 2,
        "score_social_proof": 8,
        "score_summary": "Loved by clients, invisible to everybody else.",
        "whats_working_1": "Photographs that stop people",
        "revenue_leaks_1": "No page that asks for an address",
        "recommended_headline": "Offices people come back to. Ask for the 12-week plan.",
        "bottom_line": "One page and one habit away from a full calendar.",
        "lm_1_headline": "The twelve-week office move",
        "created_at": scene.ago(days=6),
    }


def _report_post(scene: Scene, number: int) -> Row:
    return {
        "prospect_id": scene.id("prospect"),
        "name": f"Post {number}",
        "number": number,
        "first_sentence": "The client moved in on a Friday and nobody noticed.",
        "post_content": "The client moved in on a Friday and nobody noticed.\n\nThat is the best"
        " thing anybody has said about our work. Twelve weeks of plans, so that one day is dull.",
        "post_ready": True,
        "created_at": scene.ago(days=6),
    }


def _request(scene: Scene, owned: Row) -> Row:
    return owned | {
        "source": "form",
        "status": "delivered",
        "full_name": "Theo Marchand",
        "email": "theo@quayside.example.com",
        "prospect_id": scene.id("prospect"),
        "received_at": scene.ago(days=6, hours=1),
        "delivered_at": scene.ago(days=6),
    }


def _reply(scene: Scene, owned: Row) -> Row:
    return owned | {
        "source": "form",
        "status": "delivered",
        "full_name": "Theo Marchand",
        "email": "theo@quayside.example.com",
        "company": "Quayside Interiors",
        "reply_text": "Yes, send me the report. I have ten minutes on the train.",
        "created_at": scene.ago(days=7),
    }


def _recipe(scene: Scene, owned: Row) -> Row:
    return owned | {
        "id": scene.id("recipe"),
        "name": "Owners of small studios",
        "slug": "owners-of-small-studios",
        "description": "Find the address, check it, read the last post",
    }


def _run(scene: Scene, owned: Row) -> Row:
    return owned | {
        "id": scene.id("run"),
        "status": "completed",
        "total_leads": 12,
        "processed_leads": 12,
        "enriched_leads": 8,
        "emails_found": 8,
        "emails_validated": 8,
        "recipe_id": scene.id("recipe"),
        "recipe_slug": "owners-of-small-studios",
        "started_at": scene.ago(days=4, hours=1),
        "completed_at": scene.ago(days=4),
        "created_at": scene.ago(days=4, hours=1),
    }


def _found(scene: Scene, number: int) -> Row:
    has_email = number % 3 != 2
    return {
        "run_id": scene.id("run"),
        "linkedin_url": f"https://www.linkedin.com/in/studio-owner-{number}-demo",
        "email_found": f"owner{number}@example.org" if has_email else None,
        "status": "enriched" if has_email else "no_email",
        "email_validation_status": "valid" if has_email else None,
        "created_at": scene.ago(days=4),
    }


def _market(scene: Scene, owned: Row) -> Row:
    return owned | {
        "id": scene.id("market"),
        "user_id": str(scene.owner_id),
        "name": "Studios that quote by hand",
        "status": "enriching",
        "icp_profile": {"industry": "Architecture and interiors", "employees": "5-40"},
        "created_at": scene.ago(days=8),
    }


def _company(scene: Scene, number: int) -> Row:
    name, domain, employees, status = _COMPANIES[number]
    return {
        "project_id": scene.id("market"),
        "name": name,
        "domain": domain,
        "source": "csv_import",
        "employee_count": employees,
        "qualification_status": status,
        "created_at": scene.ago(days=8),
    }
