"""As recorded: a model in the place of the recording, so that networks can be ranked against it, and a design's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.ranking import Candidate, observation_of, observe
from neurocompare.ranking.learned_statistics import Planted
from neurocompare.ranking.observe import Observation
from neurocompare.ranking.summary_statistics import summarise
from neurocompare.recordings import Trials
from neurocompare.responses import Responses
from neurocompare.stages import Advance
from neurocompare.streams import Purpose, stream

RECORDINGS = 2
"""Of each network: of other units and other trials."""


def as_recorded(
    responses: Responses,
    trials: Trials,
    *,
    units: int | None = None,
    repeats: np.ndarray | None = None,
    like: Observation | None = None,
    rng: np.random.Generator,
) -> Trials:
    """Record a model as a population was recorded: as many units, at its rates, varying over as many trials.

    Parameters
    ----------
    responses : Responses
        Of a model, on the recording's conditions.
    trials : Trials
        The recording.
    units : int, optional
        How many to record, at most as many as the model has; as many as were recorded where None. Beyond those, rates
        of recorded units are given to several.
    repeats : array of int, shape (condition,), optional
        Trials of each condition, in the recording's order; as many as were recorded where None.
    like : Observation, optional
        How `trials` saw their population, where that is known already.
    rng : numpy.random.Generator

    Returns
    -------
    Trials
    """
    like, recorded = like or observation_of(trials), trials.counts
    units = min(responses.sizes["unit"], recorded.sizes["unit"] if units is None else units)
    times_over = -(-units // len(like.mean_rate))
    # Whoever averages these trials smooths them: here rates are wanted as they are before that.
    mean_rate, modulation = np.tile(like.mean_rate, times_over), np.tile(like.modulation, times_over)
    unsmoothed = replace(like, smoothing=np.eye(len(like.time)), mean_rate=mean_rate, modulation=modulation)
    rates = observe(responses, like=unsmoothed, units=units, seed=rng, noise=False)
    labels = recorded["condition"].values if repeats is None else np.repeat(like.condition, repeats)
    rows = rates.indexes["condition"].get_indexer(labels)
    expected = rates.values[rows] * trials.bin_width
    spikes = rng.poisson(expected * like.gains.draw(len(rows), units, rng)[:, None])
    coords = {key: recorded[key] for key in ("time", "segment", "event_time")} | {"condition": ("trial", labels)}
    counts = xr.DataArray(
        spikes.astype(np.float64), dims=recorded.dims, coords={**coords, "unit": np.arange(units)}, name="counts"
    )
    return Trials(counts, trials.conditions, trials.bin_width, trials.smoothing, source=responses.attrs["source"])


def planted_points(
    trials: Trials, points: Sequence[Sequence[Candidate]], *, seed: int, advance: Advance | None = None
) -> Planted:
    """Record every network of a design as the recording was, and summarise what is seen.

    Parameters
    ----------
    trials : Trials
        The recording.
    points : sequence of sequence of Candidate
        The networks of each point.
    seed : int
        Of units and spikes.
    advance : callable, optional
        Called with (points done, in all).

    Returns
    -------
    Planted
    """
    kernels, units, places = [], [], []
    like = observation_of(trials)
    for place, networks in enumerate(points):
        for number, network in enumerate(networks):
            for again in range(RECORDINGS):
                rng = stream(Purpose.PLANTED_POINT, seed, place, number, again)
                recorded = as_recorded(network.responses, trials, like=like, rng=rng)
                try:
                    seen = summarise(recorded)
                except InputError:  # nothing above noise: nothing is learned from it
                    continue
                kernels.append(seen.kernel)
                units.append(seen.units)
                places.append(place)
        if advance:
            advance(place + 1, len(points))
    return Planted(np.array(kernels), np.array(units), np.array(places))
