r"""The Langevin way: networks trained by noisy gradient descent until they are samples of the family.

All raw weights Theta = (J, U, V), and the frozen private noise where the family has one, follow

.. math:: d\Theta = -\nabla (\beta N \gamma^2 L + |\Theta|^2 / 2) \, ds + \sqrt{2} \, d\xi(s),

whose law at long times is that of the family. It is discretised in steps ds with an error of order ds; gradients are
never clipped. The samplers of this room reach the same law faster; this is the paper's way, and the check on them.

References
----------
Clark, Bordelon, Zavatone-Veth & Pehlevan (2026), bioRxiv 2026.03.02.708943, equations 3-4; our s is theirs over beta.
"""

from __future__ import annotations

import hashlib
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.models.curvature import largest_curvature
from neurocompare.models.device import check_device
from neurocompare.models.equilibrium import Verdict, judge, leading_moduli
from neurocompare.models.family import check_gamma, is_reservoir
from neurocompare.models.fit import OBSERVABLES, Fit, Weights, warm_up
from neurocompare.models.rate_rnn import RateRNN
from neurocompare.models.tensor_file import load_training, save_training
from neurocompare.models.thermal_noise import ThermalNoise
from neurocompare.models.training import Trained, Training
from neurocompare.parallel import one_thread
from neurocompare.settings import Family
from neurocompare.streams import offspring
from neurocompare.tasks.task import Task, task_digest

LONGEST = 1.0
"""Longest step, times the largest curvature: at 1 the stiffest direction has twice its variance, at 2 it diverges."""

CHOSEN = {True: 0.3, False: 0.8}
"""Step chosen, times the largest curvature: with noise, where the error is of order ds, and without."""

MIN_SPACING = 200
"""Fewest steps between two checks of the curvature, once the first are past: a check costs as much as 13 steps."""

HISTORY = ("step", *OBSERVABLES)
"""Columns of a history."""

# Raise it when a change makes trainings of equal settings differ.
RECIPE = 2


@dataclass(eq=False)
class _Run:
    """Where a training stands."""

    weights: Weights
    stream: torch.Generator
    done: int = 0
    duration: float = 0.0
    history: list[list[float]] = field(default_factory=list)
    checks: list[list[float]] = field(default_factory=list)
    halfway: np.ndarray = field(default_factory=lambda: np.zeros(0))
    notes: list[str] = field(default_factory=list)

    @property
    def step(self) -> float:
        """The ds of now."""
        return self.checks[-1][2] if self.checks else math.nan

    def tensors(self) -> dict[str, torch.Tensor]:
        parts = dict(zip(("W", "V", "zeta"), self.weights.parts(), strict=False))
        return parts | {
            "stream": self.stream.get_state(),
            "clock": torch.tensor([self.done, self.duration], dtype=torch.float64),
            "history": torch.tensor(self.history, dtype=torch.float64),
            "checks": torch.tensor(self.checks, dtype=torch.float64),
            "halfway": torch.from_numpy(self.halfway),
        }

    def restore(self, tensors: dict[str, torch.Tensor], notes: list[str]) -> None:
        for name, part in zip(("W", "V", "zeta"), self.weights.parts(), strict=False):
            part.copy_(tensors[name])
        self.stream.set_state(tensors["stream"])
        done, self.duration = tensors["clock"].tolist()
        self.done, self.history, self.checks = int(done), tensors["history"].tolist(), tensors["checks"].tolist()
        self.halfway, self.notes = tensors["halfway"].numpy(), notes


@torch.no_grad()
@one_thread()
def train(
    task: Task,
    family: Family,
    gamma: float,
    *,
    generator: torch.Generator,
    training: Training | None = None,
    start: RateRNN | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: float = 60.0,
    progress: Callable[[int, int, float], None] | None = None,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Trained:
    """Train one network at one gamma > 0, on one thread.

    Parameters
    ----------
    task : Task
    family : Family
    gamma : float
        > 0; at gamma = 0 networks are drawn directly, see `draw_reservoir`.
    generator : torch.Generator
        On the processor, whatever the device: it draws the start and the seed of the noise.
    training : Training, optional
    start : RateRNN, optional
        Where to start; weights from the prior, N(0, 1), when None. Private noise starts from the prior either way.
    checkpoint : path-like, optional
        Written after the warm-up, on the way and at the end. A training found there goes on where it stood, on the
        same machine to the same bits. Delete it where it is not wanted again.
    checkpoint_every : float
        Seconds between checkpoints.
    progress : callable, optional
        Called with (steps done, steps in all, loss) at every record.
    device : torch.device or str
    dtype : torch.dtype
        ``torch.float32`` or ``torch.float64``.

    Returns
    -------
    Trained

    Raises
    ------
    InputError
        If gamma is 0, the device is not there, `start` is of another family, the step is too long or the training
        diverges, or the checkpoint is damaged or of another training.

    Examples
    --------
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> family = Family(n_units=20, tau=0.05, beta=100.0)
    >>> training = Training(steps=100, record_every=20)
    >>> trained = train(oscillation(), family, 0.5, generator=torch.Generator().manual_seed(0), training=training)
    >>> trained.history.shape, trained.equilibrated
    ((6, 5), False)
    """
    training = training or Training()
    device = _check(gamma, device, dtype)
    fit = Fit(task, family, float(gamma), dtype=dtype, device=device)
    settings = {
        "recipe": RECIPE,
        "task": task_digest(task)[:16],
        "gamma": float(gamma),
        **asdict(family),
        **asdict(training),
        "start": "prior" if start is None else _digest(start.J, start.U, start.R),
        "generator": _digest(generator.get_state()),
        "device": device.type,
        "dtype": str(dtype),
    }
    weights = fit.draw(generator)
    if start is not None:
        _place(start, weights, fit)
    run = _Run(weights, offspring(generator, device))
    if checkpoint is not None and Path(checkpoint).exists():
        run.restore(*load_training(checkpoint, settings))
    else:
        if training.warm_up:
            run.notes.append(warm_up(fit, weights, training.warm_up, recurrent=training.train_recurrent))
        _check_step(fit, run, training)
        _record(fit, run, training, progress)
        if checkpoint is not None:  # a path that cannot be written to is known now, not in a minute
            save_training(checkpoint, run.tensors(), settings, run.notes)
    saved = time.monotonic()
    noise = ThermalNoise(weights.parts() if training.train_recurrent else (weights.V,), run.stream)
    while run.done < training.steps:
        _advance(fit, run, training, noise, _next_stop(run.done, training) - run.done)
        if run.done % training.record_every == 0 or run.done == training.steps:
            _record(fit, run, training, progress)
        if run.done == training.steps // 2:
            run.halfway = leading_moduli(fit.recurrent(weights))
        if _is_check(run.done, training):
            _check_step(fit, run, training)
        if checkpoint is not None and (run.done == training.steps or time.monotonic() - saved >= checkpoint_every):
            _refuse_divergence(run)
            save_training(checkpoint, run.tensors(), settings, run.notes)
            saved = time.monotonic()
    return _finish(fit, run, training)


def _check(gamma: float, device: torch.device | str, dtype: torch.dtype) -> torch.device:
    if is_reservoir(check_gamma(gamma)):
        message = "expected gamma > 0 to train, found 0; its networks are reservoirs: draw them with draw_reservoir"
        raise InputError(message)
    if dtype not in (torch.float32, torch.float64):
        raise InputError(f"expected dtype torch.float32 or torch.float64, found {dtype}")
    return check_device(device)


def _place(start: RateRNN, weights: Weights, fit: Fit) -> None:
    """Copy a network's weights over those drawn."""
    raw = (torch.cat([start.J.detach(), start.U.detach()], dim=1), start.R.detach() / fit.scale)
    for name, part, given in zip(("J and U", "R"), weights.parts(), raw, strict=False):
        if part.shape != given.shape:
            raise InputError(
                f"expected a start with {name} of shape {tuple(part.shape)}, found {tuple(given.shape)}; "
                "give a network of the same family and task"
            )
        part.copy_(given)
    if not weights.finite():
        raise InputError("expected a start with finite weights, found some that are not; give another network")


def _next_stop(done: int, training: Training) -> int:
    """First step after `done` at which something other than a step is due."""
    stops = [training.steps, done - done % training.record_every + training.record_every]
    stops += [stop for stop in (training.steps // 2, *_checks(training)) if stop > done]
    return min(stops)


def _checks(training: Training) -> list[int]:
    """Return the steps at which the curvature is looked at: it grows fastest in the beginning."""
    spacing = max(MIN_SPACING, training.steps // 16)
    return [*(25 * 2**k for k in range(16) if 25 * 2**k < spacing), *range(spacing, training.steps, spacing)]


def _is_check(done: int, training: Training) -> bool:
    return done in _checks(training)


def _check_step(fit: Fit, run: _Run, training: Training) -> None:
    """Look at the curvature; choose the step, refuse it at the start, or shorten it on the way.

    A step of our choice follows the curvature both ways while the network settles, and from half-way on, where
    averages are taken, only down.
    """
    curvature = largest_curvature(fit, run.weights, seed=run.done, recurrent=training.train_recurrent)
    if not math.isfinite(curvature):
        _refuse_divergence(run, force=True)
    curvature += training.noise  # the prior's own
    recent = max([curvature, *(seen for _, seen, _ in run.checks[-2:])])  # it is spiky in chaos
    good = CHOSEN[training.noise] / recent
    if training.step is None:
        step = min(good, run.step) if run.done >= training.steps // 2 else good
    elif not run.checks and training.step * curvature > LONGEST:
        raise InputError(
            f"expected a step of at most {LONGEST / curvature:.2g}, {LONGEST:g} over the largest curvature "
            f"{curvature:.3g}, found {training.step:g}; give {good:.2g}, or None to choose it"
        )
    elif not run.checks or run.step * curvature <= LONGEST:
        step = run.step if run.checks else training.step
    else:
        step = good
        run.notes.append(f"step {run.step:.3g} shortened to {step:.3g} at {run.done}: curvature {curvature:.3g}")
    run.checks.append([float(run.done), curvature, step])


def _advance(fit: Fit, run: _Run, training: Training, noise: ThermalNoise, count: int) -> None:
    """Take `count` steps of the dynamics."""
    weights, recurrent = run.weights, training.train_recurrent
    keep, scale = 1 - run.step * training.noise, math.sqrt(2 * run.step)
    moving = weights.parts() if recurrent else (weights.V,)
    # Without thermal noise the private noise stays what it is: a descent would bend it to the task.
    stepped = weights if training.noise else Weights(weights.W, weights.V)
    if not recurrent:
        fit.simulate(weights)
    for _ in range(count):
        fit.gradient(weights, stepped, keep=keep, scale=-run.step, recurrent=recurrent)
        if training.noise:
            noise.add_to(moving, scale=scale)
    run.done += count
    run.duration += count * run.step


def _record(fit: Fit, run: _Run, training: Training, progress: Callable[[int, int, float], None] | None) -> None:
    observed = fit.observe(run.weights)
    if not math.isfinite(observed[0]):
        _refuse_divergence(run, force=True)
    run.history.append([float(run.done), *observed])
    if progress:
        progress(run.done, training.steps, observed[0])


def _refuse_divergence(run: _Run, *, force: bool = False) -> None:
    if force or not run.weights.finite():
        raise InputError(
            f"the training diverged within {run.done} steps: expected finite weights and loss, found others "
            f"(ds {run.step:.3g}); give a shorter step, or a smaller gamma, beta or g"
        )


def _finish(fit: Fit, run: _Run, training: Training) -> Trained:
    _refuse_divergence(run)
    history, zeta = np.array(run.history), run.weights.zeta
    if training.noise:
        end = leading_moduli(fit.recurrent(run.weights))
        verdict = judge(history, run.halfway, end, g=fit.family.g, n_units=fit.family.n_units, duration=run.duration)
    else:
        change = 1 - history[-1, 1] / history[len(history) // 2, 1]
        verdict = Verdict(
            False,
            "plain gradient descent is no sample of the family and has no equilibrium; "
            f"the loss fell by {100 * change:.2g} % over the second half of the run",
        )
    private_noise = None
    if zeta is not None:
        private_noise = (zeta.double() * fit.family.private_noise).transpose(0, 1).contiguous().cpu()
    return Trained(
        network=fit.network(run.weights),
        history=history,
        step=run.step,
        curvature=run.checks[-1][1],
        checks=np.array(run.checks),
        equilibrated=verdict.equilibrated,
        why=verdict.why,
        method=training.method,
        notes=tuple(run.notes),
        private_noise=private_noise,
    )


def _digest(*tensors: torch.Tensor) -> str:
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
