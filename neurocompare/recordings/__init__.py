"""What was measured: from a file to spike counts of single trials and condition averages.

`trials_of` counts spikes around events and `average` turns them into `Responses`; `timeline` gives the median trial
that both share.
"""

from neurocompare.recordings.averaging import trials_of
from neurocompare.recordings.recording import Provenance, Recording, Series
from neurocompare.recordings.trials import Trials, UnitSelection, average, smooth, smoothing_matrix
from neurocompare.recordings.unit_selection import unit_selection
from neurocompare.recordings.windows import DEFAULT_SEGMENTS, Segment, Timeline, timeline

__all__ = [
    "DEFAULT_SEGMENTS",
    "Provenance",
    "Recording",
    "Segment",
    "Series",
    "Timeline",
    "Trials",
    "UnitSelection",
    "average",
    "smooth",
    "smoothing_matrix",
    "timeline",
    "trials_of",
    "unit_selection",
]
