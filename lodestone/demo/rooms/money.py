"""Money in and out of the studio, and what its models cost."""

from datetime import timedelta

from lodestone.demo.scene import Row, Rows, Scene

_VENDORS = (
    ("Harbour Hosting", "software", 4_900),
    ("Mailbox Works", "outreach", 7_200),
    ("Quay Street Offices", "rent", 98_000),
    ("Lantern Accounting", "services", 24_000),
    ("Signal Audio", "software", 2_900),
    ("Regional Rail", "travel", 6_350),
)
_CALLERS = (
    ("extract_ideas", "claude-sonnet-4-6", 5_200, 840),
    ("suggest_reply", "claude-haiku-4-5", 1_400, 120),
    ("polish_content", "offline", 0, 0),
)


def rows(scene: Scene) -> Rows:
    """Return three months of spending and income, and a month of model calls."""
    owned: Row = {"tenant_id": str(scene.tenant_id)}
    rules = [
        owned | {"vendor_pattern": name.lower(), "category": category, "created_by": "manual"}
        for name, category, _ in _VENDORS[:4]
    ]
    return [
        ("vendor_channel_rules", rules),
        (
            "financial_transactions",
            [_spent(scene, owned, m, n) for m in range(3) for n in range(len(_VENDORS))],
        ),
        ("revenue_events", [_earned(scene, owned, m, n) for m in range(3) for n in range(4)]),
        ("ai_usage_logs", [_call(scene, owned, number) for number in range(60)]),
        ("analytics_daily_summary", [_summary(scene, owned, day) for day in range(30)]),
    ]


def _spent(scene: Scene, owned: Row, month: int, number: int) -> Row:
    vendor, category, cents = _VENDORS[number]
    is_known = number < 4
    return owned | {
        "external_id": f"demo-{month}-{number}",
        "vendor_name": vendor,
        "amount_cents": cents,
        "currency": "EUR",
        "transaction_date": (
            scene.now.date() - timedelta(days=30 * month + 3 * number)
        ).isoformat(),
        "category": category if is_known else None,
        "classification": "rule" if is_known else "pending",
    }


def _earned(scene: Scene, owned: Row, month: int, number: int) -> Row:
    is_client = number == 0
    return owned | {
        "stripe_event_id": f"evt_{scene.id(f'revenue:{month}:{number}')}",
        "stripe_charge_id": f"ch_{scene.id(f'charge:{month}:{number}')}",
        "event_type": "payment",
        "amount_cents": 616_000 if is_client else 150_000,
        "currency": "eur",
        "product_name": "Engagement" if is_client else "The six-week sprint",
        "product_category": "other" if is_client else "bootcamp",
        "is_recurring": is_client,
        "customer_email": "petra@halden.example.com"
        if is_client
        else f"student{number}@example.org",
        "attribution_channel": "organic",
        "stripe_created_at": scene.ago(days=30 * month + 2 * number + 1),
        "created_at": scene.ago(days=30 * month + 2 * number + 1),
    }


def _call(scene: Scene, owned: Row, number: int) -> Row:
    caller, model, tokens_in, tokens_out = _CALLERS[number % len(_CALLERS)]
    return owned | {
        "source": "magnetlab",
        "caller": caller,
        "model": model,
        "input_tokens": tokens_in + 37 * (number % 9) if tokens_in else 0,
        "output_tokens": tokens_out + 11 * (number % 7) if tokens_out else 0,
        "estimated_cost_cents": round((tokens_in * 0.0003 + tokens_out * 0.0015), 4),
        "duration_ms": 40 if model == "offline" else 1_900 + 130 * (number % 11),
        "created_at": scene.ago(days=number / 2),
    }


def _summary(scene: Scene, owned: Row, day: int) -> Row:
    return owned | {
        "date": scene.day(-day),
        "leads_count": 1 + (day * 7 + 3) % 5,
        "emails_sent": 6 + day % 5,
        "emails_opened": 3 + day % 4,
        "emails_replied": day % 3,
        "meetings_booked": 1 if day % 4 == 1 else 0,
    }
