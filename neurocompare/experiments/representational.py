"""The representational model: a population that only stands for the movement, and computes nothing."""

from __future__ import annotations

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.recordings import Recording, mean_behavior
from neurocompare.responses import Responses, make_responses
from neurocompare.tasks import Task

LAGS = (0.0, 0.2)
"""Range of how far a unit's activity runs ahead of the movement it stands for, s."""


def representational_model(
    recording: Recording,
    task: Task,
    *,
    units: int = 400,
    lead: float = 0.1,
    lags: tuple[float, float] = LAGS,
    step: float = 0.01,
    seed: int = 0,
) -> Responses:
    r"""Make units whose rates are linear in the hand's movement, each at a lag of its own.

    .. math:: r_i(c, t) = b_i \cdot k(c, t + \ell_i), \quad k = (v, |v|, p)

    with velocity v, speed and position p, each at unit root mean square over conditions and times, :math:`b_i`
    standard normal and :math:`\ell_i` uniform. Nothing is fitted to the recorded activity: it is what a population
    looks like that represents movement, in single units as tuned as cortex is, without dynamics of its own [1]_ [2]_.
    What it lacks is activity before the movement.

    Parameters
    ----------
    recording : Recording
        With hand_vel.
    task : Task
        Made from it by `reach_task`, with its conditions, times and events.
    units : int
    lead : float
        The task's: the movement is known for so long after the task's last time, s. Later, the hand holds still.
    lags : tuple of (float, float)
        In s, shortest and longest.
    step : float
        Time step of the result, s.
    seed : int

    Returns
    -------
    Responses
        On the task's conditions, from its first to its last time.

    Raises
    ------
    InputError
        If the recording lacks hand_vel, the task lacks its events, or the hand does not move.

    References
    ----------
    .. [1] Moran & Schwartz (1999). Motor cortical representation of speed and direction during reaching. Journal of
       Neurophysiology 82.
    .. [2] Churchland, Cunningham, Kaufman, Foster, Nuyujukian, Ryu & Shenoy (2012). Neural population dynamics during
       reaching. Nature 487; its simulated "complex-kinematic model".
    """
    clock = task.inputs["time"].values
    go, move = task.event("go"), task.event("move")
    # The hand rests before go, and holds still after the last moment that the trials are sure to cover.
    stop = clock[-1] + lead
    when = np.linspace(go, stop, round((stop - go) / step) + 1)
    velocity = mean_behavior(
        recording, "hand_vel", when - move, event="move_onset_time", conditions=task.inputs["condition"].values.tolist()
    )
    kinematics = _kinematics(velocity, step)
    generator = np.random.default_rng([units, seed])
    weights = generator.standard_normal((kinematics.shape[-1], units))
    lag = generator.uniform(*lags, units)
    time = np.arange(clock[0], clock[-1] + step / 2, step)
    rates = kinematics @ weights
    activity = np.stack(
        [[np.interp(time + lag[i], when, unit) for i, unit in enumerate(condition.T)] for condition in rates]
    )
    return make_responses(
        activity.transpose(0, 2, 1),
        condition=task.inputs["condition"].values,
        time=time,
        source="representational model",
    )


def _kinematics(velocity: xr.DataArray, step: float) -> np.ndarray:
    """Return velocity, speed and position, each at unit root mean square, shape (condition, time, quantity)."""
    values = velocity.values
    speed = np.linalg.norm(values, axis=-1, keepdims=True)
    position = np.cumsum(values, axis=1) * step
    if not speed.any():
        message = "expected a hand that moves, found one that does not; there is nothing to represent"
        raise InputError(message)
    return np.concatenate([each / np.sqrt((each**2).mean()) for each in (values, speed, position)], axis=-1)
