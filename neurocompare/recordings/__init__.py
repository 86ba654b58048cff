"""What was measured: from a file to spike counts of single trials and condition averages.

`open_recording` reads an NWB file of any layout it knows, by its path or its name, `stream_recording` a remote one,
`open_named` whichever a user means, with `Choices` where the layout is not to decide; a `Reading` says which bins,
smoothing and lag suit it. `describe` says what is in it; `trials_of` counts spikes around events and `average` turns
the counts into `Responses`; `mean_behavior` and `timeline` give what the animal did meanwhile; `write_maze_nwb` writes
a recording in the layout of MC_Maze. `experiments`, `find` and `recording_path` know recordings by name, `fetch` gets
one from the DANDI archive, `cached` says whether it is here.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
