"""What stands beside each question: an example of an answer, and the section it becomes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lodestone.domains.lead_magnets.models import Archetype


@dataclass(frozen=True, slots=True)
class Aside:
    """`section` names the part of the content that the answer becomes."""

    section: str
    example: str


_ALL: dict[Archetype, dict[str, Aside]] = {
    Archetype.SINGLE_BREAKDOWN: {
        "example": Aside(
            "What happened",
            "A cold mail of 61 words, sent to 40 finance leads in March. 19 answered, 6 booked.",
        ),
        "walkthrough": Aside(
            "Piece by piece",
            "Subject: their own report's page number.\nLine 1: the figure on it that is off.\n"
            "Line 2: why that happens to everybody at month's end.\nLast line: one question.",
        ),
        "psychology": Aside(
            "Why it works",
            "The page number proves that I read it. Being caught by a stranger stings a little, and"
            " the last question is easier to answer than to ignore.",
        ),
        "insight": Aside(
            "What most people miss",
            "It never says what I sell. Two people asked me themselves in their first answer.",
        ),
        "adaptation": Aside(
            "Make it yours",
            "Keep the page number and the single question. Change the figure to one that your buyer"
            " publishes: a review score, a job ad, a price list.",
        ),
    },
    Archetype.SINGLE_SYSTEM: {
        "outcome": Aside(
            "What you get",
            "Every open deal has a next step and a date by Friday noon, in 25 minutes a week.",
        ),
        "steps": Aside(
            "The steps",
            "1. Export the list: all deals over 14 days old.\n2. Sort by last contact.\n"
            "3. Ask the three questions about each.\n4. Close what has no answer.",
        ),
        "pitfalls": Aside(
            "Where it goes wrong",
            "People skip closing. Then the list grows and nobody opens it after week three.",
        ),
        "templates": Aside(
            "Templates to copy",
            "The three questions: Who decides? What happens if they do nothing? What did we promise"
            " last, and when?",
        ),
        "results": Aside(
            "What it has done",
            "With my last four clients the forecast was off by 30 % before, by 8 % after.",
        ),
        "differentiation": Aside(
            "How it is different",
            "Most reviews ask how likely a deal is. I ask for the last promise: one can check it.",
        ),
    },
    Archetype.FOCUSED_TOOLKIT: {
        "useCase": Aside(
            "When to use it", "The ten minutes before a sales call with somebody you don't know."
        ),
        "items": Aside(
            "What is inside",
            "An opening line for a late caller\nA question that brings out the budget\n"
            "A sentence for “send me something”",
        ),
        "content": Aside(
            "Copy these",
            "“Before I say anything: what made you take this call today?”\n"
            "“If we did nothing for a year, what would that cost you?”",
        ),
        "context": Aside(
            "Which one when",
            "The first in the first minute. The second once they have named a problem.",
        ),
        "testing": Aside(
            "Why you can trust these",
            "I have used the first in some 200 calls. About two in three tell me the real reason.",
        ),
        "exclusions": Aside(
            "What is left out",
            "No “how are you today”: it costs a minute and they know what it is.",
        ),
    },
    Archetype.SINGLE_CALCULATOR: {
        "question": Aside(
            "The question it answers", "What does it cost to answer a lead a day later?"
        ),
        "inputs": Aside(
            "What you enter",
            "Leads a month (usually 50)\nValue of a client in euros (usually 4,000)\n"
            "Hours until the first answer (usually 20)",
        ),
        "logic": Aside(
            "How it is worked out",
            "Leads \u00d7 value \u00d7 close rate, minus 2 % of that for each hour of waiting.",
        ),
        "output": Aside("What comes out", "Euros a month that were within reach and went."),
        "interpretation": Aside(
            "What your number means",
            "Under 2,000: leave it. 2,000 to 10,000: set an alarm on the form. Above: somebody has"
            " to own the inbox.",
        ),
        "limitations": Aside(
            "When it does not hold", "It is too high for tenders, which nobody decides in a day."
        ),
    },
    Archetype.FOCUSED_DIRECTORY: {
        "need": Aside("What it is for", "A designer who has made pages for B2B software, by June."),
        "items": Aside(
            "The list",
            "Nord Studio, nord.example: pages for tools that engineers buy\n"
            "Ida Falk, idafalk.example: one-page sites in a week",
        ),
        "dataPoints": Aside(
            "What to know about each",
            "Price of a page, weeks until it stands, what they refuse to do.",
        ),
        "experience": Aside(
            "My own experience",
            "I hired Ida twice. Quick and dear; she does not write copy and says so.",
        ),
        "choosing": Aside(
            "How to choose", "Is the copy done? Then Ida. If not, Nord, who bring a writer."
        ),
        "excluded": Aside(
            "Left out on purpose",
            "No marketplaces: you end up managing five people instead of one.",
        ),
    },
    Archetype.MINI_TRAINING: {
        "skill": Aside(
            "What you will be able to do",
            "Write a follow-up that gets an answer, in four minutes and without a template.",
        ),
        "chunks": Aside(
            "The parts", "1. Find the last promise.\n2. Say what changed.\n3. Ask one thing."
        ),
        "teaching": Aside(
            "How it works",
            "I show the same mail three times. Each time one sentence goes, and it gets better.",
        ),
        "practice": Aside(
            "Practise it",
            "Take your oldest mail that got no answer. Rewrite it in three lines.",
        ),
        "mistakes": Aside(
            "What goes wrong at first",
            "Two questions in one mail. You notice it when people answer only the easy one.",
        ),
        "beforeAfter": Aside(
            "Before and after",
            "Before: “Just checking in.” After: “You wanted to ask Marta about June."
            " What did she say?”",
        ),
    },
    Archetype.ONE_STORY: {
        "summary": Aside(
            "Whose story this is",
            "A two-person agency with eleven clients and no weekend, and how it got to seven"
            " clients and more profit.",
        ),
        "before": Aside(
            "How it was",
            "Mondays began at six, with four reports due at ten. One client paid 400 a month.",
        ),
        "journey": Aside(
            "What was tried",
            "First an assistant, then a project tool. Both made more to keep up with.",
        ),
        "turningPoint": Aside(
            "What changed",
            "A client asked which report she could skip. The honest answer was: all of them.",
        ),
        "after": Aside(
            "How it is now",
            "Seven clients, one report a month, profit up by a third, laptop shut on Fridays.",
        ),
        "lessons": Aside(
            "What to take from it",
            "Ask each client which thing of yours they would miss. Stop the rest for a month.",
        ),
    },
    Archetype.PROMPT: {
        "task": Aside(
            "What it does", "Turns a call transcript into the three mails that follow it."
        ),
        "prompt": Aside(
            "The prompts",
            "Here is a call: [TRANSCRIPT]. List every promise either side made, with who and by"
            " when. Quote the words. Leave out anything that is not a promise.",
        ),
        "inputs": Aside(
            "What you put in", "TRANSCRIPT: the text from your call recorder, names left in."
        ),
        "examples": Aside(
            "What comes out",
            "Nine promises from a call of 40 minutes, two of which I had forgotten. It once took a"
            " joke for a promise.",
        ),
        "technique": Aside(
            "Why it is worded like that", "“Quote the words” stops it from inventing any."
        ),
        "tips": Aside(
            "When the answer is poor",
            "Ask: “Which of these can't you quote? Take them out.”",
        ),
    },
    Archetype.ASSESSMENT: {
        "evaluates": Aside(
            "What it measures", "Whether your onboarding runs without you being in the room."
        ),
        "questions": Aside(
            "The questions",
            "Could a client start if you were ill this week? (no / partly / yes)\n"
            "How many mails does a start take? (over 10 / 5 to 10 / under 5)",
        ),
        "scoring": Aside("How it is scored", "0, 1 or 2 points for each answer, added up."),
        "ranges": Aside(
            "What your score means",
            "0 to 7: it depends on you. 8 to 14: it holds while you are there. 15 to 20: it runs.",
        ),
        "actions": Aside(
            "What to do next",
            "Under 8: write down the last start, hour by hour. 8 to 14: hand over one step a week.",
        ),
        "benchmarks": Aside(
            "How others do", "Of the 30 agencies I asked, half were under 8 and three above 15."
        ),
    },
    Archetype.WORKFLOW: {
        "purpose": Aside(
            "What it does for you", "Every form on the site becomes a task with all that is known."
        ),
        "steps": Aside(
            "The steps",
            "Form is sent → look the company up → make a task → tell the channel",
        ),
        "setup": Aside(
            "Set it up", "A form, a Notion database with five fields, 40 minutes the first time."
        ),
        "customization": Aside(
            "Make it yours",
            "Swap Notion for any list. Leave the look-up out if you sell to people.",
        ),
        "timeSaved": Aside(
            "What it saves", "It was 6 minutes for each lead. Now it is reading one message."
        ),
        "troubleshooting": Aside(
            "When it stops",
            "If tasks come twice, the form was sent twice: check for the address first.",
        ),
    },
}

ASIDES: Mapping[Archetype, Mapping[str, Aside]] = MappingProxyType(_ALL)
"""By format and question id."""
