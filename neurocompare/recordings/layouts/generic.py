"""Any NWB file with units and trials: what it means comes from the user, and from columns with common names."""

from __future__ import annotations

import pandas as pd

from neurocompare.recordings.candidates import scalar_columns
from neurocompare.recordings.choices import Choices
from neurocompare.recordings.condition_labels import condition_labels
from neurocompare.recordings.contents import Contents
from neurocompare.recordings.layouts.bare import bare_recording, finished
from neurocompare.recordings.layouts.movement import Movement, chosen_series
from neurocompare.recordings.recording import Recording

CONVENTIONS = ()
COMMON = {"hand": ("hand_vel", "finger_vel"), "cursor": ("cursor_vel",), "emg": ("emg", "EMG", "preprocessed_emg")}
"""Names of series that say what they are."""


def matches(contents: Contents) -> bool:
    """Any file does."""
    return True


def recording_from(contents: Contents, choices: Choices) -> Recording:
    """Make a recording of what is stored, without assumptions about the experiment.

    Every trial column of numbers that lie inside their trials is an event. A column ``condition``, if there is one and
    no other columns are chosen, says what each trial was; columns of numbers constant within every condition describe
    it. A unit's area is what its first electrode says. Behaviour is the chosen series, or one that is called as hand
    or cursor velocity or muscles commonly are, scaled by the declared conversion and in the declared unit.

    Parameters
    ----------
    contents : Contents
    choices : Choices

    Returns
    -------
    Recording

    Raises
    ------
    InputError
        If a chosen series is not there.
    """
    bare = bare_recording(contents)
    trials = bare.trials
    described: tuple[str, ...] = ()
    if "condition" in trials:
        trials["condition"] = condition_labels(trials, ["condition"])
    if "condition" in trials and not choices.condition:
        described = tuple(
            name
            for name in scalar_columns(trials)
            if name not in bare.events and pd.api.types.is_numeric_dtype(trials[name])
        )
    return finished(bare, contents, read_behavior(contents, choices), trials, described=described)


def read_behavior(contents: Contents, choices: Choices) -> Movement:
    """Read the chosen series, or one with a common name; none where there is neither."""
    if choices.behavior is not None:
        return chosen_series(contents, choices.behavior)
    kinds = COMMON.values() if choices.target is None else [COMMON[choices.target]]
    names = [name for kind in kinds for name in kind]
    there = next((name for name in names if contents.has(name)), None)
    if there is None and choices.target is not None:
        there = names[0]  # whose absence is then reported with what there is
    if there is not None and choices.target is None and len(contents.called(there)) > 1:
        return Movement(notes=(f"There are several series called {there}: {' and '.join(contents.called(there))}.",))
    return Movement() if there is None else chosen_series(contents, there)
