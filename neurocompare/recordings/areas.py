"""Brain areas by their short names, from what files call them."""

from __future__ import annotations

import re

SAID = (("PMd", r"\bPMd\b|dorsal premotor"), ("M1", r"\bM1\b|primary motor"), ("area 2", r"\barea ?2\b"))


def area_of(text: str) -> str:
    """Short name of the area that a text names; the text itself where it names none or several.

    Examples
    --------
    >>> area_of("electrode_group_M1"), area_of("Dorsal Premotor Cortex"), area_of("Utah array")
    ('M1', 'PMd', 'Utah array')
    """
    spaced = text.replace("_", " ")
    named = [area for area, pattern in SAID if re.search(pattern, spaced, re.IGNORECASE)]
    return named[0] if len(named) == 1 else text or "unknown"
