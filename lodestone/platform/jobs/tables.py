"""Where PgQueuer finds our tables: the names of the migration, whatever the environment says."""

from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.types import Channel

CHANNEL = Channel("lodestone_jobs")

TABLES = DBSettings(
    prefix="",
    db_schema="platform",
    channel=CHANNEL,
    function="notify_jobs",
    trigger="notify_changed_jobs",
    queue_table="jobs",
    queue_table_log="job_log",
    statistics_table="job_statistics",
    schedules_table="job_schedules",
    queue_status_type="job_status",
    durability=Durability.durable,
)
