"""Calls, what was learned from them, and the posts that came out."""

from lodestone.demo.scene import Row, Rows, Scene

_FIRST_CALL = """\
Ada: What happened that made you take this call now?
Petra: Honestly, a quote we lost. We wrote it on a Sunday, and in March they told us that they
had never opened it.
Ada: How many go out in a month?
Petra: Twelve, give or take. Two of us write them at night.
Ada: And how many answer?
Petra: Three. I used to think that was normal.
Ada: What would one more in four be worth?
Petra: Eighteen thousand a month. I have never said that aloud."""
_MONDAY = """\
Milo: I cut the proposal to one page and they forwarded it the same afternoon.
Sanne: The two prices helped. Nobody asked for a discount, they asked which one.
Ada: Put that in the playbook. And the summary within two hours, that keeps working."""
_CALLS = (
    ("First call with Halden Robotics", "sales", 34, _FIRST_CALL),
    ("Monday call: what the team learned", "coaching", 22, _MONDAY),
)
_LEARNED = (
    ("insight", "insight", "A summary sent within two hours is forwarded about twice as often.", 5),
    ("insight", "how_to", "Two prices make people choose; three make them compare.", 4),
    ("question", "question", "How many of your quotes were answered last month?", 4),
    ("insight", "mistake", "Writing proposals at night makes them longer, not better.", 3),
    ("product_intel", "market_intel", "Makers of small robots lose most quotes to silence.", 3),
)
_SUNDAY = """\
We lost a quote because it was written on a Sunday.

They never opened it. Twelve go out every month, three are answered, and for two years we
thought that was normal.

What changed it was one page and one question: what would one more in four be worth?"""
_PRICES = """\
Three prices are homework.

Two are a choice. Since we offer two, nobody has asked for a discount. They ask which one."""
_QUESTION = """\
The best question of my week: “What happened that made you take this call now?”

The second answer is the real one. Wait for it."""
_REFERRALS = """\
Referrals are the best clients we have, and the only ones we left to chance.

Until we gave them twenty minutes a week."""
_POSTS = (
    ("published", 12, _SUNDAY),
    ("published", 5, _PRICES),
    ("scheduled", -1, _QUESTION),
    ("draft", 0, _REFERRALS),
)


def rows(scene: Scene) -> Rows:
    """Return calls, entries, ideas, posts and the week's plan."""
    mine: Row = {"user_id": str(scene.owner_id)}
    ideas = [_idea(scene, mine, number) for number in range(len(_POSTS))]
    plan = mine | {"week_start_date": scene.day(-scene.now.weekday()), "posts_per_week": 3}
    slots = [
        mine | {"slot_number": n + 1, "time_of_day": "08:30", "day_of_week": day, "is_active": True}
        for n, day in enumerate((1, 2, 4))
    ]
    return [
        ("cp_call_transcripts", [_call(scene, mine, number) for number in range(len(_CALLS))]),
        ("cp_knowledge_entries", [_entry(scene, mine, number) for number in range(len(_LEARNED))]),
        ("cp_content_ideas", ideas),
        ("cp_pipeline_posts", [_post(scene, mine, number) for number in range(len(_POSTS))]),
        ("cp_posting_slots", slots),
        ("cp_week_plans", [plan]),
        ("cp_business_context", [_context(mine)]),
    ]


def _call(scene: Scene, mine: Row, number: int) -> Row:
    title, kind, minutes, text = _CALLS[number]
    return mine | {
        "id": scene.id(f"call:{number}"),
        "source": "paste",
        "external_id": f"demo-{number}",
        "title": title,
        "call_date": scene.ago(days=16 - 9 * number),
        "duration_minutes": minutes,
        "raw_transcript": text,
        "transcript_type": kind,
        "created_at": scene.ago(days=16 - 9 * number),
    }


def _entry(scene: Scene, mine: Row, number: int) -> Row:
    category, kind, text, quality = _LEARNED[number]
    return mine | {
        "transcript_id": scene.id(f"call:{number % 2}"),
        "category": category,
        "knowledge_type": kind,
        "speaker": "participant" if number % 2 else "host",
        "content": text,
        "tags": ["proposals", "calls"],
        "topics": ["selling"],
        "quality_score": quality,
        "actionability": "immediately_actionable",
        "source_date": scene.day(9 * (number % 2) - 16),
    }


def _idea(scene: Scene, mine: Row, number: int) -> Row:
    status, _, text = _POSTS[number]
    return mine | {
        "id": scene.id(f"idea:{number}"),
        "transcript_id": scene.id(f"call:{number % 2}"),
        "title": text.split("\n", maxsplit=1)[0][:80],
        "core_insight": text.rsplit("\n", maxsplit=1)[-1],
        "hook": text.split("\n", maxsplit=1)[0],
        "content_type": "story" if number % 2 == 0 else "insight",
        "content_pillar": "moments_that_matter",
        "relevance_score": 9 - number,
        "composite_score": 8.4 - number,
        "status": {"published": "published", "scheduled": "scheduled"}.get(status, "writing"),
        "created_at": scene.ago(days=15),
    }


def _post(scene: Scene, mine: Row, number: int) -> Row:
    status, days, text = _POSTS[number]
    is_out = status == "published"
    return mine | {
        "id": scene.id(f"post:{number}"),
        "idea_id": scene.id(f"idea:{number}"),
        "draft_content": text,
        "final_content": None if status == "draft" else text,
        "status": status,
        "scheduled_time": scene.ago(days=days) if status in {"scheduled", "published"} else None,
        "published_at": scene.ago(days=days) if is_out else None,
        "hook_score": 8 - number,
        "polish_status": "pending" if status == "draft" else "polished",
        "engagement_stats": {"likes": 84 - 20 * number, "comments": 21} if is_out else None,
        "created_at": scene.ago(days=14 - number),
    }


def _context(mine: Row) -> Row:
    return mine | {
        "company_name": "Tidewater Studio",
        "industry": "Consulting",
        "company_description": "We help founder-led firms win clients without a sales team.",
        "target_audience": "Founders who sell services themselves",
        "icp_pain_points": ["Proposals without an answer", "Clients by chance"],
    }
