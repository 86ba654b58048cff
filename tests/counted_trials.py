"""Trials of counts that are written down."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from neurocompare.recordings import Trials


def trials_of_counts(
    counts: np.ndarray,
    repeats: ArrayLike,
    *,
    width: float,
    start: float = 0.0,
    segment: ArrayLike = "go",
    smoothing: float = 0.0,
) -> Trials:
    """Make trials of conditions c0, c1, ..., one after the other, of counts (trial, time, unit) and bins in s."""
    _, bins, units = counts.shape
    names = [f"c{each}" for each in range(len(np.atleast_1d(repeats)))]
    time = start + width * np.arange(bins)
    coords = {
        "condition": ("trial", np.repeat(names, repeats)),
        "time": time,
        "segment": ("time", np.broadcast_to(segment, bins)),
        "event_time": ("time", time),
        "unit": np.arange(units),
    }
    counted = xr.DataArray(counts.astype(float), dims=("trial", "time", "unit"), coords=coords)
    return Trials(counted, pd.DataFrame(index=names), bin_width=width, smoothing=smoothing)
