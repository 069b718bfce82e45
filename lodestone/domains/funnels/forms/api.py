"""Where answers are sent: by the thank-you page's own form, and by pages that are not ours.

Bare Starlette routes beside those of the public pages.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.forms import answering, rules, screens
from lodestone.domains.funnels.forms.models import Question, Respondent, SurveyAnswers
from lodestone.domains.funnels.leaving import lead_away
from lodestone.domains.funnels.models import PublicPage
from lodestone.platform.errors import Conflict, Forbidden, InvalidInput, NotFound
from lodestone.platform.forms import parse, read_form, read_json

MOST_BYTES = 512 * 1024


async def post_answer(request: Request) -> Response:
    """Take one answer of the page's own form and show what is next; works without any script."""
    page, lead, token = await _come(request)
    if page is None or lead is None:
        return _to_optin(request)
    form = await read_form(request, most_bytes=MOST_BYTES)
    question = next((each for each in lead.questions if str(each.id) == form.get("question")), None)
    if question is None:
        return _to_question(token, None)
    given = None if form.get("move") == "skip" else form.get("answer")
    try:
        return await _go_on(page, lead, question, token=token, given=given)
    except InvalidInput as refusal:
        return _ask_again(token, lead, refusal)
    except Conflict:
        return RedirectResponse(screens.thankyou_url(token, refused="late"), status_code=303)


async def _go_on(
    page: PublicPage, lead: Respondent, question: Question, *, token: str, given: str | None
) -> Response:
    """Keep the answer and lead to the next question, after the last to what they found."""
    await answering.keep_answer(page, lead_id=lead.id, question=question, given=given)
    following = rules.next_question(lead.questions, after=question)
    if following is not None:
        return _to_question(token, following)
    result = await answering.answer_survey(page, lead_id=lead.id)
    if screens.leave_url(page, is_qualified=result.is_qualified):
        return RedirectResponse(f"survey?lead={token}", status_code=303)
    return RedirectResponse(f"{screens.thankyou_url(token)}#survey", status_code=303)


async def show_way_on(request: Request) -> Response:
    """Lead on to where the page sends people after the survey, else back to its own result."""
    page, lead, token = await _come(request)
    if page is None or lead is None:
        return _to_optin(request)
    url = (
        screens.leave_url(page, is_qualified=bool(lead.is_qualified))
        if lead.answered_at is not None
        else None
    )
    if url is None:
        return RedirectResponse(screens.thankyou_url(token), status_code=303)
    return lead_away(page, url)


async def patch_lead(request: Request) -> Response:
    """`PATCH /api/public/lead`: take a lead's answers, all at once or those so far."""
    given = parse(SurveyAnswers, await read_json(request, most_bytes=MOST_BYTES))
    lead_id = answering.read_token(given.token)
    if lead_id is None:
        raise Forbidden("This token is not good, or not any more.")
    page = await answering.get_page_of(lead_id)
    if given.is_partial:
        await answering.keep_partial(page, lead_id=lead_id, given=given.answers)
        return Response(status_code=204)
    result = await answering.answer_survey(page, lead_id=lead_id, given=given.answers)
    message = (
        page.qualification_pass_message if result.is_qualified else page.qualification_fail_message
    )
    return JSONResponse(
        {
            "isQualified": result.is_qualified,
            "message": message,
            "redirectUrl": screens.leave_url(page, is_qualified=result.is_qualified),
            "bookingUrl": page.calendly_url if result.is_qualified else None,
        }
    )


async def _come(request: Request) -> tuple[PublicPage | None, Respondent | None, str]:
    """Return the page and its lead by the token in the address; nobody for a bad one."""
    username, slug = request.path_params["username"], request.path_params["slug"]
    page = await funnels.find_public_page(username=username, slug=slug)
    if page is None:
        page = await funnels.find_moved_page(username=username, slug=slug)
    if page is None:
        raise NotFound("There is no page at this address.")
    token = request.query_params.get("lead", "")
    lead_id = answering.read_token(token)
    if lead_id is None:
        return page, None, token
    return page, await answering.find_respondent(page, lead_id=lead_id), token


def _to_optin(request: Request) -> Response:
    return RedirectResponse(f"../{request.path_params['slug']}", status_code=303)


def _to_question(token: str, question: Question | None) -> Response:
    more = {"q": str(question.id)} if question else {}
    return RedirectResponse(screens.thankyou_url(token, **more), status_code=303)


def _ask_again(token: str, lead: Respondent, refusal: InvalidInput) -> Response:
    """Show the first question that was not answered as it should be."""
    wrong = next((each for each in lead.questions if str(each.id) in refusal.fields), None)
    if wrong is None:
        raise refusal
    sentence = refusal.fields[str(wrong.id)]
    kind = "long" if "characters" in sentence else "required"
    if wrong.answer_type.is_chosen and "needs" not in sentence:
        kind = "choice"
    url = screens.thankyou_url(token, q=str(wrong.id), refused=kind)
    return RedirectResponse(url, status_code=303)


routes: list[BaseRoute] = [
    Route("/p/{username}/{slug}/survey", post_answer, methods=["POST"]),
    Route("/p/{username}/{slug}/survey", show_way_on, methods=["GET"]),
    Route("/api/public/lead", patch_lead, methods=["PATCH"]),
]
