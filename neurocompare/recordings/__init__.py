"""What was measured: from a file to spike counts of single trials and condition averages.

`open_recording` reads an NWB file of any layout it knows, by its path or its name, `stream_recording` a remote one,
`open_named` whichever a user means, with `Choices` where the layout is not to decide; a `Reading` says which bins,
smoothing and lead suit it. `describe` says what is in it; `trials_of` counts spikes around events and `average` turns
the counts into `Responses`; `mean_behavior` and `timeline` give what the animal did meanwhile; `write_maze_nwb` writes
a recording in the layout of MC_Maze. `experiments`, `find` and `recording_path` know recordings by name, `fetch` gets
one from the DANDI archive, `cached` says whether it is here.
"""

from neurocompare.recordings.averaging import trials_of
from neurocompare.recordings.behavior import behavior_of, mean_behavior
from neurocompare.recordings.cache import cached
from neurocompare.recordings.catalogue import experiments, find, known_recordings, recording_path
from neurocompare.recordings.describe import describe, missing_for_comparison
from neurocompare.recordings.entry import CatalogueEntry, Experiment
from neurocompare.recordings.fetch import Fetched, fetch
from neurocompare.recordings.named import open_named
from neurocompare.recordings.nwb import open_recording
from neurocompare.recordings.reading import Reading
from neurocompare.recordings.recording import Provenance, Recording, Series
from neurocompare.recordings.remote import stream_recording
from neurocompare.recordings.segment import DEFAULT_SEGMENTS, Segment
from neurocompare.recordings.trials import Trials, UnitSelection, average, smooth, smoothing_matrix
from neurocompare.recordings.unit_selection import unit_selection
from neurocompare.recordings.windows import Timeline, timeline
from neurocompare.recordings.write_nwb import maze_units, write_maze_nwb
from neurocompare.settings import Choices

__all__ = [
    "DEFAULT_SEGMENTS",
    "CatalogueEntry",
    "Choices",
    "Experiment",
    "Fetched",
    "Provenance",
    "Reading",
    "Recording",
    "Segment",
    "Series",
    "Timeline",
    "Trials",
    "UnitSelection",
    "average",
    "behavior_of",
    "cached",
    "describe",
    "experiments",
    "fetch",
    "find",
    "known_recordings",
    "maze_units",
    "mean_behavior",
    "missing_for_comparison",
    "open_named",
    "open_recording",
    "recording_path",
    "smooth",
    "smoothing_matrix",
    "stream_recording",
    "timeline",
    "trials_of",
    "unit_selection",
    "write_maze_nwb",
]
