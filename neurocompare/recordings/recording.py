"""Recording: spike times, trials and behaviour of one session, whatever file it came from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.observed import Observed
from neurocompare.recordings.reading import Reading
from neurocompare.recordings.segment import DEFAULT_SEGMENTS, Segment
from neurocompare.settings import Choices
from neurocompare.shown import Overview, Shown

MOST_STEPS = 100_000
"""Of a series whose median step is taken."""


@dataclass(frozen=True)
class Series:
    """One behavioural time series.

    Attributes
    ----------
    name : str
        Such as ``"hand_vel"``.
    times : array, shape (sample,)
        In s, ascending; may have gaps (between trials), which no computation may cross.
    values : array, shape (sample, column)
        In `unit`.
    columns : tuple of str
        Such as ``("x", "y")``.
    unit : str
        Such as ``"mm/s"``.

    Examples
    --------
    >>> import numpy as np
    >>> Series("hand_pos", np.array([0.0, 0.01]), np.zeros((2, 2)), ("x", "y"), "mm").values.shape
    (2, 2)
    """

    name: str
    times: np.ndarray
    values: np.ndarray
    columns: tuple[str, ...]
    unit: str

    @cached_property
    def step(self) -> float:
        """The median step between samples, in s; of long series, that of `MOST_STEPS` of them."""
        first = np.arange(0, len(self.times) - 1, -(-len(self.times) // MOST_STEPS))
        return float(np.median(self.times[first + 1] - self.times[first]))


@dataclass(frozen=True)
class Provenance:
    """Where a recording came from: enough to find it again and to cite it.

    Attributes
    ----------
    path : str
        Of the file that was read, or its address.
    sha256 : str
        Its digest; empty where it was not taken.
    identifier : str
        The file's own.
    subject, session, description : str
        As the file says.
    version : str
        Of the dandiset, or of what comes with the package.
    licence, citation : str
        As the catalogue says; empty where it does not know the file.

    Examples
    --------
    >>> from neurocompare.recordings import open_recording
    >>> found = open_recording("synthetic").provenance
    >>> found.identifier, found.licence
    ('synthetic-2', 'BSD-3-Clause')
    """

    path: str = ""
    sha256: str = ""
    identifier: str = ""
    subject: str = ""
    session: str = ""
    description: str = ""
    version: str = ""
    licence: str = ""
    citation: str = ""


@dataclass(frozen=True, repr=False)
class Recording(Shown):
    """What was measured in one session.

    Attributes
    ----------
    name : str
        For people and file names.
    spike_times : array, shape (spike,)
        In s; the spikes of unit 0, then those of unit 1, ...; ascending within each unit.
    spike_ends : array of int, shape (unit,)
        ``spike_times[spike_ends[i - 1] : spike_ends[i]]`` are the spikes of unit i (from 0 for the first).
    units : pandas.DataFrame
        One row a unit, indexed by unit id; column ``area`` at least.
    trials : pandas.DataFrame
        One row a trial, in time order; ``start_time`` and ``stop_time`` in s; ``condition`` (str) where the layout
        defines conditions; event columns named as in `events`; ``excluded`` (str), if there, says why a trial is not to
        be used, and is empty where it is.
    events : tuple of str
        Names of the trial columns that are event times in s, such as ``"target_on_time"``.
    behavior : tuple of Series
        Hand, cursor, eye, muscles: what the file has.
    condition_columns : tuple of str
        Columns of `trials` that are constant within a condition and describe it (such as ``"target_angle"`` in rad).
    provenance : Provenance
    segments : tuple of Segment
        The windows in which this recording is compared unless others are asked for.
    reading : Reading
        The bins, smoothing and lag with which it is compared unless others are asked for.
    target : str
        Name of the behavioural series that networks are to produce; empty where there is none.
    notes : tuple of str
        What the layout found, assumed and repaired, in sentences for people.
    unread : tuple of str
        Behavioural series that the file has and that were not read.
    observed : Observed, optional
        When each unit was observed; always where None.
    invalid : array, shape (interval, 2)
        Start and stop of times in which nothing recorded is to be used, in s.
    binned : float or None
        Width in s of the bins of a file that has counts in place of spike times: `spike_times` are then the middles of
        bins.
    planted : tuple of (str, float)
        For recordings made from a known network: its settings, ``gamma`` among them. Empty for real ones.

    Examples
    --------
    >>> from neurocompare.recordings import open_recording
    >>> recording = open_recording("synthetic")
    >>> len(recording.units), len(recording.trials), recording.series("hand_vel").unit
    (160, 240, 'mm/s')
    """

    name: str
    spike_times: np.ndarray
    spike_ends: np.ndarray
    units: pd.DataFrame
    trials: pd.DataFrame
    events: tuple[str, ...]
    behavior: tuple[Series, ...] = ()
    condition_columns: tuple[str, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
    segments: tuple[Segment, ...] = DEFAULT_SEGMENTS
    reading: Reading = field(default_factory=Reading)
    target: str = "hand_vel"
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    observed: Observed | None = None
    invalid: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    binned: float | None = None
    planted: tuple[tuple[str, float], ...] = ()

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`."""
        conditions = self.trials["condition"].nunique() if "condition" in self.trials else 0
        excluded = int((self.trials["excluded"] != "").sum()) if "excluded" in self.trials else 0
        areas = ", ".join(str(area) for area in dict.fromkeys(self.units["area"]) if area)
        rows = [
            ("units", f"{len(self.units)}" + (f" in {areas}" if areas else "")),
            ("spikes", f"{len(self.spike_times)}"),
            ("trials", f"{len(self.trials)}" + (f", {excluded} not to be used" if excluded else "")),
            ("conditions", f"{conditions}"),
            ("events", ", ".join(self.events)),
            ("behavior", ", ".join(f"{each.name} ({each.unit})" for each in self.behavior)),
            ("target", self.target),
        ]
        return Overview(f"Recording {self.name!r}", tuple(row for row in rows if row[1]))

    def series(self, name: str) -> Series | None:
        """Return the behavioural series called `name`, or None if the recording has none."""
        return next((series for series in self.behavior if series.name == name), None)

    def read_with(self, choices: Choices) -> Recording:
        """Return the recording with the bins, smoothing and lag that a user chose; None leaves its own."""
        given = {name: getattr(choices, name) for name in self.reading.values}
        return replace(self, reading=self.reading.chosen(**given))

    def in_area(self, area: str) -> Recording:
        """Return the recording with only the units of one brain area.

        Raises
        ------
        InputError
            If no unit is of that area; the message names those there are.
        """
        chosen = (self.units["area"].astype(str).str.lower() == area.lower()).to_numpy()
        if not chosen.any():
            areas = ", ".join(
                f"{name} ({count})" for name, count in self.units["area"].value_counts(sort=False).items()
            )
            raise InputError(f"expected units in {area}, found units in {areas}")
        return self.with_units(chosen)

    def with_units(self, chosen: np.ndarray) -> Recording:
        """Return the recording with the units where `chosen`, shape (unit,), is true."""
        counts = np.diff(self.spike_ends, prepend=0)
        return replace(
            self,
            spike_times=self.spike_times[np.repeat(chosen, counts)],
            spike_ends=np.cumsum(counts[chosen]),
            units=self.units[chosen],
            observed=None if self.observed is None else self.observed.with_units(chosen),
        )
