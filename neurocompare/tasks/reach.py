"""The task an animal was given, from a recording: its cues, and the movement it made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.recordings.behavior import mean_behavior
from neurocompare.recordings.recording import Recording
from neurocompare.recordings.segment import Segment
from neurocompare.recordings.spike_counts import condition_table
from neurocompare.recordings.windows import Timeline, movement_event, timeline, windows_of
from neurocompare.tasks.continuation import Continuation
from neurocompare.tasks.delayed import ROUNDING, delay_cues, direction_code, sample_times, with_trigger
from neurocompare.tasks.muscles import NOTE, UNIT, above_rest
from neurocompare.tasks.task import Task, make_task

Cue = Literal["until-go", "until-movement", "pulse"]
"""When networks are told their condition, see `reach_task`."""

NEAREST_DIRECTIONS = np.radians(5.0)
"""Targets closer than this in angle are not told apart by direction alone, rad."""

PULSE = 0.1
"""How long what is given as a pulse lasts, s; the nearest whole number of time steps, at least one."""

HOLD = 0.2
"""How long a task without a delay holds before its cue, s."""

CODED_VARIANCE = 0.95
"""Share of the variance between conditions that the leading principal components must carry."""


def reach_task(
    recording: Recording,
    *,
    time_step: float = 0.05,
    lag: float | None = None,
    stop: float | None = None,
    target: str | None = None,
    segments: tuple[Segment, ...] | None = None,
    cue: Cue | None = None,
    trigger: bool = False,
) -> Task:
    """Make a task of a recorded movement: cues in, the mean movement (or muscle activity) out.

    Time runs on the median timeline of the recording's windows, 0 at the first one's event; target on, go and movement
    onset lie at their medians over trials. Inputs: a hold cue until go, and a static code of the condition: (cos, sin)
    of the target's angle where no two conditions have the same direction, else principal components of the movements
    themselves (`movement_code`). The code is given from target on until go; where the target appears only with go,
    until movement onset. Targets: for each condition the velocity averaged over trials around movement onset, `lag`
    later than the sample (neural activity comes before the movement it makes; a negative lag is for sensory areas,
    whose activity follows it), zero before go. Muscles are taken above
    rest, see `muscles.above_rest`.

    Parameters
    ----------
    recording : Recording
        With the behaviour `target`.
    time_step : float
        In s. The cue ends at the sample nearest the median go.
    lag : float, optional
        How far the movement lags behind neural activity, s; the recording's own (`Reading`) where None.
    stop : float, optional
        Last time of the task, in s; the end of the last window, and at least 0.35 s after movement onset, where None.
    target : str, optional
        Name of the behavioural series to produce; the recording's own where None.
    segments : tuple of Segment, optional
        As given to `trials_of`, so that task and responses come from the same trials.
    cue : str, optional
        When the code is given, where not as said above: from target on ``"until-go"`` or ``"until-movement"``, or as a
        ``"pulse"`` of 0.1 s, in whole time steps.
    trigger : bool
        Whether there is an input more, a pulse as long at go that is the same in all conditions.

    Returns
    -------
    Task

    Raises
    ------
    InputError
        If the behaviour or its samples are missing, the lag is longer than 1 s either way, `stop` is before movement
        onset, or two conditions have equal inputs and different movements.

    Examples
    --------
    >>> from neurocompare.recordings import open_recording
    >>> task = reach_task(open_recording("synthetic"))
    >>> dict(task.inputs.sizes), dict(task.targets.sizes)
    ({'condition': 8, 'time': 20, 'channel': 3}, {'condition': 8, 'time': 20, 'output': 2})
    """
    segments = recording.segments if segments is None else segments
    target = recording.target if target is None else target
    lag = recording.reading.chosen(lag=lag).lag
    if not time_step > 0:
        raise InputError(f"expected a positive time step in s, found {time_step}")
    median = timeline(recording, segments=segments)
    cues = cue_times(median, begin=min(segments[0].start, 0.0), time_step=time_step, cue=cue)
    stop = median.movement_end if stop is None else stop
    if not stop > median.move:
        raise InputError(f"expected a stop after movement onset at {median.move:.3g} s, found stop {stop:g}")
    time = np.round(cues.begin + sample_times(stop - cues.begin, time_step=time_step), 9)
    go, on, off = (float(time[np.argmin(np.abs(time - when))]) for when in (median.go, cues.on, cues.off))
    pulse = pulse_of(time_step)
    off = on + pulse if cue == "pulse" else off  # where both lie between two samples, they may be rounded apart
    muscles = target == "emg"
    moving = time if muscles else time[time >= go - ROUNDING]
    anchor = movement_event(recording, segments)
    movement = mean_behavior(recording, target, moving + lag - median.move, event=anchor, segments=segments)
    used, with_movement = windows_of(recording, segments).rows, int(movement["n_trials"].sum())
    counted = f"The mean is over {with_movement} of {len(used)} trials: of the others it was not recorded for as long."
    shorter = (counted,) if with_movement < len(used) else ()
    described = condition_table(recording, used).loc[movement["condition"].values]
    targets = xr.DataArray(
        movement.values,
        dims=("condition", "time", "output"),
        coords={"condition": movement["condition"].values, "time": moving, "output": movement["column"].values},
    )
    if muscles:
        targets = above_rest(targets, time + lag < go - ROUNDING)
    targets = targets.where(targets["time"] >= go - ROUNDING, 0.0).reindex(time=time, fill_value=cast(Any, 0.0))
    angles = described["target_angle"].to_numpy(dtype=float) if "target_angle" in described else None
    if angles is not None and directions_differ(angles):
        code = direction_code(angles, condition=targets["condition"].values)
        how = "Conditions are coded by (cos, sin) of their target's angle."
    else:
        code, share = movement_code(targets)
        unknown = "The direction of their targets is not known (--direction or --target-position names its columns)"
        alike = "Direction alone does not tell the conditions apart"
        how = (
            f"{unknown if angles is None else alike}: the conditions' code is the {code.sizes['channel']} leading "
            f"principal components ({share:.0%} of the variance) of the movements themselves, at unit root mean "
            "square. This is an assumption: it tells the network before it moves how it is going to move."
        )
    later = f"t {'+' if lag >= 0 else '-'} {abs(lag):g}"
    code = code.assign_coords({name: ("condition", column.values) for name, column in described.items()})
    inputs = delay_cues(code, time, go=go, on=on, off=off)
    if trigger:
        inputs = with_trigger(inputs, go=go, lasts=pulse)
    return make_task(
        inputs,
        targets,
        name=f"reach of {recording.name}",
        target_unit=UNIT if muscles else movement.attrs["unit"],
        notes=(
            f"Median trial, in s: target on at {median.target_on:.3f}, go at {median.go:.3f} (the hold cue ends at the "
            f"sample {go:.3f}), movement onset at {median.move:.3f}.",
            cues.note,
            how,
            f"Targets at time t are the mean {target} at {later} s, aligned to {anchor}; zero before go.",
            *shorter,
            *((f"A trigger of {pulse:g} s is given at go, the same in all conditions.",) if trigger else ()),
            *((NOTE,) if muscles else ()),
        ),
        events={"target_on": round(median.target_on, 9), "go": go, "move": round(median.move, 9)},
        # After a reach the hand rests; what else may have been recorded is not known to.
        continuation=Continuation("zero") if target == "hand_vel" else None,
    )


@dataclass(frozen=True)
class CueTimes:
    """When a task begins, and from when until when its condition is told, in s; `note` says why."""

    begin: float
    on: float
    off: float
    note: str


def cue_times(median: Timeline, *, begin: float, time_step: float, cue: Cue | None = None) -> CueTimes:
    """Place the cues of the median trial on the network's clock.

    Parameters
    ----------
    median : Timeline
    begin : float
        In s: no later than this the task begins.
    time_step : float
        In s; the beginning is a multiple of it, so that 0 is a sample.
    cue : str, optional
        See `reach_task`.

    Raises
    ------
    InputError
        If the code is to be given until go, and the target appears with go.

    Examples
    --------
    >>> cue_times(Timeline(0.0, 0.6, 0.9, 1.2), begin=0.0, time_step=0.05).begin
    0.0
    >>> undelayed = cue_times(Timeline(-0.3, -0.3, 0.0, 0.4), begin=-0.2, time_step=0.05)
    >>> undelayed.begin, undelayed.on, undelayed.off
    (-0.5, -0.3, 0.0)
    >>> cue_times(Timeline(0.0, 0.6, 0.9, 1.2), begin=0.0, time_step=0.05, cue="until-movement").off
    0.9
    """
    if median.go - median.target_on >= time_step:
        on, off = median.target_on, median.go
        begin, note = min(begin, on), "The condition's code is given from target on until go."
    elif median.move - median.go >= 2 * time_step:
        on, off = median.go, median.move
        begin = min(begin, on - HOLD)
        note = "There is no delay: the condition's code is given from go until movement onset, which is an assumption."
    else:
        begin = min(begin, median.go - HOLD)
        on, off = begin, median.go
        note = "When the animal was cued is not known: the condition's code is given from the beginning until go."
    if cue is not None:
        if cue == "until-go" and not on < median.go:
            raise InputError("expected a delay before go to tell the condition in, found none; tell it until-movement")
        off = {"until-go": median.go, "until-movement": median.move, "pulse": on + pulse_of(time_step)}[cue]
        how = f"as a pulse of {off - on:.3g} s" if cue == "pulse" else cue.replace("-", " ")
        note = f"The condition's code is given from {on:.3f} s {'' if cue == 'pulse' else 'on '}{how}, as was chosen."
    return CueTimes(round(float(np.floor(begin / time_step + ROUNDING)) * time_step + 0.0, 9), on, off, note)


def pulse_of(time_step: float) -> float:
    """Return how long a pulse lasts in whole steps of a clock, s: all pulses of a task are as long.

    Examples
    --------
    >>> pulse_of(0.05), pulse_of(0.03), pulse_of(0.2)
    (0.1, 0.09, 0.2)
    """
    return round(max(1, round(PULSE / time_step)) * time_step, 9)


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
        raise InputError("expected movements that differ between conditions, found the same in all of them")
    carried = np.cumsum(sizes**2) / (sizes**2).sum()
    kept = int(np.argmax(carried >= CODED_VARIANCE - ROUNDING)) + 1
    # A component's sign is arbitrary; this choice is the same on every machine.
    signs = np.sign(right[np.arange(kept), np.abs(right[:kept]).argmax(axis=1)])
    code = left[:, :kept] * sizes[:kept] * signs
    labels = {"condition": targets["condition"].values, "channel": [f"PC {i + 1}" for i in range(kept)]}
    scaled = xr.DataArray(code / np.sqrt((code**2).mean()), dims=tuple(labels), coords=labels)
    return scaled, float(carried[kept - 1])
