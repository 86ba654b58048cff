r"""The network as a map: one step of it, its Jacobian, and what it does when it runs on after a trial.

.. math:: x_{t+1} = (1 - a) x_t + a (W \phi(x_t) + u_t), \quad  D_t = (1 - a) 1 + a W \mathrm{diag}(\phi'(x_t)),

with W = g J / sqrt(N), a = time step / tau, and the drive u = U I / sqrt(D). The map, not the differential equation it
stands for, is what was made to solve the task; with a -> 0 at fixed tau the two are one, to first order in a. Its
arrays are (condition, unit), a row a condition.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.models.nonlinearity import Nonlinearity
from neurocompare.models.rate_rnn import RateRNN
from neurocompare.tasks.task import Task

INPUTS = ("hold", "zero", "repeat")
"""Inputs after the trial: the last value kept, nothing, or the whole trial's over and over."""


@final
@dataclass(frozen=True, eq=False)
class NetworkMap:
    """One Euler step of a network, and its derivative.

    Attributes
    ----------
    weights : array, shape (unit, unit)
        W = g J / sqrt(N), float64.
    drive : array, shape (phase, condition, unit)
        What is added to the currents; step k receives that of phase k modulo their number. One phase: constant input.
    step_fraction : float
        a, in (0, 1].
    time_step : float
        In s.
    nonlinearity : Nonlinearity

    Examples
    --------
    >>> from neurocompare.models.nonlinearity import LINEAR
    >>> halving = NetworkMap(np.zeros((2, 2)), np.zeros((1, 1, 2)), 0.5, 0.01, LINEAR)
    >>> halving.run(np.ones((1, 2)), 2)[:, 0, 0].tolist()
    [1.0, 0.5, 0.25]
    """

    weights: np.ndarray
    drive: np.ndarray
    step_fraction: float
    time_step: float
    nonlinearity: Nonlinearity
    _transposed: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_transposed", np.ascontiguousarray(self.weights.T))

    @property
    def tau(self) -> float:
        """Time constant, s."""
        return self.time_step / self.step_fraction

    def rate(self, state: np.ndarray) -> np.ndarray:
        """Return phi(x), in the shape of x."""
        return self.nonlinearity.rate(torch.from_numpy(state)).numpy()

    def slope(self, state: np.ndarray) -> np.ndarray:
        """Return phi'(x), in the shape of x."""
        return self.nonlinearity.slope(self.nonlinearity.rate(torch.from_numpy(state))).numpy()

    def step(self, state: np.ndarray, k: int = 0) -> np.ndarray:
        """Return the state after step `k`; shape (condition, unit), as the state."""
        current = self.rate(state) @ self._transposed + self.drive[k % len(self.drive)]
        return (1 - self.step_fraction) * state + self.step_fraction * current

    def push(self, state: np.ndarray, vectors: np.ndarray, k: int = 0) -> np.ndarray:
        """Return the Jacobian at a state times vectors, shape (condition, unit, vector)."""
        n_conditions, n_units, n_vectors = vectors.shape
        # One product for the vectors of all conditions.
        sloped = (self.slope(state)[:, :, None] * vectors).transpose(1, 0, 2).reshape(n_units, -1)
        pushed = (self.weights @ sloped).reshape(n_units, n_conditions, n_vectors).transpose(1, 0, 2)
        return (1 - self.step_fraction) * vectors + self.step_fraction * pushed

    def jacobian(self, state: np.ndarray) -> np.ndarray:
        """Return the Jacobian at one state, shape (unit,), as a matrix (unit, unit)."""
        matrix = self.step_fraction * self.weights * self.slope(state)
        matrix[np.diag_indices_from(matrix)] += 1 - self.step_fraction
        return matrix

    def run(self, state: np.ndarray, n_steps: int, *, first: int = 0) -> np.ndarray:
        """Return the states of a run, shape (n_steps + 1, condition, unit), the one given first.

        A run that overflows goes on as infinities or NaN: see `diverged`.
        """
        states = np.empty((n_steps + 1, *state.shape))
        states[0] = state
        with np.errstate(over="ignore", invalid="ignore"):
            for k in range(n_steps):
                states[k + 1] = self.step(states[k], first + k)
        return states


HUGE = 1e6
"""Activity beyond which a network counts as running away: preactivations are of order one."""


def diverged(states: np.ndarray) -> bool:
    """Whether a run has left every bound: only networks whose rates are unbounded can.

    Examples
    --------
    >>> diverged(np.array([1.0, np.inf]))
    True
    """
    return not bool(np.abs(states).max() < HUGE)


def network_map(network: RateRNN, inputs: np.ndarray, time_step: float) -> NetworkMap:
    """Return a network as a map driven by inputs over and over.

    Parameters
    ----------
    network : RateRNN
    inputs : array, shape (condition, time, channel)
        Raw; of one time for a constant input.
    time_step : float
        In s.

    Returns
    -------
    NetworkMap

    Examples
    --------
    >>> import torch
    >>> from neurocompare.models import draw_reservoir
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> task = oscillation()
    >>> network = draw_reservoir(task, Family(n_units=20), generator=torch.Generator().manual_seed(0))
    >>> network_map(network, np.zeros((1, 1, 2)), task.time_step).weights.shape
    (20, 20)
    """
    input_weights = network.U.detach().double().numpy() * (network.input_scale / math.sqrt(network.U.shape[1]))
    return NetworkMap(
        network.recurrent.detach().double().numpy(),
        np.ascontiguousarray(np.swapaxes(np.asarray(inputs, np.float64) @ input_weights.T, 0, 1)),
        network.step_fraction,
        time_step,
        network.nonlinearity,
    )


def trial(network: RateRNN, task: Task, *, private_noise: np.ndarray | None = None) -> np.ndarray:
    """Return the preactivations of a trial and the state it ends in, float64.

    Parameters
    ----------
    network : RateRNN
    task : Task
    private_noise : array, shape (condition, time, unit), optional
        The frozen currents that belong to the network.

    Returns
    -------
    array, shape (time + 1, condition, unit)
        From rest, x_0 = 0; the last is what the network runs on from.

    Examples
    --------
    >>> import torch
    >>> from neurocompare.models import draw_reservoir
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> task = oscillation()
    >>> network = draw_reservoir(task, Family(n_units=20), generator=torch.Generator().manual_seed(0))
    >>> states = trial(network, task)
    >>> states.shape == (task.targets.sizes["time"] + 1, 2, 20), float(abs(states[0]).max())
    (True, 0.0)
    """
    system = network_map(network, task.inputs.values, task.time_step)
    if private_noise is not None:
        noisy = system.drive + np.swapaxes(private_noise, 0, 1)
        system = replace(system, drive=noisy)
    return system.run(np.zeros(system.drive.shape[1:]), len(system.drive))


def after_trial(network: RateRNN, task: Task, *, inputs: str = "hold") -> NetworkMap:
    """Return the map that takes over where a trial ends; private noise, which belongs to the trial, has ended too.

    Parameters
    ----------
    network : RateRNN
    task : Task
    inputs : str
        Of `INPUTS`: ``"hold"`` (zero where a task's inputs end before it does, as the built-in ones' do), ``"zero"`` or
        ``"repeat"``.

    Returns
    -------
    NetworkMap

    Raises
    ------
    InputError
        If `inputs` is none of these.

    Examples
    --------
    >>> import torch
    >>> from neurocompare.models import draw_reservoir
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> task = oscillation()
    >>> network = draw_reservoir(task, Family(n_units=20), generator=torch.Generator().manual_seed(0))
    >>> system = after_trial(network, task)
    >>> system.run(trial(network, task)[-1], 5).shape  # (time, condition, unit)
    (6, 2, 20)
    """
    if inputs not in INPUTS:
        raise InputError(f"expected inputs after the trial of {', '.join(INPUTS)}, found {inputs!r}")
    given = task.inputs.values
    if inputs != "repeat":
        given = given[:, -1:] * (inputs == "hold")
    return network_map(network, given, task.time_step)
