"""Make `synthetic-2.nwb`, the recording that comes with the package.

Run with

    python data/make_synthetic.py synthetic-2.nwb

It was run once, and the file is what counts: on other processors chains take other paths, and another network comes
out. A change here makes another recording, which gets another number. Size and gamma were chosen so that
`neurocompare run` resolves it for most seeds (tests/benchmarks/synthetic_rate.py); the seed is 0.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from neurocompare.models import Family
from neurocompare.recordings import Recording, Series, write_maze_nwb
from neurocompare.tasks import ideal_reach
from neurocompare.workflows.planted import planted_responses
from neurocompare.workflows.synthetic import synthetic_recording

VERSION, GAMMA, SEED = 2, 0.2, 0
UNITS, TRIALS = 160, 30
"""How many are recorded: units, and trials of each condition."""

TICK = 2.0**-13
"""Spike times are multiples of it, s: 122 µs. A power of two, so that the numbers are exact and compress well."""

HAND_STEP = 5
"""The hand is kept at every fifth of the 1 kHz samples."""

HAND_ROUNDING = {"mm": 2.0**-5, "mm/s": 2.0**-1}
"""What its positions and velocities are multiples of: well below the tremor, of 0.3 mm and 5 mm/s."""


def compact(recording: Recording) -> Recording:
    """Return the recording with rounded spike times and a hand of 200 Hz, a fifth of the size as a file.

    Two spikes of a unit in one tick become one; those rounded out of their trial, a few at its ends, are left out.
    """
    bounds = recording.trials[["start_time", "stop_time"]].to_numpy().ravel()
    spikes = []
    for times in np.split(recording.spike_times, recording.spike_ends[:-1]):
        rounded = np.unique(np.rint(times / TICK)) * TICK
        spikes.append(rounded[np.searchsorted(bounds, rounded, side="right") % 2 == 1])
    return replace(
        recording,
        spike_times=np.concatenate(spikes),
        spike_ends=np.cumsum([len(times) for times in spikes]),
        behavior=tuple(_thinned(series, recording) for series in recording.behavior),
    )


def _thinned(series: Series, recording: Recording) -> Series:
    """Keep every fifth sample from the start of each trial on, rounded."""
    starts = recording.trials["start_time"].to_numpy()
    since = series.times - starts[np.searchsorted(starts, series.times + 5e-4) - 1]
    kept = np.rint(1000 * since).astype(int) % HAND_STEP == 0
    rounding = HAND_ROUNDING[series.unit]
    return replace(series, times=series.times[kept], values=np.rint(series.values[kept] / rounding) * rounding)


def main() -> None:
    """Draw the network, record it, write the file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    path = parser.parse_args().path
    family, reach = Family(), ideal_reach()
    planted = {"gamma": GAMMA, "g": family.g, "tau": family.tau, "beta": family.beta}
    planted |= {"units": family.n_units, "seed": SEED}
    recording = synthetic_recording(
        planted_responses(reach, family, GAMMA, seed=SEED),
        task=reach,
        n_units=UNITS,
        trials=TRIALS,
        seed=SEED,
        planted=tuple(planted.items()),
    )
    recording = replace(recording, provenance=replace(recording.provenance, identifier=f"synthetic-{VERSION}"))
    write_maze_nwb(compact(recording), path, subject_description="No animal: a simulated network in the place of one.")


if __name__ == "__main__":
    main()
