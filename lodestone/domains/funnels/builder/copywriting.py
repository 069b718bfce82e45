"""The words of a new opt-in page: a model's, or those of the rule that works without one."""

from lodestone.domains.funnels import rules
from lodestone.domains.funnels.builder.models import CopyInput, OptinCopy
from lodestone.domains.prompts import service as prompts
from lodestone.domains.prompts.service import Category, Prompt


def draft_offline(given: CopyInput) -> OptinCopy:
    """Cut title and pain to length: what the step gives without a model."""
    return OptinCopy(
        headline=rules.draft_headline(given.title),
        subline=rules.draft_subline(pain_point=given.pain, short_description=given.concept) or "",
        button_text=rules.draft_button(given.archetype or None),
    )


WRITE_OPTIN_COPY = prompts.declare(
    Prompt(
        slug="optin-copy",
        name="Words of an opt-in page",
        category=Category.FUNNELS,
        description="Headline, line below, button and thanks for a page that gives a lead magnet.",
        system=(
            "You write the few words on a page where somebody leaves an e-mail address for a free"
            " resource. Promise only what the facts below hold. Name the outcome, not the format."
            " Plain words, no exclamation marks, no invented numbers or names.\n"
            "headline: 8 to 10 words. subline: 15 to 25 words, for whom it is and what changes for"
            " them. buttonText: 2 to 4 words that begin with a verb. socialProof: one short line"
            " from the proof that is given, or an empty text when none is given."
            " thankyouSubline: one sentence on what to do with it first."
        ),
        user=(
            "Name: {{title}}\nWhat it is: {{concept}}\nWhat it eases: {{pain}}\n"
            "For whom: {{audience}}\nProof: {{proof}}\nWho stands behind it: {{credibility}}\n"
            "Format: {{archetype}}"
        ),
        model=prompts.SMALL_MODEL,
        max_tokens=500,
    ),
    input=CopyInput,
    output=OptinCopy,
    offline=draft_offline,
)
