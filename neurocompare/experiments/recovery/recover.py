"""Recover: plant, record, rank, count; from a recording and a zoo to recovery.json, recovery.csv and a figure."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from neurocompare.experiments.recovery.extent import (
    QUICK_GAMMAS,
    QUICK_UNITS,
    Extent,
    check_extent,
    checked,
    in_haste,
    in_order,
)
from neurocompare.experiments.recovery.plants import draw_plants, plants_of
from neurocompare.experiments.recovery.recorder import Recorder, built_in_reach
from neurocompare.experiments.recovery.runs import Ranked, run_all, runs_of
from neurocompare.experiments.recovery.summary import summary_of
from neurocompare.experiments.zoo_task import networks_folder, task_of_zoo
from neurocompare.files import atomic, write_json
from neurocompare.metrics import get_metric
from neurocompare.models import DEFAULT_GAMMAS, Family, Sampling, Zoo, load_zoo, make_zoo
from neurocompare.ranking import check_halves, observation_of, observe, sampling_of
from neurocompare.ranking.batches import candidates_of
from neurocompare.recordings import Choices, Recording, open_named, trials_of
from neurocompare.report import figures
from neurocompare.report.recovery import keep_recovery
from neurocompare.stages import Stages
from neurocompare.tasks import reach_task, save_task

STAGES = ("recording", "networks", "planted", "runs", "report")
"""Of a recovery, in order; what `progress` is called with."""


def recover(
    recording: str | os.PathLike[str] = "synthetic",
    *,
    zoo: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] = "neurocompare-recovery",
    runs: int = 5,
    sizes: Iterable[float] = (0.5, 1.0, 2.0, 4.0),
    gammas: Iterable[float] | None = None,
    nuisance: bool = True,
    metrics: Iterable[str] | None = None,
    draws: int = 80,
    chains: int = 4,
    members: int = 2,
    trajectories: int = 40,
    units: int | None = None,
    trials: int | None = None,
    seed: int = 0,
    jobs: int | None = None,
    quick: bool = False,
    lead: float | None = None,
    bin_width: float | None = None,
    smoothing: float | None = None,
    min_rate: float = 1.0,
    choices: Choices | None = None,
    progress: Callable[[str, float, float], None] | None = None,
) -> dict[str, Any]:
    """Plant networks of known gamma, record each like a recording, rank it, and count how often the truth was named.

    A second call with the same arguments continues where the first stopped. Planted networks are kept in the cache and
    shared between recoveries; every run records other units, spikes and trials of them.

    Parameters
    ----------
    recording : str or path-like
        Gives units, trials a condition, rates and times: ``"synthetic"`` (built in), a name of the catalogue, or the
        path of an NWB file.
    zoo : path-like, optional
        The networks to rank, of `neurocompare zoo` or `neurocompare run`; those of a default run, made in ``out/zoo``,
        where None.
    out : path-like
        Folder for recovery.json, recovery.csv, recovery.png and recovery.svg, and for the outcome of every run.
    runs : int
        Of each planted gamma and setting, at each size.
    sizes : iterable of float
        Factors on units and trials; 1 is always among them. At the others only gammas of the grid are planted.
    gammas : iterable of float, optional
        To plant; those of the networks' grid, and those halfway between, where None.
    nuisance : bool
        Plant networks with a setting one step off as well; see `plants_of`.
    metrics : iterable of str, optional
        Names that `get_metric` knows; those of a run where None.
    draws : int
        Resamples of units and trials in every ranking, at least 20.
    chains, members : int
        Independent chains of each plant, and networks taken of each.
    trajectories : int
        Samples of each planted chain.
    units, trials : int, optional
        Record so many units, or trials of each condition, instead of as many as the recording has.
    seed : int
        Of units, spikes, trials and draws.
    jobs : int, optional
        Processes, one thread each; all processors where None.
    quick : bool
        Settle for `in_haste`, and for small networks where they are made.
    lead, bin_width, smoothing, min_rate, choices
        How the recording is read; see `neurocompare.pipeline.run`.
    progress : callable, optional
        Called as ``progress(stage, done, total)`` with a stage of `STAGES`.

    Returns
    -------
    dict
        What ``recovery.json`` holds.

    Raises
    ------
    InputError
        If a setting makes no sense, or recording and networks do not fit; nothing has been ranked then.
    """
    extent = Extent(
        runs, in_order(sizes), draws, checked(gammas), nuisance, chains, members, Sampling(trajectories=trajectories),
        Extent.metrics if metrics is None else tuple(dict.fromkeys(metrics)), units, trials, seed,
    )  # fmt: skip
    family, grid = Family(), DEFAULT_GAMMAS
    if quick:
        extent, family, grid = in_haste(extent), Family(n_units=QUICK_UNITS), QUICK_GAMMAS
    out, stages = Path(out), Stages(progress)
    check_extent(extent, jobs, out)
    with stages.stage("recording"):
        found = None if zoo is None else load_zoo(networks_folder(zoo))
        if found is not None:
            family = found.cards[-1].family
        reading = {"lead": lead, "bin_width": bin_width, "smoothing": smoothing}
        opened = open_named(recording, choices).read_with(**reading)
    if found is None:
        with stages.stage("networks") as advance:
            task = reach_task(opened)
            found = make_zoo(
                task, family, out / "zoo", gammas=grid, sampling=extent.sampling, jobs=jobs, progress=advance
            )
            save_task(task, out / "zoo" / "task.nc")
    return recovered(opened, min_rate, found, extent, out, jobs, stages)


def recovered(
    opened: Recording, min_rate: float, zoo: Zoo, extent: Extent, out: Path, jobs: int | None, stages: Stages
) -> dict[str, Any]:
    """Plant, record, rank and count against networks that are there; leave all of it in `out`."""
    task, family = task_of_zoo(zoo), zoo.cards[-1].family
    ranked = Ranked(candidates_of(zoo), task, tuple(get_metric(name) for name in extent.metrics), extent.draws)
    recorder = _recorder(opened, min_rate, ranked)
    fits = {"most": family.n_units, "units": extent.units, "repeats": extent.trials}
    sizes = [recorder.size(factor, **fits) for factor in extent.sizes]
    what = {"planted": extent.gammas, "nuisance": extent.nuisance}
    plants, notes = plants_of(zoo.gammas, family, time_step=task.time_step, **what)
    capped = [size for size in sizes if size.units == family.n_units]
    if capped:
        notes += (f"No more than {family.n_units} units were recorded, as many as a network has.",)
    with stages.stage("planted") as advance:
        planted, doubtful = draw_plants(
            plants, task, taken=[card.seed for card in zoo.cards], chains=extent.chains, members=extent.members,
            sampling=extent.sampling, jobs=jobs, progress=advance,
        )  # fmt: skip
    with stages.stage("runs") as advance:
        runs = runs_of(planted, sizes, runs=extent.runs, seed=extent.seed)
        outcomes = run_all(runs, recorder, ranked, out / "recovery", jobs=jobs, progress=advance)
    with stages.stage("report"):
        recovery = summary_of(
            outcomes,
            gammas=zoo.gammas,
            sizes=sizes,
            metrics=extent.metrics,
            recording=opened.name,
            conditions=len(recorder.trials.conditions),
            family=_settings_of_family(family) | {"lag": opened.reading.lead},
            draws=extent.draws,
            runs=extent.runs,
            seed=extent.seed,
            independent=min(extent.chains, extent.runs),
            notes=(*notes, *doubtful, *_how_recorded(recorder)),
        )
        with atomic(out / "recovery.csv") as temporary:
            outcomes.to_csv(temporary, index=False)
        figures.save(figures.recovery_overview(recovery), out / "recovery")
        write_json(recovery, out / "recovery.json")
        keep_recovery(recovery)
    return recovery


def _recorder(opened: Recording, min_rate: float, ranked: Ranked) -> Recorder:
    """Read the recording, and refuse networks that cannot be seen as it is."""
    trials = trials_of(opened, min_rate=min_rate)
    check_halves(trials)
    one = ranked.candidates[0].responses
    observe(one, like=observation_of(trials), units=sampling_of(trials).units_drawn, seed=0, noise=False)
    # Networks of another reach than the built-in one can still be recorded at its rates.
    reach = built_in_reach(ranked.task, trials, lead=opened.reading.lead) if opened.planted else None
    return Recorder(trials, reach, min_rate)


def _how_recorded(recorder: Recorder) -> Sequence[str]:
    if recorder.task is not None:
        return ("Every run is a whole session like the built-in one, with delays and reaction times that differ.",)
    return ("Planted networks were given the recording's rates and modulations and Poisson spikes; trials are alike.",)


def _settings_of_family(family: Family) -> dict[str, object]:
    names = {"g": "g", "tau": "tau", "beta": "beta", "n_units": "units", "input_scale": "input_scale"}
    return {name: getattr(family, field) for field, name in names.items()}
