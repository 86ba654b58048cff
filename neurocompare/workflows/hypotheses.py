"""Hypotheses: explorations of one recording under tasks of another kind, put side by side and never averaged."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from neurocompare.account import Account, Comparison, account_of
from neurocompare.earlier import keep_aside
from neurocompare.errors import InputError
from neurocompare.files import check_writable
from neurocompare.lock import locks
from neurocompare.parallel import Workers
from neurocompare.progress import shows_progress
from neurocompare.ranking.exploration import Exploration, PointTried
from neurocompare.ranking.hypotheses import (
    WHY_APART,
    Hypotheses,
    Hypothesis,
    LikenessDifference,
    answers_of,
    likeness_differences,
    made_of,
)
from neurocompare.records import load_record, save_record
from neurocompare.report import write_hypotheses_report
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Family
from neurocompare.stages import Stages, Watch
from neurocompare.theory import mean_field
from neurocompare.workflows.comparable import (
    Explored,
    cautions_on,
    check_read_alike,
    check_tasks_differ,
    check_whole,
    common_metrics,
    differs_in,
    finished_exploration,
)
from neurocompare.workflows.plan import MOST_SAMPLES
from neurocompare.workflows.session import TIME_STEP, Session, open_session

DEFAULT_HYPOTHESES = Path("neurocompare-hypotheses")
"""Where hypotheses go that are not told where."""

STAGES = ("explorations", "theory", "report")
"""Of a comparison of hypotheses, in order; what `progress` is called with."""

PER_SAMPLE, TRAJECTORIES = 4, 32
"""How the theory is solved: units over samples, and samples of a population. For a KL to a tenth."""


@shows_progress()
@locks("out")
def compare_hypotheses(
    folders: Iterable[str | os.PathLike[str]],
    *,
    out: str | os.PathLike[str] = DEFAULT_HYPOTHESES,
    theory: bool = True,
    seed: int = 0,
    workers: Workers | None = None,
    progress: Watch = None,
) -> Hypotheses:
    """Put finished explorations of one recording under different tasks side by side.

    What a network must produce, and what it is told and when, is no setting that could be averaged over: gamma has a
    unit of its own under each. Each hypothesis keeps its own answer; likenesses and KL per unit compare.

    Parameters
    ----------
    folders : iterable of path-like
        Of `explore`, at least two: the same units and trials of the same recording, each with another task.
    out : path-like
        Folder for hypotheses.json and report.html.
    theory : bool
        Solve the theory at each one's point of highest adjusted score, for its KL per unit: minutes each.
    seed : int
        Of the theory's populations.
    workers : Workers, optional
    progress : callable or bool, optional
        Shown where None, silent where False; else called as ``progress(stage, done, total)`` with a stage of `STAGES`.

    Returns
    -------
    Hypotheses

    Raises
    ------
    InputError
        If a folder holds no finished exploration, they are of different recordings, windows, units or trials, two have
        the same task, they have no metric in common, or a run lies in `out`; nothing has been written then.

    Examples
    --------
    >>> compare_hypotheses(["velocity", "muscles"], out="both").hypotheses[0].kl  # doctest: +SKIP
    0.31
    >>> compare_hypotheses(["velocity"], out="both", progress=False)
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected two finished explorations or more, found 1; give the folders of all
    """
    stages, workers, places = Stages(progress), workers or Workers(), list(map(Path, folders))
    folder = RunFolder(Path(out))
    if len(places) < 2:
        raise InputError(f"expected two finished explorations or more, found {len(places)}; give the folders of all")
    with stages.stage("explorations"):
        explored = [finished_exploration(place) for place in places]
        check_read_alike(explored)
        metrics = common_metrics(explored)
        check_whole(explored, metrics)
        sessions = [_reopened(each.account) for each in explored]
        check_tasks_differ(explored, sessions)
        if folder.account.exists():  # its page would be lost
            raise InputError(
                f"expected a folder of their own for hypotheses, found a run in {out}; choose another with --out"
            )
        folder.check_result("hypotheses")
        check_writable(folder.path)
    hypotheses = []
    with stages.stage("theory") as advance:
        for done, (each, session) in enumerate(zip(explored, sessions, strict=True), start=1):
            best = _best(each.exploration, metrics[0])
            kl, why = None, "the theory was not asked for"
            if theory:
                kl, why = _kl(session, each.account.settings, best, seed=seed, workers=workers)
            made, made_gamma, odd = made_of(each.exploration)
            hypotheses.append(
                Hypothesis(
                    folder=str(each.folder),
                    says=_says(each, session, [*zip(explored, sessions, strict=True)]),
                    metrics=answers_of(each.exploration, metrics),
                    made=made,
                    made_gamma=made_gamma,
                    odd=odd,
                    best=best,
                    kl=kl,
                    why=why,
                )
            )
            advance(done, len(explored))
    first = explored[0]
    tables, sampling = [each.scores for each in explored], first.exploration.sampling
    apart = [likeness_differences(tables, name, sampling, seed=first.account.settings.seed) for name in metrics]
    result = Hypotheses(
        recording=first.exploration.recording,
        units=first.exploration.sampling.units,
        hypotheses=tuple(hypotheses),
        differences=tuple(chain.from_iterable(apart)),
        sentences=(*WHY_APART, *cautions_on(explored), *_uncompared(metrics, apart)),
    )
    with stages.stage("report"):
        if _is_of_others(folder, result):
            keep_aside(folder)
        save_record(result, folder.hypotheses)
        write_hypotheses_report(folder.path)
    return result


def _is_of_others(folder: RunFolder, result: Hypotheses) -> bool:
    """Whether a folder holds a comparison of other hypotheses."""
    try:
        former = load_record(Hypotheses, folder.hypotheses)
    except InputError:  # there is none
        return False
    return [each.folder for each in former.hypotheses] != [each.folder for each in result.hypotheses]


def _reopened(account: Account) -> Session | None:
    """Read the recording once more, for its task; None where it is no longer there, or is not read as it was."""
    settings = account.settings
    try:
        session = open_session(settings.recording, settings.choices)
    except InputError:
        return None
    now = account_of(settings, session.recording, session.trials, session.task)
    same = now.recording.target == account.recording.target and not differs_in(account, now)
    return session if same else None


def _best(exploration: Exploration, metric: str) -> PointTried:
    scores = exploration.metrics[metric].points
    return exploration.points[max(range(len(scores)), key=scores.__getitem__)]


def _says(
    each: Explored, session: Session | None, all_of_them: Sequence[tuple[Explored, Session | None]]
) -> tuple[str, ...]:
    """Name what networks produce and when they are told what, and say what of their task is not said of all others'."""
    choices = each.account.settings.choices
    cued = f"told {'as a pulse' if choices.cue == 'pulse' else choices.cue}".replace("-", " ")
    cues = ([] if choices.cue is None else [cued]) + (["with a trigger at go"] if choices.trigger else [])
    name = each.account.recording.target + (f" ({', '.join(cues)})" if cues else "")
    if session is None:
        return (name,)
    others = [set(other.task.notes) for one, other in all_of_them if one is not each and other is not None]
    return (name, *(note for note in session.task.notes if not all(note in notes for notes in others)))


def _kl(
    session: Session | None, settings: Comparison, point: PointTried, *, seed: int, workers: Workers
) -> tuple[float | None, str]:
    """Return KL per unit in nats at a point of a design, and what keeps it from being known or sure."""
    if session is None:
        return None, "the recording is no longer where it was, or is not read as it was"
    # On the usual time step where tau allows it, for all alike: a finer one takes minutes, and moves KL by a tenth.
    step = min(session.choices.time_step or TIME_STEP, point.tau)
    task = session.task_at(lag=point.lag, time_step=step)
    if task.n_samples > MOST_SAMPLES:
        return None, f"{task.n_samples} samples are more than the {MOST_SAMPLES} that the theory is solved for here"
    family = replace(
        settings.family or Family(), g=point.g, tau=point.tau, beta=point.beta, input_scale=point.input_scale
    )
    (field, *_) = mean_field(
        task, family, [point.gamma], population=max(400, PER_SAMPLE * task.n_samples), trajectories=TRAJECTORIES,
        both_ways=False, seed=seed, workers=workers,
    )  # fmt: skip
    # Where nothing is learned, what sampling leaves of it may be below 0.
    return max(field.kl, 0.0), "" if field.converged else f"the theory has not converged: {field.why}"


def _uncompared(metrics: Sequence[str], apart: Sequence[Sequence[LikenessDifference]]) -> list[str]:
    names = [name for name, pairs in zip(metrics, apart, strict=True) if not pairs]
    why = "they have other numbers of chains, or fewer than two resamples in common"
    return [f"Differences of likeness by {', '.join(names)} are not known: {why}."] if names else []
