"""The theory: mean-field solutions as plain numbers, kept on disk so that no grid is solved twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neurocompare.files import atomic
from neurocompare.models import Family
from neurocompare.parallel import Workers
from neurocompare.tasks import Task
from neurocompare.tasks.task import task_digest
from neurocompare.theory import MeanField, mean_field
from neurocompare.untrusted import numpy_files

RECIPE = 2
"""Counts changes to what is kept: what an older recipe kept is solved again."""

EDGES = np.linspace(-4.0, 4.0, 41)
"""Of the bins of single units' preactivations over their s.d."""

DRAWS = 5000
"""Units drawn from the single-unit law for its density."""

SILENT = 1e-3
"""Samples whose variance is below this share of the largest do not enter the density."""


@dataclass(frozen=True, eq=False)
class Predicted:
    """What is kept of one solution; the fields of `MeanField` by their names there.

    Attributes
    ----------
    density : array, shape (bin,)
        Of a unit's preactivation over its s.d., all samples together, in the bins of `EDGES`.
    kernel : array, shape (sample, sample)
        C, condition by condition.
    output : array, shape (condition, time, output)
    """

    gamma: float
    branch: str
    loss: float
    activity: float
    participation_ratio: float
    free_energy: float
    kl: float
    excess_kurtosis: float
    outliers: tuple[complex, ...]
    rank: int
    kernel_error: float
    converged: bool
    why: str
    density: np.ndarray
    kernel: np.ndarray
    output: np.ndarray

    def row(self) -> dict[str, Any]:
        """Return the numbers as JSON holds them, without the kernel."""
        numbers = {name: value for name, value in asdict(self).items() if name not in ("kernel", "output")}
        return numbers | {
            "outliers": [[value.real, value.imag] for value in self.outliers],
            "density": [round(value, 5) for value in self.density.tolist()],
        }


def predict(
    task: Task,
    family: Family,
    gammas: Sequence[float],
    folder: Path,
    *,
    population: int,
    both_ways: bool = True,
    draws: int = DRAWS,
    seed: int = 0,
    workers: Workers | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Predicted, ...]:
    """Solve the theory over gammas, or read what an earlier call with the same settings found.

    Parameters
    ----------
    task, family, gammas, population, both_ways, seed
        See `mean_field`.
    draws : int
        Units drawn for the density, which is left empty at 0.
    folder : Path
        Where solutions are kept, one file a grid.
    workers : Workers, optional
    progress : callable, optional
        See `mean_field`.

    Returns
    -------
    tuple of Predicted
        In the order of `mean_field`.
    """
    ways = {"population": population, "both_ways": both_ways, "seed": seed}
    settings = [RECIPE, task_digest(task), asdict(family) | {"n_units": None}, sorted(gammas), ways, draws]
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
    path = folder / f"{task.name}-{family.nonlinearity}-{digest}.npz"
    kept = _read(path)
    if kept is not None:
        return kept
    solutions = mean_field(task, family, gammas, **ways, workers=workers, progress=progress)
    solved = tuple(_keep(solution, draws, seed) for solution in solutions)
    _write(path, solved)
    return solved


def density_of(preactivations: np.ndarray) -> np.ndarray:
    """Return the density of units' preactivations over their s.d. at each sample, in the bins of `EDGES`.

    Parameters
    ----------
    preactivations : array, shape (condition, time, unit)

    Examples
    --------
    >>> normal = density_of(np.random.default_rng(0).standard_normal((2, 5, 4000)))
    >>> bool(abs(normal[20] - 0.397) < 0.02)
    True
    """
    spread = np.sqrt((preactivations**2).mean(axis=-1))
    heard = spread**2 > SILENT * (spread**2).max()
    scaled = preactivations[heard] / spread[heard][:, None]
    counts, _ = np.histogram(scaled, EDGES)
    return counts / scaled.size / np.diff(EDGES)


def _keep(solution: MeanField, draws: int, seed: int) -> Predicted:
    copied = {
        name: getattr(solution, name)
        for name in Predicted.__dataclass_fields__
        if name not in ("density", "kernel", "outliers")
    }
    n_samples = solution.kernel.shape[0] * solution.kernel.shape[1]
    return Predicted(
        **copied,
        outliers=tuple(complex(value) for value in solution.outliers),
        density=density_of(solution.unit.draw(int(min(draws, solution.unit.n_units)), seed=seed))
        if draws
        else np.array([]),
        kernel=solution.kernel.reshape(n_samples, n_samples),
    )


def _write(path: Path, solutions: Sequence[Predicted]) -> None:
    arrays = {f"{name}_{k}": getattr(each, name) for k, each in enumerate(solutions) for name in ("kernel", "output")}
    rows = json.dumps([each.row() for each in solutions], allow_nan=False)
    with atomic(path) as temporary, open(temporary, "wb") as opened:
        np.savez_compressed(opened, rows=np.array(rows), **arrays)


def _read(path: Path) -> tuple[Predicted, ...] | None:
    """Read a grid's solutions; None where there are none, or what is there is not whole."""
    try:
        with numpy_files.stored_arrays(path) as kept:
            return tuple(
                Predicted(
                    **row
                    | {
                        "outliers": tuple(complex(*pair) for pair in row["outliers"]),
                        "density": np.array(row["density"]),
                    },
                    kernel=kept[f"kernel_{k}"].read(),
                    output=kept[f"output_{k}"].read(),
                )
                for k, row in enumerate(json.loads(str(kept["rows"].read())))
            )
    except (OSError, ValueError, KeyError, TypeError):
        return None
