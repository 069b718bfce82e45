"""The survey as the thank-you page shows it: one question, or what the answers found."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote, urlencode
from uuid import UUID

from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.experiments.models import TestField
from lodestone.domains.funnels.forms import answering, rules, service
from lodestone.domains.funnels.forms.models import Question, Respondent
from lodestone.domains.funnels.models import PublicPage
from lodestone.platform.database import Tx

REFUSALS = {
    "required": "This one needs an answer.",
    "long": f"Please keep it below {rules.MOST_CHARACTERS:,} characters.",
    "choice": "Please choose one of the answers.",
    "late": "Answers can be changed for a day. These stay as they are.",
}
"""What the page says when an answer was not taken, by what its address holds."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What stands on the thank-you page. Holds nothing of what qualifies.

    `is_qualified` is None until the survey is answered; addresses are relative to the page's own.
    """

    lead: Respondent
    token: str
    question: Question | None
    answer: str
    number: int
    total: int
    back_url: str | None
    refusal: str | None
    is_qualified: bool | None
    may_change: bool

    @property
    def action(self) -> str:
        """Return where answers are posted to."""
        return f"survey?lead={quote(self.token, safe='')}"

    @property
    def change_url(self) -> str:
        """Return where the answers are gone through once more."""
        first = self.lead.questions[0].id
        return thankyou_url(self.token, q=str(first))

    def shows(self, field: TestField) -> bool:
        """Whether a field that may be under test is on this screen."""
        if field is TestField.VSL_URL:
            return self.question is None
        if field is TestField.PASS_MESSAGE:
            return self.question is None and self.is_qualified is True and self.total > 0
        return True

    @property
    def is_booking_open(self) -> bool:
        """Whether a call is offered: to the qualified, and to all where nothing is asked."""
        return self.is_qualified is True or self.total == 0


def thankyou_url(token: str, **more: str) -> str:
    """Return the address of the thank-you page, beside the survey's own."""
    place = "#survey" if more else ""
    return f"thankyou?{urlencode({'lead': token, **more})}{place}"


async def find_screen(
    page: PublicPage, *, lead_id: UUID, token: str, query: Mapping[str, str]
) -> Screen | None:
    """Return what to show a lead of this page, None for another page's.

    Whoever only typed the lead's address goes on with the survey, and sees nothing said before.
    """
    lead = await answering.find_respondent(page, lead_id=lead_id)
    if lead is None:
        return None
    screen = make_screen(lead, token=token, query=query)
    if funnels.proves_lead(token):
        return screen
    unnamed = lead.model_copy(update={"name": None, "email": ""})
    return replace(screen, lead=unnamed, answer="")


async def preview_screen(tx: Tx, *, funnel_page_id: UUID) -> Screen:
    """Return what a lead of a page sees first. Raises NotFound when the page is invisible."""
    survey = await service.get_page_survey(tx, funnel_page_id=funnel_page_id)
    nobody = Respondent(
        id=funnel_page_id,
        email="",
        name=None,
        is_qualified=None,
        answered_at=None,
        answers={},
        partial=None,
        questions=survey.questions,
    )
    return make_screen(nobody, token="", query={})


def make_screen(
    lead: Respondent, *, token: str, query: Mapping[str, str], now: datetime | None = None
) -> Screen:
    """Return the question that is next, or the one asked for, or the result."""
    answered_at = lead.answered_at
    may_change = answered_at is None or rules.may_change(answered_at, now=now or datetime.now(UTC))
    asked = query.get("q")
    is_asking = bool(lead.questions) and may_change and (answered_at is None or asked is not None)
    begun = lead.partial if lead.partial is not None else lead.answers
    question = rules.current_question(lead.questions, begun, asked=asked) if is_asking else None
    back = rules.previous_question(lead.questions, before=question) if question else None
    return Screen(
        lead=lead,
        token=token,
        question=question,
        answer=str(begun.get(str(question.id), "")) if question else "",
        number=lead.questions.index(question) + 1 if question else 0,
        total=len(lead.questions),
        back_url=thankyou_url(token, q=str(back.id)) if back else None,
        refusal=REFUSALS.get(query.get("refused", "")),
        is_qualified=lead.is_qualified if answered_at is not None else None,
        may_change=may_change and answered_at is not None and bool(lead.questions),
    )


def leave_url(page: PublicPage, *, is_qualified: bool) -> str | None:
    """Return where a page sends people after the survey, None for its own result.

    An address that is none of the web's counts as none.
    """
    if page.redirect_trigger != "after_qualification":
        return None
    url = page.redirect_url if is_qualified else page.redirect_fail_url
    return url if url and url.startswith(("https://", "http://")) else None
