"""The six-week sprint that the studio teaches: lessons, students, partners who send some."""

from lodestone.demo.scene import Row, Rows, Scene

_WEEKS = (
    ("Know your number", ("What a client is worth", "The floor and the ceiling")),
    ("The call", ("Seven questions", "Sums said aloud")),
    ("The page", ("Six parts", "Two prices")),
)
_STUDENTS = (
    ("Elise Tan", "elise@example.org", "Active", 2),
    ("Robert Okafor", "robert@example.org", "Active", 4),
    ("Maja Sundqvist", "maja@example.org", "Onboarding", 0),
    ("Pedro Alves", "pedro@example.org", "Completed", 6),
)


def rows(scene: Scene) -> Rows:
    """Return a cohort with its weeks and lessons, its students, and a partner."""
    owned: Row = {"tenant_id": str(scene.tenant_id)}
    lessons = [
        _lesson(scene, week, number)
        for week, (_, two) in enumerate(_WEEKS)
        for number in range(len(two))
    ]
    return [
        ("bootcamp_cohorts", [_bootcamp(scene, owned)]),
        ("lms_cohorts", [_cohort(scene, owned)]),
        ("lms_weeks", [_week(scene, number) for number in range(len(_WEEKS))]),
        ("lms_lessons", lessons),
        ("lms_content_items", [_reading(lesson) for lesson in lessons]),
        ("lms_action_items", [_exercise(scene, number) for number in range(len(_WEEKS))]),
        ("bootcamp_students", [_student(scene, owned, number) for number in range(len(_STUDENTS))]),
        ("student_cohorts", [_enrolment(scene, number) for number in range(len(_STUDENTS))]),
        ("lms_student_lesson_progress", _progress(scene)),
        ("ai_tools", [_tool(scene, owned)]),
        ("affiliates", [_partner(scene, owned)]),
        ("referrals", [_referral(scene)]),
    ]


def _bootcamp(scene: Scene, owned: Row) -> Row:
    return owned | {
        "id": scene.id("bootcamp"),
        "name": "Sprint, spring",
        "start_date": scene.day(-28),
        "end_date": scene.day(14),
    }


def _cohort(scene: Scene, owned: Row) -> Row:
    return owned | {
        "id": scene.id("cohort"),
        "name": "The six-week sprint",
        "description": "One habit a week, from the first call to the signed page.",
        "product_type": "bootcamp",
        "start_date": scene.day(-28),
        "end_date": scene.day(14),
    }


def _week(scene: Scene, number: int) -> Row:
    return {
        "id": scene.id(f"week:{number}"),
        "cohort_id": scene.id("cohort"),
        "title": f"Week {number + 1}: {_WEEKS[number][0]}",
        "sort_order": number,
    }


def _lesson(scene: Scene, week: int, number: int) -> Row:
    return {
        "id": scene.id(f"lesson:{week}:{number}"),
        "week_id": scene.id(f"week:{week}"),
        "title": _WEEKS[week][1][number],
        "description": "Twelve minutes and an exercise",
        "sort_order": number,
    }


def _reading(lesson: Row) -> Row:
    return {
        "lesson_id": lesson["id"],
        "title": f"Reading: {lesson['title']}",
        "content_type": "text",
        "content_text": "Take your last three projects. Write what each was worth to the client in"
        " the first year, by their own sums. If you don't know, that is your question for Monday.",
    }


def _exercise(scene: Scene, number: int) -> Row:
    return {
        "week_id": scene.id(f"week:{number}"),
        "text": ("Work out your floor", "Ask the seven questions once", "Send one page")[number],
        "sort_order": number,
    }


def _student(scene: Scene, owned: Row, number: int) -> Row:
    name, email, status, _ = _STUDENTS[number]
    return owned | {
        "id": scene.id(f"student:{number}"),
        "name": name,
        "email": f"{scene.id('students')[:6]}.{email}",
        "cohort": "Sprint, spring",
        "status": status,
        "access_level": "Full Access",
        "purchase_date": scene.ago(days=30 + number),
        "created_at": scene.ago(days=30 + number),
    }


def _enrolment(scene: Scene, number: int) -> Row:
    return {
        "student_id": scene.id(f"student:{number}"),
        "cohort_id": scene.id("cohort"),
        "joined_at": scene.ago(days=29),
        "enrollment_source": "manual",
    }


def _progress(scene: Scene) -> list[Row]:
    lessons = [f"lesson:{week}:{number}" for week in range(3) for number in range(2)]
    return [
        {
            "student_id": scene.id(f"student:{student}"),
            "lesson_id": scene.id(lesson),
            "completed_at": scene.ago(days=20 - 3 * number),
        }
        for student, (_, _, _, done) in enumerate(_STUDENTS)
        for number, lesson in enumerate(lessons[:done])
    ]


def _tool(scene: Scene, owned: Row) -> Row:
    return owned | {
        "id": scene.id("tool"),
        "slug": "first-line",
        "name": "First-line coach",
        "description": "Reads the first line of a message and says whom it could be for",
        "system_prompt": "Say in two sentences whether this first line could be sent to anybody.",
        "welcome_message": "Paste the first line of your message.",
    }


def _partner(scene: Scene, owned: Row) -> Row:
    return owned | {
        "id": scene.id("partner"),
        "email": f"partner.{scene.id('partner')[:6]}@example.org",
        "name": "Joris Vane",
        "company": "Vane & Partners",
        "slug": f"joris-{scene.id('partner')[:6]}",
        "code": f"JORIS-{scene.id('partner')[:6]}".upper(),
        "status": "active",
        "commission_amount": 500,
    }


def _referral(scene: Scene) -> Row:
    return {
        "affiliate_id": scene.id("partner"),
        "bootcamp_student_id": scene.id("student:0"),
        "referred_email": "elise@example.org",
        "referred_name": "Elise Tan",
        "total_price": 1500,
        "amount_paid": 500,
        "status": "paying",
        "enrolled_at": scene.ago(days=29),
    }
