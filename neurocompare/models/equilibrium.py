"""Whether a Langevin run has come to rest: its spectrum half-way and at the end, and its last two quarters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from neurocompare.models.fit import OBSERVABLES

RELAXATIONS = 4.0
"""Shortest run that can be judged, in relaxation times of a weight the task does not touch (1 in units of ds)."""

BLOCKS = 5
"""Blocks of a quarter, whose means give its Monte-Carlo error."""

MANY_ERRORS = 3.5
"""Difference of two quarters, in Monte-Carlo errors, that shows a drift: with five blocks each, by chance in 1 %."""

LOOSEST = 0.15
"""Largest Monte-Carlo error of the difference of two quarters, relative to their mean, that still tells something."""

JUDGED = ("loss", "activity", "participation_ratio")
WORDS = {"loss": "the loss", "activity": "tr C", "participation_ratio": "the participation ratio"}


@dataclass(frozen=True)
class Verdict:
    """Whether a run has come to rest, and the sentence that says why."""

    equilibrated: bool
    why: str


def leading_moduli(recurrent: torch.Tensor, *, count: int = 8) -> np.ndarray:
    """Largest moduli of the eigenvalues of g J / sqrt(N), descending.

    Parameters
    ----------
    recurrent : tensor, shape (unit, unit)
    count : int

    Examples
    --------
    >>> leading_moduli(torch.diag(torch.tensor([1.0, -3.0, 2.0])), count=2)
    array([3., 2.])
    """
    return np.sort(np.abs(np.linalg.eigvals(recurrent.double().cpu().numpy())))[::-1][:count].copy()


def bulk_edge(g: float, n_units: int) -> float:
    """Modulus beyond which an eigenvalue of g J / sqrt(N) is no fluctuation of the bulk: g (1 + 1.5 / sqrt(N)).

    The largest of a random matrix exceeds g by about 0.5 g / sqrt(N), by chance more: of 1000 random matrices of 100
    units, and of 300 of 400 units, 1.5 % had an eigenvalue beyond this.

    Examples
    --------
    >>> round(bulk_edge(1.5, 900), 6)
    1.575
    """
    return g * (1 + 1.5 / math.sqrt(n_units))


def judge(
    history: np.ndarray, halfway: np.ndarray, end: np.ndarray, *, g: float, n_units: int, duration: float
) -> Verdict:
    """Judge a Langevin run.

    Parameters
    ----------
    history : array, shape (record, 1 + observable)
        Step, then `OBSERVABLES`.
    halfway, end : array
        `leading_moduli` after half of the run and after all of it.
    g : float
        Radius of the circle that the spectrum fills without learning.
    n_units : int
    duration : float
        Sum of all ds.

    Returns
    -------
    Verdict
        At rest if the run is at least four relaxation times long, the third and the last quarter agree in loss, tr C
        and participation ratio within 3.5 Monte-Carlo errors, themselves below 15 %, and the eigenvalues outside
        the bulk have kept their moduli within 2 g / sqrt(N), several times what they fluctuate by.
    """
    if duration < RELAXATIONS * (1 - 1e-9):
        return Verdict(
            False,
            f"the run is {duration:.2g} relaxation times long, too short to judge; "
            f"at least {RELAXATIONS:g} are expected: give {math.ceil(RELAXATIONS / duration)} times the steps",
        )
    quarter = len(history) // 4
    if quarter < 2 * BLOCKS:
        return Verdict(False, f"{len(history)} records are too few to judge; record at least {8 * BLOCKS} times")
    gaps = []
    for name in JUDGED:
        column = history[:, 1 + OBSERVABLES.index(name)]
        (third, third_error), (last, last_error) = map(
            _mean_and_error, (column[-2 * quarter : -quarter], column[-quarter:])
        )
        error, level = math.hypot(third_error, last_error), 0.5 * abs(third + last)
        what = f"{WORDS[name]} {third:.4g} in the third and {last:.4g} in the last quarter, +- {error:.1g}"
        if abs(third - last) > MANY_ERRORS * error:
            return Verdict(False, f"still moving: {what}; give more steps")
        if error > LOOSEST * level:
            return Verdict(False, f"too few independent samples to judge: {what}; give more steps")
        gaps.append(what)
    # Fluctuations make and unmake eigenvalues just outside the bulk, so moduli count only as far as they stick out.
    edge = bulk_edge(g, n_units)
    change = np.abs(np.maximum(halfway, edge) - np.maximum(end, edge)).max()
    allowed = 2 * g / math.sqrt(n_units)
    outliers = (
        f"{int((end > edge).sum())} eigenvalues outside the bulk, "
        f"the largest {halfway[0]:.3g} half-way and {end[0]:.3g}"
    )
    if change > allowed:
        return Verdict(False, f"the spectrum still moves by {change:.2g}: {outliers} at the end; give more steps")
    return Verdict(True, f"{'; '.join(gaps)}; {outliers} at the end")


def _mean_and_error(values: np.ndarray) -> tuple[float, float]:
    """Mean of a stretch of the run, and its error from the means of blocks."""
    blocks = np.array([block.mean() for block in np.array_split(values, BLOCKS)])
    return float(values.mean()), float(blocks.std(ddof=1) / math.sqrt(BLOCKS))
