"""The atlas: the paper's story from nothing, theory and networks side by side, on one page."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from neurocompare.dynamics import Entry, Measuring, describe_zoo
from neurocompare.dynamics.spectrum import outlier
from neurocompare.experiments.atlas_claims import claims_of
from neurocompare.experiments.atlas_networks import (
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
from neurocompare.experiments.atlas_theory import EDGES, Predicted, predict
from neurocompare.files import atomic
from neurocompare.models import Family, Sampling, Zoo, make_zoo
from neurocompare.report.atlas import write_atlas
from neurocompare.stages import Stages
from neurocompare.tasks import Task, continued, ideal_reach, oscillation, save_task

STEP_FRACTION, G, LINEAR_G, BETA = 0.3, 1.5, 0.8, 100.0
"""Of the oscillation: a = time step / tau, the disorder of tanh and of linear networks, and the inverse temperature."""

PERIOD = 20
"""Of the oscillation, in time steps."""


@dataclass(frozen=True)
class Extent:
    """How much of everything an atlas holds. Gammas of the oscillation count for targets of amplitude 1.

    Attributes
    ----------
    gammas : tuple of float
        Of the tanh networks, above 0.
    linear_gammas : tuple of float
        Of the linear ones, above 0; gamma = 0 is added.
    units, linear_units : int
        N.
    seeds : int
        Each gives two networks from chains of their own.
    sizes, growing_gammas : tuple
        N, and gammas out of `gammas`, of the networks that grow towards the theory.
    windows : int
        After the trained one.
    duration : float
        Of the runs for Lyapunov exponents, in time constants.
    trajectories : int
        Samples of each chain.
    points, rank : int
        Of the theory, see `mean_field`.
    reach_gammas : tuple of float
        Of the ideal reach, unit mean square targets; none leaves the reach out.
    reach_units : int
    """

    gammas: tuple[float, ...] = (0.05, 0.3, 0.5, 0.7, 1.0, 1.5, 3.0)
    linear_gammas: tuple[float, ...] = (0.1, 0.2, 0.4, 1.0)
    units: int = 400
    linear_units: int = 400
    seeds: int = 3
    sizes: tuple[int, ...] = (100, 200, 400, 800)
    growing_gammas: tuple[float, ...] = (0.5, 1.5)
    windows: int = 3
    duration: float = 1000.0
    trajectories: int = 40
    points: int = 4096
    rank: int = 8
    reach_gammas: tuple[float, ...] = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
    reach_units: int = 400


QUICK = Extent(
    gammas=(0.05, 0.5, 1.5, 3.0), linear_gammas=(0.2, 1.0), units=120, linear_units=120, seeds=1, sizes=(60, 120),
    growing_gammas=(0.5,), duration=300.0, trajectories=16, points=2048, rank=4, reach_gammas=(),
)  # fmt: skip
"""About a minute: to see the path, not to trust the numbers."""


def atlas(
    out: str | os.PathLike[str] = "neurocompare-atlas",
    *,
    quick: bool = False,
    extent: Extent | None = None,
    seed: int = 0,
    jobs: int | None = None,
    progress: Callable[[str, float, float], None] | None = None,
) -> dict[str, Any]:
    """Make the atlas: solve the theory, draw and measure networks, and write atlas.json, the figures and the page.

    Parameters
    ----------
    out : path-like
        Folder for all of it. Networks, their dynamics and the theory stay there: an interrupted atlas continues.
    quick : bool
        `QUICK` instead of the whole `Extent`.
    extent : Extent, optional
        Instead of either.
    seed : int
        Of networks and points.
    jobs : int, optional
        Processes, one thread each; all processors where None.
    progress : callable, optional
        Called as ``progress(stage, done, total)`` with ``"theory"``, ``"networks"``, ``"dynamics"`` and ``"report"``.

    Returns
    -------
    dict
        What atlas.json holds.

    Raises
    ------
    InputError
        If a setting makes no sense, the networks do not fit into memory, or `out` cannot be written to.

    Notes
    -----
    atlas.json (schema 1; keys may be added, not changed)::

        {"schema": 1, "settings": {...}, "stages": [...], "claims": [{"section", "paper", "found", "verdict"}],
         "oscillation": {"theory": [row], "networks": [row], "dynamics": [row], ...}, "linear": {...},
         "reach": {...}|null}

    Rows of theory have the fields of `MeanField`, those of networks what `compare_with_theory` says, those of dynamics
    `QUANTITIES`. Their gamma counts for unit mean square targets as everywhere; ``gamma_raw`` for targets of amplitude
    1, as the page shows it for the oscillation.
    """
    extent = extent or (QUICK if quick else Extent())
    out, stages = Path(out), Stages(progress)
    task = oscillation()
    maker = _Maker(out, extent, seed, jobs, stages)
    contents: dict[str, Any] = {
        "schema": 1,
        "settings": asdict(extent)
        | {"seed": seed, "quick": quick, "g": G, "linear_g": LINEAR_G, "beta": BETA, "step_fraction": STEP_FRACTION,
           "target_scale": task.target_scale, "time_step": task.time_step, "period": PERIOD * task.time_step,
           "edges": EDGES.round(6).tolist()},
    }  # fmt: skip
    orders = maker.zoo_orders(task)
    theories = maker.theories(task)
    zoos = maker.zoos(orders)
    entries = maker.dynamics(task, zoos)
    with stages.stage("report"):
        contents["oscillation"] = _oscillation(task, extent, theories, zoos, entries)
        contents["linear"] = _linear(task, extent, theories["linear"], zoos["linear"], entries["linear"])
        contents["reach"] = (
            _reach(extent, theories["reach"], zoos["reach"], entries["reach"]) if extent.reach_gammas else None
        )
        contents["claims"] = claims_of(contents)
        contents["stages"] = stages.account()
        with atomic(out / "atlas.json") as temporary:
            temporary.write_text(json.dumps(contents, allow_nan=False), encoding="utf-8")
        write_atlas(out)
    return contents


@dataclass(frozen=True, eq=False)
class _Maker:
    """The three long stages, with what they share."""

    out: Path
    extent: Extent
    seed: int
    jobs: int | None
    stages: Stages

    def theories(self, task: Task) -> dict[str, tuple[Predicted, ...]]:
        extent, scale = self.extent, task.target_scale
        gammas = [gamma * scale for gamma in extent.gammas]
        linear = [gamma * scale for gamma in (0.0, *extent.linear_gammas)]
        longer = continued(task, 2 * task.targets.sizes["time"])
        orders = {
            "trained": (task, self.family(task), gammas),
            "beyond": (longer, self.family(task), gammas),
            "linear": (task, self.family(task, nonlinearity="linear", g=LINEAR_G), linear),
        }
        if extent.reach_gammas:
            orders["reach"] = (ideal_reach(), Family(n_units=extent.reach_units), list(extent.reach_gammas))
        # A sample costs more the more there are: the kernel is solved for step by step.
        costs = {name: len(order[2]) * order[0].n_samples ** 1.5 for name, order in orders.items()}
        found, before, total = {}, 0.0, sum(costs.values())
        with self.stages.stage("theory") as advance:
            for name, order in orders.items():
                start, cost = before, costs[name]
                found[name] = predict(
                    *order, self.out / "theory", points=extent.points, rank=extent.rank, seed=self.seed,
                    jobs=self.jobs, progress=lambda done, whole, s=start, c=cost: advance(s + c * done / whole, total),
                )  # fmt: skip
                before += cost
                advance(before, total)
        return found

    def family(self, task: Task, *, units: int | None = None, nonlinearity: str = "tanh", g: float = G) -> Family:
        tau = task.time_step / STEP_FRACTION
        return Family(g=g, tau=tau, beta=BETA, n_units=units or self.extent.units, nonlinearity=nonlinearity)

    def zoo_orders(self, task: Task) -> dict[str, tuple[Task, Family, list[float]]]:
        """Return what each zoo is for, by its folder's name, and leave the tasks there: bad folders fail here."""
        extent, scale = self.extent, task.target_scale
        gammas = [gamma * scale for gamma in extent.gammas]
        grown = [gamma * scale for gamma in extent.growing_gammas]
        linear = [gamma * scale for gamma in (0.0, *extent.linear_gammas)]
        linear_family = self.family(task, units=extent.linear_units, nonlinearity="linear", g=LINEAR_G)
        orders = {"tanh": (task, self.family(task), gammas), "linear": (task, linear_family, linear)}
        orders |= {f"tanh-{n}": (task, self.family(task, units=n), grown) for n in extent.sizes if n != extent.units}
        if extent.reach_gammas:
            orders["reach"] = (ideal_reach(), Family(n_units=extent.reach_units), list(extent.reach_gammas))
        for name, (each, *_) in orders.items():
            save_task(each, self.out / "zoos" / name / "task.nc")
        return orders

    def zoos(self, orders: dict[str, tuple[Task, Family, list[float]]]) -> dict[str, Zoo]:
        costs = {name: len(gammas) * family.n_units**1.5 for name, (_, family, gammas) in orders.items()}
        found, before, total = {}, 0.0, sum(costs.values())
        with self.stages.stage("networks") as advance:
            for name, (each, family, some) in orders.items():
                start, cost = before, costs[name]
                found[name] = make_zoo(
                    each, family, self.out / "zoos" / name, gammas=_at_least_two(some), members=1, jobs=self.jobs,
                    seeds=range(self.seed, self.seed + self.extent.seeds),
                    sampling=Sampling(trajectories=self.extent.trajectories),
                    progress=lambda done, whole, s=start, c=cost: advance(s + c * done / whole, total),
                )  # fmt: skip
                before += cost
                advance(before, total)
        return found

    def dynamics(self, task: Task, zoos: dict[str, Zoo]) -> dict[str, tuple[Entry, ...]]:
        full = Measuring(duration=self.extent.duration, exponents=1, windows=self.extent.windows, repeats=2)
        # Of linear networks the gain alone is shown.
        short = replace(full, duration=100.0, transient=50.0)
        orders = {"tanh": (task, full), "linear": (task, short)}
        if "reach" in zoos:
            orders["reach"] = (ideal_reach(), full)
        total, before, found = sum(len(zoos[name].cards) for name in orders), 0, {}
        with self.stages.stage("dynamics") as advance:
            for name, (each, measuring) in orders.items():
                start = before
                found[name] = describe_zoo(
                    zoos[name], each, self.out / "dynamics", measuring=measuring, jobs=self.jobs,
                    progress=lambda done, _, s=start: advance(s + done, total),
                )  # fmt: skip
                before += len(zoos[name].cards)
                advance(before, total)
        return found


def _at_least_two(gammas: Sequence[float]) -> list[float]:
    """Add the reservoir, which costs next to nothing, where a zoo would have one gamma alone."""
    return list(gammas) if len(gammas) > 1 else [0.0, *gammas]


def _oscillation(
    task: Task,
    extent: Extent,
    theories: dict[str, tuple[Predicted, ...]],
    zoos: dict[str, Zoo],
    entries: dict[str, tuple[Entry, ...]],
) -> dict[str, Any]:
    scale = task.target_scale
    theory, measured = theories["trained"], entries["tanh"]
    trials = run_trials(zoos["tanh"], task)
    grown = {gamma * scale for gamma in extent.growing_gammas}
    sized = list(trials) if extent.units in extent.sizes else []
    for n in extent.sizes:
        sized += run_trials(zoos[f"tanh-{n}"], task) if n != extent.units else []
    sized = [each for each in sized if each.card.gamma in grown]
    precision = Family(beta=BETA).precision(task)
    found = {
        "theory": [_theory_row(each, task, precision, extent.units) for each in theory],
        "beyond": [_beyond_row(each, task) for each in theories["beyond"]],
        "networks": compare_with_theory(trials, task, theory),
        "dynamics": [entry_row(entry) for entry in measured],
        "densities": densities(trials),
        "spectra": [spectrum_row(entry) for entry in typical(measured, "outlier_modulus")],
        "runs": runs_on(zoos["tanh"], typical(measured, "loss_beyond"), task, windows=extent.windows),
        "growing": growing(sized, task, theory, precision),
    }
    return _with_raw_gamma(found, scale)


def _theory_row(found: Predicted, task: Task, precision: float, units: int) -> dict[str, Any]:
    """Return a solution's numbers, losses over that of a zero output, and two more.

    loss_expected is that of networks of so many units, with their readouts' noise; settled_frequency that at which the
    leading outlier neither grows nor decays.
    """
    loss = found.loss / _zero_loss(task)
    turning = [value for value in found.outliers if value.imag > 0][:1]
    frequency = [
        outlier(value, step_fraction=STEP_FRACTION, time_step=task.time_step).settled_frequency for value in turning
    ]
    settled = frequency[0] if frequency and np.isfinite(frequency[0]) else None
    expected = loss + readout_noise(found, task, precision, units) ** 2
    return found.row() | {"loss": loss, "loss_expected": expected, "settled_frequency": settled}


def _zero_loss(task: Task) -> float:
    return 0.5 * float((task.targets.values[task.trained.values] ** 2).mean())


def _beyond_row(found: Predicted, task: Task) -> dict[str, Any]:
    """Return the theory of the window after the trained one: its loss over that of a zero output, and its output."""
    longer = continued(task, found.output.shape[1])
    later = slice(task.targets.sizes["time"], None)
    missed = (found.output - longer.targets.values)[:, later]
    return {
        "gamma": found.gamma,
        "branch": found.branch,
        "loss_window_1": 0.5 * float((missed**2).mean()) / _zero_loss(task),
        "output": np.round(found.output[0, :, 0], 5).tolist(),
        "converged": found.converged,
        "why": found.why,
    }


def _linear(
    task: Task, extent: Extent, theory: Sequence[Predicted], zoo: Zoo, entries: Sequence[Entry]
) -> dict[str, Any]:
    frequencies, precision = np.linspace(0.0, 12.0, 61), Family(beta=BETA).precision(task)
    trials = run_trials(zoo, task)
    found = {
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
    return {"frequencies": frequencies.tolist()} | _with_raw_gamma(found, task.target_scale)


def _reach(extent: Extent, theory: Sequence[Predicted], zoo: Zoo, entries: Sequence[Entry]) -> dict[str, Any]:
    task = ideal_reach()
    precision = Family().precision(task)
    found = {
        "theory": [_theory_row(each, task, precision, extent.reach_units) for each in theory],
        "networks": compare_with_theory(run_trials(zoo, task), task, theory),
        "dynamics": [entry_row(entry) for entry in entries],
    }
    return _with_raw_gamma(found, 1.0)


def _with_raw_gamma(tables: dict[str, list[dict[str, Any]]], scale: float) -> dict[str, list[dict[str, Any]]]:
    """Add to each row the gamma for targets as they were before they were scaled."""
    return {
        name: [row | {"gamma_raw": round(row["gamma"] / scale, 6)} for row in rows] for name, rows in tables.items()
    }
