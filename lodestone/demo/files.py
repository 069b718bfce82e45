"""The files of the demo: what a studio keeps in folders, and one that is public."""

from lodestone.demo import cast
from lodestone.demo.scene import Row, Rows, Scene
from lodestone.domains.files import service as files
from lodestone.platform.actors import User

_PRIVATE = {
    "offers/offer-on-one-page.md": (
        "text/markdown",
        (
            "# Offer on one page\n\n1. What you said is in the way\n"
            "2. What is different afterwards\n3. What it costs, in one number\n"
            "4. What happens on Monday if you say yes\n"
        ),
    ),
    "offers/prices-2026.csv": (
        "text/csv",
        "package,price,weeks\nOne page,2400,2\nOne quarter,9800,12\nOn call,1200,4\n",
    ),
    "calls/questions-for-the-first-call.txt": (
        "text/plain",
        (
            "What made you write to us this week?\nWhat have you tried?\nWho else has to say yes?\n"
            "What happens if nothing changes until summer?\n"
        ),
    ),
}
_PUBLIC = {
    "one-page-offer.txt": (
        "text/plain",
        "The sheet behind the talk: one page, one price, one date. Send it on a Monday.\n",
    )
}


async def put(owner: User) -> None:
    """Put the files into the owner's folders; doing it twice leaves one of each."""
    for is_public, given in ((False, _PRIVATE), (True, _PUBLIC)):
        for path, (mime_type, text) in given.items():
            place = files.place(owner.user_id, path, public=is_public)
            await files.put_file(owner, place, text.encode(), mime_type=mime_type)


def audit(scene: Scene) -> Rows:
    """Return what the owner did as the one who runs the installation."""
    owner, writer, manager = (
        str(one) for one in (scene.owner_id, scene.writer_id, scene.manager_id)
    )
    reason = {"reason": "Asked by Sanne: where did last week's opt-ins go?"}

    def entry(days: float, action: str, subject: str | None, details: Row) -> Row:
        return {
            "id": scene.id(f"audit {days}"),
            "actor_id": owner,
            "subject_id": subject,
            "action": action,
            "details": details,
            "created_at": scene.ago(days=days),
        }

    entries = [
        entry(58, "account.created", writer, {"name": cast.WRITER[0]}),
        entry(57.9, "account.created", manager, {"name": cast.MANAGER[0]}),
        entry(41, "plan.changed", writer, {"from": "free", "to": "pro"}),
        entry(12, "view.started", manager, reason),
        entry(11.999, "view.read", manager, {"method": "GET", "path": "/app/leads"}),
        entry(11.99, "view.ended", manager, {}),
        entry(5, "sessions.ended", writer, {"count": 2}),
    ]
    return [("admin_audit_log", entries)]
