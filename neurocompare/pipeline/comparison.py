"""The comparison: a recording and a family of networks in, a ranked gamma and a report out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from neurocompare.errors import InputError
from neurocompare.experiments.star import chosen_nuisances
from neurocompare.files import write_json
from neurocompare.models import DEFAULT_GAMMAS, Sampling, check_gammas
from neurocompare.models.find_beta import Matching
from neurocompare.pipeline.account import account, end_workers
from neurocompare.pipeline.confounds import expected_cost, plan_confounds, repeat
from neurocompare.pipeline.one_family import Shared, make_networks, rank_networks
from neurocompare.pipeline.settings import QUICK, Settings, check_settings, held_at
from neurocompare.ranking import check_halves, sampling_of
from neurocompare.recordings import Choices, Trials, average, open_named, trials_of
from neurocompare.report import write_report
from neurocompare.responses import save_responses
from neurocompare.stages import Stages
from neurocompare.tasks import reach_task, save_task

STAGES = ("recording", "task", "networks", "scores", "report")
"""Of a run, in order; what `progress` is called with."""


def run(
    recording: str | os.PathLike[str] = "synthetic",
    *,
    out: str | os.PathLike[str] = "neurocompare-run",
    gammas: Iterable[float] | None = None,
    g: float = 1.5,
    tau: float = 0.1,
    beta: float = 400.0,
    units: int = 400,
    chains: int = 2,
    members: int = 2,
    trajectories: int = 40,
    draws: int = 80,
    seed: int = 0,
    jobs: int | None = None,
    quick: bool = False,
    time_step: float = 0.05,
    lead: float | None = None,
    bin_width: float | None = None,
    smoothing: float | None = None,
    min_rate: float = 1.0,
    choices: Choices | None = None,
    stream: bool = False,
    match: str | None = None,
    nuisance: str | Iterable[str] | None = None,
    protocol: str | None = None,
    progress: Callable[[str, float, float], None] | None = None,
) -> Path:
    """Rank gammas against a recording and leave every step in a folder.

    A second call with the same arguments continues where the first stopped and makes nothing again whose inputs are
    unchanged; a kill at any moment leaves nothing that a later call would wrongly trust.

    Parameters
    ----------
    recording : str or path-like
        ``"synthetic"`` (shipped, from a network of known gamma), a name of the catalogue, or the path of an NWB file;
        with `stream`, a name of the catalogue or the address of a file.
    out : path-like
        Folder for everything the run leaves behind.
    gammas : iterable of float, optional
        The grid; `DEFAULT_GAMMAS` where None. 0 is the exact reservoir.
    g, tau, beta, units
        The family of networks; see `Family`. tau in s.
    chains, members : int
        Independent chains a gamma, and networks kept of each.
    trajectories : int
        Samples of each chain; more of them if chains have not converged, at proportional cost.
    draws : int
        Resamples of units and trials, at least 20: with fewer no p can fall below 0.05.
    seed : int
        Of everything random.
    jobs : int, optional
        Processes, one thread each; all processors where None.
    quick : bool
        Settle for `QUICK`: to see the path, not to trust the number.
    time_step : float
        Of task and networks, s.
    lead : float, optional
        How far neural activity leads the hand, s; negative where it follows.
    bin_width, smoothing : float, optional
        Of the spike counts, s. Where None, as with `lead`, what the catalogue says of this recording, else 0.02 and
        0.04, and a lead of 0.1; ``run.json`` says which came from the catalogue.
    min_rate : float
        Units firing less are left out, spikes/s.
    choices : Choices, optional
        What about the recording is not to be left to its layout: area, target, events and windows, conditions.
    stream : bool
        Read what is needed of a remote file instead of a local one.
    match : str, optional
        ``"fit"``: rank once more networks whose beta is chosen, at each gamma, for one expected loss; see `match_fit`.
    nuisance : str or iterable of str, optional
        ``"star"``, or some of g, tau, input_scale, beta, lag: rank once more with each a step up and down, see `star`.
        Every step is a zoo of its own.
    protocol : str, optional
        ``"paper"``: score once more as the paper likely did, in sample; see `paper_protocol`.
    progress : callable, optional
        Called as ``progress(stage, done, total)`` with a stage of `STAGES` or one of a repetition. Where more than one
        zoo is to be made, a first call says so in the place of the stage.

    Returns
    -------
    pathlib.Path
        The report, ``out/report.html``.

    Raises
    ------
    InputError
        If a setting makes no sense or the recording cannot be used; nothing has been written then.
    """
    settings = Settings(
        recording=os.fspath(recording),
        gammas=check_gammas(gammas if gammas is not None else QUICK["gammas"] if quick else DEFAULT_GAMMAS),
        g=g,
        tau=tau,
        beta=beta,
        units=min(units, QUICK["units"]) if quick else units,
        chains=chains,
        members=members,
        draws=min(draws, QUICK["draws"]) if quick else draws,
        seed=seed,
        time_step=time_step,
        lead=lead,
        bin_width=bin_width,
        smoothing=smoothing,
        min_rate=min_rate,
        sampling=QUICK["sampling"] if quick else Sampling(trajectories=trajectories),
        choices=choices or Choices(),
        match=match,
        matching=QUICK["matching"] if quick else Matching(),
        nuisance=chosen_nuisances(nuisance),
        protocol=protocol,
    )
    out = Path(out)
    check_settings(settings, jobs, out)
    cost = expected_cost(settings)
    if progress and cost:
        progress(cost, 1, 1)
    stages = Stages(progress)
    with stages.stage("recording"):
        opened = open_named(settings.recording, settings.choices, stream=stream).read_with(**settings.reading)
        settings = replace(settings, **opened.reading.values)
        trials = trials_of(opened, min_rate=min_rate)
    with stages.stage("task"):
        task = reach_task(opened, time_step=time_step)
        plan = plan_confounds(settings, opened, task, stream=stream)
        check_halves(trials)
        _check_size(settings, trials)
        save_responses(average(trials), out / "recording.nc")
        save_task(task, out / "task.nc")
    shared = Shared(settings, opened, trials, jobs)
    with stages.stage("networks") as advance:
        zoo = make_networks(shared, task, settings.family, out / "zoo", progress=advance)
        end_workers()
    with stages.stage("scores") as advance:
        ranking = rank_networks(shared, zoo, task, out, held=held_at(settings, task), progress=advance)
        end_workers()
    repeat(shared, plan, ranking, zoo, out, stages)
    with stages.stage("report"):
        write_json(account(settings, opened, trials, task, stages), out / "run.json")
        report = write_report(out)
    write_json(account(settings, opened, trials, task, stages), out / "run.json")
    return report


def _check_size(settings: Settings, trials: Trials) -> None:
    """Refuse networks of fewer units than a draw records of them."""
    needed = sampling_of(trials).units_drawn
    if settings.units < needed:
        message = (
            f"expected networks of at least {needed} units, as many as half of the recording has, "
            f"found {settings.units}; ask for more units"
        )
        raise InputError(message)
