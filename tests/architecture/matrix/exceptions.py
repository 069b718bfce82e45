"""Who sees a row beside its scope: published content, shared libraries, the person it is about.

One entry for each rule that `access.rules` holds, save those of students, clients, partners and
community members whom each row of ours names anyway.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.architecture.matrix.rows import FILLED, Known, New, Values
from tests.architecture.matrix.world import ACCOUNTS, SIGNED_IN

VISITORS = frozenset({"visitor"})
EVERY_ACCOUNT = frozenset(ACCOUNTS)

# Patterns of rules, and whose rows ours are.
PERSONS = {
    "student": frozenset({"student"}),
    "client": frozenset({"client"}),
    "affiliate": frozenset({"partner"}),
    "gc_member": frozenset({"community member"}),
}


class Subject:
    """The id of the row that is looked at, in a row that is made after it."""


SUBJECT = Subject()


@dataclass(frozen=True, slots=True)
class Beside:
    """`people` see a row with the values `shown`, and don't see one with `hidden`.

    With neither they see every row of ours. `companions` are rows that publish it, `existing` is a
    row of the world, `also` names other rules that the same values satisfy. A row `is_nobodys` when
    they take it out of its scope.
    """

    people: frozenset[str]
    shown: Values | None = None
    hidden: Values = field(default_factory=dict)
    companions: Sequence[tuple[str, Values]] = ()
    existing: str | None = None
    also: frozenset[str] = frozenset()
    is_nobodys: bool = False

    @property
    def is_always(self) -> bool:
        """Return whether every row of ours is theirs to see."""
        return self.shown is None and not self.companions and self.existing is None


_PUBLISHED = New("funnel_pages", {"is_published": True})
_LIBRARY_PAGE = {"target_type": "library", "lead_magnet_id": None, "is_published": True}

BESIDE: dict[tuple[str, str], Beside] = {
    ("affiliates", "affiliate"): Beside(
        frozenset({"partner"}), existing="partner", also=frozenset({"public"})
    ),
    ("affiliates", "public"): Beside(VISITORS, {"status": "active"}, {"status": "pending"}),
    ("ai_prompt_templates", "member"): Beside(frozenset({"administrator"})),
    ("ai_prompt_versions", "member"): Beside(frozenset({"administrator"})),
    ("blueprint_content_blocks", "public"): Beside(
        VISITORS, {"is_visible": True}, {"is_visible": False}
    ),
    ("blueprint_settings", "public"): Beside(VISITORS),
    ("bootcamp_settings", "student"): Beside(
        PERSONS["student"], {"key": "welcome_message"}, {"key": "product_map"}
    ),
    ("client_logos", "public"): Beside(VISITORS, {"is_visible": True}, {"is_visible": False}),
    ("cp_linkedin_profiles", "member"): Beside(EVERY_ACCOUNT),
    ("cp_post_templates", "member"): Beside(
        EVERY_ACCOUNT, {"is_global": True}, {"is_global": False}
    ),
    ("cp_scrape_searches", "member"): Beside(EVERY_ACCOUNT),
    ("cp_tracked_creators", "member"): Beside(EVERY_ACCOUNT),
    ("cp_viral_posts", "member"): Beside(EVERY_ACCOUNT, {"user_id": None}, is_nobodys=True),
    ("dfy_activity_log", "client"): Beside(
        PERSONS["client"], {"client_visible": True}, {"client_visible": False}
    ),
    ("dfy_automation_runs", "client"): Beside(
        PERSONS["client"],
        {"status": "completed", "deliverable_id": New("dfy_deliverables", {"status": "review"})},
    ),
    ("dfy_engagements", "client"): Beside(PERSONS["client"], existing="client"),
    ("external_resources", "public"): Beside(
        VISITORS,
        companions=[
            (
                "funnel_pages",
                {
                    "target_type": "external_resource",
                    "external_resource_id": SUBJECT,
                    "lead_magnet_id": None,
                    "is_published": True,
                },
            )
        ],
    ),
    ("funnel_page_sections", "public"): Beside(VISITORS, {"funnel_page_id": _PUBLISHED}),
    ("funnel_pages", "public"): Beside(VISITORS, {"is_published": True}, {"is_published": False}),
    ("infra_outreach_pricing", "public"): Beside(
        VISITORS, {"is_active": True}, {"is_active": False}, also=frozenset({"student"})
    ),
    ("infra_outreach_pricing", "student"): Beside(
        PERSONS["student"], {"is_active": True}, also=frozenset({"public"})
    ),
    ("infra_tiers", "public"): Beside(
        VISITORS, {"is_active": True}, {"is_active": False}, also=frozenset({"student"})
    ),
    ("infra_tiers", "student"): Beside(
        PERSONS["student"], {"is_active": True}, also=frozenset({"public"})
    ),
    ("integration_catalog", "public"): Beside(
        SIGNED_IN, {"is_available": True}, {"is_available": False}
    ),
    ("lead_magnets", "public"): Beside(
        VISITORS,
        companions=[("funnel_pages", {"lead_magnet_id": SUBJECT, "is_published": True})],
    ),
    ("libraries", "public"): Beside(
        VISITORS, companions=[("funnel_pages", {**_LIBRARY_PAGE, "library_id": SUBJECT})]
    ),
    ("library_items", "public"): Beside(
        VISITORS, companions=[("funnel_pages", {**_LIBRARY_PAGE, "library_id": FILLED})]
    ),
    ("lms_cohorts", "student"): Beside(PERSONS["student"], existing="course"),
    ("profiles", "self"): Beside(
        frozenset({"newcomer"}), {"id": Known("newcomer"), "role": "viewer"}
    ),
    ("qualification_questions", "public"): Beside(
        VISITORS, {"funnel_page_id": _PUBLISHED, "form_id": None}
    ),
    ("swipe_file_lead_magnets", "public"): Beside(
        SIGNED_IN, {"status": "approved"}, {"status": "pending"}
    ),
    ("swipe_file_posts", "public"): Beside(
        SIGNED_IN, {"status": "approved"}, {"status": "pending"}
    ),
    ("team_members", "self"): Beside(
        frozenset({"tenant member"}), {"member_id": Known("tenant member")}
    ),
    ("team_profiles", "member"): Beside(frozenset({"owner", "team member"})),
    ("team_profiles", "self"): Beside(
        frozenset({"tenant member"}), {"user_id": Known("tenant member"), "status": "active"}
    ),
    ("teams", "member"): Beside(frozenset({"owner", "team member"}), existing="ours team"),
}
