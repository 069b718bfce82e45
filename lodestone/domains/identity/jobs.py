"""What identity does by the clock."""

from lodestone.auth import letters
from lodestone.auth import service as auth
from lodestone.domains.identity.billing import jobs as billing
from lodestone.domains.identity.data import jobs as data
from lodestone.domains.identity.teams.invitations import jobs as invitations
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.jobs import schedule

# Declared elsewhere; importing them here lets every worker know them.
send_account_mail = letters.send_account_mail
mail_invitation = invitations.mail_invitation
mail_welcome = invitations.mail_welcome
apply_stripe_event = billing.apply_stripe_event
refresh_subscription = billing.refresh_subscription
reconcile_subscriptions = billing.reconcile_subscriptions
export_account = data.export_account
delete_account = data.delete_account


@schedule("identity:forget_ended_sessions", cron="17 * * * *")
async def forget_ended_sessions() -> None:
    """Delete sessions, links and failed sign-ins that no longer count."""
    async with runtime.acting_as(Root()) as tx:
        await auth.forget_ended(tx)
