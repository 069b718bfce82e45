"""What watches over background jobs."""

from lodestone.domains.lead_magnets.background_jobs import service
from lodestone.platform.jobs import schedule


@schedule("lead_magnets:end_stalled_jobs", cron="*/5 * * * *")
async def end_stalled_jobs() -> None:
    """Fail background jobs that nobody works on any more."""
    await service.end_stalled()
