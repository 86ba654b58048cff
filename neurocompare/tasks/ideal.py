"""The ideal delayed reach: minimum-jerk movements from the centre to targets on a circle."""

from __future__ import annotations

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.tasks.continuation import Continuation
from neurocompare.tasks.delayed import ROUNDING, delay_cues, direction_code, sample_times
from neurocompare.tasks.task import Task, make_task

DURATION = 0.35
"""Movement time of the ideal reach, s."""

PEAK_SPEED = 600.0
"""Peak hand speed of the ideal reach, mm/s."""


def minimum_jerk_speed(time: np.ndarray, *, duration: float | np.ndarray, peak_speed: float | np.ndarray) -> np.ndarray:
    """Speed of a minimum-jerk movement that starts at time 0.

    With s = time / duration in [0, 1] and zero outside it: v = 16 v_peak s^2 (1 - s)^2.

    Parameters
    ----------
    time : array
        In s from movement onset.
    duration : float or array that broadcasts with `time`
        In s.
    peak_speed : float or array that broadcasts with `time`
        In any unit of speed; the result has the same.

    Returns
    -------
    array

    References
    ----------
    Flash and Hogan 1985, The coordination of arm movements: an experimentally confirmed mathematical model.

    Examples
    --------
    >>> minimum_jerk_speed(np.array([-0.1, 0.0, 0.2, 0.4, 0.5]), duration=0.4, peak_speed=500.0)
    array([  0.,   0., 500.,   0.,   0.])
    """
    s = np.clip(np.asarray(time, float) / duration, 0.0, 1.0)
    return 16.0 * peak_speed * s**2 * (1.0 - s) ** 2


def minimum_jerk_path(time: np.ndarray, *, duration: float | np.ndarray) -> np.ndarray:
    """Fraction of the way covered by a minimum-jerk movement that starts at time 0.

    With s = time / duration clipped to [0, 1]: 10 s^3 - 15 s^4 + 6 s^5.

    Parameters
    ----------
    time : array
        In s from movement onset.
    duration : float or array that broadcasts with `time`
        In s.

    Examples
    --------
    >>> minimum_jerk_path(np.array([-0.1, 0.2, 0.4, 9.0]), duration=0.4)
    array([0. , 0.5, 1. , 1. ])
    """
    s = np.clip(np.asarray(time, float) / duration, 0.0, 1.0)
    return s**3 * (10.0 - 15.0 * s + 6.0 * s**2)


def reach_distance(*, duration: float, peak_speed: float) -> float:
    """Length of a minimum-jerk reach: the integral of its speed, (8 / 15) v_peak duration.

    Examples
    --------
    >>> reach_distance(duration=0.35, peak_speed=600.0)
    112.0
    """
    return 8.0 * peak_speed * duration / 15.0


def ideal_reach(
    *,
    directions: int = 8,
    time_step: float = 0.05,
    delay: float = 0.35,
    reaction_time: float = 0.25,
    duration: float = DURATION,
    lag: float = 0.1,
    peak_speed: float = PEAK_SPEED,
) -> Task:
    """Make the task of a delayed reach in evenly spaced directions.

    Target on at 0, go at `delay`, movement from ``delay + reaction_time`` for `duration`. Inputs: a hold cue and
    (cos, sin) of the direction, until go. Targets: the hand's velocity `lag` later (neural activity comes before
    the movement it makes), zero before go. `reach_task` makes the same of a recording.

    Parameters
    ----------
    directions : int
        Number of targets, the first at angle 0, counterclockwise.
    time_step, delay, reaction_time, duration, lag : float
        In s.
    peak_speed : float
        In mm/s.

    Returns
    -------
    Task

    Raises
    ------
    InputError
        If there are fewer than two directions or a time is out of range.

    Examples
    --------
    >>> task = ideal_reach()
    >>> dict(task.inputs.sizes), task.n_samples, round(task.target_scale)
    ({'condition': 8, 'time': 20, 'channel': 3}, 160, 160)
    """
    if directions < 2:
        raise InputError(f"expected at least 2 directions, found {directions}")
    for what, value, least in (
        ("delay", delay, 0.0),
        ("reaction_time", reaction_time, 0.0),
        ("lag", lag, 0.0),
        ("duration", duration, time_step),
        ("peak_speed", peak_speed, 1e-9),
    ):
        if not value >= least:
            raise InputError(f"expected {what} of at least {least:g}, found {value}")
    move = delay + reaction_time
    time = sample_times(move + duration, time_step=time_step)
    angles = 2 * np.pi * np.arange(directions) / directions
    code = direction_code(angles, condition=[f"{angle:.4g} deg" for angle in np.degrees(angles)])
    speed = minimum_jerk_speed(time + lag - move, duration=duration, peak_speed=peak_speed)
    speed[time < delay - ROUNDING] = 0.0
    labels = {"condition": code["condition"], "time": time, "output": ["x", "y"]}
    velocity = xr.DataArray(code.values[:, None, :] * speed[:, None], dims=tuple(labels), coords=labels)
    return make_task(
        delay_cues(code, time, go=delay),
        velocity,
        name="ideal_reach",
        target_unit="mm/s",
        notes=(
            f"The hand follows a minimum-jerk reach of {duration:g} s and {peak_speed:g} mm/s peak speed.",
            f"Targets at time t are the hand's velocity at t + {lag:g} s, zero before go.",
        ),
        events={"target_on": 0.0, "go": delay, "move": move},
        continuation=Continuation("zero"),
    )
