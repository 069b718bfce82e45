"""Pure rules of sending: when to try again, in whose name, and how much on a day."""

from datetime import date, timedelta
from email.utils import parseaddr

from lodestone.domains.email.sending.models import Account, Sender

RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)
WARMUP_FIRST_DAY = 50
WARMUP_GROWTH = 1.4
WARMUP_ENDS_AT = 100_000
PLACEHOLDER_DOMAIN = "example.com"


def retry_delay(attempts: int) -> timedelta | None:
    """Return how long to wait after this many attempts, None when it was the last."""
    return RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None


def choose_sender(
    account: Account,
    *,
    platform_from: str,
    wanted_address: str | None = None,
    wanted_name: str | None = None,
    wanted_reply_to: str | None = None,
) -> Sender:
    """Return in whose name a mail goes out.

    The first address that may be used: that of an own account, what the flow or broadcast wants,
    the team's, the settings', the platform's. Whoever can't be the sender is where answers go.
    """
    platform_address = parseaddr(platform_from)[1]
    first = (account.own_address,) if account.is_own else ()
    wanted = (*first, wanted_address, account.team_address, account.own_address)
    usable = [each for each in wanted if each and may_send_as(account, each)]
    address = usable[0] if usable else platform_address
    refused = next((each for each in wanted if each and not usable), None)
    reply_to = wanted_reply_to or account.reply_to or refused
    return Sender(
        address=address,
        name=wanted_name or account.name,
        reply_to=None if reply_to == address else reply_to,
    )


def may_send_as(account: Account, address: str) -> bool:
    """Say whether an address may stand as the sender: with an own account, or a verified domain."""
    domain = address.rpartition("@")[2].lower()
    if not domain or domain == PLACEHOLDER_DOMAIN:
        return False
    if account.is_own:
        return True
    verified = account.verified_domain
    return verified is not None and (domain == verified or domain.endswith(f".{verified}"))


def day_cap(account: Account, *, today: date) -> int | None:
    """Return the most marketing mails of a day from one domain, None without a limit.

    A warm-up begins with 50 and grows by two fifths each day, until it is no limit any more.
    """
    caps = [] if account.daily_cap is None else [account.daily_cap]
    if account.warmup_started_on is not None:
        days = max((today - account.warmup_started_on).days, 0)
        # Past that many days the power would be a number that no mail ever reaches.
        grown = WARMUP_FIRST_DAY * WARMUP_GROWTH ** min(days, 40)
        if grown < WARMUP_ENDS_AT:
            caps.append(int(grown))
    return min(caps) if caps else None
