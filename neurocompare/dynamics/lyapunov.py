r"""Lyapunov exponents: how fast neighbouring states part, and within what error.

k vectors are carried along a trajectory by its Jacobians and made orthonormal again on the way; the mean logarithm of
what each is shortened or stretched by is its exponent,

.. math:: D_{t+m-1} \cdots D_t Q_t = Q_{t+m} R_{t+m}, \quad
          \lambda_i = \langle \log |R_{ii}| \rangle / (m \, \Delta t).

References
----------
Benettin, Galgani, Giorgilli & Strelcyn (1980), Meccanica 15, 9-30. For networks: Engelken, Wolf & Abbott (2023),
Physical Review Research 5, 043044.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from neurocompare.dynamics.network_map import INPUTS, after_trial, diverged, trial
from neurocompare.dynamics.time_average import half_width, time_average
from neurocompare.errors import InputError
from neurocompare.models.rate_rnn import RateRNN
from neurocompare.streams import Purpose, stream
from neurocompare.tasks.task import Task

Step = Callable[[np.ndarray, int], np.ndarray]
"""``step(state, k)``: states (condition, dimension) after step k."""

Push = Callable[[np.ndarray, np.ndarray, int], np.ndarray]
"""``push(state, vectors, k)``: the Jacobian of step k at the states times vectors (condition, dimension, vector)."""

POSITIVE, NOT_POSITIVE, UNDECIDED = "positive", "not positive", "undecided"


@dataclass(frozen=True, eq=False)
class LyapunovSpectrum:
    """The leading exponents of a map.

    Attributes
    ----------
    exponents : array, shape (exponent,)
        Descending, 1/s; means over initial conditions.
    errors : array, shape (exponent,)
        Standard errors, 1/s: the larger of `time_errors` and `condition_errors`.
    time_errors : array, shape (exponent,)
        From blocks of time, of the mean over conditions, 1/s; see `time_average`.
    condition_errors : array, shape (exponent,)
        From the spread over initial conditions, 1/s; zero where there is one. Conditions that are mirror images of
        each other have none either, whatever their true error.
    by_condition : array, shape (condition, exponent)
        In 1/s.
    duration : float
        Of the average, s.
    low, high : float
        95 % interval of the largest exponent, 1/s.
    verdict : str
        Of the largest: ``"positive"`` if the interval is above 1 / duration, ``"not positive"`` if it is below that
        (growth by less than a factor e in all that time cannot be told from none), else ``"undecided"``.
    why : str
        The same in a sentence.

    Examples
    --------
    Of a map that halves one direction and leaves a quarter of the other:

    >>> factors = np.array([0.5, 0.25])
    >>> found = lyapunov_spectrum(
    ...     lambda x, k: factors * x, lambda x, v, k: factors[:, None] * v, np.ones((1, 2)), count=2, steps=200
    ... )
    >>> (found.exponents / np.log(2)).round(6), found.verdict
    (array([-1., -2.]), 'not positive')
    """

    exponents: np.ndarray
    errors: np.ndarray
    time_errors: np.ndarray
    condition_errors: np.ndarray
    by_condition: np.ndarray
    duration: float
    low: float
    high: float
    verdict: str
    why: str

    @property
    def largest(self) -> float:
        """The largest exponent, 1/s."""
        return float(self.exponents[0])


def lyapunov_spectrum(
    step: Step,
    push: Push,
    state: np.ndarray,
    *,
    time_step: float = 1.0,
    count: int = 1,
    steps: int = 3000,
    transient: int = 1000,
    every: int = 1,
    seed: int = 0,
) -> LyapunovSpectrum:
    """Measure the leading Lyapunov exponents of a map from several initial conditions at once.

    Parameters
    ----------
    step, push : callable
        The map and its Jacobian-vector product.
    state : array, shape (condition, dimension)
        Where to begin.
    time_step : float
        Of one step, s.
    count : int
        Exponents, at most the dimension.
    steps : int
        Averaged over, after `transient` more that only let state and vectors settle.
    transient : int
        Steps that are left out.
    every : int
        Steps between two orthonormalisations. Vectors must not become parallel in between: few steps.
    seed : int
        Of the first vectors.

    Returns
    -------
    LyapunovSpectrum

    Raises
    ------
    InputError
        If a number makes no sense, or the trajectory diverges.

    Examples
    --------
    The logistic map at r = 4 has the exponent log 2:

    >>> found = lyapunov_spectrum(
    ...     lambda x, k: 4 * x * (1 - x), lambda x, v, k: (4 - 8 * x)[..., None] * v, np.array([[0.3], [0.4]])
    ... )
    >>> bool(abs(found.largest - np.log(2)) < 3 * found.errors[0]), found.verdict
    (True, 'positive')
    """
    n_conditions, dimension = state.shape
    if not (1 <= count <= dimension and every >= 1 and transient >= 0 and steps >= 16 * every):
        raise InputError(
            f"expected 1 to {dimension} exponents and at least 16 intervals of {every} steps, "
            f"found {count} exponents and {steps} steps"
        )
    first = stream(Purpose.LYAPUNOV, seed).standard_normal((dimension, count))
    vectors = np.broadcast_to(np.linalg.qr(first)[0], (n_conditions, dimension, count)).copy()
    skipped, kept = -(-transient // every), steps // every
    stretches = np.empty((kept, n_conditions, count))
    k = 0
    for interval in range(-skipped, kept):
        for _ in range(every):
            vectors = push(state, vectors, k)
            state = step(state, k)
            k += 1
        if diverged(state):
            raise InputError(f"expected a trajectory that stays bounded, found one that diverges after {k} steps")
        vectors, triangle = np.linalg.qr(vectors)
        if interval >= 0:
            stretches[interval] = np.abs(np.diagonal(triangle, axis1=1, axis2=2))
    # A vector may be mapped to nothing: its exponent is minus infinity, here the smallest number there is.
    rates = np.log(np.maximum(stretches, np.finfo(float).tiny)) / (every * time_step)
    return _summarise(rates, duration=kept * every * time_step)


def _summarise(rates: np.ndarray, *, duration: float) -> LyapunovSpectrum:
    """Average rates of expansion, shape (time, condition, exponent), and judge the largest."""
    averages = [time_average(series) for series in rates.mean(axis=1).T]
    time_errors = np.array([error for _, error, _ in averages])
    by_condition = rates.mean(axis=0)
    exponents = by_condition.mean(axis=0)
    order = np.argsort(-exponents, kind="stable")  # neighbours that differ by less than their errors may be swapped
    condition_errors = np.zeros_like(time_errors)
    if len(by_condition) > 1:
        condition_errors = by_condition.std(axis=0, ddof=1) / np.sqrt(len(by_condition))
    errors = np.maximum(time_errors, condition_errors)
    largest, top = float(exponents[order[0]]), order[0]
    width = half_width(float(errors[top]), averages[top][2])
    verdict, why = judge_exponent(largest, width, duration)
    ordered = (exponents[order], errors[order], time_errors[order], condition_errors[order], by_condition[:, order])
    return LyapunovSpectrum(*ordered, duration, largest - width, largest + width, verdict, why)


def judge_exponent(largest: float, width: float, duration: float) -> tuple[str, str]:
    """Return the verdict on an exponent known to +- `width`, 1/s, from a run of `duration` s, and the reason.

    Examples
    --------
    >>> judge_exponent(0.4, 0.1, duration=20.0)
    ('positive', 'largest exponent 0.4 +- 0.1 1/s, above 1 / duration = 0.05 1/s')
    """
    least = 1 / duration
    sentence = f"largest exponent {largest:.3g} +- {width:.1g} 1/s"
    if largest - width > least:
        return POSITIVE, f"{sentence}, above 1 / duration = {least:.2g} 1/s"
    if largest + width < least:
        return NOT_POSITIVE, f"{sentence}, below 1 / duration = {least:.2g} 1/s"
    return UNDECIDED, f"{sentence}, not told apart from 1 / duration = {least:.2g} 1/s; run for longer"


def network_exponents(
    network: RateRNN,
    task: Task,
    *,
    count: int = 6,
    inputs: str = "hold",
    duration: float = 1000.0,
    transient: float = 300.0,
    most_conditions: int = 4,
    private_noise: np.ndarray | None = None,
    seed: int = 0,
) -> LyapunovSpectrum:
    """Measure the leading exponents of a network that runs on after its trials.

    Parameters
    ----------
    network : RateRNN
    task : Task
    count : int
        Exponents.
    inputs : str
        After the trial, see `after_trial`.
    duration, transient : float
        Averaged over, and left to settle before that, in time constants.
    most_conditions : int
        Initial conditions: the ends of so many trials, evenly spread over the task's.
    private_noise : array, shape (condition, time, unit), optional
        Of the network's trials.
    seed : int
        Of the first vectors.

    Returns
    -------
    LyapunovSpectrum

    Raises
    ------
    InputError
        If a setting makes no sense, or the network diverges.

    Examples
    --------
    >>> import torch
    >>> from neurocompare.models import draw_reservoir
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> task = oscillation()
    >>> network = draw_reservoir(task, Family(n_units=20), generator=torch.Generator().manual_seed(0))
    >>> found = network_exponents(network, task, count=2, duration=60, transient=20)
    >>> found.exponents.shape, bool(found.exponents[0] >= found.exponents[1])
    ((2,), True)
    """
    if inputs not in INPUTS or most_conditions < 1:
        message = f"expected inputs of {', '.join(INPUTS)} and a condition, found {inputs!r} and {most_conditions}"
        raise InputError(message)
    n_conditions = task.inputs.sizes["condition"]
    chosen = np.unique(np.linspace(0, n_conditions - 1, min(most_conditions, n_conditions)).round().astype(int))
    end = trial(network, task, private_noise=private_noise)[-1]
    system = after_trial(network, task, inputs=inputs)
    driven = replace(system, drive=system.drive[:, chosen])
    in_steps = 1 / network.step_fraction
    return lyapunov_spectrum(
        driven.step,
        driven.push,
        end[chosen],
        time_step=task.time_step,
        count=min(count, len(network.J)),
        steps=round(duration * in_steps),
        transient=round(transient * in_steps),
        # Within half a time constant no two directions become parallel.
        every=max(1, round(0.5 * in_steps)),
        seed=seed,
    )
