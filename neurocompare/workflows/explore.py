"""Explore: which gammas are least unlike a recording, whatever the settings are that nobody knows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from neurocompare.account import Comparison, account_of, leave
from neurocompare.earlier import check_recording, make_way
from neurocompare.errors import InputError
from neurocompare.files import check_writable, write_table
from neurocompare.lock import locks
from neurocompare.metrics import get_metric
from neurocompare.models import DesignPoint, Point, Zoo, design_of, make_points
from neurocompare.models.design import step_for
from neurocompare.parallel import Workers
from neurocompare.progress import shows_progress
from neurocompare.ranking import Axis, Candidate, candidates_of, kinematic_candidates, sampling_of
from neurocompare.ranking.batches import score_batches, write_scores
from neurocompare.ranking.draws import Drawing
from neurocompare.ranking.exploration import Exploration, Inferred, PointTried
from neurocompare.ranking.explored import explored
from neurocompare.ranking.inferred import inference_of
from neurocompare.ranking.pool import Scored
from neurocompare.ranking.summary_statistics import summarise
from neurocompare.records import load_record, plain, save_record
from neurocompare.report.exploration_page import write_exploration_report
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Choices, Exploring, Family, Networks, Scoring, changed
from neurocompare.settings.exploring import RANGES
from neurocompare.stages import Advance, Stages, Watch
from neurocompare.streams import Purpose, stream
from neurocompare.workflows.as_recorded import planted_points
from neurocompare.workflows.one_family import Shared, of_two_chains, plan_of
from neurocompare.workflows.run import check_size, hurried
from neurocompare.workflows.session import DEFAULT_RUN, TIME_STEP, Session, Source, asked, open_session

POINT = Axis("point", "point", "linear")
"""What stands for gamma in the table of scores: the place in the design, from 0."""

STAGES = ("recording", "design", "networks", "scores", "planted points", "profile", "report")
"""Of an exploration, in order; what `progress` is called with."""


@shows_progress()
@locks("out")
def explore(
    recording: Source = "synthetic",
    *,
    out: str | os.PathLike[str] = DEFAULT_RUN,
    exploring: Exploring | None = None,
    seed: int = 0,
    quick: bool = False,
    choices: Choices | None = None,
    family: Family | None = None,
    networks: Networks | None = None,
    scoring: Scoring | None = None,
    workers: Workers | None = None,
    progress: Watch = None,
) -> Exploration:
    """Profile gamma over other settings, all together, and leave everything in ``out/exploration``.

    Networks are made at the points of a space-filling design over all of them (`design_of`), several chains at
    each, and scored as `run` scores: seen as recorded, on the same halves of units and trials. The score adjusted for
    how far networks of one point differ is emulated over the settings (`Surface`), and maximised over all but gamma
    (`profile_of`): the gamma that is least unlike the recording, whatever made it. And every network is recorded as
    the recording was: from such planted recordings is learned which settings made this one, if a network of the design
    did, and whether one could have (`inference_of`). A second call with the same arguments continues where the first
    stopped; one with more points keeps those there are.

    Parameters
    ----------
    recording : str, path-like or Recording
        As that of `run`, or an opened recording.
    out : path-like
        Folder of the recording's run, if there is one; what is explored lies in ``exploration`` in it.
    exploring : Exploring, optional
        Size and ranges of the design, and which of g, tau, beta, input scale and lag it varies.
    seed : int
        Of everything random.
    quick : bool
        Settle for less (`hurried`) in what stands at its default: to see the path, not to trust the number.
    choices, scoring, workers
        As those of `run`; without a lag, where that is varied.
    family : Family, optional
        What is not varied, units, nonlinearity and private noise among it.
    networks : Networks, optional
        How they are made; without gammas, which are explored.
    progress : callable or bool, optional
        Shown where None, silent where False; else called as ``progress(stage, done, total)``, with a stage of `STAGES`.

    Returns
    -------
    Exploration

    Raises
    ------
    InputError
        If the recording cannot be used, or a setting is given that is explored; nothing has been written then.

    Examples
    --------
    >>> import neurocompare as nc
    >>> nc.explore("session.nwb", exploring=nc.Exploring(points=128), out="monkey-j")  # doctest: +SKIP
    >>> nc.explore(family=nc.Family(g=1.2))  # hours of chains otherwise: what is refused is said at once
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected no value of g for an exploration, which varies it; give ...
    """
    settings = explorable(asked(recording, choices, scoring, seed), exploring, family, networks, quick=quick)
    folder, stages = RunFolder(Path(out)).explored, Stages(progress)
    check_writable(folder.path)
    with stages.stage("recording"):
        session = open_session(recording, settings.choices)
        for each in (RunFolder(Path(out)), folder):
            check_recording(each, session.recording)
        settings = replace(settings, choices=session.choices)
        shared = Shared(settings, session, workers or Workers())
        check_size(shared.family, session)
    with stages.stage("design") as advance:
        design, points = placed_design(settings, session, advance)
    with stages.stage("networks") as advance:
        make_way(folder, settings)
        plan = replace(plan_of(shared.networks, quick=quick), seeds=(seed,))
        zoos = make_points(
            points, folder.zoo, plan, workers=shared.workers, device=shared.networks.device, progress=advance
        )
    with stages.stage("scores") as advance:
        tried = [_tried(*each) for each in zip(design, points, zoos, strict=True)]
        _write_design(tried, zoos, folder)
        candidates = [candidates_of(zoo) for zoo in zoos]
        scores = _scored(shared, candidates, folder, advance)
    with stages.stage("planted points") as advance:
        inferred, notes = _inferred(session, candidates, tried, settings, advance)
    with stages.stage("profile"):
        exploration = explored(
            [Scored(session.recording.name, scores, sampling_of(session.trials))],
            tried,
            settings.exploring or Exploring(),
            inferred=inferred,
            metrics=shared.metrics,
            planted_gamma=dict(session.recording.planted).get("gamma"),
            seed=seed,
        )
        save_record(exploration, folder.exploration)
    notes = dict.fromkeys([*notes, *(note for zoo in zoos for note in zoo.notes)])
    account = account_of(settings, session.recording, session.trials, session.task, tuple(notes))
    leave(account, folder, stages, lambda _: write_exploration_report(folder.path))
    return exploration


def open_exploration(folder: str | os.PathLike[str] = DEFAULT_RUN) -> Exploration:
    """Read what an exploration left.

    Parameters
    ----------
    folder : path-like
        What `neurocompare run --explore` or `explore` was told to write into, or the folder ``exploration`` in it.

    Returns
    -------
    Exploration
        What `explore` returned.

    Raises
    ------
    InputError
        If there is none, or it cannot be read.

    Examples
    --------
    >>> open_exploration("nowhere")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a readable exploration.json in ..., found no exploration.json; ...
    """
    return load_record(Exploration, RunFolder(Path(folder)).holding_exploration.exploration)


def explorable(
    settings: Comparison, exploring: Exploring | None, family: Family | None, networks: Networks | None, *, quick: bool
) -> Comparison:
    """Return settings with what is explored, of two chains a point, in haste if asked; see `check_explorable`."""
    networks = of_two_chains(networks or Networks())
    settings = replace(settings, exploring=exploring or Exploring(), family=family or Family(), networks=networks)
    check_explorable(settings)
    return hurried(settings) if quick else settings


def check_explorable(settings: Comparison) -> None:
    """Refuse settings that an exploration varies itself.

    Raises
    ------
    InputError
    """
    varied = (settings.exploring or Exploring()).varied
    given = [name for name in changed(settings.family or Family()) if name in varied]
    given += ["gamma"] if (settings.networks or Networks()).gammas != Networks().gammas else []
    given += ["lag"] if settings.choices.lag is not None and "lag" in varied else []
    if given:
        name = given[0].replace("_", "-")
        message = f"expected no value of {name} for an exploration, which varies it; give its range, --explore-{name}"
        raise InputError(message)
    networks = settings.networks or Networks()
    plan_of(networks, quick=settings.quick)  # refuses what does not go together
    if networks.method == "reservoir":
        raise InputError(
            "expected a method by which recurrent weights learn for an exploration, found reservoir: gamma changes "
            "nothing there; drop --method"
        )
    for name in settings.scoring.metrics:
        get_metric(name)


def placed_design(
    settings: Comparison, session: Session, advance: Advance | None = None
) -> tuple[tuple[DesignPoint, ...], tuple[Point, ...]]:
    """Lay out the design of an exploration, and make the task of each of its points.

    Parameters
    ----------
    settings : Comparison
    session : Session
        The recording that it explores.
    advance : callable, optional
        Called with (points done, in all).
    """
    rng = stream(Purpose.DESIGN, settings.seed)
    family, lag = settings.family or Family(), session.recording.reading.lag
    design, points = design_of(settings.exploring or Exploring(), family, lag, rng), []
    for place, point in enumerate(design, start=1):
        points.append(_placed(point, session, settings))
        if advance:
            advance(place, len(design))
    return design, tuple(points)


def _placed(point: DesignPoint, session: Session, settings: Comparison) -> Point:
    """Return where networks are made: the point, with a task of its own lag and time step."""
    steps = (settings.exploring or Exploring()).steps
    time_step = step_for(point.family.tau, time_step=session.choices.time_step or TIME_STEP, steps=steps)
    return Point(session.task_at(lag=point.lag, time_step=time_step), point.family, point.gamma)


def _tried(point: DesignPoint, at: Point, zoo: Zoo) -> PointTried:
    (loss,) = zoo.fit().values()
    values = {name: point.value(name) for name in RANGES}
    return PointTried(**values, time_step=at.task.time_step, loss=loss, converged=bool(zoo.table()["converged"].all()))


def _inferred(
    session: Session,
    networks: Sequence[Sequence[Candidate]],
    tried: Sequence[PointTried],
    settings: Comparison,
    advance: Advance,
) -> tuple[Inferred | None, tuple[str, ...]]:
    """Infer which settings made the recording; say why where that cannot be."""
    try:
        observed = summarise(session.trials)
        planted = planted_points(session.trials, networks, seed=settings.seed, advance=advance)
        return inference_of(planted, tried, settings.exploring or Exploring()).of(observed), ()
    except InputError as error:
        return None, (f"Which settings made the recording was not inferred: {error}.",)


def _write_design(tried: Sequence[PointTried], zoos: Sequence[Zoo], folder: RunFolder) -> None:
    """Leave a table of the points, with the networks made at each."""
    networks = [" ".join(card.hash for card in zoo.cards) for zoo in zoos]
    table = pd.DataFrame([plain(each) for each in tried]).assign(networks=networks)
    write_table(table, folder.path / "design.csv", index="point")


def _scored(
    shared: Shared, networks: Sequence[Sequence[Candidate]], folder: RunFolder, advance: Advance
) -> pd.DataFrame:
    """Score the networks of all points as those of a ranking are, a point in the place of a gamma."""
    candidates = [replace(each, gamma=float(place)) for place, point in enumerate(networks) for each in point]
    settings, session = shared.settings, shared.session
    scores = score_batches(
        session.trials,
        candidates,
        shared.metrics,
        folder.batches,
        baseline=kinematic_candidates(session.task, candidates, seed=settings.seed),
        drawing=Drawing.asked(settings.scoring, settings.seed),
        workers=shared.workers,
        progress=advance,
    )
    write_scores(scores, folder.scores, axis=POINT)
    return scores
