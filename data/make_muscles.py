"""Make `muscles-1.nc`, the muscle activity that comes with the package, from the published recording.

Run with

    python data/make_muscles.py reach-emg-8dir-cc0.mat muscles-1.nc

It was run once. The recording holds one array, ``all_EMG`` (muscle, sample, direction), and nothing else: neither a
time axis nor the names of the muscles, their units, or when the animal was told to go.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import xarray as xr
from scipy.io import loadmat

SAMPLE_STEP = 0.001
"""A guess, in s."""

BIN = 10
"""Samples that are averaged into one. Less than a thousandth of the variance is faster than such bins resolve."""

PRECISION = 2.0**-11
"""Values are multiples of it (times the largest of their muscle), so that they compress well."""

CREDIT = (
    "Trial-averaged muscle activity of a macaque during centre-out reaching, Hatsopoulos lab: Liang et al., PNAS, "
    "doi:10.1073/pnas.2212227120; as released with Bachschmid-Romano, Hatsopoulos and Brunel, eLife 2023"
)


def binned(activity: np.ndarray) -> np.ndarray:
    """Average over bins, from the first sample on, and round; what does not fill a bin at the end is left out.

    Parameters
    ----------
    activity : array, shape (muscle, sample, direction)

    Returns
    -------
    array, shape (muscle, bin, direction)
    """
    muscles, samples, directions = activity.shape
    whole = samples // BIN
    means = activity[:, : whole * BIN].reshape(muscles, whole, BIN, directions).mean(axis=2)
    step = PRECISION * np.abs(means).max(axis=(1, 2), keepdims=True)
    step = 2.0 ** np.round(np.log2(step))  # a power of two, so that rounded numbers are exact
    return np.rint(means / step) * step


def main() -> None:
    """Read, average, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("recording", type=Path)
    parser.add_argument("path", type=Path)
    asked = parser.parse_args()
    activity = xr.DataArray(
        binned(loadmat(asked.recording)["all_EMG"]).astype(np.float32),
        dims=("muscle", "time", "direction"),
        attrs={
            "title": CREDIT,
            "license": "CC0-1.0",
            "step": SAMPLE_STEP * BIN,
            "comment": f"Means over {BIN} samples each, which are guessed to be {SAMPLE_STEP:g} s apart; `step` in s.",
        },
        name="activity",
    )
    activity.to_netcdf(
        asked.path, engine="h5netcdf", encoding={"activity": {"zlib": True, "complevel": 9, "shuffle": True}}
    )


if __name__ == "__main__":
    main()
