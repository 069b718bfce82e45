"""What an address of a job may hold."""

from typing import Annotated

from fastapi import Path

JobId = Annotated[int, Path(ge=1, le=2**63 - 1)]
"""The number of a job: PostgreSQL's bigint holds no larger one."""
