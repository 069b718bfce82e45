"""What files do by the clock."""

from lodestone.platform.jobs import schedule
from lodestone.storage import objects


@schedule("files:sweep_bytes", cron="23 3 * * *", timeout_seconds=6 * 3600.0)
async def sweep_bytes() -> None:
    """Delete bytes that no file holds: of uploads and deletions whose process died midway."""
    await objects.sweep()
