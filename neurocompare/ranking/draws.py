"""Draws: halvings of the recording, each a plan that every network is scored by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from neurocompare.errors import InputError
from neurocompare.ranking.candidate import Candidate, networks_of
from neurocompare.recordings.trials import Trials
from neurocompare.records import Count, expect
from neurocompare.settings import Scoring
from neurocompare.streams import Purpose, stream


@dataclass(frozen=True)
class Draw:
    """One halving of the recording, and every other choice that all networks share.

    Attributes
    ----------
    index : int
        Which draw this is.
    seed : int
        Of all draws; with `index` it settles everything random about this one.
    units, other_units : arrays of int, shape (floor(n / 2),)
        Positions of the recorded units that are scored, and of as many others for the ceiling.
    trials, other_trials : arrays of bool, shape (trial,)
        The trials that are scored, half of each condition's rounded down, and as many others for the ceiling.
    null_network : tuple of (int, int)
        (chain, member) of the network whose nulls are computed, the same for every gamma.
    permutation : array of int, shape (condition,)
        Of conditions, for the null; never the identity.
    shift : int
        Bins to shift by in time, for the null; between a quarter and three quarters of them.
    noise : bool
        Whether networks are seen through spikes as the recording is; without, they are seen as they are.

    Examples
    --------
    Halves of a recording of 8 units and 8 trials:

    >>> first = np.arange(8) < 4
    >>> draw = Draw(0, 7, np.arange(4), np.arange(4, 8), first, ~first, (0, 0), np.array([1, 0]), shift=3)
    >>> draw.units.tolist(), draw.other_units.tolist(), draw.noise
    ([0, 1, 2, 3], [4, 5, 6, 7], True)
    """

    index: int
    seed: int
    units: np.ndarray
    other_units: np.ndarray
    trials: np.ndarray
    other_trials: np.ndarray
    null_network: tuple[int, int]
    permutation: np.ndarray
    shift: int
    noise: bool = True


@dataclass(frozen=True)
class Drawing:
    """How draws are made, and networks seen in them.

    Attributes
    ----------
    draws : int
        How many.
    seed : int
        Of everything random in them.
    noise : bool
        As that of `Draw`.

    Examples
    --------
    >>> Drawing.asked(Scoring(resamples=40, noise_free=True))
    Drawing(draws=40, seed=0, noise=False)
    """

    draws: int = 80
    seed: int = 0
    noise: bool = True

    @classmethod
    def asked(cls, scoring: Scoring, seed: int = 0) -> Drawing:
        """Return how draws are made as asked."""
        return cls(scoring.draws, seed, not scoring.noise_free)


@dataclass(frozen=True)
class Sampling:
    """How large the recording is, and how much of it a draw scores.

    Attributes
    ----------
    units, units_drawn : int
        Units of the recording that are used, and of a draw.
    trials, trials_drawn : tuple of (int, int)
        Fewest and most trials of a condition.

    Examples
    --------
    >>> from neurocompare.recordings import open_recording, trials_of
    >>> found = sampling_of(trials_of(open_recording("synthetic"), bin_width=0.05))
    >>> found.units, found.units_drawn
    (160, 80)
    """

    units: Count
    units_drawn: Count
    trials: tuple[Count, Count]
    trials_drawn: tuple[Count, Count]

    def __post_init__(self) -> None:
        expect("no more units in a draw than there are", self.units_drawn <= self.units)
        expect("fewest trials that are no more than the most", self.trials[0] <= self.trials[1])


def sampling_of(trials: Trials) -> Sampling:
    """Say how large the recording is, and how much of it a draw scores.

    Parameters
    ----------
    trials : Trials

    Returns
    -------
    Sampling

    Examples
    --------
    >>> from neurocompare.recordings import open_recording, trials_of
    >>> trials = trials_of(open_recording("synthetic"), bin_width=0.05)
    >>> sampling_of(trials).units_drawn == trials.counts.sizes["unit"] // 2
    True
    """
    units, counts = trials.counts.sizes["unit"], trials.trials_per_condition
    fewest, most = int(counts.min()), int(counts.max())
    return Sampling(units, units // 2, (fewest, most), (fewest // 2, most // 2))


def make_draws(
    trials: Trials, candidates: Sequence[Candidate], *, draws: int = 80, seed: int = 0, noise: bool = True
) -> tuple[Draw, ...]:
    """Plan the draws by which every network of every gamma is scored.

    Each halves the recorded units and the trials of each condition. A half-sample spreads around the whole as the whole
    spreads around the truth, whatever the metric does with repeated units, which a bootstrap with replacement would
    give it (two copies of one unit look like a perfect correlation).

    Parameters
    ----------
    trials : Trials
    candidates : sequence of Candidate
    draws : int
        How many. A draw depends on `seed` and its own index only: asking for more leaves the first ones as they were.
    seed : int
        Of every draw, with its index.
    noise : bool
        As that of `Draw`.

    Returns
    -------
    tuple of Draw

    Raises
    ------
    InputError
        If a condition has fewer than two trials, there are fewer than four units, two conditions or two time bins, no
        draw is asked for, or gammas differ in their networks.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import Reservoir, ZooPlan, make_zoo
    >>> from neurocompare.ranking import candidates_of
    >>> from neurocompare.recordings import open_recording, trials_of
    >>> from neurocompare.settings import Family, Workers
    >>> from neurocompare.tasks import reach_task
    >>> recording = open_recording("synthetic")
    >>> plan, folder = ZooPlan((0.0, 0.4), chains=2, sampler=Reservoir()), tempfile.mkdtemp()
    >>> zoo = make_zoo(reach_task(recording), Family(n_units=80), folder, plan, workers=Workers(1))
    >>> trials, candidates = trials_of(recording, bin_width=0.05), candidates_of(zoo)
    >>> first, second = make_draws(trials, candidates, draws=2)
    >>> len(first.units) == len(first.other_units)
    True
    """
    networks = networks_of(candidates)
    check_halves(trials)
    if draws < 1:
        raise InputError(f"expected at least 1 draw, found {draws}; nothing can be ranked with fewer")
    return tuple(replace(_make_draw(trials, networks, index, seed), noise=noise) for index in range(draws))


def check_halves(trials: Trials) -> None:
    """Refuse a recording that is too small to be halved.

    Parameters
    ----------
    trials : Trials

    Raises
    ------
    InputError
        If a condition has fewer than two trials, or there are fewer than four units, two conditions or two time bins.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from neurocompare.recordings import open_recording, trials_of
    >>> trials = trials_of(open_recording("synthetic"), bin_width=0.05)
    >>> check_halves(trials)
    >>> check_halves(replace(trials, counts=trials.counts[..., :3]))
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected at least 4 selected units, found 3; nothing can be ranked with fewer
    """
    counts = trials.trials_per_condition
    for least, count, what in (
        (4, trials.counts.sizes["unit"], "selected units"),
        (2, len(counts), "conditions"),
        (2, trials.counts.sizes["time"], "time bins"),
    ):
        if count < least:
            raise InputError(f"expected at least {least} {what}, found {count}; nothing can be ranked with fewer")
    if counts.min() < 2:
        label = trials.conditions.index[int(counts.argmin())]
        raise InputError(
            f"expected at least 2 trials in each condition, found {int(counts.min())} in {label}; drop that condition"
        )


def _make_draw(trials: Trials, networks: tuple[tuple[int, int], ...], index: int, seed: int) -> Draw:
    generator = stream(Purpose.HALVES, seed, index)
    bins, units = trials.counts.sizes["time"], trials.counts.sizes["unit"]
    labels = trials.counts["condition"].values
    scored, other = np.zeros((2, len(labels)), dtype=bool)
    for label in trials.conditions.index:
        first, second = _halves(np.nonzero(labels == label)[0], generator)
        scored[first] = True
        other[second] = True
    half, other_half = _halves(np.arange(units), generator)
    permutation = identity = np.arange(len(trials.conditions))
    while np.array_equal(permutation, identity):
        permutation = generator.permutation(len(identity))
    quarter = -(-bins // 4)
    shift = int(generator.integers(quarter, bins - quarter, endpoint=True))
    return Draw(
        index=index,
        seed=seed,
        units=half,
        other_units=other_half,
        trials=scored,
        other_trials=other,
        null_network=networks[generator.integers(len(networks))],
        permutation=permutation,
        shift=shift,
    )


def _halves(items: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Split items at random into two sorted halves of equal size; an odd one stays out."""
    half = len(items) // 2
    shuffled = generator.permutation(items)
    return np.sort(shuffled[:half]), np.sort(shuffled[half : 2 * half])
