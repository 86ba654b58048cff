"""The task an animal was given, from a recording: its cues, and the movement its hand made."""

from __future__ import annotations

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.recordings.averaging import condition_table
from neurocompare.recordings.behavior import mean_behavior
from neurocompare.recordings.recording import Recording
from neurocompare.recordings.segment import DEFAULT_SEGMENTS, Segment
from neurocompare.recordings.windows import timeline, windows_of
from neurocompare.tasks.delayed import ROUNDING, delay_cues, direction_code, sample_times
from neurocompare.tasks.task import Task, make_task

NEAREST_DIRECTIONS = np.radians(5.0)
"""Targets closer than this in angle are not told apart by direction alone, rad."""

CODED_VARIANCE = 0.95
"""Share of the variance between conditions that the leading principal components must carry."""


def reach_task(
    recording: Recording,
    *,
    time_step: float = 0.05,
    lead: float = 0.1,
    stop: float | None = None,
    target: str = "hand_vel",
    segments: tuple[Segment, ...] = DEFAULT_SEGMENTS,
) -> Task:
    """Make a task of a recorded delayed reach: cues in, the hand's mean velocity out.

    Time runs from target on (0) over go and movement onset, each at its median over trials. Inputs, until go: a hold
    cue, and a static code of the condition: (cos, sin) of the target's angle where no two conditions have the same
    direction, else principal components of the movements themselves (`movement_code`). Targets: for each condition the
    velocity averaged over trials around movement onset, `lead` later than the sample (neural activity comes before the
    movement it makes), zero before go.

    Parameters
    ----------
    recording : Recording
        With the events target_on_time, go_cue_time and move_onset_time, and the behaviour `target`.
    time_step : float
        In s. The cue ends at the sample nearest the median go.
    lead : float
        How far neural activity leads the hand, s.
    stop : float, optional
        Last time of the task, s from target on; 0.35 s after movement onset where None.
    target : str
        Name of the behavioural series to produce.
    segments : tuple of Segment
        As given to `trials_of`, so that task and responses come from the same trials.

    Returns
    -------
    Task

    Raises
    ------
    InputError
        If an event, the behaviour or its samples are missing, `stop` is before movement onset, or two conditions have
        equal inputs and different movements.
    """
    median = timeline(recording, segments=segments)
    stop = median.move + 0.35 if stop is None else stop
    if not (lead >= 0 and stop > median.move):
        message = (
            f"expected a lead of at least 0 s and a stop after movement onset at {median.move:.3g} s, "
            f"found lead {lead:g} and stop {stop:g}"
        )
        raise InputError(message)
    time = sample_times(stop, time_step=time_step)
    go = float(time[np.argmin(np.abs(time - median.go))])
    moving = time[time >= go - ROUNDING]
    movement = mean_behavior(recording, target, moving + lead - median.move, event="move_onset_time", segments=segments)
    described = condition_table(recording, windows_of(recording, segments).rows).loc[movement["condition"].values]
    targets = xr.DataArray(
        movement.values,
        dims=("condition", "time", "output"),
        coords={"condition": movement["condition"].values, "time": moving, "output": movement["column"].values},
    ).reindex(time=time, fill_value=0.0)
    angles = described["target_angle"].to_numpy(dtype=float) if "target_angle" in described else None
    if angles is not None and directions_differ(angles):
        code = direction_code(angles, condition=targets["condition"].values)
        how = "Conditions are coded by (cos, sin) of their target's angle."
    else:
        code, share = movement_code(targets)
        how = (
            f"Direction alone does not tell the conditions apart: their code is the {code.sizes['channel']} leading "
            f"principal components ({share:.0%} of the variance) of the movements themselves, at unit root mean "
            "square. This is an assumption: it tells the network during the delay how the hand is going to move."
        )
    code = code.assign_coords({name: ("condition", column.values) for name, column in described.items()})
    return make_task(
        delay_cues(code, time, go=go),
        targets,
        name=f"reach of {recording.name}",
        target_unit=movement.attrs["unit"],
        notes=(
            f"Median trial, in s from target on: go at {median.go:.3f} (the cue ends at the sample {go:.3f}), "
            f"movement onset at {median.move:.3f}.",
            how,
            f"Targets at time t are the mean {target} at t + {lead:g} s, aligned to movement onset; zero before go.",
        ),
        events={"target_on": 0.0, "go": go, "move": round(median.move, 9)},
    )


def directions_differ(angles: np.ndarray) -> bool:
    """Whether no two targets lie in the same direction, within 5 degrees.

    Parameters
    ----------
    angles : array, shape (condition,)
        In rad; false where one is missing.

    Examples
    --------
    >>> directions_differ(np.radians([0, 90, 180])), directions_differ(np.radians([1, 90, 359]))
    (True, False)
    """
    ordered = np.sort(np.mod(angles, 2 * np.pi))
    gaps = np.diff(ordered, append=ordered[:1] + 2 * np.pi)
    return bool((gaps > NEAREST_DIRECTIONS).all())


def movement_code(targets: xr.DataArray) -> tuple[xr.DataArray, float]:
    """Code conditions by the leading principal components of their movements.

    A movement is a condition's whole target trajectory, less the mean over conditions. The fewest components that carry
    95 % of the variance are kept, at their own relative sizes, and divided by their common root mean square: a code of
    any number of channels then drives a network as strongly.

    Parameters
    ----------
    targets : xarray.DataArray, dims (condition, time, output)

    Returns
    -------
    code : xarray.DataArray, dims (condition, channel)
    share : float
        Of the variance between conditions that the code carries.

    Raises
    ------
    InputError
        If all conditions have the same movement.
    """
    movements = targets.values.reshape(targets.sizes["condition"], -1)
    left, sizes, right = np.linalg.svd(movements - movements.mean(axis=0), full_matrices=False)
    if not sizes[0] > 1e-9 * np.abs(movements).max():
        message = "expected movements that differ between conditions, found the same in all of them"
        raise InputError(message)
    carried = np.cumsum(sizes**2) / (sizes**2).sum()
    kept = int(np.argmax(carried >= CODED_VARIANCE - ROUNDING)) + 1
    # A component's sign is arbitrary; this choice is the same on every machine.
    signs = np.sign(right[np.arange(kept), np.abs(right[:kept]).argmax(axis=1)])
    code = left[:, :kept] * sizes[:kept] * signs
    return (
        xr.DataArray(
            code / np.sqrt((code**2).mean()),
            dims=("condition", "channel"),
            coords={"condition": targets["condition"].values, "channel": [f"PC {i + 1}" for i in range(kept)]},
        ),
        float(carried[kept - 1]),
    )
