"""Who and what the demo business is: its magnets, its readers, where they come from."""

from dataclasses import dataclass
from importlib import resources

from lodestone.domains.lead_magnets.service import Archetype, LeadMagnetCreate

BUSINESS = "Tidewater Studio"
OWNER = "Ada Thornbury"
WRITER = ("Milo Reyes", "milo@example.com", "milo-writes")
MANAGER = ("Sanne de Wit", "sanne@example.com", "sanne-dw")
CLIENT = "Halden Robotics"

COLOUR = "#0f766e"


@dataclass(frozen=True, slots=True)
class Magnet:
    """A lead magnet of the demo, and its page.

    `weight` is its share of the readers; `days` since when its page is public, None for a draft.
    """

    file: str
    title: str
    archetype: Archetype
    pain_point: str
    target_audience: str
    short_description: str
    proof: str | None = None
    weight: float = 0
    days: int | None = None
    has_page: bool = True

    def given(self) -> LeadMagnetCreate:
        """Return what its author would have typed."""
        folder = resources.files("lodestone.demo") / "content"
        return LeadMagnetCreate(
            title=self.title,
            body=(folder / self.file).read_text(encoding="utf-8"),
            archetype=self.archetype,
            pain_point=self.pain_point,
            target_audience=self.target_audience,
            short_description=self.short_description,
        )


MAGNETS = (
    Magnet(
        file="discovery-call.txt",
        title="Discovery call checklist",
        archetype=Archetype.FOCUSED_TOOLKIT,
        pain_point="Pleasant calls that end in “send me something” and silence.",
        target_audience="Founders who sell services themselves",
        short_description="Seven questions, one sum and a summary that gets forwarded.",
        proof="Used on more than 400 calls by 60 small firms",
        weight=0.52,
        days=61,
    ),
    Magnet(
        file="proposal-on-a-page.txt",
        title="Proposal on a page",
        archetype=Archetype.SINGLE_SYSTEM,
        pain_point="Proposals that take two evenings and never hear back.",
        target_audience="Agencies and consultancies of 2 to 20 people",
        short_description="Six parts, two prices, and the reason behind each of them.",
        proof="“We sent it on Monday and had a yes on Tuesday.” Petra, Halden Robotics",
        weight=0.3,
        days=44,
    ),
    Magnet(
        file="referral-playbook.txt",
        title="Twenty-minute referral playbook",
        archetype=Archetype.WORKFLOW,
        pain_point="The best clients come by chance, because nobody asks.",
        target_audience="Founders whose work is liked and rarely passed on",
        short_description="When to ask, whom, and three messages you can send today.",
        weight=0.18,
        days=23,
    ),
    Magnet(
        file="pricing-worksheet.txt",
        title="Pricing worksheet",
        archetype=Archetype.SINGLE_CALCULATOR,
        pain_point="Saying the price a little too quietly.",
        target_audience="Founders who have not raised a price in a year",
        short_description="Four numbers and an hour, and a price you can say aloud.",
    ),
    Magnet(
        file="outreach-rewrite.txt",
        title="Eleven first messages, rewritten",
        archetype=Archetype.SINGLE_BREAKDOWN,
        pain_point="First messages that nobody answers.",
        target_audience="Anybody who writes to strangers for a living",
        short_description="What each did to us as readers, and how we would write it.",
        has_page=False,
    ),
)

FIRST_NAMES = (
    "Amira", "Bastian", "Carys", "Dario", "Eline", "Farid", "Greta", "Hugo", "Imani", "Jonas",
    "Katya", "Liam", "Marisol", "Nils", "Orla", "Paolo", "Quentin", "Rania", "Soren", "Tessa",
    "Ulrich", "Vera", "Wanjiru", "Xavier", "Yara", "Zoltan", "Anouk", "Bram", "Chiara", "Devon",
    "Esme", "Felix", "Gwen", "Hiro", "Ines", "Jasper", "Kirsten", "Lorenzo", "Mehret", "Noor",
)  # fmt: skip
LAST_NAMES = (
    "Adeyemi", "Bergstrom", "Callahan", "Dufour", "Eklund", "Fontaine", "Gallagher", "Hartmann",
    "Ibrahim", "Jankowski", "Keller", "Laurent", "Marchetti", "Nakamura", "Olsen", "Pereira",
    "Quist", "Rosenthal", "Serrano", "Tanaka", "Ungar", "Vasquez", "Whitlock", "Ximenes", "Yilmaz",
    "Zeman", "Ashdown", "Brandt", "Conti", "Dahl", "Engel", "Faber", "Grau", "Holt",
)  # fmt: skip
COMPANIES = (
    "brightwater", "kestrel-design", "northgate", "loom-and-co", "tallis", "fieldhouse", "arbor",
    "quayside", "meridian-hr", "saltmarsh", "copperline", "juniper-law", "halyard", "stonebridge",
)  # fmt: skip

SOURCES: tuple[tuple[str | None, str | None, str | None, int], ...] = (
    ("linkedin", "social", "call-checklist", 46),
    ("newsletter", "email", "monthly-letter", 22),
    ("google", "organic", None, 14),
    ("podcast", "referral", "founders-at-work", 9),
    (None, None, None, 27),
)
"""utm_source, utm_medium, utm_campaign, and how often."""
