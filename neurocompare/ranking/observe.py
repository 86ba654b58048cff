"""Observe: a network as this recording would have seen it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurocompare.errors import InputError, first_few
from neurocompare.ranking.trial_gains import POISSON, TrialGains, trial_gains_of
from neurocompare.recordings.trials import Trials, smoothing_matrix
from neurocompare.responses import Responses, make_responses

SMALLEST_MODULATION = 0.1
"""In spikes/s: the signal s.d. given to recorded units whose modulation does not rise above their trial noise."""

SOFTENING = 5.0
"""In spikes/s: units whose rate varies by much less than this are shrunk instead of blown up to full size."""


@dataclass(frozen=True)
class Observation:
    """What a recording does to the population behind it: everything needed to see a network the same way.

    Attributes
    ----------
    condition : array, shape (condition,)
        Labels, in the recording's order.
    trial_counts : array of int, shape (condition,)
        Trials averaged in each condition.
    time : array, shape (time,)
        Bin centres in s from the first aligned event.
    smoothing : array, shape (time, time)
        The linear map that smooths a recorded rate.
    bin_width : float
        In s.
    mean_rate : array, shape (unit,)
        Of each selected recorded unit, over conditions and times, in spikes/s.
    modulation : array, shape (unit,)
        S.d. of each recorded unit's signal over conditions and times, in spikes/s, corrected for trial noise.
    gains : TrialGains
        How much it varies from trial to trial beyond Poisson spikes.

    Examples
    --------
    >>> from neurocompare.recordings import open_recording, trials_of
    >>> seen = observation_of(trials_of(open_recording("synthetic"), bin_width=0.05))
    >>> len(seen.condition), len(seen.mean_rate), seen.bin_width
    (8, 160, 0.05)
    """

    condition: np.ndarray
    trial_counts: np.ndarray
    time: np.ndarray
    smoothing: np.ndarray
    bin_width: float
    mean_rate: np.ndarray
    modulation: np.ndarray
    gains: TrialGains = POISSON


def observation_of(trials: Trials, chosen: np.ndarray | None = None) -> Observation:
    r"""Measure how `trials` saw their population.

    With the smoothed rate :math:`r` of one unit, :math:`\bar r_{ct}` its mean over the :math:`n_c` trials of condition
    c at time t and :math:`s^2` variances over trials, the signal variance over conditions and times is

    .. math:: \mathrm{Var}_{ct}(\bar r_{ct}) - \left\langle \frac{s^2_{ct}}{n_c} \right\rangle_{ct}
              + \frac{1}{C^2} \sum_c \frac{s^2_{c}}{n_c},

    where :math:`s^2_c` is the variance of a trial's mean over time: trial noise adds its own variance to the first
    term, less the part of it that moves all samples together.

    Parameters
    ----------
    trials : Trials
    chosen : array of bool, shape (trial,), optional
        The trials an average is made of; they set the trial counts only. Rates, modulations and gains come from all
        trials.

    Returns
    -------
    Observation

    Raises
    ------
    InputError
        If a condition has fewer than two trials: its noise cannot be told from its signal.

    Examples
    --------
    >>> from neurocompare.recordings import open_recording, trials_of
    >>> trials = trials_of(open_recording("synthetic"), bin_width=0.05)
    >>> observation_of(trials).mean_rate.shape == (trials.counts.sizes["unit"],)
    True
    """
    counts = trials.counts
    labels, condition = counts["condition"].values, trials.conditions.index.values
    smoothing = smoothing_matrix(counts["segment"].values, counts["event_time"].values, trials.smoothing)
    rates = np.matmul(smoothing, counts.values / trials.bin_width)
    chosen = np.ones(len(labels), dtype=bool) if chosen is None else chosen
    means, noise, shared, trial_counts = [], 0.0, 0.0, []
    for label in condition:
        of_condition = labels == label
        repeats = rates[of_condition]
        if len(repeats) < 2:
            raise InputError(
                f"expected at least 2 trials in each condition, found {len(repeats)} in {label}; drop that condition"
            )
        trial_counts.append(int((of_condition & chosen).sum()))
        means.append(repeats.mean(axis=0))
        noise = noise + repeats.var(axis=0, ddof=1).mean(axis=0) / len(repeats)
        shared = shared + repeats.mean(axis=1).var(axis=0, ddof=1) / len(repeats)
    signal = np.stack(means)
    variance = signal.var(axis=(0, 1)) - noise / len(means) + shared / len(means) ** 2
    return Observation(
        condition=condition,
        trial_counts=np.array(trial_counts),
        time=counts["time"].values,
        smoothing=smoothing,
        bin_width=trials.bin_width,
        mean_rate=signal.mean(axis=(0, 1)),
        modulation=np.sqrt(np.maximum(variance, SMALLEST_MODULATION**2)),
        gains=trial_gains_of(trials),
    )


def observe(
    responses: Responses,
    *,
    like: Observation,
    units: int,
    seed: int | Sequence[int] | np.random.Generator,
    noise: bool = True,
) -> Responses:
    """Return a network's activity as the recording behind `like` would have measured it.

    Network units are drawn without replacement. Each is given the mean rate and the modulation of one recorded unit,
    also drawn without replacement, both at once: its smoothed activity over the recording's conditions and times is
    shifted and scaled to that mean and s.d. The rate is then rectified (which raises the mean of units whose modulation
    exceeds their mean rate), spikes are drawn from a Poisson process in every bin of every trial, at the rate times the
    trial's gains (`TrialGains`), and the trial average is smoothed as the recording's was. Units without modulation
    stay flat at their mean rate.

    Parameters
    ----------
    responses : Responses
        Of the network, in units of 1, on its own time grid; interpolated linearly to the recording's bin centres.
    like : Observation
    units : int
        How many units to see.
    seed : int or sequence of int
        Settles units, rates and spikes; the same seed picks the same ones in another network of that size.
    noise : bool
        False leaves out spikes and gains: the rates as infinitely many trials would show them.

    Returns
    -------
    Responses
        In spikes/s, on the recording's conditions and times.

    Raises
    ------
    InputError
        If the network or the recording has fewer units than asked for, their conditions differ, or the recording's
        times reach beyond the network's by more than one of its steps.

    Examples
    --------
    >>> like = Observation(
    ...     condition=np.array(["left", "right"]), trial_counts=np.array([5, 5]), time=np.array([0.1, 0.15]),
    ...     smoothing=np.eye(2), bin_width=0.02, mean_rate=np.full(3, 20.0), modulation=np.full(3, 4.0),
    ... )
    >>> activity = np.linspace(-1, 1, 2 * 3 * 4).reshape(2, 3, 4)
    >>> network = make_responses(activity, condition=["left", "right"], time=[0.0, 0.1, 0.2])
    >>> seen = observe(network, like=like, units=2, seed=0, noise=False)
    >>> seen.sizes["unit"], seen.mean(("condition", "time")).values.round(9).tolist()
    (2, [20.0, 20.0])
    """
    for what, available in (("network", responses.sizes["unit"]), ("recording", len(like.mean_rate))):
        if available < units:
            raise InputError(f"expected a {what} of at least {units} units, found {available}; use a larger {what}")
    generator = np.random.default_rng(seed)
    picked = generator.choice(responses.sizes["unit"], units, replace=False)
    donors = generator.choice(len(like.mean_rate), units, replace=False)

    values = responses.values[_rows_of(responses, like.condition)][:, :, picked]
    activity = _at_times(values, responses.get_index("time").to_numpy(), like.time)
    smoothed = np.matmul(like.smoothing, activity)
    spread = smoothed.std(axis=(0, 1))
    # Rounding leaves a spread of about 1e-16 in a constant unit, which must not be scaled up into a signal.
    modulated = spread > 1e-9 * np.abs(smoothed).max()
    gain = np.where(modulated, like.modulation[donors] / np.where(modulated, spread, 1.0), 0.0)
    rates = np.maximum(like.mean_rate[donors] + gain * (activity - smoothed.mean(axis=(0, 1))), 0.0)
    if noise:
        # The sum of Poisson counts is one Poisson count of their means' sum.
        gains = [like.gains.draw(count, units, generator).mean(axis=0) for count in like.trial_counts]
        rates = rates * np.stack(gains)[:, None]
        exposure = like.trial_counts[:, None, None] * like.bin_width
        rates = generator.poisson(rates * exposure) / exposure
    return make_responses(
        np.matmul(like.smoothing, rates),
        condition=like.condition,
        time=like.time,
        unit=responses.get_index("unit").to_numpy()[picked],
        activity_unit="spikes/s",
        source=responses.attrs.get("source", ""),
    )


def _rows_of(responses: Responses, condition: np.ndarray) -> np.ndarray:
    """Return the position of each recorded condition among the network's."""
    index = responses.indexes["condition"]
    rows = index.get_indexer(condition)
    if (rows < 0).any() or len(index) > len(rows):
        absent = first_few([str(label) for label in condition[rows < 0]], 3) or "none"
        extra = first_few([str(label) for label in index.difference(condition)], 3) or "none"
        raise InputError(
            f"expected a network with the recording's conditions, found {absent} only in the recording and {extra} "
            "only in the network; make the network's task from this recording"
        )
    return rows


def _at_times(values: np.ndarray, times: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Interpolate linearly along axis 1; within one step beyond the ends, hold the end value."""
    step = float(np.diff(times).max()) if len(times) > 1 else 0.0
    if len(times) < 2 or wanted[0] < times[0] - step - 1e-9 or wanted[-1] > times[-1] + step + 1e-9:
        raise InputError(
            f"expected network activity from {wanted[0]:g} to {wanted[-1]:g} s, as recorded, found {times[0]:g} to "
            f"{times[-1]:g} s in steps of {step:g} s; simulate the network over the recorded times"
        )
    left = np.clip(np.searchsorted(times, wanted, side="right") - 1, 0, len(times) - 2)
    weight = np.clip((wanted - times[left]) / (times[left + 1] - times[left]), 0.0, 1.0)[:, None]
    return values[:, left] * (1.0 - weight) + values[:, left + 1] * weight


def soft_normalise(responses: Responses) -> Responses:
    r"""Divide each unit by its range over conditions and times plus 5 spikes/s.

    .. math:: x_i \leftarrow \frac{x_i}{\max x_i - \min x_i + 5}

    The convention of motor cortex studies [1]_; recordings and networks go through it alike.

    Parameters
    ----------
    responses : Responses
        In spikes/s.

    Returns
    -------
    Responses
        Without unit of measure; a strongly modulated unit has a range just below 1.

    References
    ----------
    .. [1] Churchland, Cunningham, Kaufman, Foster, Nuyujukian, Ryu & Shenoy (2012). Neural population dynamics during
       reaching. Nature 487.

    Examples
    --------
    >>> import numpy as np
    >>> from neurocompare.responses import make_responses
    >>> rates = np.array([[[10.0, 0.0]], [[5.0, 45.0]]])
    >>> soft_normalise(make_responses(rates, condition=["left", "right"], time=[0.0])).values.squeeze().tolist()
    [[1.0, 0.0], [0.5, 0.9]]
    """
    values = responses.values
    spans = values.max(axis=(0, 1)) - values.min(axis=(0, 1))
    normalised = responses.copy(deep=False, data=values / (spans + SOFTENING))
    normalised.attrs["unit"] = "1"
    return normalised
