"""What needs several rooms at once: sessions of which the truth is known, and dynamics of zoos.

`synthetic_recording` records a known network as an experimenter would have, `synthetic_file` keeps such a session as an
NWB file in the layout of MC_Maze; `score_model.score` compares a model of the user's own with a recording.
"""

from neurocompare.workflows.synthetic import synthetic_recording
from neurocompare.workflows.synthetic_file import synthetic_file

__all__ = ["synthetic_file", "synthetic_recording"]
