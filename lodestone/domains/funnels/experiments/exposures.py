"""Who is shown which arm, and that it is counted once: what the public pages ask."""

import hashlib
from uuid import UUID

from lodestone.domains.funnels.experiments import queries, rules
from lodestone.domains.funnels.experiments.models import Exposure, RunningExperiment
from lodestone.platform.database import Tx


def choose(experiment: RunningExperiment, visitor: str) -> int:
    """Return the number of the arm that a visitor sees."""
    return rules.choose_arm(visitor, experiment.id, len(experiment.arms))


def expose(experiment: RunningExperiment, visitor: str) -> Exposure:
    """Return what a visitor is shown, under a name that says nothing of them elsewhere."""
    named = visitor.encode() + b":" + experiment.id.bytes
    return Exposure(
        experiment_id=experiment.id,
        variant_id=experiment.arms[choose(experiment, visitor)].id,
        visitor_hash=hashlib.sha256(named).hexdigest(),
    )


async def note_exposure(tx: Tx, exposure: Exposure) -> UUID | None:
    """Count a visitor; return the arm when it is for the first time, else None."""
    is_new = await queries.insert_exposure(
        tx,
        experiment_id=exposure.experiment_id,
        variant_id=exposure.variant_id,
        visitor_hash=exposure.visitor_hash,
    )
    return exposure.variant_id if is_new else None


async def note_lead(tx: Tx, exposure: Exposure, *, lead_id: UUID) -> UUID | None:
    """Count a visitor of whom the lead is known; return the arm when it is for the first time.

    A visitor who opts in with a second address is one success; of a page's other leads, or after
    the end, nothing is kept.
    """
    is_new = await queries.keep_lead_of_exposure(
        tx,
        experiment_id=exposure.experiment_id,
        variant_id=exposure.variant_id,
        visitor_hash=exposure.visitor_hash,
        lead_id=lead_id,
    )
    return exposure.variant_id if is_new else None
