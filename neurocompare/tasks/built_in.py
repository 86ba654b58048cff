"""The tasks that can be asked for by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from neurocompare.tasks.ideal import ideal_reach
from neurocompare.tasks.muscles import muscles
from neurocompare.tasks.oscillation import oscillation
from neurocompare.tasks.task import Task

BUILT_IN: Mapping[str, Callable[..., Task]] = {
    "oscillation": oscillation,
    "ideal_reach": ideal_reach,
    "muscles": muscles,
}
"""Each is made without arguments, or with another ``time_step`` in s."""
