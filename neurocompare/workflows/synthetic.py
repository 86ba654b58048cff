"""A synthetic session: what an experimenter would have recorded, had the animal's cortex been a known network."""

from __future__ import annotations

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.layouts.maze import condition_label
from neurocompare.recordings.recording import Provenance, Recording, Series
from neurocompare.recordings.write_nwb import maze_units
from neurocompare.responses import Responses, check_responses
from neurocompare.streams import Purpose, stream
from neurocompare.tasks.ideal import DURATION, PEAK_SPEED, minimum_jerk_path, minimum_jerk_speed, reach_distance
from neurocompare.tasks.task import Task
from neurocompare.workflows.schedule import Schedule, draw_schedule
from neurocompare.workflows.tuning import Tuning, draw_tuning

SPEED_SPREAD = 0.03
"""Standard deviation of a trial's peak speed, relative."""

TREMOR = 0.3
"""Standard deviation of the noise in hand position, mm."""

TREMOR_TIME = 0.04
"""Its time scale: white noise smoothed by a Gaussian of this standard deviation, s."""


def synthetic_recording(
    responses: Responses,
    *,
    task: Task,
    n_units: int = 120,
    trials: int = 20,
    duration: float = DURATION,
    peak_speed: float = PEAK_SPEED,
    seed: int = 0,
    planted: tuple[tuple[str, float], ...] = (),
) -> Recording:
    """Record a network during a delayed reach, in the layout of MC_Maze.

    A random part of the network's units, each with an offset and a gain (`draw_tuning`), fires inhomogeneous Poisson
    spikes over trials whose delays and reaction times differ (`draw_schedule`): within a trial the network's time
    course is stretched between target on, go and movement onset. Before target on the network is at rest (phi = 0);
    after the end of its grid it keeps its last value. The hand makes a minimum-jerk reach on every trial, with a peak
    speed of its own and a little tremor, and is at rest otherwise. Between trials nothing is recorded.

    Parameters
    ----------
    responses : Responses
        phi in [-1, 1] on the task's conditions and times, interpolated linearly between samples.
    task : Task
        A delayed reach such as `ideal_reach` makes: events target_on, go and move, and the condition coordinate
        ``target_angle`` in rad.
    n_units : int
        Units recorded; the first half in PMd, the rest in M1.
    trials : int
        Trials a condition.
    duration : float
        Movement time of a median trial, s.
    peak_speed : float
        Its peak speed, mm/s.
    seed : int
        The same seed makes the same session.
    planted : tuple of (str, float)
        The network's settings, kept in the recording.

    Returns
    -------
    Recording

    Raises
    ------
    InputError
        If responses and task do not belong together, or responses leave [-1, 1].

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> from neurocompare.tasks.ideal import ideal_reach
    >>> task = ideal_reach(directions=2)
    >>> time = task.inputs["time"].values
    >>> phi = np.sin(9 * time[:, None] + np.arange(30)) * np.array([1, -1])[:, None, None]
    >>> phi = make_responses(phi, condition=task.inputs["condition"].values, time=time)
    >>> recording = synthetic_recording(phi, task=task, n_units=10, trials=3, planted=(("gamma", 0.4),))
    >>> len(recording.units), len(recording.trials), [series.name for series in recording.behavior]
    (10, 6, ['hand_pos', 'hand_vel'])
    """
    _check_network(responses, task)
    tuning_rng, schedule_rng, spike_rng, hand_rng = stream(Purpose.SESSION, seed).spawn(4)
    tuning = draw_tuning(responses.sizes["unit"], n_units=n_units, rng=tuning_rng)
    schedule = draw_schedule(task, trials=trials, rng=schedule_rng)
    spike_times, spike_ends = poisson_spikes(responses, tuning, schedule, rng=spike_rng)
    angles = task.inputs["target_angle"].values
    table = trial_table(schedule, angles, reach_distance(duration=duration, peak_speed=peak_speed), rng=schedule_rng)
    return Recording(
        name="synthetic",
        spike_times=spike_times,
        spike_ends=spike_ends,
        units=maze_units(["PMd"] * (n_units // 2) + ["M1"] * (n_units - n_units // 2)),
        trials=table,
        events=("target_on_time", "go_cue_time", "move_onset_time"),
        behavior=hand_movements(schedule, angles, duration=duration, peak_speed=peak_speed, rng=hand_rng),
        condition_columns=("target_angle", "target_x", "target_y"),
        provenance=Provenance(
            identifier=f"synthetic-{seed}",
            subject="synthetic",
            session=f"seed{seed}",
            description="Poisson spikes of a recurrent network during a delayed reach; no animal was recorded.",
        ),
        planted=tuple((name, float(value)) for name, value in planted),
    )


def _check_network(responses: Responses, task: Task) -> None:
    check_responses(responses)
    for dim in ("condition", "time"):
        if not np.array_equal(responses[dim].values, task.inputs[dim].values):
            message = f"expected the network's responses on the task's {dim}s, found others; simulate it on this task"
            raise InputError(message)
    if "target_angle" not in task.inputs.coords:
        message = f"expected a task with a condition coordinate target_angle in rad, found none in {task.name!r}"
        raise InputError(message)
    largest = float(np.abs(responses.values).max())
    if largest > 1:
        raise InputError(f"expected responses phi = tanh(x) within -1 and 1, found {largest:.3g}")


def poisson_spikes(
    responses: Responses, tuning: Tuning, schedule: Schedule, *, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw every recorded unit's spikes, by thinning: exact at any rate, with no time bins.

    Candidates come at each unit's highest rate and are kept with probability rate / highest rate.

    Parameters
    ----------
    responses : Responses
        The whole network's; 0 before target on, the last value after the end.
    tuning : Tuning
    schedule : Schedule
    rng : numpy.random.Generator

    Returns
    -------
    spike_times : array, shape (spike,)
        In s, unit after unit, ascending within each.
    spike_ends : array of int, shape (unit,)
        Where each unit's spikes end.

    References
    ----------
    Lewis and Shedler 1979, Simulation of nonhomogeneous Poisson processes by thinning.
    """
    phi = responses.values[:, :, tuning.unit]
    highest = np.maximum(tuning.rates(phi).max(axis=(0, 1)), tuning.offset)
    start, stop = schedule.start / 1000, schedule.stop / 1000
    counts = rng.poisson((stop - start)[:, None] * highest)
    trial, unit = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape))
    time = start[trial] + (stop - start)[trial] * rng.random(len(trial))
    grid = responses["time"].values
    position = np.clip(np.interp(schedule.task_time(time, trial), grid, np.arange(len(grid))), 0, len(grid) - 1)
    before = np.minimum(position.astype(int), len(grid) - 2)
    share = position - before
    condition = schedule.condition[trial]
    now = (1 - share) * phi[condition, before, unit] + share * phi[condition, before + 1, unit]
    now[time < schedule.target_on[trial] / 1000] = 0.0
    rate = np.maximum(tuning.offset[unit] + tuning.gain[unit] * now, 0.0)
    kept = rng.random(len(time)) * highest[unit] < rate
    time, unit = time[kept], unit[kept]
    return time[np.lexsort((time, unit))], np.cumsum(np.bincount(unit, minlength=len(highest)))


def trial_table(schedule: Schedule, angles: np.ndarray, distance: float, *, rng: np.random.Generator) -> pd.DataFrame:
    """Return the trials as MC_Maze has them: events in s, the target in mm, a quarter of them for validation."""
    # Rounded: the sine of pi is not quite 0, and a zero keeps its sign.
    target = np.round(distance * np.stack([np.cos(angles), np.sin(angles)], axis=1), 6)[schedule.condition] + 0.0
    n_trials = len(schedule.condition)
    return pd.DataFrame(
        {
            "start_time": schedule.start / 1000,
            "stop_time": schedule.stop / 1000,
            "target_on_time": schedule.target_on / 1000,
            "go_cue_time": schedule.go / 1000,
            "move_onset_time": schedule.move / 1000,
            "split": np.where(rng.permutation(n_trials) < n_trials // 4, "val", "train"),
            "trial_type": schedule.condition + 1,
            "trial_version": np.zeros(n_trials, int),
            "condition": [condition_label(condition + 1, 0) for condition in schedule.condition],
            "target_angle": np.arctan2(target[:, 1], target[:, 0]),
            "target_x": target[:, 0],
            "target_y": target[:, 1],
        },
        index=pd.RangeIndex(n_trials, name="trial"),
    )


def hand_movements(
    schedule: Schedule, angles: np.ndarray, *, duration: float, peak_speed: float, rng: np.random.Generator
) -> tuple[Series, Series]:
    """Move the hand: position (mm) and velocity (mm/s) at 1 kHz during the trials, nothing between them.

    A trial reaches the target at its own speed: peak speed and duration vary together, their product does not.

    Parameters
    ----------
    schedule : Schedule
    angles : array, shape (condition,)
        Directions in rad.
    duration, peak_speed : float
        Of the median reach, s and mm/s.
    rng : numpy.random.Generator

    Returns
    -------
    hand_pos, hand_vel : Series
        Columns x and y, on the same times.
    """
    from scipy.ndimage import gaussian_filter1d

    lengths = schedule.stop - schedule.start
    trial = np.repeat(np.arange(len(lengths)), lengths)
    tick = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths) + schedule.start[trial]
    faster = np.exp(SPEED_SPREAD * rng.standard_normal(len(lengths)))[trial]
    since = (tick - schedule.move[trial]) / 1000
    path = minimum_jerk_path(since, duration=duration / faster)
    speed = minimum_jerk_speed(since, duration=duration / faster, peak_speed=peak_speed * faster)
    direction = np.stack([np.cos(angles), np.sin(angles)], axis=1)[schedule.condition[trial]]
    # Smoothing white noise of unit variance leaves a variance of 1 / (2 sqrt(pi) width).
    width = 1000 * TREMOR_TIME
    white = TREMOR * np.sqrt(2 * np.sqrt(np.pi) * width) * rng.standard_normal((len(tick), 2))
    tremor = gaussian_filter1d(white, width, axis=0)
    tremor_speed = 1000 * gaussian_filter1d(white, width, axis=0, order=1)
    position = reach_distance(duration=duration, peak_speed=peak_speed) * path[:, None] * direction + tremor
    velocity = speed[:, None] * direction + tremor_speed
    times = tick / 1000
    return (
        Series("hand_pos", times, position, ("x", "y"), "mm"),
        Series("hand_vel", times, velocity, ("x", "y"), "mm/s"),
    )
