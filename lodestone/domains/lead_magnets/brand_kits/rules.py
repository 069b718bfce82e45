"""How a text is read without a model: sentences sorted by what they are about. Pure."""

import re
from collections.abc import Iterable, Sequence
from html.parser import HTMLParser

from lodestone.domains.lead_magnets.brand_kits.models import (
    LEAST_TEXT,
    BusinessType,
    Confidence,
    ReadContext,
    Reading,
)

MOST_SUGGESTIONS = 4
_MOST_OF_A_KIND = 6
_LONGEST_LINE = 300
_SHORTEST_LINE = 12

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"“'‘(])|\n+")
_BULLET = re.compile(r"^\s*(?:[-•*·–✓✔→]|\d{1,2}[.)])\s*")
_NUMBER = re.compile(
    r"(?:[$€£]\s?\d|\d[\d,.]*\s?(?:%|x\b|k\b|m\b|\+)|\b\d[\d,.]*\b)", re.IGNORECASE
)
_OFFER = re.compile(
    r"\b(?:i|we)(?:['’](?:m|re|ve))?\s+(?:also\s+)?(?:help|work with|build|teach|run|coach|advise|"
    r"support|design|make|create|guide|are an?|am an?|do)\b|\bhelps?\s+\w+",
    re.IGNORECASE,
)
_PAIN = re.compile(
    r"\b(?:struggl\w*|stuck|frustrat\w*|overwhelm\w*|wast(?:e|es|ed|ing)|tired of|problem\w*|"
    r"pains?|can['’]?t|cannot|hard to|difficult\w*|los(?:e|es|ing)|miss(?:es|ing)?|fail\w*|"
    r"no time|slow\w*|takes? (?:hours|days|weeks|forever|ages|too long)|"
    r"worr\w*|afraid|confus\w*|chaos|guess\w*|ghost\w*|go(?:es)? quiet|burn\w* out)\b",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\b(?:increas\w*|grew|grow\w*|doubl\w*|tripl\w*|sav(?:e|ed|es|ing)|cut|reduc\w*|gained|"
    r"from \S+ to|generat\w*|clos(?:e|ed)|booked|achiev\w*|raised|result\w*|won|boost\w*|earned|"
    r"added)\b",
    re.IGNORECASE,
)
_PROOF = re.compile(
    r"\b\d[\d,.]*\+?\s+(?:\w+\s+)?(?:years?|clients?|customers|companies|founders|teams)\b|"
    r"\b(?:founder|former(?:ly)?|ex-\w+|certified|award\w*|featured|published|author of|speaker|"
    r"spoke at|trusted by|worked (?:with|at)|degree)\b",
    re.IGNORECASE,
)
_PROCESS = re.compile(
    r"\b(?:framework|method|process|system|step[- ]by[- ]step|playbook|step \d|phase \d|roadmap|"
    r"blueprint|workflow|sprint|audit)\b|\b\d+[- ](?:step|part|phase|week|day)\b",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(
    r"\b(?:templates?|checklists?|scripts?|swipe files?|SOPs?|worksheets?|spreadsheets?|"
    r"cheat ?sheets?|guides?|scorecards?|calculators?)\b",
    re.IGNORECASE,
)
_TOOLS = re.findall(
    r"\S+",
    "Notion Airtable Zapier Make HubSpot Salesforce Pipedrive Slack Asana Trello ClickUp Monday"
    " Figma Canva Webflow WordPress Shopify Stripe Calendly Loom Zoom Kit ConvertKit Mailchimp"
    " MailerLite ActiveCampaign Kajabi Teachable Typeform Clay Apollo Lemlist Instantly Smartlead"
    " ChatGPT Claude Excel Sheets LinkedIn YouTube Substack Beehiiv GoHighLevel n8n PostgreSQL",
)
_TYPES: tuple[tuple[BusinessType, str], ...] = (
    (BusinessType.COACH, r"coach\w*|consult\w*|advis\w*|mentor\w*|1:1|one-on-one"),
    (BusinessType.AGENCY, r"agenc\w*|our team|done[- ]for[- ]you|campaigns?|retainer\w*|clients"),
    (BusinessType.COURSES, r"courses?|cohort\w*|students?|lessons?|academy|bootcamp\w*|curriculum"),
    (BusinessType.FREELANCER, r"freelanc\w*|portfolio|hire me|my work|commission\w*|solo"),
    (BusinessType.SAAS, r"saas|software|platform|app\b|product|api\b|users|free trial|sign up"),
    (BusinessType.B2B, r"b2b|services?|enterprise|procurement|firms?|implementation|compliance"),
)
_ADVICE = (
    ("results", "Add one or two results with figures: they are what makes an idea believable."),
    ("urgent_pains", "Say what keeps your clients up at night, in their own words."),
    ("credibility_markers", "Say why people trust you: years, clients, names, an award."),
    ("processes", "Name a process of yours: it can become a lead magnet by itself."),
    ("frequent_questions", "Write down the questions that every new client asks."),
    ("templates", "List templates or checklists you already have: they are half a lead magnet."),
)


def read_text(text: str) -> Reading:
    """Sort what a text says into the fields of a context: nothing is added to its words.

    A field is sure (high) where several sentences speak for it, and low where one alone does.
    """
    lines = list(_lines(text))
    offers = [line for line in lines if _OFFER.search(line) and not line.endswith("?")]
    business_type, type_hits = _find_type(text)
    found = {
        "urgent_pains": _pick(lines, _PAIN, without=_RESULT),
        "results": [line for line in _pick(lines, _RESULT) if _NUMBER.search(line)],
        "credibility_markers": _pick(lines, _PROOF, without=_PAIN),
        "processes": _pick(lines, _PROCESS, without=_PAIN),
        "templates": _pick(lines, _TEMPLATE, without=_PAIN),
        "frequent_questions": [line for line in lines if line.endswith("?")][:_MOST_OF_A_KIND],
        "tools": _find_tools(text),
    }
    description = _describe(offers, lines)
    extracted = ReadContext.model_validate(
        {
            **found,
            "business_description": description,
            "business_type": business_type,
            "success_example": next(
                (each for each in found["results"] if _PROOF.search(each) or "client" in each), None
            ),
        }
    )
    confidence = {name: _sureness(len(items)) for name, items in found.items() if items}
    if description:
        confidence["business_description"] = Confidence.HIGH if offers else Confidence.LOW
    if business_type:
        confidence["business_type"] = _sureness(type_hits)
    if extracted.success_example:
        confidence["success_example"] = Confidence.LOW
    advice = [sentence for name, sentence in _ADVICE if not found[name]]
    return Reading(
        extracted=extracted, confidence=confidence, suggestions=advice[:MOST_SUGGESTIONS]
    )


def keep_whats_said(reading: Reading) -> Reading:
    """Hold a model's reading to its shape: blanks and repeats go, four suggestions stay."""
    values = reading.extracted.model_dump()
    for name, value in values.items():
        if isinstance(value, list):
            values[name] = list(dict.fromkeys(" ".join(each.split()) for each in value if each))
    extracted = ReadContext.model_validate(values)
    told = {name for name, value in extracted.model_dump().items() if value}
    confidence = {name: reading.confidence.get(name, Confidence.LOW) for name in sorted(told)}
    return Reading(
        extracted=extracted,
        confidence=confidence,
        suggestions=reading.suggestions[:MOST_SUGGESTIONS],
    )


def is_enough(text: str) -> bool:
    """Say whether there is enough to read."""
    return len(text.strip()) >= LEAST_TEXT


def _lines(text: str) -> Iterable[str]:
    seen = set()
    for each in _SENTENCE.split(text):
        line = " ".join(_BULLET.sub("", each).split())
        if _SHORTEST_LINE <= len(line) <= _LONGEST_LINE and line.casefold() not in seen:
            seen.add(line.casefold())
            yield line


def _pick(
    lines: Sequence[str], sign: re.Pattern[str], *, without: re.Pattern[str] | None = None
) -> list[str]:
    found = [
        line
        for line in lines
        if sign.search(line)
        and not line.endswith("?")
        and not (without and without.search(line) and _NUMBER.search(line))
    ]
    found.sort(key=lambda line: -len(sign.findall(line)))
    return found[:_MOST_OF_A_KIND]


def _describe(offers: Sequence[str], lines: Sequence[str]) -> str:
    """Return up to three sentences that say what is done and for whom, as they stand."""
    chosen = offers[:3] or [line for line in lines if len(line.split()) > 6][:2]
    return " ".join(line if line[-1] in ".!?" else f"{line}." for line in chosen)


def _find_type(text: str) -> tuple[BusinessType | None, int]:
    counted = [
        (len(re.findall(rf"\b(?:{words})", text, re.IGNORECASE)), kind) for kind, words in _TYPES
    ]
    hits, kind = max(counted, key=lambda each: each[0])
    return (kind, hits) if hits else (None, 0)


def _find_tools(text: str) -> list[str]:
    named = [tool for tool in _TOOLS if re.search(rf"\b{re.escape(tool)}\b", text)]
    return named[: 2 * _MOST_OF_A_KIND]


def _sureness(hits: int) -> Confidence:
    if hits >= 3:
        return Confidence.HIGH
    return Confidence.MEDIUM if hits == 2 else Confidence.LOW


class _Visible(HTMLParser):
    """Collects the text that a page shows, a line for each block."""

    _HIDDEN = frozenset({"script", "style", "noscript", "template", "svg", "nav", "footer"})
    _INLINE = frozenset(
        {"a", "b", "strong", "i", "em", "span", "small", "u", "mark", "code", "sup"}
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._HIDDEN:
            self._hidden.append(tag)
        said = dict(attrs)
        if tag == "meta" and said.get("name") == "description" and said.get("content"):
            self.parts.append(f"{said['content']}\n")
        if tag not in self._INLINE:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            while self._hidden and self._hidden.pop() != tag:
                continue
        if tag not in self._INLINE:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data.replace("\n", " "))


def text_of_page(html: str) -> str:
    """Return what a web page shows, a line for each block, without menus, forms and scripts."""
    reader = _Visible()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return "\n".join(line for line in lines if line)
