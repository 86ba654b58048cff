"""Populations kept on disk while a theory is solved: one that was interrupted goes on with what it has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.files import atomic
from neurocompare.settings import digest_of
from neurocompare.tasks.task import task_digest
from neurocompare.theory.particles import Order, Particles, sample
from neurocompare.untrusted.numpy_files import stored_arrays

RECIPE = 1
"""Counts changes to how populations are led and sampled: what an older recipe left is sampled again."""


def sample_or_read(order: Order, folder: Path) -> Particles:
    """Return what `sample` does; from a file where an earlier call has left it.

    Parameters
    ----------
    order : Order
    folder : Path
        Made where it is missing.
    """
    path = folder / f"{_digest(order)}.npz"
    particles = _read(path, order)
    if particles is None:
        particles = sample(order)
        folder.mkdir(parents=True, exist_ok=True)
        with atomic(path) as temporary, open(temporary, "wb") as opened:
            kernel, points = particles.kernel.numpy(), particles.points.numpy()
            np.savez(opened, kernel=kernel, points=points, error=np.float64(particles.error))
    return particles


def _digest(order: Order) -> str:
    """Digest all that determines a population: where it stands follows from the gammas it was led through."""
    asked = {
        "recipe": RECIPE, "task": task_digest(order.task), "family": order.family, "path": order.path,
        "way": order.way, "trajectories": order.trajectories, "seed": order.seed,
    }  # fmt: skip
    return digest_of(asked)[:24]


def _read(path: Path, order: Order) -> Particles | None:
    """Read a population; None where there is none, or what is there is not whole."""
    try:
        with stored_arrays(path) as arrays:
            kernel, points, error = (arrays[name].read() for name in ("kernel", "points", "error"))
    except (OSError, KeyError, ValueError, InputError):
        return None
    n_samples, n_units = order.task.n_samples, order.family.n_units
    if kernel.shape != (n_samples, n_samples) or points.ndim != 2 or points.shape[1] % n_units:
        return None
    return Particles(order.gamma, order.way, torch.from_numpy(kernel), float(error), torch.from_numpy(points), n_units)
