"""Robustness: what is left of a kick, and of the task when units fall silent or weights are noisy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from neurocompare.dynamics.network_map import NetworkMap, after_trial, diverged, network_map, trial
from neurocompare.errors import InputError
from neurocompare.models.rate_rnn import RateRNN
from neurocompare.streams import Purpose, stream
from neurocompare.tasks.task import Task


@dataclass(frozen=True)
class Kick:
    """What is left of kicks to the state.

    Attributes
    ----------
    size : float
        Length of a kick over that of the state.
    wait : float
        Time after the kick, s.
    remaining, remaining_error : float
        Geometric mean over kicks of the distance from the undisturbed run over that of the kick, and its standard
        error: 0 where kicks are forgotten, 1 where they stay, more where they grow.
    off_orbit, off_orbit_error : float
        The same of the distance from the undisturbed run at whatever time it is nearest: a kick along a limit cycle
        shifts its phase for ever, and is forgotten in all but that.

    Examples
    --------
    >>> import torch
    >>> from neurocompare.models import Family, draw_reservoir
    >>> from neurocompare.tasks import oscillation
    >>> network = draw_reservoir(oscillation(), Family(g=0.5, n_units=20), generator=torch.Generator().manual_seed(0))
    >>> found = kick(network, oscillation(), size=0.1, wait=2.0, repeats=2)
    >>> found.size, found.remaining < 0.01  # forgotten
    (0.1, True)
    """

    size: float
    wait: float
    remaining: float
    remaining_error: float
    off_orbit: float
    off_orbit_error: float


@dataclass(frozen=True)
class Damage:
    """The loss of a damaged network, over the loss of a zero output.

    Attributes
    ----------
    size : float
        The fraction of units silenced; or the noise in weights, relative to g / sqrt(N), their spread without learning.
    loss, error : float
        Mean over repetitions and its standard error.

    Examples
    --------
    Without any of its units a network says nothing:

    >>> import torch
    >>> from neurocompare.models import Family, draw_reservoir
    >>> from neurocompare.tasks import oscillation
    >>> network = draw_reservoir(oscillation(), Family(n_units=20), generator=torch.Generator().manual_seed(0))
    >>> (damage,) = silence(network, oscillation(), fractions=(1.0,), repeats=2)
    >>> damage.loss, damage.error
    (1.0, 0.0)
    """

    size: float
    loss: float
    error: float


def kick(
    network: RateRNN,
    task: Task,
    *,
    size: float = 0.1,
    wait: float | None = None,
    repeats: int = 10,
    inputs: str = "hold",
    settle: float = 0.0,
    private_noise: np.ndarray | None = None,
    seed: int = 0,
) -> Kick:
    """Kick a network as its trial ends, in random directions, and see how far it is from where it would have been.

    Parameters
    ----------
    network : RateRNN
    task : Task
    size : float
        Of the kick, relative to the state.
    wait : float, optional
        In s; the length of a trial where None.
    repeats : int
        Kicks of each condition.
    inputs : str
        After the trial, see `after_trial`.
    settle : float
        Time between the end of the trial and the kick, in time constants.
    private_noise : array, shape (condition, time, unit), optional
        Of the network's trials.
    seed : int
        Of the directions.

    Returns
    -------
    Kick

    Raises
    ------
    InputError
        If there are fewer than two kicks, or one has no size.

    Examples
    --------
    >>> import torch
    >>> from neurocompare.models import draw_reservoir
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> task = oscillation()
    >>> network = draw_reservoir(task, Family(n_units=20), generator=torch.Generator().manual_seed(0))
    >>> kick(network, task, repeats=2).size
    0.1
    """
    if not (size > 0 and repeats >= 2):
        raise InputError(f"expected a kick of positive size and at least 2 repeats, found {size} and {repeats}")
    system = after_trial(network, task, inputs=inputs)
    state = trial(network, task, private_noise=private_noise)[-1]
    first = round(settle / network.step_fraction)
    state = system.run(state, first)[-1]
    n_steps = max(1, task.inputs.sizes["time"] if wait is None else round(wait / task.time_step))
    # The undisturbed run goes on for as long again: a kick may have put the other ahead.
    straight = system.run(state, 2 * n_steps, first=first)
    rng = stream(Purpose.PERTURBED_STATE, seed)
    lengths = size * np.linalg.norm(state, axis=1)
    left, nearest = [], []
    for _ in range(repeats):
        direction = rng.standard_normal(state.shape)
        direction *= (lengths / np.linalg.norm(direction, axis=1))[:, None]
        end = system.run(state + direction, n_steps, first=first)[-1]
        with np.errstate(over="ignore", invalid="ignore"):
            left.append(np.linalg.norm(straight[n_steps] - end, axis=1) / lengths)
            nearest.append(_distance_from_path(end, straight) / lengths)
    return Kick(size, n_steps * task.time_step, *_geometric(np.array(left)), *_geometric(np.array(nearest)))


def silence(
    network: RateRNN, task: Task, *, fractions: Sequence[float] = (0.05, 0.2), repeats: int = 10, seed: int = 0
) -> tuple[Damage, ...]:
    """Silence random units, whose rates neither reach other units nor the readout, and take the loss of the trial.

    Parameters
    ----------
    network : RateRNN
    task : Task
    fractions : sequence of float
        Of units.
    repeats : int
        Random choices of units.
    seed : int
        Of the units.

    Returns
    -------
    tuple of Damage
        One a fraction.

    Examples
    --------
    >>> import torch
    >>> from neurocompare.models import draw_reservoir
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> task = oscillation()
    >>> network = draw_reservoir(task, Family(n_units=20), generator=torch.Generator().manual_seed(0))
    >>> (damage,) = silence(network, task, fractions=(0.1,), repeats=2)
    >>> damage.size, damage.loss > 0
    (0.1, True)
    """
    system = network_map(network, task.inputs.values, task.time_step)
    readout = network.R.detach().double().numpy()
    rng, n_units = stream(Purpose.LESION, seed), len(network.J)
    damages = []
    for fraction in fractions:
        losses = []
        for _ in range(repeats):
            heard = np.ones(n_units)
            heard[rng.permutation(n_units)[: round(fraction * n_units)]] = 0
            losses.append(_loss(replace(system, weights=system.weights * heard), readout * heard, task))
        damages.append(Damage(float(fraction), *_mean(losses)))
    return tuple(damages)


def weight_noise(
    network: RateRNN, task: Task, *, sizes: Sequence[float] = (0.05, 0.2), repeats: int = 10, seed: int = 0
) -> tuple[Damage, ...]:
    """Add independent Gaussian noise to the recurrent weights and take the loss of the trial.

    Parameters
    ----------
    network : RateRNN
    task : Task
    sizes : sequence of float
        Standard deviation of the noise, relative to g / sqrt(N).
    repeats : int
        Draws of the noise.
    seed : int
        Of the noise.

    Returns
    -------
    tuple of Damage
        One a size.

    Examples
    --------
    >>> import torch
    >>> from neurocompare.models import draw_reservoir
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> task = oscillation()
    >>> network = draw_reservoir(task, Family(n_units=20), generator=torch.Generator().manual_seed(0))
    >>> (damage,) = weight_noise(network, task, sizes=(0.1,), repeats=2)
    >>> damage.size, damage.loss > 0
    (0.1, True)
    """
    system = network_map(network, task.inputs.values, task.time_step)
    readout = network.R.detach().double().numpy()
    rng, spread = stream(Purpose.WEIGHT_NOISE, seed), network.g / np.sqrt(len(network.J))

    def disturbed(size: float) -> float:
        noise = size * spread * rng.standard_normal(system.weights.shape)
        return _loss(replace(system, weights=system.weights + noise), readout, task)

    return tuple(Damage(float(size), *_mean(disturbed(size) for _ in range(repeats))) for size in sizes)


def _distance_from_path(end: np.ndarray, path: np.ndarray) -> np.ndarray:
    """Distance of states (condition, unit) from the straight pieces of a path (time, condition, unit)."""
    piece, away = np.diff(path, axis=0), end - path[:-1]
    lengths = np.maximum((piece**2).sum(axis=2), np.finfo(float).tiny)
    along = np.clip((away * piece).sum(axis=2) / lengths, 0.0, 1.0)
    return np.linalg.norm(away - along[:, :, None] * piece, axis=2).min(axis=0)


def _loss(system: NetworkMap, readout: np.ndarray, task: Task) -> float:
    """Return the loss of a trial over that of a zero output; infinite where activity diverges."""
    states = system.run(np.zeros(system.drive.shape[1:]), len(system.drive) - 1)
    if diverged(states):
        return float("inf")
    trained, targets = task.trained.values, task.targets.values
    error = ((system.rate(states) @ readout.T).swapaxes(0, 1) - targets)[trained]
    return float((error**2).mean() / (targets[trained] ** 2).mean())


def _mean(values: Iterable[float]) -> tuple[float, float]:
    values = np.array(list(values))
    with np.errstate(invalid="ignore"):
        return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def _geometric(ratios: np.ndarray) -> tuple[float, float]:
    """Geometric mean over kicks, and its error from the spread of their means over conditions.

    Conditions of one kick are no repetitions: a mirrored condition may do the mirrored thing.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(np.maximum(ratios, np.finfo(float).tiny)).mean(axis=1)
        mean = float(np.exp(logs.mean()))
        return mean, float(mean * logs.std(ddof=1) / np.sqrt(len(logs)))
