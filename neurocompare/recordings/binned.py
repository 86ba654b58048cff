r"""Binned trials, as laboratories pass them on: counts of spikes in ``.npz`` or ``.mat`` files, without spike times.

``.npz`` (or ``.mat`` with the same names), trials padded with NaN where they are shorter than the longest:

====================  =====================  ==========================================================================
``spikes``            (trial, bin, unit)     counts
``bin_width``         one number             s; else ``--file-bin`` says it
``condition``         (trial,)               labels; every other array (trial,) is a trial column too
``..._time``          (trial,)               s after the trial's first bin: ``target_on_time``, ``go_cue_time``,
                                             ``move_onset_time`` and any other event
``hand_vel``          (trial, bin, x and y)  in mm/s, or in what ``hand_vel_unit`` says; or ``hand_pos``; or others
``area``              (unit,)                text
====================  =====================  ==========================================================================

``.mat`` with ``trial_data``, an array of structs, one a trial, as TrialData and pyaldata have them: ``M1_spikes`` (bin,
unit), one such field an area; ``bin_size`` (s); ``pos`` and ``vel`` (bin, x and y) in cm and cm/s; ``idx_target_on``,
``idx_go_cue``, ``idx_movement_on`` and others, the number of a bin, of which the first is 1; ``tgtDir`` (rad);
``result`` (R is a success); and whatever else has one value a trial.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.bin_edges import least_multiple, on_bins
from neurocompare.recordings.binned_files import Binned, of_arrays, of_trial_data
from neurocompare.recordings.chosen import as_chosen
from neurocompare.recordings.contents import Contents
from neurocompare.recordings.layouts import generic
from neurocompare.recordings.reading import Reading
from neurocompare.recordings.recording import Recording
from neurocompare.recordings.roles import with_roles
from neurocompare.recordings.stored_series import StoredSeries, series_columns
from neurocompare.settings import Choices
from neurocompare.untrusted import matlab_files, numpy_files

ENDINGS = (".npz", ".mat")

PAUSE = 1.0
"""In s, placed between trials; how long the pauses really were, a file of trials does not say."""

FIRST = 10_000.0
"""In s, when the first trial is placed to begin: so late that no column of directions or numbers looks like times."""

TRIAL_DATA = "trial_data"


def read_binned(path: Path, choices: Choices) -> Recording:
    """Read a file of binned trials.

    Its spikes are placed in the middle of their bins, and its trials one after the other: whatever is counted in bins
    of whole bins is exact, and what needs the times of spikes is refused, see `bin_edges`.

    Parameters
    ----------
    path : pathlib.Path
    choices : Choices
        `file_bin` where the file does not say how wide its bins are.

    Raises
    ------
    InputError
        If there are no such trials in the file, counts are no counts, or nobody says how wide bins are.
    """
    if choices.layout not in (None, "generic"):
        raise InputError(f"expected no layout for a file of binned trials, found {choices.layout!r}; drop --layout")
    stored_arrays = (matlab_files if path.suffix.lower() == ".mat" else numpy_files).stored_arrays
    with stored_arrays(path) as arrays:
        if TRIAL_DATA in arrays and arrays[TRIAL_DATA].fields:
            binned = of_trial_data(arrays[TRIAL_DATA].fields, choices.file_bin)
        elif "spikes" in arrays:
            binned = of_arrays(arrays, choices.file_bin)
        else:
            there = ", ".join(arrays) or "nothing"
            raise InputError(
                f"expected binned trials, as trial_data or as spikes (trial, bin, unit), found {there[:300]}; "
                "help(neurocompare.recordings.binned) shows both"
            )
    width, contents = binned.width, with_roles(_contents(binned), choices)
    recording = generic.recording_from(contents, choices)
    note = f"No spike times: counts in bins of {1000 * width:g} ms. Units that are one cell twice are not looked for."
    reading = Reading(bin_width=least_multiple(width, Reading().bin_width))
    recording = replace(
        recording, binned=width, reading=reading, notes=(f"Layout: {binned.layout}.", note, *recording.notes)
    )
    return on_bins(as_chosen(recording, choices))


def _contents(binned: Binned) -> Contents:
    """Place trials one after the other, and spikes in the middle of their bins."""
    width = binned.width
    lengths = np.array([len(each.counts) for each in binned.trials])
    pause = int(np.ceil(PAUSE / width))
    first = round(FIRST / width) + np.cumsum(np.concatenate([[0], lengths[:-1] + pause]))
    start, notes = first * width, list(binned.notes)
    table = binned.table.assign(start_time=start, stop_time=(first + lengths) * width)
    for name in binned.events:
        bins = table[name].to_numpy(dtype=float) / width
        edges = np.round(bins)
        moved = np.abs(bins - edges) > 1e-6
        if moved.any():
            notes.append(f"{name} was moved to the nearest edge of a bin in {int(moved.sum())} trials.")
        table[name] = start + edges * width
    places = np.concatenate([begin + np.arange(length) for begin, length in zip(first, lengths, strict=True)])
    middle = (places + 0.5) * width
    counts = np.concatenate([each.counts for each in binned.trials])
    spikes = [np.repeat(middle, column) for column in counts.T]
    ends = np.cumsum([len(each) for each in spikes])
    units = pd.DataFrame({"electrode_group": binned.area}, index=pd.RangeIndex(len(binned.area), name="id"))
    series = {}
    for name, one in binned.trials[0].series.items():
        values = np.concatenate([each.series[name] for each in binned.trials])
        series[name] = StoredSeries(name, middle, values, series_columns(one.shape[1]), binned.units.get(name, ""), 1.0)
    return Contents(
        np.concatenate(spikes), ends, units, table, tuple(series), partial(_series, series), notes=tuple(notes)
    )


def _series(series: Mapping[str, StoredSeries], path: str) -> StoredSeries:
    return series[path]
