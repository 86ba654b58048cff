"""Trials: binned spike counts of single trials, and the linear way from them to `Responses`."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.responses import Responses, make_responses
from neurocompare.shown import Overview, Shown

TRIAL_DIMS = ("trial", "time", "unit")


@dataclass(frozen=True)
class UnitSelection:
    """Which units were kept, and why the others were not.

    Attributes
    ----------
    kept : tuple
        Unit ids, in the recording's order.
    low_rate : tuple
        Ids of units that fired below `min_rate` in the windows.
    duplicates : tuple of (dropped id, kept id)
        Units that are a kept unit once more; `unit_selection` states the rule.
    min_rate : float
        In spikes/s.
    unobserved : tuple
        Ids of units that were observed in too few of the trials.

    Examples
    --------
    >>> from neurocompare.recordings import open_recording, trials_of
    >>> found = trials_of(open_recording("synthetic"), min_rate=5.0).selection
    >>> len(found.kept), len(found.low_rate), found.min_rate
    (131, 29, 5.0)
    """

    kept: tuple
    low_rate: tuple = ()
    duplicates: tuple[tuple, ...] = ()
    min_rate: float = 0.0
    unobserved: tuple = ()

    def __str__(self) -> str:
        text = f"{len(self.kept)} units kept"
        if self.low_rate:
            text += f", {len(self.low_rate)} below {self.min_rate:g} spikes/s left out"
        if self.duplicates:
            text += f", {len(self.duplicates)} duplicates left out"
        if self.unobserved:
            text += f", {len(self.unobserved)} not observed in enough trials left out"
        return text


@dataclass(frozen=True, repr=False)
class Trials(Shown):
    """Spike counts of single trials in time bins: what ranking resamples.

    Attributes
    ----------
    counts : xarray.DataArray, dims (trial, time, unit)
        Spikes in each bin. Coordinates: ``condition`` (str) along trial; ``segment`` (str, the event a bin is aligned
        to) and ``event_time`` (s, bin centre relative to that event) along time; ``area`` along unit. ``time`` is the
        bin centre in s on the median timeline, 0 at the first segment's event.
    conditions : pandas.DataFrame
        One row a condition, indexed by its label, in the order `average` returns them; columns describe it.
    bin_width : float
        In s.
    smoothing : float
        Standard deviation of the Gaussian that `average` applies, in s; 0 for none.
    selection : UnitSelection or None
        Which of the recording's units these are.
    dropped : tuple of (reason, int)
        How many trials of the recording were left out, and why.
    source : str
        Where the counts came from, for people.

    Raises
    ------
    InputError
        If dims or coordinates are missing, a count is negative or not finite, or a condition has no row in
        `conditions`.

    Examples
    --------
    >>> from neurocompare.recordings import open_recording, trials_of
    >>> trials = trials_of(open_recording("synthetic"))
    >>> trials.counts.dims, len(trials.conditions)
    (('trial', 'time', 'unit'), 8)
    """

    counts: xr.DataArray
    conditions: pd.DataFrame
    bin_width: float
    smoothing: float
    selection: UnitSelection | None = None
    dropped: tuple[tuple[str, int], ...] = field(default=())
    source: str = ""

    def __post_init__(self) -> None:
        if self.counts.dims != TRIAL_DIMS:
            raise InputError(f"expected counts with dims {TRIAL_DIMS}, found {self.counts.dims}")
        for name, dim in (("condition", "trial"), ("segment", "time"), ("event_time", "time")):
            if name not in self.counts.coords or self.counts[name].dims != (dim,):
                raise InputError(f"expected a coordinate {name!r} along {dim}, found none")
        if not (self.counts.values >= 0).all() or not np.isfinite(self.counts.values).all():
            raise InputError("expected finite counts of at least 0, found others")
        unknown = sorted(set(self.counts["condition"].values) - set(self.conditions.index))
        if unknown:
            message = f"expected a row in the table of conditions for every condition, found none for {unknown[0]!s}"
            raise InputError(message)

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`."""
        sizes, each = self.counts.sizes, self.trials_per_condition
        dropped = ", ".join(f"{count} {reason}" for reason, count in self.dropped)
        rows = [
            ("trials", f"{sizes['trial']}" + (f", {each.min()} to {each.max()} a condition" if len(each) else "")),
            ("conditions", f"{len(self.conditions)}"),
            ("units", f"{sizes['unit']}"),
            ("bins", f"{sizes['time']} of {1000 * self.bin_width:g} ms"),
            ("smoothing", f"{1000 * self.smoothing:g} ms"),
            ("left out", dropped),
        ]
        return Overview(f"Trials of {self.source}" if self.source else "Trials", tuple(row for row in rows if row[1]))

    @property
    def trials_per_condition(self) -> np.ndarray:
        """Number of trials of each condition, in the order of `conditions`."""
        return (self.conditions.index.to_numpy(dtype=str)[:, None] == self.counts["condition"].values).sum(axis=1)


def average(trials: Trials, weights: np.ndarray | None = None) -> Responses:
    r"""Condition averages of smoothed firing rates.

    .. math:: r_{c t u} = \sum_{t'} K_{t t'} \frac{\sum_{k \in c} w_k n_{k t' u}}{\Delta \sum_{k \in c} w_k}

    with counts n, bin width :math:`\Delta` and K from `smoothing_matrix`. Linear in the counts, so a network's rates
    passed through `smooth` are what the same recipe would make of them.

    Parameters
    ----------
    trials : Trials
    weights : array, shape (trial,), optional
        Nonnegative weight of each trial: zeros and ones split trials, multinomial counts resample them. All equal
        where None.

    Returns
    -------
    Responses
        In spikes/s; conditions in the order of ``trials.conditions``, whose columns become coordinates.

    Raises
    ------
    InputError
        If weights have another length, are negative or not finite, or sum to zero within a condition.

    Examples
    --------
    >>> counts = xr.DataArray(
    ...     [[[2.0, 0.0]], [[4.0, 0.0]], [[1.0, 1.0]]],
    ...     dims=("trial", "time", "unit"),
    ...     coords={"condition": ("trial", ["a", "a", "b"]), "time": [0.05], "segment": ("time", ["go"]),
    ...             "event_time": ("time", [0.05]), "unit": [0, 1]},
    ... )
    >>> trials = Trials(counts, pd.DataFrame(index=["a", "b"]), bin_width=0.1, smoothing=0.0)
    >>> average(trials).values[:, 0, 0].round(6)
    array([30., 10.])
    >>> average(trials, weights=[3, 1, 1]).values[:, 0, 0].round(6)
    array([25., 10.])
    """
    from scipy.sparse import csr_array

    counts, labels = trials.counts, trials.conditions.index.to_numpy(dtype=str)
    weights = np.ones(counts.sizes["trial"]) if weights is None else np.asarray(weights, dtype=np.float64)
    if weights.shape != (counts.sizes["trial"],):
        raise InputError(f"expected one weight for each of {counts.sizes['trial']} trials, found shape {weights.shape}")
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise InputError("expected finite trial weights of at least 0, found others")
    condition = trials.conditions.index.get_indexer(pd.Index(counts["condition"].values))
    totals = np.bincount(condition, weights=weights, minlength=len(labels))
    if not totals.all():
        message = f"expected trials in every condition, found none of weight above 0 in {labels[totals == 0][0]!s}"
        raise InputError(message)
    # A trial is of one condition: as a dense matrix nearly all shares would be zeros.
    shares = csr_array(
        (weights / (totals[condition] * trials.bin_width), (condition, np.arange(len(weights)))),
        shape=(len(labels), len(weights)),
    )
    means = (shares @ counts.values.reshape(len(weights), -1)).reshape(len(labels), *counts.shape[1:])
    rates = smooth(means, counts["segment"].values, counts["event_time"].values, trials.smoothing)
    described = {str(name): ("condition", column.to_numpy()) for name, column in trials.conditions.items()}
    carried = {
        str(name): (str(coord.dims[0]), coord.values)
        for name, coord in counts.coords.items()
        if name not in TRIAL_DIMS and coord.dims in (("time",), ("unit",))
    }
    return make_responses(
        rates,
        condition=labels,
        time=counts["time"].values,
        unit=counts["unit"].values,
        activity_unit="spikes/s",
        source=trials.source,
        coords=described | carried,
    )


def smooth(values: np.ndarray, segment: np.ndarray, event_time: np.ndarray, smoothing: float) -> np.ndarray:
    """Smooth activity along its second axis exactly as `average` does; see `smoothing_matrix`.

    Parameters
    ----------
    values : array, shape (condition, time, unit)
    segment, event_time : arrays, shape (time,)
        As the coordinates of those names in ``Trials.counts``: a number, and s from the event.
    smoothing : float
        Standard deviation in s.

    Returns
    -------
    array, shape (condition, time, unit)

    Examples
    --------
    >>> smooth(np.array([[[0.0], [3.0], [0.0]]]), ["a", "a", "a"], [0.0, 0.1, 0.2], 0.1).ravel().round(3)
    array([1.045, 1.356, 1.045])
    """
    return np.matmul(smoothing_matrix(segment, event_time, smoothing), values)


def smoothing_matrix(segment: np.ndarray, event_time: np.ndarray, smoothing: float) -> np.ndarray:
    """Gaussian smoothing within each segment, as a matrix that acts on time.

    Row t holds a Gaussian of the time from t to every bin of the same segment, divided by its sum: near an edge the
    weight that would fall outside is shared among the bins inside, so a constant stays constant and nothing from
    another segment, nor from outside the windows, enters.

    Parameters
    ----------
    segment : array of str, shape (time,)
        Label of the segment a bin belongs to.
    event_time : array, shape (time,)
        Bin centres in s, relative to the segment's event.
    smoothing : float
        Standard deviation in s; 0 gives the identity.

    Returns
    -------
    array, shape (time, time)
        Rows sum to one.

    Raises
    ------
    InputError
        If `smoothing` is negative or not finite.

    Examples
    --------
    >>> smoothing_matrix(["a", "a", "b"], [0.0, 0.1, 0.0], 0.1).round(3)
    array([[0.622, 0.378, 0.   ],
           [0.378, 0.622, 0.   ],
           [0.   , 0.   , 1.   ]])
    """
    segment, event_time = np.asarray(segment), np.asarray(event_time, dtype=np.float64)
    if not (np.isfinite(smoothing) and smoothing >= 0):
        raise InputError(f"expected a smoothing of at least 0 s, found {smoothing}")
    if smoothing == 0:
        return np.eye(len(event_time))
    lags = (event_time[:, None] - event_time) / smoothing
    kernel = np.where(segment[:, None] == segment, np.exp(-0.5 * lags**2), 0.0)
    return kernel / kernel.sum(axis=1, keepdims=True)
