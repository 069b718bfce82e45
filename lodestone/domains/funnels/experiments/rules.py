"""Who sees which arm, and what the numbers say.

Sources: two-proportion z-test and sample size, Fleiss, Levin and Paik, Statistical Methods for
Rates and Proportions (2003), chapters 3 and 4; sample-ratio test, Fabijan et al., KDD 2019.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist
from uuid import UUID

ALPHA = 0.05
POWER = 0.8
SAMPLE_RATIO_ALARM = 0.001
"""Below this p-value visitors were not spread as planned, and no figure is to be trusted."""

USUAL_LIFT = 0.2
"""The relative difference that a plan looks for unless another is given."""

_NORMAL = NormalDist()
_GRID = 4_000


@dataclass(frozen=True, slots=True)
class Arm:
    """Visitors who saw an arm, and how many of them did what the page is for."""

    views: int
    successes: int

    def __post_init__(self) -> None:
        if not 0 <= self.successes <= self.views:
            raise ValueError("an arm has at most as many successes as views, and no fewer than 0")

    @property
    def rate(self) -> float:
        """Return successes per view, 0 without views."""
        return self.successes / self.views if self.views else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm against another: the difference of their rates, its 95 % interval, and a p-value."""

    difference: float
    low: float
    high: float
    z: float
    p_value: float


def choose_arm(visitor: str, experiment_id: UUID, arms: int) -> int:
    """Return the number of the arm that a visitor sees, the same at every visit."""
    digest = hashlib.sha256(visitor.encode() + experiment_id.bytes).digest()
    return int.from_bytes(digest[:4], "big") % arms


def compare(arm: Arm, other: Arm) -> Comparison:
    """Test whether two arms differ, two-sided; without views or variation p is 1."""
    difference = arm.rate - other.rate
    views = arm.views + other.views
    if not arm.views or not other.views:
        return Comparison(difference, -1.0, 1.0, 0.0, 1.0)
    pooled = (arm.successes + other.successes) / views
    null_error = math.sqrt(pooled * (1 - pooled) * (1 / arm.views + 1 / other.views))
    z = difference / null_error if null_error else 0.0
    error = math.sqrt(
        arm.rate * (1 - arm.rate) / arm.views + other.rate * (1 - other.rate) / other.views
    )
    margin = _NORMAL.inv_cdf(1 - ALPHA / 2) * error
    return Comparison(
        difference, difference - margin, difference + margin, z, math.erfc(abs(z) / math.sqrt(2))
    )


def chances_to_win(arms: Sequence[Arm]) -> list[float]:
    """Return each arm's probability of having the highest rate, from uniform priors.

    Exact up to the grid: the densities are integrated, not drawn.
    """
    edges = _range_of(arms)
    step = (edges[1] - edges[0]) / _GRID
    points = [edges[0] + step * (n + 0.5) for n in range(_GRID)]
    densities = [_density(arm, points) for arm in arms]
    # Half of a cell's own mass lies below its middle.
    below = [
        [total - mass / 2 for total, mass in zip(accumulate(each), each, strict=True)]
        for each in densities
    ]
    chances = [
        sum(
            mass * math.prod(others[at] for i, others in enumerate(below) if i != number)
            for at, mass in enumerate(densities[number])
        )
        for number in range(len(arms))
    ]
    total = sum(chances)
    return [chance / total for chance in chances]


def sample_ratio_p_value(views: Sequence[int]) -> float:
    """Return how likely visitors spread evenly would be spread at least as unevenly as these."""
    total = sum(views)
    if total == 0 or len(views) < 2:
        return 1.0
    expected = total / len(views)
    statistic = sum((seen - expected) ** 2 / expected for seen in views)
    return _chi_square_above(statistic, len(views) - 1)


def is_spread_wrongly(views: Sequence[int]) -> bool:
    """Say whether the sample-ratio alarm goes off."""
    return sample_ratio_p_value(views) < SAMPLE_RATIO_ALARM


def views_needed(
    baseline: float, expected: float, *, alpha: float = ALPHA, power: float = POWER
) -> int:
    """Return the visitors per arm with which a two-sided test finds the difference of two rates.

    Raises: ValueError when the rates are the same or not between 0 and 1.
    """
    if not (0 < baseline < 1 and 0 < expected < 1) or baseline == expected:
        raise ValueError("two different rates between 0 and 1 are needed")
    mean = (baseline + expected) / 2
    at_null = math.sqrt(2 * mean * (1 - mean))
    at_alternative = math.sqrt(baseline * (1 - baseline) + expected * (1 - expected))
    quantiles = _NORMAL.inv_cdf(1 - alpha / 2) * at_null + _NORMAL.inv_cdf(power) * at_alternative
    return math.ceil((quantiles / (expected - baseline)) ** 2)


def power_of(baseline: float, expected: float, views: int, *, alpha: float = ALPHA) -> float:
    """Return how likely a test with these visitors per arm finds the difference."""
    mean = (baseline + expected) / 2
    at_null = math.sqrt(2 * mean * (1 - mean))
    at_alternative = math.sqrt(baseline * (1 - baseline) + expected * (1 - expected))
    distance = abs(expected - baseline) * math.sqrt(views)
    return _NORMAL.cdf((distance - _NORMAL.inv_cdf(1 - alpha / 2) * at_null) / at_alternative)


def best_two(arms: Sequence[Arm]) -> tuple[int, int]:
    """Return the numbers of the best arm and of the next, the earlier of equals."""
    order = sorted(range(len(arms)), key=lambda number: (-arms[number].rate, number))
    return order[0], order[1]


def find_winner(arms: Sequence[Arm], *, horizon: int) -> tuple[int, float] | None:
    """Return the winning arm and its p-value against the second best, None while undecided.

    Nothing is decided before every arm has the planned visitors: looking earlier and often would
    find differences that are not there. Nor when the arms were not spread as planned.
    """
    if len(arms) < 2 or any(arm.views < horizon for arm in arms):
        return None
    if is_spread_wrongly([arm.views for arm in arms]):
        return None
    best, second = best_two(arms)
    p_value = compare(arms[best], arms[second]).p_value
    return (best, p_value) if p_value < ALPHA else None


def rate_interval(arm: Arm) -> tuple[float, float]:
    """Return the 95 % interval of a rate, by Wilson's score: right for few visitors too."""
    if not arm.views:
        return 0.0, 1.0
    z = _NORMAL.inv_cdf(1 - ALPHA / 2)
    weight = z**2 / arm.views
    centre = (arm.rate + weight / 2) / (1 + weight)
    spread = arm.rate * (1 - arm.rate) / arm.views + weight / (4 * arm.views)
    margin = z * math.sqrt(spread) / (1 + weight)
    return max(0.0, centre - margin), min(1.0, centre + margin)


def _range_of(arms: Sequence[Arm]) -> tuple[float, float]:
    """Return where all the posterior mass lies, up to what a float can tell."""
    low, high = 1.0, 0.0
    for arm in arms:
        a, b = arm.successes + 1, arm.views - arm.successes + 1
        mean, spread = a / (a + b), math.sqrt(a * b / (a + b) ** 2 / (a + b + 1))
        low, high = min(low, mean - 9 * spread), max(high, mean + 9 * spread)
    return max(low, 0.0), min(high, 1.0)


def _density(arm: Arm, points: Sequence[float]) -> list[float]:
    """Return the posterior mass of each cell, together 1."""
    failures = arm.views - arm.successes
    logs = [arm.successes * math.log(x) + failures * math.log1p(-x) for x in points]
    highest = max(logs)
    masses = [math.exp(each - highest) for each in logs]
    total = math.fsum(masses)
    return [mass / total for mass in masses]


def _chi_square_above(statistic: float, degrees: int) -> float:
    """Return the upper tail of the chi-square distribution, by its closed form."""
    half = statistic / 2
    if degrees % 2 == 0:
        term, total = 1.0, 1.0
        for k in range(1, degrees // 2):
            term *= half / k
            total += term
        return math.exp(-half) * total
    tail = math.erfc(math.sqrt(half))
    term = math.exp(-half) * math.sqrt(half) * 2 / math.sqrt(math.pi)
    for k in range(1, (degrees - 1) // 2 + 1):
        tail += term
        term *= half / (k + 0.5)
    return tail
