"""A ranking along an axis of the user's own: a folder of models and a table, against a recording."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, cast

import pandas as pd

from neurocompare.account import account_of
from neurocompare.earlier import check_recording, make_way
from neurocompare.errors import InputError
from neurocompare.files import write_table
from neurocompare.lock import locks
from neurocompare.metrics import get_metric
from neurocompare.models import external_model
from neurocompare.models.external.family import Listed, read_family
from neurocompare.models.external.several import holds_names, read_named
from neurocompare.parallel import Workers
from neurocompare.progress import shows_progress
from neurocompare.ranking import Candidate, Context, Drawing, axis_of, check_halves, compare
from neurocompare.ranking.batches import VALUE
from neurocompare.ranking.model_comparison import ModelComparison
from neurocompare.recordings import Trials, average
from neurocompare.report.contents import FAMILY
from neurocompare.responses import save_responses
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Choices, Scoring, of_reading
from neurocompare.stages import Stages, Watch
from neurocompare.tasks import Task, save_task
from neurocompare.workflows.finished_run import FinishedRun, open_run
from neurocompare.workflows.rank_zoo import DEFAULT_RANKING
from neurocompare.workflows.reported import leave_report
from neurocompare.workflows.score import score, sized
from neurocompare.workflows.session import Source, asked, open_session


@shows_progress()
@locks("out")
def rank_family(
    family: str | os.PathLike[str],
    recording: Source,
    *,
    axis: str,
    scale: Literal["log", "linear"] | None = None,
    out: str | os.PathLike[str] = DEFAULT_RANKING,
    seed: int = 0,
    choices: Choices | None = None,
    scoring: Scoring | None = None,
    workers: Workers | None = None,
    progress: Watch = None,
) -> FinishedRun | ModelComparison:
    """Rank the values of a setting of the user's own models against a recording.

    Everything is as in a ranking of gamma but the name: models are seen as the recording would have seen them, trained
    repeatedly at each value so that it is known how far they differ by chance, and held against nulls, a ceiling,
    kinematic tuning, the largest and the smallest value. A second call with the same arguments continues where the
    first stopped.

    Parameters
    ----------
    family : path-like
        A folder of models and a table, see `read_family`. A model is anything in a file that `external_model` takes.
    recording : str, path-like or Recording
        ``"synthetic"``, a name of the catalogue, the path of an NWB file, or an opened recording.
    axis : str
        The table's column to rank along. Where it holds names throughout, which have no order, they are compared as
        `score` compares models, by name: comparison.json and a folder a name are left in place of a ranking.
    scale : str, optional
        ``"log"`` or ``"linear"``; by the values where None, see `axis_of`.
    out : path-like
        Folder for scores.csv, ranking.json, run.json, family.csv, recording.nc, task.nc and report.html.
    seed : int
        Of everything random.
    choices : Choices, optional
        What is read of the recording. Its time step is that of the task which activity without labels is matched to,
        its lag that of the movement which the kinematic baseline follows.
    scoring, workers
        As those of `run`.
    progress : callable or bool, optional
        Shown where None, silent where False; else called as ``progress(stage, done, total)``.

    Returns
    -------
    FinishedRun
        Ranking, scores, figures and page, see `FinishedRun`; a `ModelComparison` where the column holds names.

    Raises
    ------
    InputError
        If the table or a model cannot be used, a metric is unknown, or the recording does not fit.

    Examples
    --------
    >>> found = rank_family("my-models", "synthetic", axis="decay", out="by-decay")  # of your own  # doctest: +SKIP
    >>> found.ranking.axis.name  # doctest: +SKIP
    'decay'
    >>> rank_family("nowhere", "synthetic", axis="decay", progress=False)
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a folder with one table, *.csv, of its models at nowhere, found no ...
    """
    settings = replace(asked(recording, choices, scoring, seed), models=os.path.abspath(family), axis=axis)
    metrics = tuple(get_metric(name) for name in settings.scoring.metrics)
    folder, stages, workers = RunFolder(Path(out)), Stages(progress), workers or Workers()
    if holds_names(family, axis):
        # Names have no order, and so no best value with an interval around it.
        if scale is not None:
            message = f"expected numbers in column {axis!r} for --scale, found names, which have no scale; drop --scale"
            raise InputError(message)
        comparison = score(
            read_named(family, axis),
            recording,
            out=folder.path,
            choices=settings.choices,
            scoring=settings.scoring,
            by=axis,
            seed=seed,
            workers=workers,
            progress=progress,
        )
        return cast(ModelComparison, comparison)  # of two names or more, see `read_named`
    folder.check_result("ranking")
    listed = read_family(family, axis)
    along = axis_of(axis, [each.value for each in listed], scale=scale)
    with stages.stage("recording"):
        session = open_session(recording, settings.choices)
        check_recording(folder, session.recording)
        settings = replace(settings, choices=session.choices)
        trials, task = session.trials, session.task
    with stages.stage("zoo") as advance:
        candidates, notes = _candidates(listed, task, trials, advance)
        smallest = min(candidates, key=lambda each: each.responses.sizes["unit"])
        trials, left_out = sized(trials, smallest.responses, seed=seed)
        check_halves(trials)
    with stages.stage("scores") as advance:
        make_way(folder, settings)
        save_responses(average(trials), folder.recording)
        save_task(task, folder.task)
        table = _table(listed, candidates, folder.path)
        held = of_reading(settings.choices) | {"seed": seed, "draws": settings.scoring.draws}
        fit = dict(table.groupby(VALUE)["loss"].mean().dropna())
        compare(
            trials,
            candidates,
            metrics,
            folder.path,
            task=task,
            context=Context([session.recording.name], held, fit=fit, axis=along),
            drawing=Drawing.asked(settings.scoring, seed),
            workers=workers,
            progress=advance,
        )
    all_notes = (f"{len(listed)} models were listed.", *notes, *left_out)
    leave_report(folder, account_of(settings, session.recording, trials, task, all_notes), stages)
    return open_run(folder.path)


def _candidates(
    listed: Sequence[Listed], task: Task, trials: Trials, advance: Callable[[float, float], None]
) -> tuple[list[Candidate], list[str]]:
    """Read every model on the recording's conditions and times; returns also what was assumed, once each."""
    candidates, notes = [], {}
    for done, each in enumerate(listed, start=1):
        model = external_model(
            each.path, task, time=trials.counts["time"].values, bin_width=trials.bin_width, name=each.file
        )
        candidates.append(Candidate(each.file, each.value, each.run, each.member, model.responses))
        for note in model.notes:
            notes.setdefault(note.replace(each.file, "The model"), []).append(each.file)
        advance(done, len(listed))
    assumptions = [f"{note} (so of {len(files)} of {len(listed)} models)" for note, files in notes.items()]
    return candidates, assumptions


def _table(listed: Sequence[Listed], candidates: Sequence[Candidate], out: Path) -> pd.DataFrame:
    """Leave a table of what was ranked, and the activity of the first model of each value for the report."""
    rows, shown = [], set()
    for each, candidate in zip(listed, candidates, strict=True):
        responses = ""
        if each.value not in shown:
            responses = f"shown/{len(shown)}.nc"
            shown.add(each.value)
            save_responses(candidate.responses, out / responses)
        units = candidate.responses.sizes["unit"]
        rows.append((each.file, each.value, each.run, each.member, units, each.loss, responses))
    table = pd.DataFrame(rows, columns=["network", VALUE, "run", "member", "units", "loss", "responses"])
    table = table.astype({"loss": "float64"})
    write_table(table, out / FAMILY)
    return table
