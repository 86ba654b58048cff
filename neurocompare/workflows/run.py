"""Run: a recording and a family of networks in, a ranked gamma and a report out."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from neurocompare.account import Comparison, account_of
from neurocompare.earlier import check_recording, make_way
from neurocompare.errors import InputError
from neurocompare.lock import locks
from neurocompare.metrics import get_metric
from neurocompare.parallel import Workers
from neurocompare.progress import shows_progress
from neurocompare.ranking import sampling_of
from neurocompare.ranking.compare import check_rankable
from neurocompare.recordings import average
from neurocompare.responses import save_responses
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Choices, Family, Networks, Scoring, where_default
from neurocompare.settings.scoring import DEFAULT_RESAMPLES
from neurocompare.stages import Stages, Watch
from neurocompare.tasks import save_task
from neurocompare.workflows.finished_run import FinishedRun, open_run
from neurocompare.workflows.one_family import Shared, make_networks, of_two_chains, plan_of, rank_networks
from neurocompare.workflows.reported import leave_report
from neurocompare.workflows.session import DEFAULT_RUN, TIME_STEP, Session, asked, open_session

STAGES = ("recording", "task", "networks", "scores", "report")
"""Of a run, in order; what `progress` is called with."""

QUICK_GAMMAS = (0.0, 0.05, 0.2, 0.8)
"""The grid of a quick run, where none is given."""


@shows_progress()
@locks("out")
def run(
    recording: str | os.PathLike[str] = "synthetic",
    *,
    out: str | os.PathLike[str] = DEFAULT_RUN,
    gammas: Iterable[float] | None = None,
    seed: int = 0,
    quick: bool = False,
    choices: Choices | None = None,
    family: Family | None = None,
    networks: Networks | None = None,
    scoring: Scoring | None = None,
    workers: Workers | None = None,
    progress: Watch = None,
) -> FinishedRun:
    """Rank gammas against a recording and leave every step in a folder.

    A second call with the same arguments continues where the first stopped and makes nothing again whose inputs are
    unchanged; a kill at any moment leaves nothing that a later call would wrongly trust.

    Parameters
    ----------
    recording : str or path-like
        ``"synthetic"`` (built in, from a network of known gamma), a name of the catalogue, or the path of an NWB file;
        with ``choices.stream``, a name of the catalogue or the address of a file.
    out : path-like
        Folder for everything the run leaves behind, see `RunFolder`.
    gammas : iterable of float, optional
        The grid, in place of ``networks.gammas``. 0 is the exact reservoir.
    seed : int
        Of everything random.
    quick : bool
        Settle for less (`hurried`) in what stands at its default: to see the path, not to trust the number.
    choices : Choices, optional
        What is read of the recording, where it is not left to the file, its layout and the catalogue.
    family : Family, optional
        What all networks share.
    networks : Networks, optional
        How they are made.
    scoring : Scoring, optional
        How they are scored.
    workers : Workers, optional
        Where the work is done.
    progress : callable or bool, optional
        Shown where None, silent where False; else
        called as ``progress(stage, done, total)`` with a stage of `STAGES`.

    Returns
    -------
    FinishedRun
        Ranking, scores, networks, figures and page, see `FinishedRun`.

    Raises
    ------
    InputError
        If the recording cannot be used, or settings do not go together; nothing has been written then.

    Examples
    --------
    >>> found = run("synthetic", out="my-run")  # minutes  # doctest: +SKIP
    >>> found.ranking.metrics["cka"].best_gamma  # doctest: +SKIP
    0.4
    >>> run("synthetic", gammas=(0.4,), progress=False)
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected at least two gammas to rank, found 0.4
    """
    networks = networks or Networks()
    networks = networks if gammas is None else replace(networks, gammas=tuple(gammas))
    settings = replace(asked(recording, choices, scoring, seed), family=family or Family(), networks=networks)
    if quick:
        settings = hurried(settings)
    folder, stages = RunFolder(Path(out)), Stages(progress)
    check_settings(settings)
    folder.check_result("ranking")
    with stages.stage("recording"):
        session = open_session(recording, settings.choices)
        check_recording(folder, session.recording)
        settings = replace(settings, choices=session.choices)
    with stages.stage("task"):
        shared = Shared(settings, session, workers or Workers())
        check_size(shared.family, session)
        make_way(folder, settings)
        save_responses(average(session.trials), folder.recording)
        save_task(session.task, folder.task)
    with stages.stage("networks") as advance:
        zoo = make_networks(shared, folder.zoo, progress=advance)
    with stages.stage("scores") as advance:
        rank_networks(shared, zoo, session.task, folder, held=shared.held, progress=advance)
    leave_report(folder, account_of(settings, session.recording, session.trials, session.task), stages)
    return open_run(folder.path)


def hurried(settings: Comparison) -> Comparison:
    """Return settings that show the whole path in a minute or two, with chains too short to be converged.

    Fewer gammas, points, or steps in a time constant, smaller networks, fewer resamples, and fewer and shorter chains,
    each only where it stands at its default.
    """
    networks, exploring, scoring = settings.networks or Networks(), settings.exploring, settings.scoring
    less: dict[str, object] = {} if exploring else {"gammas": QUICK_GAMMAS}
    if networks.method == "draw":
        less["trajectories"] = 12
    return replace(
        settings,
        exploring=None if exploring is None else where_default(exploring, {"points": 32, "steps": 1}),
        family=where_default(settings.family or Family(), {"n_units": 160}),
        networks=where_default(of_two_chains(networks), less),
        scoring=replace(scoring, resamples=24) if scoring.draws == DEFAULT_RESAMPLES else scoring,
        quick=True,
    )


def check_settings(settings: Comparison) -> None:
    """Refuse settings that do not go together, before anything is read or written.

    Raises
    ------
    InputError
    """
    networks, family = settings.networks or Networks(), settings.family or Family()
    family.step_fraction(settings.choices.time_step or TIME_STEP)
    check_rankable(networks.gammas)
    plan_of(networks, quick=settings.quick)  # refuses what does not go together
    for name in settings.scoring.metrics:
        get_metric(name)


def check_size(family: Family, session: Session) -> None:
    """Refuse networks of fewer units than a half of the recording has.

    Raises
    ------
    InputError
    """
    needed = sampling_of(session.trials).units_drawn
    if family.n_units < needed:
        raise InputError(
            f"expected networks of at least {needed} units, as many as half of the recording has, "
            f"found {family.n_units}; ask for more units"
        )
