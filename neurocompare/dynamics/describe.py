"""Describe: everything this room can say about one network, in one record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurocompare.dynamics.amplification import Amplification, amplification
from neurocompare.dynamics.dimension import Dimensions, dimensions
from neurocompare.dynamics.gaussianity import Gaussianity, gaussianity
from neurocompare.dynamics.generalization import Generalization, generalization
from neurocompare.dynamics.limit_cycle import DIVERGES, LimitCycle, limit_cycles
from neurocompare.dynamics.lyapunov import LyapunovSpectrum, network_exponents
from neurocompare.dynamics.network_map import after_trial, diverged, trial
from neurocompare.dynamics.robustness import Damage, Kick, kick, silence, weight_noise
from neurocompare.dynamics.spectrum import (
    JacobianSpectrum,
    WeightSpectrum,
    fixed_point,
    jacobian_spectrum,
    weight_spectrum,
)
from neurocompare.errors import InputError
from neurocompare.models.nonlinearity import LINEAR
from neurocompare.models.rate_rnn import RateRNN
from neurocompare.tasks.continuation import Continuation
from neurocompare.tasks.task import Task


@dataclass(frozen=True)
class Measuring:
    """How a network is measured.

    Attributes
    ----------
    exponents : int
        Lyapunov exponents.
    duration, transient : float
        Of the runs for exponents; the transient of those for limit cycles. In time constants.
    inputs : str
        After the trial, see `after_trial`.
    windows : int
        After the trained one, for the loss beyond it.
    kick : float
        Size relative to the state.
    silenced, noise : tuple of float
        Fractions of units, and noise in weights relative to g / sqrt(N).
    repeats : int
        Kicks, choices of units, and draws of noise.
    path_states : int
        Of the first condition's trial, at which the Jacobian's spectrum is taken.
    frequencies : int
        Of a linear network's gain, from 0 to half the sampling rate, closest together at the slow end.
    seed : int
        Of everything random.

    Raises
    ------
    InputError
        If a number makes no sense.

    Examples
    --------
    >>> Measuring(exponents=2, duration=100.0).windows
    3
    """

    exponents: int = 6
    duration: float = 1000.0
    transient: float = 300.0
    inputs: str = "hold"
    windows: int = 3
    kick: float = 0.1
    silenced: tuple[float, ...] = (0.05, 0.2)
    noise: tuple[float, ...] = (0.05, 0.2)
    repeats: int = 10
    path_states: int = 5
    frequencies: int = 90
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("exponents", "duration", "windows", "kick", "path_states", "frequencies"):
            if not getattr(self, name) > 0:
                message = f"expected {name} to be positive, found {getattr(self, name)}"
                raise InputError(message)
        if self.duration < 100 or self.transient < 0 or self.repeats < 2:
            message = (
                "expected a duration of at least 100 time constants, a transient of at least 0 and 2 repeats, "
                f"found {self.duration:g}, {self.transient:g} and {self.repeats}"
            )
            raise InputError(message)


@dataclass(frozen=True, eq=False)
class Dynamics:
    """What one network does.

    Attributes
    ----------
    lyapunov : LyapunovSpectrum or None
        None where activity diverges.
    dimensions : Dimensions
        Of the rates in the trial.
    spectrum : WeightSpectrum
    at_rest : JacobianSpectrum or None
        At the fixed point nearest rest; None where Newton's method finds none.
    on_path : tuple of JacobianSpectrum
        At states along the first condition's trial, evenly spaced.
    generalization : Generalization or None
        None where nothing says how the task's targets go on.
    limit_cycles : tuple of LimitCycle
        One a condition.
    kick : Kick
    silenced, noisy : tuple of Damage
    gaussianity : Gaussianity
    amplification : Amplification or None
        Of linear networks alone.
    notes : tuple of str
        What could not be measured, and why.
    """

    lyapunov: LyapunovSpectrum | None
    dimensions: Dimensions
    spectrum: WeightSpectrum
    at_rest: JacobianSpectrum | None
    on_path: tuple[JacobianSpectrum, ...]
    generalization: Generalization | None
    limit_cycles: tuple[LimitCycle, ...]
    kick: Kick
    silenced: tuple[Damage, ...]
    noisy: tuple[Damage, ...]
    gaussianity: Gaussianity
    amplification: Amplification | None
    notes: tuple[str, ...]


def describe(
    network: RateRNN,
    task: Task,
    *,
    measuring: Measuring | None = None,
    continuation: Continuation | None = None,
    private_noise: np.ndarray | None = None,
) -> Dynamics:
    """Measure everything about a network on its task.

    Parameters
    ----------
    network : RateRNN
    task : Task
        That it was made for.
    measuring : Measuring, optional
    continuation : Continuation, optional
        How the targets go on after the trial; as the task says where None.
    private_noise : array, shape (condition, time, unit), optional
        The frozen currents that belong to the network. They are there in its trial and not afterwards, nor when it is
        damaged.

    Returns
    -------
    Dynamics

    Raises
    ------
    InputError
        If the task does not fit the network, or a setting makes no sense.

    Examples
    --------
    >>> import torch
    >>> from neurocompare.models import Family, draw_reservoir
    >>> from neurocompare.tasks import oscillation
    >>> family = Family(g=0.8, tau=0.05, n_units=50)
    >>> network = draw_reservoir(oscillation(), family, generator=torch.Generator().manual_seed(0))
    >>> found = describe(network, oscillation(), measuring=Measuring(exponents=1, duration=100.0, repeats=2))
    >>> found.lyapunov.verdict, {each.verdict for each in found.limit_cycles}
    ('not positive', {'fixed point'})
    """
    measuring = measuring or Measuring()
    n_channels = task.inputs.sizes["channel"]
    if network.U.shape[1] != n_channels or network.R.shape[0] != task.targets.sizes["output"]:
        message = (
            f"expected a task of {network.U.shape[1]} channels and {network.R.shape[0]} outputs as the network has, "
            f"found {n_channels} and {task.targets.sizes['output']}"
        )
        raise InputError(message)
    notes: list[str] = []
    states = trial(network, task, private_noise=private_noise)
    preactivations = states[:-1]
    if diverged(states):
        message = "expected a network whose activity stays bounded in its trial, found one that diverges"
        raise InputError(message)
    system = after_trial(network, task, inputs=measuring.inputs)
    rates = system.rate(preactivations)
    running = {"inputs": measuring.inputs, "private_noise": private_noise}
    cycles = limit_cycles(network, task, transient=measuring.transient, **running)
    lyapunov = None
    if any(cycle.verdict == DIVERGES for cycle in cycles):
        notes.append("no Lyapunov exponents: activity diverges after the trial")
    else:
        lyapunov = network_exponents(
            network, task, count=measuring.exponents, duration=measuring.duration, transient=measuring.transient,
            seed=measuring.seed, **running,
        )  # fmt: skip
    rest = fixed_point(system, np.zeros(system.weights.shape[0]))
    if rest is None:
        notes.append("no fixed point found from rest")
    generalized = None
    if continuation is None and task.continuation is None:
        notes.append("no loss beyond the trained window: the task does not say how its targets go on")
    else:
        generalized = generalization(
            network, task, windows=measuring.windows, continuation=continuation, private_noise=private_noise
        )
    random = {"repeats": measuring.repeats, "seed": measuring.seed}
    places = np.linspace(0, len(states) - 1, measuring.path_states + 1).round().astype(int)[1:]
    return Dynamics(
        lyapunov,
        dimensions(rates),
        weight_spectrum(system.weights, network.g, step_fraction=network.step_fraction, time_step=task.time_step),
        None if rest is None else jacobian_spectrum(system, rest),
        tuple(jacobian_spectrum(system, states[place, 0]) for place in places),
        generalized,
        cycles,
        kick(network, task, size=measuring.kick, **running, **random),
        silence(network, task, fractions=measuring.silenced, **random),
        weight_noise(network, task, sizes=measuring.noise, **random),
        gaussianity(preactivations, rates, seed=measuring.seed),
        _gain(network, task, system.weights, measuring) if network.nonlinearity is LINEAR else None,
        tuple(notes),
    )


def _gain(network: RateRNN, task: Task, weights: np.ndarray, measuring: Measuring) -> Amplification:
    step = task.time_step
    return amplification(
        weights,
        network.g,
        0.5 / step * np.linspace(0, 1, measuring.frequencies) ** 2,
        tau=step / network.step_fraction,
        time_step=step,
        input_weights=network.U.detach().double().numpy(),
    )
