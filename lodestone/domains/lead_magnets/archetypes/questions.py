"""What each format asks its author."""

from collections.abc import Mapping
from types import MappingProxyType

from lodestone.domains.lead_magnets.archetypes.models import Question
from lodestone.domains.lead_magnets.models import Archetype

_ALL: dict[Archetype, tuple[Question, ...]] = {
    Archetype.SINGLE_BREAKDOWN: (
        Question(
            "example",
            "Which success do you take apart, and what came of it?",
            "Name the piece, the date and the figures you can show.",
        ),
        Question(
            "walkthrough",
            "What are its parts, one after the other?",
            "Go from the first line to the last; quote what was really there.",
        ),
        Question(
            "psychology",
            "Why does each part work on people?",
            "What does a reader feel or fear at that moment?",
        ),
        Question(
            "insight",
            "What about it do most people overlook?",
            "The thing you only saw on the second or tenth look.",
        ),
        Question(
            "adaptation",
            "How would somebody make it their own?",
            "What must stay, what must change, where to begin.",
        ),
    ),
    Archetype.SINGLE_SYSTEM: (
        Question(
            "outcome",
            "What does the process produce, and for whom?",
            "One outcome that a client would pay for.",
        ),
        Question(
            "steps",
            "What are the steps, in order?",
            "For each: what goes in, what you do, what comes out.",
        ),
        Question(
            "pitfalls",
            "Where do people go wrong?",
            "The step that is skipped, and what that costs.",
        ),
        Question(
            "templates",
            "Which templates, scripts or checklists go with it?",
            "Paste the real text wherever you can.",
        ),
        Question(
            "results",
            "What has it done for you or for clients?",
            "Before and after, with figures that are yours to share.",
        ),
        Question(
            "differentiation",
            "How is it unlike the usual way?",
            "What you do first, last, or not at all.",
        ),
    ),
    Archetype.FOCUSED_TOOLKIT: (
        Question(
            "useCase",
            "For which one job is this kit?",
            "A moment in a week, such as the hour before a sales call.",
        ),
        Question("items", "What is in it?", "Name ten to twenty items, the most useful first."),
        Question(
            "content",
            "What does each item say, word for word?",
            "The text to copy: the line, the question, the template.",
        ),
        Question(
            "context",
            "When does somebody reach for which?",
            "The situation that calls for each item.",
        ),
        Question(
            "testing",
            "How do you know that they work?",
            "How often you used them, and what came back.",
        ),
        Question(
            "exclusions",
            "What did you leave out, and why?",
            "The popular item that does more harm than good.",
            required=False,
        ),
    ),
    Archetype.SINGLE_CALCULATOR: (
        Question(
            "question",
            "Which question does the number answer?",
            "One that your clients ask and can't work out in their head.",
        ),
        Question(
            "inputs",
            "What does somebody have to enter?",
            "Three to six values, each with its unit and a usual size.",
        ),
        Question(
            "logic",
            "How do you get from there to the answer?",
            "Write the formula as you would on paper.",
        ),
        Question(
            "output", "What comes out, and in which unit?", "Money, a share or a plain number."
        ),
        Question(
            "interpretation",
            "When is the number good, and when is it a warning?",
            "Three or four ranges, and what to do in each.",
        ),
        Question(
            "limitations",
            "When is it wrong?",
            "What it leaves out, and for whom it does not hold.",
            required=False,
        ),
    ),
    Archetype.FOCUSED_DIRECTORY: (
        Question(
            "need", "What is somebody looking for when they need this?", "One need, not a field."
        ),
        Question(
            "items",
            "Which entries are on the list?",
            "Five to fifteen, each with its name and address.",
        ),
        Question(
            "dataPoints",
            "What should be said about each?",
            "Price, for whom, what it is best at: the same for all.",
        ),
        Question(
            "experience",
            "What is your own experience with them?",
            "How long you have used it, and where it let you down.",
        ),
        Question("choosing", "How does somebody choose?", "A rule of two or three questions."),
        Question(
            "excluded",
            "What is not on it, though people expect it?",
            "And your reason.",
            required=False,
        ),
    ),
    Archetype.MINI_TRAINING: (
        Question(
            "skill",
            "What can somebody do after it that they could not before?",
            "One skill that can be seen in what they make.",
        ),
        Question(
            "chunks",
            "Into which three to five parts does it fall?",
            "In the order in which they are learned.",
        ),
        Question(
            "teaching",
            "How do you explain each part to a client?",
            "The example or picture that makes it click.",
        ),
        Question(
            "practice",
            "What do they do to practise?",
            "One exercise per part, ten to twenty minutes.",
        ),
        Question("mistakes", "What do beginners get wrong?", "And how they notice it themselves."),
        Question(
            "beforeAfter",
            "What does work look like before and after?",
            "A real pair, if you may show it.",
            required=False,
        ),
    ),
    Archetype.ONE_STORY: (
        Question("summary", "Whose story is it, in two sentences?", "Who, from where to where."),
        Question("before", "How were things before?", "A day from that time, with what it cost."),
        Question("journey", "What was tried, and what failed?", "The wrong turns too."),
        Question(
            "turningPoint", "What changed everything?", "The moment, the sentence, the decision."
        ),
        Question("after", "How are things now, in figures?", "The same measures as before."),
        Question(
            "lessons", "What should a reader take from it?", "One lesson, and the first step."
        ),
    ),
    Archetype.PROMPT: (
        Question("task", "Which task do the prompts do?", "One that your readers have every week."),
        Question(
            "prompt",
            "What is the prompt, word for word?",
            "Paste it as you use it, gaps to fill in included.",
        ),
        Question(
            "inputs",
            "What does somebody put in?",
            "What goes into each gap, and where they find it.",
        ),
        Question(
            "examples",
            "What came out when you used it?",
            "A real answer, the good and the weak part.",
        ),
        Question(
            "technique", "Why is it worded like that?", "The one line that makes the difference."
        ),
        Question(
            "tips",
            "What do you do when the answer is poor?",
            "The follow-up that mends it.",
            required=False,
        ),
    ),
    Archetype.ASSESSMENT: (
        Question(
            "evaluates", "What does it measure?", "One ability or one state, not a personality."
        ),
        Question(
            "questions",
            "Which questions do you ask?",
            "Ten to twenty, each about something that can be seen.",
        ),
        Question(
            "scoring", "How do answers become points?", "Which answer is worth how much, and why."
        ),
        Question(
            "ranges",
            "What do the scores mean?",
            "Three or four ranges with an honest name for each.",
        ),
        Question(
            "actions",
            "What should somebody in each range do next?",
            "The first step, different for each.",
        ),
        Question(
            "benchmarks",
            "How do others score?",
            "Only figures that you really have.",
            required=False,
        ),
    ),
    Archetype.WORKFLOW: (
        Question("purpose", "What does it do by itself?", "The chore that it takes away."),
        Question(
            "steps",
            "What happens, step by step?",
            "For each: what starts it, what it does, in which tool, what comes out.",
        ),
        Question("setup", "How is it set up?", "Accounts, settings and texts, in order."),
        Question("customization", "What would others change?", "Other tools, other sizes of team."),
        Question(
            "timeSaved",
            "What does it save, and how do you know?",
            "Minutes per time, and times per week.",
        ),
        Question(
            "troubleshooting",
            "What breaks, and how is it mended?",
            "The three faults you have seen most.",
            required=False,
        ),
    ),
}

QUESTIONS: Mapping[Archetype, tuple[Question, ...]] = MappingProxyType(_ALL)
