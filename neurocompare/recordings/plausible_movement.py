"""Whether movement can be a reach: as fast as an arm, and after the event that it is aligned to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neurocompare.errors import InputError
from neurocompare.recordings.behavior import interpolated
from neurocompare.recordings.candidates import BOUNDS
from neurocompare.recordings.lengths import MILLIMETRES, PLAUSIBLE_SPAN
from neurocompare.recordings.recording import Recording, Series
from neurocompare.streams import Purpose, stream

PLAUSIBLE_SPEED = (10.0, 10_000.0)
"""In mm/s: the fastest of a session's movements; a monkey's reaches peak at 0.2 to 3 m/s."""

FASTEST = 0.999
"""Share of the samples that are slower than what counts as the fastest: single samples may be wrong."""

MOST_SAMPLES = 200_000

LOOK = np.arange(-0.6, 1.2, 0.03)
"""In s around the event."""

FEWEST_TRIALS, MOST_TRIALS = 20, 100
SHUFFLES = 60

FIRST, CLEARLY = 20, 3.0
"""Where the first random alignments are so much weaker, the others are not looked at: reaches are by a factor of 25."""

CHANCE = 0.05
"""Movement does not follow an event if so large a share of random alignments goes with it as well."""


def check_movement(recording: Recording) -> None:
    """Refuse behaviour that networks are to produce if it cannot be in its unit, or does not follow its event.

    Raises
    ------
    InputError
        With the unit that would explain it, where one would.
    """
    target = recording.series(recording.target)
    if target is None or len(target.times) < 3:
        return
    refuse_other_lengths(target)
    event = recording.segments[-1].event
    if event in recording.events:
        refuse_other_moments(recording, target, event)


def refuse_other_lengths(series: Series) -> None:
    """Refuse velocities that no arm reaches, or positions that it does not span, in their declared unit."""
    length, _, per = series.unit.partition("/")
    scale = MILLIMETRES.get(length.strip().lower())
    if scale is None or per.strip().lower() not in ("", "s", "sec", "second", "seconds"):
        return
    some = series.values[:: -(-len(series.values) // MOST_SAMPLES)]
    if per:
        what, (low, high) = "peak speeds", PLAUSIBLE_SPEED
        measured = float(np.quantile(np.sqrt((some**2).sum(axis=1)), FASTEST))
    else:
        what, (low, high) = "a span", PLAUSIBLE_SPAN
        measured = max(float(np.ptp(column)) for column in some.T)
    if measured == 0 or low <= measured * scale <= high:
        return
    fits = [name for name, factor in (("mm", 1.0), ("cm", 10.0), ("m", 1000.0)) if low <= measured * factor <= high]
    guess = f"; numbers look to be in {' or '.join(fits)}{'/s' if per else ''}: correct the unit" if fits else ""
    raise InputError(
        f"expected {series.name} as an arm moves, with {what} of {low:g} to {high:g} mm{'/s' if per else ''}, found "
        f"{measured * scale:.3g} by the declared unit {series.unit!r}{guess or '; check unit and conversion'}"
    )


def refuse_other_moments(recording: Recording, series: Series, event: str) -> None:
    """Refuse movement that has nothing to do with the event that it is aligned to.

    The speed averaged over trials around the event must vary more than around random moments of the same trials.
    """
    trials = recording.trials
    fine = trials[event].notna().to_numpy()
    if "excluded" in trials:
        fine = fine & (trials["excluded"] == "").to_numpy()
    rows = np.nonzero(fine)[0]
    rows = rows[:: -(-len(rows) // MOST_TRIALS) or 1]
    moments, start, stop = (trials[name].to_numpy(dtype=float)[rows] for name in (event, *BOUNDS))
    own, n_trials = alignment(series, moments)
    if n_trials < FEWEST_TRIALS or not own > 0:
        return
    rng = stream(Purpose.RANDOM_MOMENTS)
    near = part(series, start + LOOK[0], stop + LOOK[-1])
    random: list[float] = []
    for _ in range(SHUFFLES):
        random.append(alignment(near, start + rng.random(len(rows)) * (stop - start))[0])
        if len(random) == FIRST and own > CLEARLY * max(random):
            return
    chance = float(np.mean(np.array(random) >= own))
    if chance <= CHANCE:
        return
    raise InputError(
        f"expected movement that follows {event}, found that {series.name} around it is as around any moment of its "
        f"{n_trials} trials ({chance:.0%} of random moments are followed more closely): {event} or the times of "
        f"{series.name} are not what they seem; check their clock, unit and rate"
    )


def part(series: Series, start: np.ndarray, stop: np.ndarray) -> Series:
    """Cut what lies in some intervals, which begin one after the other, out of a series; read there as the whole is.

    Examples
    --------
    >>> series = Series("hand_pos", np.arange(9.0), np.arange(9.0)[:, None], ("x",), "mm")
    >>> part(series, np.array([2.0, 2.5]), np.array([3.0, 4.0])).times.tolist()
    [1.0, 2.0, 3.0, 4.0, 5.0]
    """
    first, last = np.searchsorted(series.times, start) - 1, np.searchsorted(series.times, stop, side="right") + 1
    first = np.maximum(first.clip(0), np.append(0, np.maximum.accumulate(last)[:-1]))
    kept = [slice(*bounds) for bounds in zip(first.tolist(), last.tolist(), strict=True)]
    times, values = (np.concatenate([each[own] for own in kept]) for each in (series.times, series.values))
    return replace(series, times=times, values=values)


def alignment(series: Series, moments: np.ndarray) -> tuple[float, int]:
    """Measure how alike the speed of trials is around their moments.

    Returns
    -------
    alike : float
        Mean square over times of the mean over trials of speed, each trial's less its mean, at unit variance; of as
        many trials without anything in common, one over their number.
    n_trials : int
        With samples around at least half of the times.
    """
    values, covered = interpolated(series, moments[:, None] + LOOK)
    mostly_covered = covered.mean(axis=1) >= 0.5
    values, covered = values[mostly_covered], covered[mostly_covered]
    if not len(values):
        return 0.0, 0
    weight = covered[:, :, None] / covered.sum(axis=1)[:, None, None]
    values = values / max(float(np.abs(values).max()), 1e-300)  # of any size: only the shape in time counts
    speed = np.sqrt(((values - (weight * values).sum(axis=1, keepdims=True)) ** 2).sum(axis=2))
    speed = np.where(covered, speed - (weight[:, :, 0] * speed).sum(axis=1, keepdims=True), 0.0)
    size = np.sqrt((weight[:, :, 0] * speed**2).sum(axis=1, keepdims=True))
    moved = size[:, 0] > 1e-9 * max(float(size.max()), 1e-300)
    speed = speed[moved] / size[moved]
    return float((speed.sum(axis=0) ** 2).sum() / max(covered[moved].sum(), 1)) / max(len(speed), 1), len(speed)
