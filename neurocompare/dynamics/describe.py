"""Describe: everything this room can say about one network, in one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
from neurocompare.settings import Measuring
from neurocompare.tasks.continuation import Continuation
from neurocompare.tasks.task import Task


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

    Examples
    --------
    >>> import torch
    >>> from neurocompare.models import Family, draw_reservoir
    >>> from neurocompare.tasks import oscillation
    >>> network = draw_reservoir(oscillation(), Family(g=0.8, n_units=20), generator=torch.Generator().manual_seed(0))
    >>> found = describe(network, oscillation(), measuring=Measuring(exponents=1, duration=100.0, repeats=2))
    >>> found.spectrum.radius, found.amplification is None  # its units are not linear
    (0.8, True)
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
        raise InputError(
            f"expected a task of {network.U.shape[1]} channels and {network.R.shape[0]} outputs as the network has, "
            f"found {n_channels} and {task.targets.sizes['output']}"
        )
    notes: list[str] = []
    states = trial(network, task, private_noise=private_noise)
    preactivations = states[:-1]
    if diverged(states):
        raise InputError("expected a network whose activity stays bounded in its trial, found one that diverges")
    system = after_trial(network, task, inputs=measuring.inputs)
    rates = system.rate(preactivations)
    running: dict[str, Any] = {"inputs": measuring.inputs, "private_noise": private_noise}
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
    random: dict[str, Any] = {"repeats": measuring.repeats, "seed": measuring.seed}
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
