"""Pure rules of sending."""

from datetime import timedelta

RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)


def retry_delay(attempts: int) -> timedelta | None:
    """Return how long to wait after this many attempts, None when it was the last."""
    return RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None
