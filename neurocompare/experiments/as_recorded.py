"""As recorded: a model in the place of the recording, so that networks can be ranked against it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from neurocompare.ranking import observation_of, observe
from neurocompare.recordings import Trials
from neurocompare.responses import Responses

_AS_RECORDED = 102
"""First word of its seeds, apart from those of the ranking."""


def as_recorded(responses: Responses, trials: Trials, *, seed: int = 0) -> Trials:
    """Record a model as a population was recorded: as many units, at its rates, with Poisson spikes in as many trials.

    Parameters
    ----------
    responses : Responses
        Of a model, on the recording's conditions.
    trials : Trials
        The recording; a model of fewer units keeps all of its own.
    seed : int

    Returns
    -------
    Trials
    """
    like = observation_of(trials)
    units = min(responses.sizes["unit"], trials.counts.sizes["unit"])
    # Whoever averages these trials smooths them: here rates are wanted as they are before that.
    unsmoothed = replace(like, smoothing=np.eye(len(like.time)))
    rates = observe(responses, like=unsmoothed, units=units, seed=[_AS_RECORDED, seed], noise=False)
    rows = rates.indexes["condition"].get_indexer(trials.counts["condition"].values)
    spikes = np.random.default_rng([_AS_RECORDED, seed, 1]).poisson(rates.values[rows] * trials.bin_width)
    recorded = trials.counts
    coords = {key: recorded[key] for key in ("condition", "time", "segment", "event_time")}
    counts = xr.DataArray(
        spikes.astype(np.float64), dims=recorded.dims, coords={**coords, "unit": np.arange(units)}, name="counts"
    )
    return Trials(counts, trials.conditions, trials.bin_width, trials.smoothing, source=responses.attrs["source"])
