"""Any NWB file with units and trials: conditions only if a trial column is called ``condition``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from neurocompare.recordings.contents import Contents
from neurocompare.recordings.recording import Recording, Series

BOUNDS = ("start_time", "stop_time")


def recording_from(contents: Contents) -> Recording:
    """Make a recording of what is stored, without assumptions about the experiment.

    Every trial column of numbers whose name ends in ``_time`` is an event. A column ``condition``, if there is one,
    says what each trial was, and columns of numbers constant within every condition describe it. A unit's area is
    what its first electrode says. Behaviour is scaled by the declared conversion and keeps its declared unit.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    Recording
    """
    trials = contents.trials.copy()
    numbers = [name for name in trials if pd.api.types.is_numeric_dtype(trials[name])]
    events = tuple(name for name in numbers if name.endswith("_time") and name not in BOUNDS)
    described: tuple[str, ...] = ()
    if "condition" in trials:
        trials["condition"] = trials["condition"].map(str, na_action="ignore")
        described = constant_columns(trials, [n for n in numbers if n not in (*events, *BOUNDS, "condition")])
    areas = contents.units.get("electrode_area", pd.Series("unknown", contents.units.index))
    return Recording(
        name="",
        spike_times=contents.spike_times,
        spike_ends=contents.spike_ends,
        units=contents.units.drop(columns="electrode_area", errors="ignore").assign(area=areas.astype(str)),
        trials=trials,
        events=events,
        behavior=tuple(
            Series(s.name, s.times, s.values * (s.conversion if np.isfinite(s.conversion) else 1.0), s.columns, s.unit)
            for s in contents.series
        ),
        condition_columns=described,
    )


def constant_columns(trials: pd.DataFrame, names: list[str]) -> tuple[str, ...]:
    """Those of the columns `names` that have one value within every condition."""
    varied = trials.groupby("condition")[names].nunique(dropna=False).max()
    return tuple(name for name in names if varied[name] == 1)
