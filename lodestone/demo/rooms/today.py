"""What the conductor watches: goals, signals and the tasks of the week."""

from datetime import timedelta

from lodestone.demo.scene import Row, Rows, Scene

_TASKS = (
    ("pipeline", "high", "Call Petra back about the second project", 0, False),
    ("content", "medium", "Read the pricing worksheet once more and publish its page", 1, False),
    ("outreach", "medium", "Answer the three open conversations", 1, False),
    ("delivery", "high", "Send Halden the reworked lead magnet", 2, False),
    ("revenue", "low", "Raise the day rate for new clients", 9, False),
    ("operations", "low", "Find out why two profiles could not be read", 3, False),
    ("pipeline", "medium", "Thank everybody who introduced us in May", -3, True),
    ("content", "medium", "Write the letter about answered quotes", -9, True),
)
_GOALS = (
    ("leads_captured", 90, 71),
    ("meetings_booked", 12, 9),
    ("revenue_cents", 2_400_000, 1_685_000),
)
_HEALTH = (
    ("database", "healthy"),
    ("mail", "healthy"),
    ("crm webhook", "down"),
)


def rows(scene: Scene) -> Rows:
    """Return tasks, goals, signals, recommendations, daily numbers and the health of services."""
    owned: Row = {"tenant_id": str(scene.tenant_id)}
    signal = owned | {
        "id": scene.id("signal"),
        "signal_type": "webhook_failing",
        "severity": "warning",
        "title": "The CRM has not taken a lead for a day",
        "description": "It answered 503 six times. The address is switched off since.",
        "subject": "crm",
        "created_at": scene.ago(days=1),
    }
    recommendation = owned | {
        "category": "pipeline",
        "priority": "high",
        "title": "Answer leads from LinkedIn first",
        "reasoning": "They book a call twice as often as all others, mostly within two days.",
        "suggestion": "Sort the pipeline by source on Monday and Thursday morning.",
        "created_at": scene.ago(days=2),
    }
    return [
        ("conductor_goals", [_goal(scene, owned, *goal) for goal in _GOALS]),
        ("conductor_signals", [signal]),
        ("conductor_tasks", [_task(scene, owned, number) for number in range(len(_TASKS))]),
        ("conductor_recommendations", [recommendation]),
        ("metrics", [_metrics(scene, owned, day) for day in range(30)]),
        ("system_health", [_health(scene, owned, *service) for service in _HEALTH]),
    ]


def _goal(scene: Scene, owned: Row, metric: str, target: int, current: int) -> Row:
    return owned | {
        "period": "monthly",
        "metric_key": metric,
        "target_value": target,
        "current_value": current,
        "period_start": scene.month().isoformat(),
        "period_end": (scene.month(-1) - timedelta(days=1)).isoformat(),
    }


def _task(scene: Scene, owned: Row, number: int) -> Row:
    category, priority, title, days, is_done = _TASKS[number]
    return owned | {
        "category": category,
        "priority": priority,
        "title": title,
        "due_date": scene.ago(days=-days),
        "completed_at": scene.ago(days=1 - days) if is_done else None,
        "created_at": scene.ago(days=11),
    }


def _metrics(scene: Scene, owned: Row, day: int) -> Row:
    captured = 1 + (day * 7 + 3) % 5
    return owned | {
        "date": scene.day(-day),
        "leads_captured": captured,
        "leads_from_organic": captured,
        "lead_magnets_sent": captured,
        "bookings_created": 1 if day % 4 == 1 else 0,
        "emails_sent": captured * 2,
        "dms_sent": 4 + day % 3,
        "dms_replied": day % 3,
    }


def _health(scene: Scene, owned: Row, service: str, status: str) -> Row:
    is_well = status == "healthy"
    return owned | {
        "service": service,
        "status": status,
        "last_check_at": scene.ago(hours=1),
        "last_success_at": scene.ago(hours=1 if is_well else 26),
        "last_error_message": None if is_well else "The other side answered 503.",
        "consecutive_failures": 0 if is_well else 6,
    }
