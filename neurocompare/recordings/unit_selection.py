"""Which units are worth comparing: those that fire, each once."""

from __future__ import annotations

import numpy as np

from neurocompare.errors import InputError
from neurocompare.recordings.recording import Recording
from neurocompare.recordings.trials import UnitSelection

# Two units are one cell twice when half of the smaller one's spikes have a partner within the same 2 ms. By chance a
# unit at 60 spikes/s partners 12 % of another's spikes; a cell sorted on two channels partners nearly all.
COINCIDENCE = 0.002
SHARED_SPIKES = 0.5

MOST_SPIKES = 400_000
"""Of longer sessions every second bin (third, ...) is looked at, which estimates the shares as well."""

MOST_BINS = 10**8
"""Up to 55 hours of bins are numbered one by one."""


def unit_selection(
    recording: Recording, rates: np.ndarray, *, min_rate: float = 1.0, unobserved: np.ndarray | None = None
) -> UnitSelection:
    """Leave out units that hardly fire, and all but one of units that are the same cell.

    Two units count as the same cell if at least half of the spikes of the one with fewer fall into the same 2 ms bins
    as spikes of the other, over the whole recording. The one with more spikes is kept (the earlier one if equal).

    Parameters
    ----------
    recording : Recording
    rates : array, shape (unit,)
        Mean rate in the windows compared, in spikes/s.
    min_rate : float
        Units below it are left out, in spikes/s.
    unobserved : array of bool, shape (unit,), optional
        Units to leave out because they were not observed in the trials compared; none where None.

    Returns
    -------
    UnitSelection

    Raises
    ------
    InputError
        If fewer than two units are left.

    Examples
    --------
    >>> import pandas as pd
    >>> spikes = [np.arange(0.0, 9.0, 0.1), np.arange(0.0, 9.0, 0.1), np.arange(0.05, 9.0, 0.1), np.array([4.0])]
    >>> recording = Recording(
    ...     "twice", np.concatenate(spikes), np.cumsum([len(s) for s in spikes]), pd.DataFrame(index=[11, 12, 13, 14]),
    ...     pd.DataFrame(), (),
    ... )
    >>> print(unit_selection(recording, np.array([10.0, 10.0, 10.0, 0.1])))
    2 units kept, 1 below 1 spikes/s left out, 1 duplicates left out
    """
    if not (np.isfinite(min_rate) and min_rate >= 0):
        raise InputError(f"expected a minimal rate of at least 0 spikes/s, found {min_rate}")
    ids = recording.units.index.to_numpy()
    unseen = np.zeros(len(ids), dtype=bool) if unobserved is None else unobserved
    firing = np.nonzero((rates >= min_rate) & ~unseen)[0]
    shared = shared_spikes(recording)
    n_spikes = np.diff(recording.spike_ends, prepend=0)
    kept, duplicates = [], []
    for unit in firing[np.argsort(-n_spikes[firing], kind="stable")]:
        twins = [other for other in kept if shared[unit, other] >= SHARED_SPIKES]
        if twins:
            duplicates.append((ids[unit].item(), ids[twins[0]].item()))
        else:
            kept.append(unit)
    if len(kept) < 2:
        raise InputError(
            f"expected at least 2 units at or above {min_rate:g} spikes/s in the windows, "
            f"found {len(kept)} of {len(ids)}; lower the minimal rate or choose other windows"
        )
    return UnitSelection(
        kept=tuple(ids[np.sort(kept)].tolist()),
        low_rate=tuple(ids[(rates < min_rate) & ~unseen].tolist()),
        duplicates=tuple(sorted(duplicates)),
        min_rate=min_rate,
        unobserved=tuple(ids[unseen].tolist()),
    )


def shared_spikes(recording: Recording) -> np.ndarray:
    """Share of each pair's smaller unit's spike bins (2 ms) in which the other fires too, shape (unit, unit).

    None where only counts were stored: spikes of one bin need not coincide.
    """
    from scipy.sparse import csr_array

    if not recording.spike_times.size or recording.binned is not None:
        return np.zeros((len(recording.spike_ends),) * 2)
    every = -(-len(recording.spike_times) // MOST_SPIKES)
    begin = recording.spike_times.min()
    # Unit by unit: a few thousand spikes at a time stay in the processor's cache.
    bins = [spike_bins(times, begin, every) for times in np.split(recording.spike_times, recording.spike_ends[:-1])]
    column, ends = np.concatenate(bins), np.cumsum([0, *map(len, bins)])
    if column.max(initial=0) >= MOST_BINS:  # a session of days: only bins that hold spikes are numbered
        column = np.unique(column, return_inverse=True)[1]
    occupied = csr_array(
        (np.ones(len(column), np.float32), column.astype(np.int32), ends.astype(np.int32)),
        shape=(len(bins), int(column.max(initial=0)) + 1),
    )
    together = (occupied @ occupied.T).toarray().astype(np.float64)
    filled = np.diag(together)
    return together / np.maximum(np.minimum(filled[:, None], filled), 1.0)


def spike_bins(times: np.ndarray, begin: float, every: int) -> np.ndarray:
    """Return the bins of 2 ms since `begin` that hold spikes, each once, of every `every`-th bin; `times` ascend."""
    bins = ((times - begin) / COINCIDENCE).astype(np.int64)
    bins = bins if every == 1 else bins[bins % every == 0] // every
    return bins[np.diff(bins, prepend=-1) > 0]
