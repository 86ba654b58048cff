"""Commands of this room are tested for what they print, leave and refuse; their figures in `tests/report`."""

from drawing import drawn_once

__all__ = ["drawn_once"]
