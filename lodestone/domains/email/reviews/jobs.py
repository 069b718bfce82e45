"""What reviews do in the background: mails are rewritten before somebody looks at them."""

from lodestone.domains.email.flows.jobs import StepHeld
from lodestone.domains.email.reviews import service
from lodestone.platform.events import subscriber


@subscriber(StepHeld, "email:personalise_mail", attempts=5)
async def personalise_mail(event: StepHeld) -> None:
    """Rewrite a mail for somebody who waits for it, for a person to approve."""
    await service.personalise(
        flow_id=event.flow_id, contact_id=event.contact_id, step_id=event.step_id
    )
