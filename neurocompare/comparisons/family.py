"""A ranking along an axis of the user's own: a folder of models and a table, against a recording."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from neurocompare.comparisons.reading import check_settings
from neurocompare.experiments.score_model import sized
from neurocompare.files import atomic, check_writable, write_json
from neurocompare.metrics import METRICS, get_metric
from neurocompare.models import external_model
from neurocompare.models.external.family import Listed, read_family
from neurocompare.pipeline import account, end_workers
from neurocompare.ranking import Candidate, axis_of, check_halves, compare
from neurocompare.ranking.batches import VALUE
from neurocompare.recordings import Choices, Trials, average, open_named, trials_of
from neurocompare.report import write_report
from neurocompare.report.contents import FAMILY
from neurocompare.responses import save_responses
from neurocompare.stages import Stages
from neurocompare.tasks import Task, reach_task, save_task

HELD = ("bin_width", "smoothing", "min_rate", "seed", "draws")
"""Settings that ranking.json says the ranking holds at."""


@dataclass(frozen=True)
class Settings:
    """Everything a ranking depends on beside the models and the recording; ``settings`` of ``run.json``."""

    family: str
    axis: str
    scale: str
    recording: str
    metrics: tuple[str, ...]
    draws: int
    seed: int
    time_step: float
    lead: float | None
    bin_width: float | None
    smoothing: float | None
    min_rate: float
    choices: Choices


def rank_family(
    family: str | os.PathLike[str],
    recording: str | os.PathLike[str],
    *,
    axis: str,
    scale: str | None = None,
    out: str | os.PathLike[str] = "neurocompare-ranking",
    metrics: Iterable[str] | None = None,
    draws: int = 80,
    seed: int = 0,
    jobs: int | None = None,
    time_step: float = 0.05,
    lead: float | None = None,
    bin_width: float | None = None,
    smoothing: float | None = None,
    min_rate: float = 1.0,
    choices: Choices | None = None,
    stream: bool = False,
    progress: Callable[[str, float, float], None] | None = None,
) -> Path:
    """Rank the values of a setting of the user's own models against a recording.

    Everything is as in a ranking of gamma but the name: models are seen as the recording would have seen them, trained
    repeatedly at each value so that it is known how far they differ by chance, and held against nulls, a ceiling,
    kinematic tuning, the largest and the smallest value. A second call with the same arguments continues where the
    first stopped.

    Parameters
    ----------
    family : path-like
        A folder of models and a table, see `read_family`. A model is anything in a file that `external_model` takes.
    recording : str or path-like
        ``"synthetic"``, a name of the catalogue, or the path of an NWB file; with `stream`, a name of the catalogue or
        the address of a file.
    axis : str
        The table's column to rank along.
    scale : str, optional
        ``"log"`` or ``"linear"``; by the values where None, see `axis_of`.
    out : path-like
        Folder for scores.csv, ranking.json, run.json, family.csv, recording.nc, task.nc and report.html.
    metrics : iterable of str, optional
        Names that `get_metric` knows, in order of preference; those of a run where None.
    time_step : float
    lead : float, optional
        Of the recording's task, s: what activity without labels is matched to, and what the kinematic baseline follows.
    draws, seed, jobs, bin_width, smoothing, min_rate, choices, stream
        As those of `pipeline.run`.
    progress : callable, optional
        Called as ``progress(stage, done, total)``.

    Returns
    -------
    pathlib.Path
        The report, ``out/report.html``.

    Raises
    ------
    InputError
        If the table or a model cannot be used, a metric is unknown, or the recording does not fit.
    """
    chosen = METRICS if metrics is None else tuple(get_metric(name) for name in dict.fromkeys(metrics))
    names = tuple(metric.name for metric in chosen)
    check_settings(
        metrics=names, draws=draws, jobs=jobs, seed=seed, bin_width=bin_width, smoothing=smoothing, min_rate=min_rate
    )
    check_writable(out)
    out, stages = Path(out), Stages(progress)
    listed = read_family(family, axis)
    along = axis_of(axis, [each.value for each in listed], scale=scale)
    settings = Settings(
        family=os.fspath(family),
        axis=axis,
        scale=along.scale,
        recording=os.fspath(recording),
        metrics=names,
        draws=draws,
        seed=seed,
        time_step=time_step,
        lead=lead,
        bin_width=bin_width,
        smoothing=smoothing,
        min_rate=min_rate,
        choices=choices or Choices(),
    )
    with stages.stage("recording"):
        opened = open_named(settings.recording, settings.choices, stream=stream)
        opened = opened.read_with(lead=lead, bin_width=bin_width, smoothing=smoothing)
        settings = replace(settings, **opened.reading.values)
        trials = trials_of(opened, min_rate=min_rate)
        task = reach_task(opened, time_step=time_step)
    with stages.stage("zoo") as advance:
        candidates, notes = _candidates(listed, task, trials, advance)
        smallest = min(candidates, key=lambda each: each.responses.sizes["unit"])
        trials, left_out = sized(trials, smallest.responses, seed=seed)
        check_halves(trials)
    with stages.stage("scores") as advance:
        save_responses(average(trials), out / "recording.nc")
        save_task(task, out / "task.nc")
        table = _table(listed, candidates, out)
        compare(
            trials,
            candidates,
            chosen,
            out,
            task=task,
            settings={name: getattr(settings, name) for name in HELD},
            recordings=[opened.name],
            fit=table.groupby(VALUE)["loss"].mean().dropna().to_dict(),
            axis=along,
            draws=draws,
            seed=seed,
            jobs=jobs,
            progress=advance,
        )
        end_workers()
    made = {"models": {"listed": len(listed), "notes": [*notes, *left_out]}}
    with stages.stage("report"):
        write_json(account(settings, opened, trials, task, stages) | made, out / "run.json")
        report = write_report(out)
    write_json(account(settings, opened, trials, task, stages) | made, out / "run.json")
    return report


def _candidates(
    listed: Sequence[Listed], task: Task, trials: Trials, advance: Callable[[float, float], None]
) -> tuple[list[Candidate], list[str]]:
    """Read every model on the recording's conditions and times; returns also what was assumed, once each."""
    candidates, notes = [], {}
    for done, each in enumerate(listed, start=1):
        found = external_model(
            each.path, task, time=trials.counts["time"].values, bin_width=trials.bin_width, name=each.file
        )
        candidates.append(Candidate(each.file, each.value, each.run, each.member, found.responses))
        for note in found.notes:
            notes.setdefault(note.replace(each.file, "The model"), []).append(each.file)
        advance(done, len(listed))
    told = [f"{note} (so of {len(files)} of {len(listed)} models)" for note, files in notes.items()]
    return candidates, told


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
    with atomic(out / FAMILY) as temporary:
        table.to_csv(temporary, index=False)
    return table
