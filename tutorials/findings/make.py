"""Make the findings: solve the theory, draw and measure networks, judge the paper's findings, draw the page."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from findings.claims import claims_of
from findings.contents import linear_contents, notes_of, oscillation_contents, reach_contents
from findings.extent import BETA, LINEAR_G, PERIOD, QUICK, STEP_FRACTION, Extent, G
from findings.page import write_page
from findings.theory import DRAWS, EDGES, Predicted, predict
from neurocompare.dynamics import Entry, Measuring, describe_zoo
from neurocompare.files import atomic
from neurocompare.lock import locks
from neurocompare.models import Draw, Family, Sampling, Zoo, ZooPlan, make_zoo
from neurocompare.parallel import Workers
from neurocompare.stages import Stages
from neurocompare.tasks import Task, continued, ideal_reach, oscillation, save_task


@locks("out")
def make_findings(
    out: str | os.PathLike[str] = "paper-findings",
    *,
    quick: bool = False,
    extent: Extent | None = None,
    seed: int = 0,
    jobs: int | None = None,
    progress: Callable[[str, float, float], None] | None = None,
) -> dict[str, Any]:
    """Solve the theory, draw and measure networks, and write findings.json, the figures and the page.

    Parameters
    ----------
    out : path-like
        Folder for all of it. Networks, their dynamics and the theory stay there: an interrupted call continues.
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
        What findings.json holds.

    Raises
    ------
    InputError
        If a setting makes no sense, the networks do not fit into memory, or `out` cannot be written to.

    Notes
    -----
    findings.json (schema 1; keys may be added, not changed)::

        {"schema": 1, "settings": {...}, "stages": [...], "claims": [{"section", "paper", "found", "verdict"}],
         "oscillation": {"theory": [row], "networks": [row], "dynamics": [row], ...}, "linear": {...},
         "reach": {...}|null, "notes": [str]}

    Rows of theory have the fields of `MeanField`, those of networks what `compare_with_theory` says, those of dynamics
    `QUANTITIES`. Their gamma counts for unit mean square targets as everywhere; ``gamma_raw`` for targets of amplitude
    1, as the page shows it for the oscillation.
    """
    extent = extent or (QUICK if quick else Extent())
    out, stages = Path(out), Stages(progress)
    task = oscillation()
    maker = _Maker(out, extent, seed, Workers(jobs), stages)
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
        contents["oscillation"] = oscillation_contents(task, extent, theories, zoos, entries)
        contents["linear"] = linear_contents(task, extent, theories["linear"], zoos["linear"], entries["linear"])
        contents["reach"] = (
            reach_contents(extent, theories["reach"], zoos["reach"], entries["reach"]) if extent.reach_gammas else None
        )
        contents["notes"] = notes_of(zoos, task.target_scale)
        contents["claims"] = claims_of(contents)
        contents["stages"] = [asdict(cost) for cost in stages.costs]
        with atomic(out / "findings.json") as temporary:
            temporary.write_text(json.dumps(contents, allow_nan=False), encoding="utf-8")
        write_page(out)
    return contents


@dataclass(frozen=True, eq=False)
class _Maker:
    """The three long stages, with what they share."""

    out: Path
    extent: Extent
    seed: int
    workers: Workers
    stages: Stages

    def theories(self, task: Task) -> dict[str, tuple[Predicted, ...]]:
        extent = self.extent
        gammas, linear = _scaled(task, extent.gammas), _scaled(task, (0.0, *extent.linear_gammas))
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
        predicted, before, total = {}, 0.0, sum(costs.values())
        with self.stages.stage("theory") as advance:
            for name, order in orders.items():
                start, cost = before, costs[name]
                predicted[name] = predict(
                    *order, self.out / "theory", population=extent.population, seed=self.seed,
                    # A second solution would show in the trained window already, and be said there.
                    both_ways=name != "beyond", draws=0 if name == "beyond" else DRAWS, workers=self.workers,
                    progress=lambda done, of, s=start, c=cost: advance(s + c * done / of, total),
                )  # fmt: skip
                before += cost
                advance(before, total)
        return predicted

    def family(self, task: Task, *, units: int | None = None, nonlinearity: str = "tanh", g: float = G) -> Family:
        tau = task.time_step / STEP_FRACTION
        return Family(g=g, tau=tau, beta=BETA, n_units=units or self.extent.units, nonlinearity=nonlinearity)

    def zoo_orders(self, task: Task) -> dict[str, tuple[Task, Family, list[float]]]:
        """Return what each zoo is for, by its folder's name, and leave the tasks there: bad folders fail here."""
        extent = self.extent
        gammas, grown = _scaled(task, extent.gammas), _scaled(task, extent.growing_gammas)
        linear = _scaled(task, (0.0, *extent.linear_gammas))
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
        seeds = tuple(range(self.seed, self.seed + self.extent.seeds))
        plan = ZooPlan(seeds=seeds, sampler=Draw(Sampling(trajectories=self.extent.trajectories)), chains=2)
        made, before, total = {}, 0.0, sum(costs.values())
        with self.stages.stage("networks") as advance:
            for name, (each, family, some) in orders.items():
                start, cost = before, costs[name]
                made[name] = make_zoo(
                    each, family, self.out / "zoos" / name, replace(plan, gammas=tuple(some)), workers=self.workers,
                    progress=lambda done, of, s=start, c=cost: advance(s + c * done / of, total),
                )  # fmt: skip
                before += cost
                advance(before, total)
        return made

    def dynamics(self, task: Task, zoos: dict[str, Zoo]) -> dict[str, tuple[Entry, ...]]:
        full = Measuring(duration=self.extent.duration, exponents=1, windows=self.extent.windows, repeats=2)
        # Of linear networks the gain alone is shown.
        short = replace(full, duration=100.0, transient=50.0)
        orders = {"tanh": (task, full), "linear": (task, short)}
        if "reach" in zoos:
            orders["reach"] = (ideal_reach(), full)
        total, before, described = sum(len(zoos[name].cards) for name in orders), 0, {}
        with self.stages.stage("dynamics") as advance:
            for name, (each, measuring) in orders.items():
                start = before
                described[name] = describe_zoo(
                    zoos[name], each, self.out / "dynamics", measuring=measuring, workers=self.workers,
                    progress=lambda done, _, s=start: advance(s + done, total),
                )  # fmt: skip
                before += len(zoos[name].cards)
                advance(before, total)
        return described


def _scaled(task: Task, gammas: Sequence[float]) -> list[float]:
    """Return gammas for targets of amplitude 1 as they count for the task's own, of unit mean square."""
    return [gamma * task.target_scale for gamma in gammas]
