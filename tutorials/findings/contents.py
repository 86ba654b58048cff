"""What findings.json says of each task: rows of numbers, theory and networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from findings.extent import BETA, STEP_FRACTION, Extent
from findings.networks import (
    compare_with_theory,
    densities,
    entry_row,
    growing,
    power,
    preferred,
    readout_noise,
    run_trials,
    runs_on,
    spectrum_row,
    typical,
)
from findings.theory import Predicted
from neurocompare.dynamics import Entry
from neurocompare.dynamics.spectrum import outlier
from neurocompare.models import Family, Zoo
from neurocompare.models.law import precision_of
from neurocompare.tasks import Task, continued, ideal_reach
from neurocompare.tasks.task import zero_loss


def oscillation_contents(
    task: Task,
    extent: Extent,
    theories: dict[str, tuple[Predicted, ...]],
    zoos: dict[str, Zoo],
    entries: dict[str, tuple[Entry, ...]],
) -> dict[str, Any]:
    """Return the oscillation by tanh networks: the tables that the page's figures are drawn from.

    Parameters
    ----------
    task : Task
    extent : Extent
    theories : dict of str to tuple of Predicted
        ``"trained"``, and ``"beyond"`` of the task twice as long.
    zoos : dict of str to Zoo
        ``"tanh"``, and ``"tanh-N"`` for each other number of units.
    entries : dict of str to tuple of Entry
        ``"tanh"``.
    """
    scale = task.target_scale
    theory, measured = theories["trained"], entries["tanh"]
    trials = run_trials(zoos["tanh"], task)
    grown = {gamma * scale for gamma in extent.growing_gammas}
    sized = list(trials) if extent.units in extent.sizes else []
    for n in extent.sizes:
        sized += run_trials(zoos[f"tanh-{n}"], task) if n != extent.units else []
    sized = [each for each in sized if each.card.gamma in grown]
    precision = precision_of(Family(beta=BETA), task)
    rows = {
        "theory": [_theory_row(each, task, precision, extent.units) for each in theory],
        "beyond": [_beyond_row(each, task) for each in theories["beyond"]],
        "networks": compare_with_theory(trials, task, theory),
        "dynamics": [entry_row(entry) for entry in measured],
        "densities": densities(trials),
        "spectra": [spectrum_row(entry) for entry in typical(measured, "outlier_modulus")],
        "runs": runs_on(zoos["tanh"], typical(measured, "loss_beyond"), task, windows=extent.windows),
        "growing": growing(sized, task, theory, precision),
    }
    return _with_raw_gamma(rows, scale)


def _theory_row(solution: Predicted, task: Task, precision: float, units: int) -> dict[str, Any]:
    """Return a solution's numbers, losses over that of a zero output, and two more.

    loss_expected is that of networks of so many units, with their readouts' noise; settled_frequency that at which the
    leading outlier neither grows nor decays.
    """
    loss = solution.loss / zero_loss(task)
    turning = [value for value in solution.outliers if value.imag > 0][:1]
    frequency = [
        outlier(value, step_fraction=STEP_FRACTION, time_step=task.time_step).settled_frequency for value in turning
    ]
    settled = frequency[0] if frequency and np.isfinite(frequency[0]) else None
    expected = loss + readout_noise(solution, task, precision, units) ** 2
    return solution.row() | {"loss": loss, "loss_expected": expected, "settled_frequency": settled}


def _beyond_row(solution: Predicted, task: Task) -> dict[str, Any]:
    """Return the theory of the window after the trained one: its loss over that of a zero output, and its output."""
    longer = continued(task, solution.output.shape[1])
    later = slice(task.targets.sizes["time"], None)
    missed = (solution.output - longer.targets.values)[:, later]
    return {
        "gamma": solution.gamma,
        "branch": solution.branch,
        "loss_window_1": 0.5 * float((missed**2).mean()) / zero_loss(task),
        "output": np.round(solution.output[0, :, 0], 5).tolist(),
        "converged": solution.converged,
        "why": solution.why,
    }


def linear_contents(
    task: Task, extent: Extent, theory: Sequence[Predicted], zoo: Zoo, entries: Sequence[Entry]
) -> dict[str, Any]:
    """Return the oscillation by linear networks, their power and gain by frequency among it."""
    frequencies, precision = np.linspace(0.0, 12.0, 61), precision_of(Family(beta=BETA), task)
    trials = run_trials(zoo, task)
    rows = {
        "theory": [_theory_row(each, task, precision, extent.linear_units) for each in theory],
        "networks": compare_with_theory(trials, task, theory),
        "dynamics": [entry_row(entry) for entry in entries],
        "theory_power": [
            {"gamma": gamma, "power": power(each.kernel, task, frequencies).tolist()}
            for gamma, each in sorted(preferred(theory).items())
        ],
        "network_power": [
            {"gamma": each.card.gamma, "power": power(each.kernel, task, frequencies).tolist()} for each in trials
        ],
        "gain": [
            {"gamma": entry.settings["gamma"], "rows": [list(row) for row in entry.amplification]}
            for entry in typical(entries, "peak_amplification")
        ],
    }
    return {"frequencies": frequencies.tolist()} | _with_raw_gamma(rows, task.target_scale)


def reach_contents(extent: Extent, theory: Sequence[Predicted], zoo: Zoo, entries: Sequence[Entry]) -> dict[str, Any]:
    """Return the ideal reach, of which only what depends on gamma alone is shown."""
    task = ideal_reach()
    precision = precision_of(Family(), task)
    rows = {
        "theory": [_theory_row(each, task, precision, extent.reach_units) for each in theory],
        "networks": compare_with_theory(run_trials(zoo, task), task, theory),
        "dynamics": [entry_row(entry) for entry in entries],
    }
    return _with_raw_gamma(rows, 1.0)


def notes_of(zoos: dict[str, Zoo], target_scale: float) -> list[str]:
    """Return a sentence for each group of networks whose chains have not converged, and what their makers noted."""
    notes = []
    for name, zoo in zoos.items():
        notes += [f"Networks {name}: {note}" for note in zoo.notes]
        scale = 1.0 if name == "reach" else target_scale
        notes += [
            f"Networks {name}, γ = {row['gamma'] / scale:.3g}: {row['converged']} of {row['networks']} are of chains "
            f"that have converged; {row['why']}."
            for row in zoo.summary().to_dict("records")
            if row["converged"] < row["networks"]
        ]
    return notes


def _with_raw_gamma(tables: dict[str, list[dict[str, Any]]], scale: float) -> dict[str, list[dict[str, Any]]]:
    """Add to each row the gamma for targets as they were before they were scaled."""
    return {
        name: [row | {"gamma_raw": round(row["gamma"] / scale, 6)} for row in rows] for name, rows in tables.items()
    }
