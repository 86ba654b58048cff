"""Recover: plant, record, rank, count; from a recording and a zoo to recovery.json, recovery.csv and a figure."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from neurocompare.account import Comparison, read_account
from neurocompare.files import write_table
from neurocompare.lock import locks
from neurocompare.metrics import get_metric
from neurocompare.models import Draw, Sampling, Zoo, load_zoo, make_zoo
from neurocompare.parallel import Workers
from neurocompare.progress import shows_progress
from neurocompare.ranking import observation_of, observe, sampling_of
from neurocompare.ranking.batches import candidates_of
from neurocompare.ranking.recovery import Recovery, keep_recovery
from neurocompare.records import save_record
from neurocompare.report import figures, write_report
from neurocompare.run_folder import RunFolder, networks_in
from neurocompare.settings import LAG, Choices, Family, Networks, Planting, Scoring, of_family, where_default
from neurocompare.stages import Stages, Watch
from neurocompare.tasks import save_task
from neurocompare.workflows.one_family import plan_of, sampler_of
from neurocompare.workflows.recovery.plants import draw_plants, gammas_to_plant
from neurocompare.workflows.recovery.recorder import Recorder, built_in_reach
from neurocompare.workflows.recovery.runs import Ranked, run_all, runs_of
from neurocompare.workflows.recovery.summary import summary_of
from neurocompare.workflows.run import check_settings, hurried
from neurocompare.workflows.session import Session, Source, open_session
from neurocompare.workflows.zoo import task_of_zoo

STAGES = ("recording", "networks", "planted", "runs", "report")
"""Of a recovery, in order; what `progress` is called with."""

DEFAULT_RECOVERY = Path("neurocompare-recovery")
"""Where a recovery goes that is not told where."""


@shows_progress()
@locks("out")
def recover(
    recording: Source = "synthetic",
    *,
    zoo: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] = DEFAULT_RECOVERY,
    planting: Planting | None = None,
    seed: int = 0,
    quick: bool = False,
    choices: Choices | None = None,
    scoring: Scoring | None = None,
    workers: Workers | None = None,
    progress: Watch = None,
) -> Recovery:
    """Plant networks of known gamma, record each like a recording, rank it, and count how often the truth was named.

    A second call with the same arguments continues where the first stopped. Planted networks are kept in the cache and
    shared between recoveries; every run records other units, spikes and trials of them.

    Parameters
    ----------
    recording : str, path-like or Recording
        Gives units, trials a condition, rates and times: ``"synthetic"``, a name of the catalogue, the path of an NWB
        file, or an opened recording.
    zoo : path-like, optional
        The networks to rank, of `neurocompare zoo` or `neurocompare run`; those of a default run, made in ``out/zoo``,
        where None.
    out : path-like
        Folder for recovery.json, recovery.csv, recovery.png and recovery.svg, and for the outcome of every run.
    planting : Planting, optional
        How much is planted.
    seed : int
        Of units, spikes, trials and resamples.
    quick : bool
        Settle for one run each with short chains, and for small networks where they are made: to see the path, not to
        trust a share.
    choices, scoring, workers
        As those of `run`.
    progress : callable or bool, optional
        Shown where None, silent where False; else called as ``progress(stage, done, total)`` with a stage of `STAGES`.

    Returns
    -------
    Recovery
        What ``recovery.json`` holds.

    Raises
    ------
    InputError
        If a setting makes no sense, or recording and networks do not fit; nothing has been ranked then.

    Examples
    --------
    >>> found = recover("synthetic", quick=True)  # minutes  # doctest: +SKIP
    >>> found.gammas  # doctest: +SKIP
    (0.0, 0.05, 0.2, 0.8)
    >>> recover("synthetic", zoo="nowhere", progress=False)
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected networks in nowhere, found none; ...
    """
    settings = Comparison("", choices or Choices(), Family(), Networks(), (scoring or Scoring()).over(), seed=seed)
    folder, stages, workers = Path(out), Stages(progress), workers or Workers()
    settings, planting = _in_haste(settings, planting or Planting(), quick=quick)
    if zoo is None:
        check_settings(settings)  # before networks are made
    with stages.stage("recording"):
        planted = None if zoo is None else load_zoo(networks_in(Path(zoo)))
        session = open_session(recording, settings.choices)
    if planted is None:
        with stages.stage("networks") as advance:
            family, networks = settings.family or Family(), settings.networks or Networks()
            plan = plan_of(networks, quick=quick)
            planted = make_zoo(session.task, family, folder / "zoo", plan, workers=workers, progress=advance)
            save_task(session.task, folder / "zoo" / "task.nc")
    return recovered(session, planted, planting, settings, folder, workers, stages)


@shows_progress()
@locks("folder")
def recover_run(
    folder: str | os.PathLike[str],
    *,
    planting: Planting | None = None,
    seed: int = 0,
    quick: bool = False,
    scoring: Scoring | None = None,
    workers: Workers | None = None,
    progress: Watch = None,
) -> Recovery:
    """Put a recovery beside a finished run: its recording, networks, metrics and resamples; its report then quotes it.

    Parameters
    ----------
    folder : path-like
        What `neurocompare run` or `neurocompare rank` wrote into.
    scoring : Scoring, optional
        What is left open is as in the run.
    planting, seed, quick, workers, progress
        As those of `recover`.

    Returns
    -------
    Recovery
        What ``folder/recovery.json`` holds.

    Raises
    ------
    InputError
        If there is no finished run in `folder`.
    """
    run, stages, workers = RunFolder(Path(folder)), Stages(progress), workers or Workers()
    made = read_account(run.path).settings
    settings = replace(made, scoring=(scoring or Scoring()).over(made.scoring), seed=seed)
    settings, planting = _in_haste(settings, planting or Planting(), quick=quick)
    with stages.stage("recording"):
        where = run.zoo if made.models is None else networks_in(Path(made.models))
        zoo = load_zoo(where).select(**made.where)
        if made.networks is not None:
            zoo = zoo.select(gamma=made.networks.gammas)
        session = open_session(made.recording, made.choices)
    recovery = recovered(session, zoo, planting, settings, run.path, workers, stages)
    write_report(run.path, zoo=None if made.models is None else zoo.folder)
    return recovery


def _in_haste(settings: Comparison, planting: Planting, *, quick: bool) -> tuple[Comparison, Planting]:
    """Return as little as shows the whole path, where that is asked for. No share of it is to be trusted."""
    if not quick:
        return settings, planting
    less = {"runs": 1, "sizes": (1.0,), "chains": 2, "members": 1}
    return hurried(settings), where_default(planting, less)


def recovered(
    session: Session, zoo: Zoo, planting: Planting, settings: Comparison, out: Path, workers: Workers, stages: Stages
) -> Recovery:
    """Plant, record, rank and count against networks that are there; leave all of it in `out`."""
    task, family, scoring, seed = task_of_zoo(zoo), zoo.cards[-1].family, settings.scoring, settings.seed
    metrics = tuple(get_metric(name) for name in scoring.metrics)
    ranked = Ranked(candidates_of(zoo), task, metrics, scoring.draws)
    recorder = _recorder(session, ranked)
    fits = {"most": family.n_units, "units": planting.units, "repeats": planting.trials}
    sizes = [recorder.size(factor, **fits) for factor in planting.sizes]
    notes: tuple[str, ...] = ()
    if any(size.units == family.n_units for size in sizes):
        notes = (f"No more than {family.n_units} units were recorded, as many as a network has.",)
    with stages.stage("planted") as advance:
        planted, doubtful = draw_plants(
            planting.planted or gammas_to_plant(zoo.gammas), zoo, task,
            planting=planting, sampling=_sampling(settings), workers=workers, progress=advance,
        )  # fmt: skip
    with stages.stage("runs") as advance:
        runs = runs_of(planted, sizes, runs=planting.runs, seed=seed)
        outcomes = run_all(runs, recorder, ranked, out / "recovery", workers=workers, progress=advance)
    with stages.stage("report"):
        recovery = summary_of(
            outcomes,
            gammas=zoo.gammas,
            sizes=sizes,
            metrics=scoring.metrics,
            recording=session.recording.name,
            conditions=len(recorder.trials.conditions),
            family=of_family(family) | {LAG.name: session.choices.lag},
            draws=scoring.draws,
            runs=planting.runs,
            seed=seed,
            independent=min(planting.chains, planting.runs),
            notes=(*notes, *doubtful, *_how_recorded(recorder)),
        )
        write_table(outcomes, out / "recovery.csv")
        figures.save(figures.recovery_overview(recovery), out / "recovery")
        save_record(recovery, out / "recovery.json")
        keep_recovery(recovery)
    return recovery


def _sampling(settings: Comparison) -> Sampling:
    """Return how long the chains of planted networks run, which are drawn however the ranked ones were made."""
    networks = replace(settings.networks or Networks(), method="draw")
    sampler = sampler_of(networks, quick=settings.quick)
    return sampler.sampling if isinstance(sampler, Draw) else Sampling()


def _recorder(session: Session, ranked: Ranked) -> Recorder:
    """Refuse networks that cannot be seen as the recording is."""
    trials, recording = session.trials, session.recording
    one = ranked.candidates[0].responses
    observe(one, like=observation_of(trials), units=sampling_of(trials).units_drawn, seed=0, noise=False)
    # Networks of another reach than the built-in one can still be recorded at its rates.
    reach = built_in_reach(ranked.task, trials, lag=recording.reading.lag) if recording.planted else None
    return Recorder(trials, reach, session.choices.min_rate or 0.0)


def _how_recorded(recorder: Recorder) -> Sequence[str]:
    if recorder.task is not None:
        return ("Every run is a whole session like the built-in one, with delays and reaction times that differ.",)
    return ("Planted networks were given the recording's rates and modulations and Poisson spikes; trials are alike.",)
