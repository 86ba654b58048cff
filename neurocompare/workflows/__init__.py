"""What needs several rooms at once: sessions of which the truth is known, and dynamics of zoos.

`synthetic_recording` records a known network as an experimenter would have, `synthetic_file` keeps such a session as an
NWB file in the layout of MC_Maze, `planted_session` the same for a family and a gamma; `score.score` compares models of
the user's own with a recording.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
