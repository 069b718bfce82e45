"""Every SQL statement about jobs that is ours; the rest is PgQueuer's."""
