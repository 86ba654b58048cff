r"""Limit cycles: whether a long run comes back to where it was, and after how long.

The return error of a period P is the root mean square distance of states P apart, relative to that of two states drawn
at random from the orbit,

.. math:: e(P)^2 = \langle |x(t + P) - x(t)|^2 \rangle / (2 \langle |x - \bar x|^2 \rangle).

States between steps are interpolated by cubic splines, so a period need not be a whole number of steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.optimize import minimize_scalar

from neurocompare.dynamics.network_map import NetworkMap, after_trial, diverged, trial
from neurocompare.models.rate_rnn import RateRNN
from neurocompare.tasks.task import Task

FIXED_POINT, LIMIT_CYCLE, NEITHER, DIVERGES = "fixed point", "limit cycle", "neither", "diverges"

STILL = 1e-3
"""Size of an orbit, relative to the distance of its mean from rest (or 1e-3 where it is at rest), that is a point."""

MANY_PERIODS = 5
"""A state must come back after so many periods as nearly as after one: an irregular orbit does not."""

STEADY = 0.05
"""Relative change of an orbit's size from the first to the second half of the run that is none."""


MOST_DIPS = 60
"""Near returns that are tried, shortest first."""

COMPARED = 400
"""States, the last of the run, that are compared with those a period later."""


@dataclass(frozen=True)
class LimitCycle:
    """What a run settles into.

    Attributes
    ----------
    verdict : str
        ``"fixed point"``, ``"limit cycle"``, ``"neither"`` (chaos, a torus, or still on its way) or ``"diverges"``.
    period : float
        In s; of a limit cycle, or of the nearest return otherwise. NaN where nothing comes back.
    period_steps : float
        The same in time steps.
    return_error : float
        After one period, relative: 0 for a perfect return, about 1 for none.
    late_return_error : float
        After five periods (or as many as fit into half of the run, two at least).
    size : float
        Root mean square distance from the orbit's mean, per unit.
    why : str

    Examples
    --------
    >>> found = find_limit_cycle(np.ones((100, 3)))
    >>> found.verdict, found.why
    ('fixed point', 'activity stands still')
    """

    verdict: str
    period: float
    period_steps: float
    return_error: float
    late_return_error: float
    size: float
    why: str


def find_limit_cycle(states: np.ndarray, *, time_step: float = 1.0, tolerance: float = 0.05) -> LimitCycle:
    """Judge a run that has settled.

    Parameters
    ----------
    states : array, shape (time, dimension)
    time_step : float
        In s.
    tolerance : float
        Largest return error of a limit cycle, after one period and after five.

    Returns
    -------
    LimitCycle

    Examples
    --------
    >>> turn = 2 * np.pi * np.arange(400) / 20.5
    >>> found = find_limit_cycle(np.stack([np.cos(turn), np.sin(turn)], axis=1), time_step=0.01)
    >>> found.verdict, round(found.period_steps, 3), round(found.period, 5)
    ('limit cycle', 20.5, 0.205)
    """
    nothing = (math.nan, math.nan, math.nan, math.nan)
    if diverged(states):
        return LimitCycle(DIVERGES, *nothing, math.nan, "activity leaves every bound")
    mean = states.mean(axis=0)
    centred = states - mean
    size, place = (float(np.sqrt((values**2).mean())) for values in (centred, mean))
    if size <= STILL * max(place, STILL):
        return LimitCycle(FIXED_POINT, *nothing, size, "activity stands still")
    scores = _leading_scores(centred)
    half = len(scores) // 2
    early, late = (float((part**2).sum(axis=1).mean()) ** 0.5 for part in (scores[:half], scores[half:]))
    best = _shortest_return(scores, tolerance)
    if best is None:
        return LimitCycle(NEITHER, *nothing, size, "no state comes back")
    period, error, after = best
    numbers = (period * time_step, period, error, after, size)
    sentence = f"return error {error:.2g} after one period of {period:.4g} steps and {after:.2g} after several"
    if abs(late - early) > STEADY * max(late, early):
        return LimitCycle(NEITHER, *numbers, f"still on its way: the orbit's size goes from {early:.3g} to {late:.3g}")
    if max(error, after) > tolerance:
        return LimitCycle(NEITHER, *numbers, f"{sentence}, more than {tolerance:g}")
    return LimitCycle(LIMIT_CYCLE, *numbers, sentence)


def limit_cycles(
    network: RateRNN,
    task: Task,
    *,
    inputs: str = "hold",
    transient: float = 300.0,
    duration: float = 300.0,
    tolerance: float = 0.05,
    private_noise: np.ndarray | None = None,
) -> tuple[LimitCycle, ...]:
    """Judge what a network settles into after each condition's trial; `transient` and `duration` in time constants.

    The other parameters are those of `network_exponents` and `find_limit_cycle`.

    Parameters
    ----------
    network : RateRNN
    task : Task
    inputs : str
        After the trial, see `after_trial`.
    transient, duration : float
        Left to settle, and looked at after that, in time constants.
    tolerance : float
        As of `find_limit_cycle`.
    private_noise : array, shape (condition, time, unit), optional
        Of the network's trials.

    Returns
    -------
    tuple of LimitCycle
        One a condition.

    Examples
    --------
    >>> import torch
    >>> from neurocompare.models import draw_reservoir
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> task = oscillation()
    >>> network = draw_reservoir(task, Family(n_units=20), generator=torch.Generator().manual_seed(0))
    >>> len(limit_cycles(network, task, transient=20, duration=20))
    2
    """
    system = after_trial(network, task, inputs=inputs)
    state = trial(network, task, private_noise=private_noise)[-1]
    n_transient, n_steps = (round(length / network.step_fraction) for length in (transient, duration))
    state = _after(system, state, n_transient)
    states = system.run(state, n_steps, first=n_transient)
    return tuple(
        find_limit_cycle(states[:, condition], time_step=task.time_step, tolerance=tolerance)
        for condition in range(states.shape[1])
    )


def _after(system: NetworkMap, state: np.ndarray, n_steps: int) -> np.ndarray:
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(n_steps):
            state = system.step(state, k)
    return state


def _leading_scores(centred: np.ndarray) -> np.ndarray:
    """Principal components that carry all but a millionth of the variance: distances stay, dimensions go."""
    if centred.shape[1] <= 8:
        return centred
    variances, axes = np.linalg.eigh(centred.T @ centred)
    kept = np.cumsum(variances) > 1e-6 * variances.sum()
    return centred @ axes[:, kept]


def _shortest_return(scores: np.ndarray, tolerance: float) -> tuple[float, float, float] | None:
    """Return the shortest period that passes, else the nearest return: its steps, error, and error after several."""
    n_times = len(scores)
    scale = 2 * float((scores**2).sum(axis=1).mean())
    # Of a longer period, not two would fit after one another.
    distance = _distances(scores)[: n_times // 4 + 1] / scale
    inner = distance[1:-1]
    dips = 1 + np.flatnonzero((inner < distance[:-2]) & (inner <= distance[2:]))
    # Where a period is a few steps long, even the step nearest to it is far from a return.
    dips = dips[distance[dips] < 0.5]
    orbit = CubicSpline(np.arange(n_times), scores)
    nearest = None
    for dip in dips[:MOST_DIPS]:
        period, error = _refine(orbit, scores, scale, float(dip))
        many = min(MANY_PERIODS, int(n_times / 2 / period))
        several, after = _refine(orbit, scores, scale, many * period)
        if max(error, after) <= tolerance:
            return several / many, error, after  # several periods tell one more precisely
        if nearest is None or error < nearest[1]:
            nearest = (period, error, after)
    return nearest


def _distances(scores: np.ndarray) -> np.ndarray:
    """Mean squared distance of states a lag apart, for every lag, shape (time,)."""
    n_times = len(scores)
    spectrum = np.fft.rfft(scores, 2 * n_times, axis=0)
    products = np.fft.irfft((np.abs(spectrum) ** 2).sum(axis=1), 2 * n_times)[:n_times]
    squares = np.concatenate([[0.0], np.cumsum((scores**2).sum(axis=1))])
    lags = np.arange(n_times)
    return (squares[n_times - lags] + squares[-1] - squares[lags] - 2 * products) / (n_times - lags)


def _refine(orbit: CubicSpline, scores: np.ndarray, scale: float, guess: float) -> tuple[float, float]:
    """Minimise the return error within a step around a guess; returns period and error."""
    furthest = min(guess + 1, len(scores) - 2)
    times = np.arange(int(len(scores) - 1 - furthest) + 1)[-COMPARED:]

    def squared_error(period: float) -> float:
        return float(((orbit(times + period) - scores[times]) ** 2).sum(axis=1).mean()) / scale

    bounds = (max(guess - 1, 0.5), furthest)
    best = minimize_scalar(squared_error, bounds=bounds, method="bounded", options={"xatol": 1e-4})
    return float(best.x), math.sqrt(max(float(best.fun), 0.0))
