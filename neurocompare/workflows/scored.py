"""Scored models, as objects: what `score` returns and leaves in a folder, to draw, to save and to open again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from neurocompare.errors import InputError
from neurocompare.ranking.batches import read_scores, write_scores
from neurocompare.ranking.model_comparison import ModelComparison
from neurocompare.ranking.model_score import ModelScore
from neurocompare.records import NOT_KEPT, load_record, save_record
from neurocompare.report import write_comparison_report, write_score_report
from neurocompare.report.score_page import folders_of
from neurocompare.report.score_plots import ComparisonPlots, ScorePlots
from neurocompare.responses import Responses, load_responses, save_responses
from neurocompare.run_folder import InFolder, RunFolder


@dataclass(frozen=True, repr=False)
class ScoredModel(ModelScore, InFolder):
    """What `score` returns of one model, and `open_score` gives back from a folder: a `ModelScore` with its figures.

    Attributes
    ----------
    model, recording : str
    planted_gamma : float or None
        The truth, for a recording made from a known network.
    units : UnitCounts
        Of the model, and of the recording as it was compared.
    settings : mapping
        What the comparison was made with.
    sentence : str
        The whole of it.
    metrics, centred : mapping of metric name to MetricScore
        With each unit's mean removed (primary); with the mean over conditions removed as well.
    notes : tuple of str
        What was assumed or left out, in sentences.
    task : TaskLoss
        How well the model does the task.
    table : pandas.DataFrame
        Every score, a row each: ``scores.csv``.
    activity : Responses
        Of the model, as it was compared.
    averages : Responses
        Condition averages of the recording, in spikes/s.
    folder : pathlib.Path or None
        Where it lies; None until it is saved.

    Examples
    --------
    The waves that a small recording was made of, as a model of it:

    >>> import tempfile
    >>> import numpy as np
    >>> import neurocompare as nc
    >>> from neurocompare.workflows import synthetic_recording
    >>> task = nc.ideal_reach(directions=4)
    >>> time, angle = task.inputs["time"].values, task.inputs["target_angle"].values
    >>> waves = np.cos(9 * time[:, None] + np.arange(30) + angle[:, None, None])  # (condition, time, unit)
    >>> activity = nc.make_responses(waves, condition=task.inputs["condition"].values, time=time)
    >>> recording = synthetic_recording(activity, task=task, n_units=20, trials=6, planted=())
    >>> few = {"scoring": nc.Scoring(metrics=("cka",), resamples=20), "workers": nc.Workers(1), "progress": False}
    >>> found = nc.score(waves, recording, name="waves", **few)
    >>> found.plot.strip("cka")[0, 0].get_title(loc="left"), found.plot.trajectories().shape
    ('cka', (1, 2))
    >>> kept = found.save(tempfile.mkdtemp())
    >>> kept.report.name, nc.open_score(kept.folder) == found
    ('report.html', True)
    """

    activity: Responses | None = field(default=None, repr=False, compare=False, metadata=NOT_KEPT)
    averages: Responses | None = field(default=None, repr=False, compare=False, metadata=NOT_KEPT)
    folder: Path | None = field(default=None, repr=False, compare=False, metadata=NOT_KEPT)

    @cached_property
    def plot(self) -> ScorePlots:
        """Its figures, a method each, such as ``plot.strip("cka")`` and ``plot.trajectories()``.

        Raises
        ------
        InputError
            If it was read without what is drawn.
        """
        return ScorePlots(self, *_drawn(self.activity, self.averages))

    def write(self, folder: Path) -> ScoredModel:
        """Write score.json, scores.csv, model.nc, recording.nc, the page and its figures; see `save`."""
        (activity, averages), files = _drawn(self.activity, self.averages), RunFolder(folder)
        save_responses(activity, files.model)
        save_responses(averages, files.recording)
        _write_result(self, files.score, files)
        files.comparison.unlink(missing_ok=True)
        write_score_report(folder)
        return replace(self, folder=folder)


@dataclass(frozen=True, repr=False)
class ComparedModels(ModelComparison, InFolder):
    """What `score` returns of several models, and `open_score` gives back: a `ModelComparison` with its figures.

    Attributes
    ----------
    recording : str
    sentence : str
        The whole of it.
    scores : mapping of name to ScoredModel
        In the order in which the models were given; all were scored in the same draws.
    metrics, centred : mapping of metric name to MetricComparison
        With each unit's mean removed (primary); with the mean over conditions removed as well.
    notes : tuple of str
        What holds for all of them, in sentences; what holds for one is in its score.
    table : pandas.DataFrame
        Every score, with a column ``model``: ``scores.csv``.
    folder : pathlib.Path or None
        Where it lies; None until it is saved.

    Examples
    --------
    The waves that a small recording was made of, and noise, as models of it:

    >>> import numpy as np
    >>> import neurocompare as nc
    >>> from neurocompare.workflows import synthetic_recording
    >>> task = nc.ideal_reach(directions=4)
    >>> time, angle = task.inputs["time"].values, task.inputs["target_angle"].values
    >>> waves = np.cos(9 * time[:, None] + np.arange(30) + angle[:, None, None])  # (condition, time, unit)
    >>> activity = nc.make_responses(waves, condition=task.inputs["condition"].values, time=time)
    >>> recording = synthetic_recording(activity, task=task, n_units=20, trials=6, planted=())
    >>> few = {"scoring": nc.Scoring(metrics=("cka",), resamples=20), "workers": nc.Workers(1), "progress": False}
    >>> noise = np.random.default_rng(0).standard_normal(waves.shape)
    >>> found = nc.score({"noise": noise, "waves": waves}, recording, **few)
    >>> found.differences[["metric", "model", "against", "sure"]].values[0].tolist()
    ['cka', 'waves', 'noise', True]
    >>> found.plot.trajectories().shape, found.scores["waves"].plot.strip().shape
    ((1, 3), (1, 1))
    """

    scores: Mapping[str, ScoredModel]
    folder: Path | None = field(default=None, repr=False, compare=False, metadata=NOT_KEPT)

    @cached_property
    def plot(self) -> ComparisonPlots:
        """Its figures, a method each, such as ``plot.strip("cka")`` and ``plot.differences("cka")``.

        Raises
        ------
        InputError
            If it was read without what is drawn.
        """
        drawn = {name: _drawn(one.activity, one.averages) for name, one in self.scores.items()}
        (_, averages), *_ = drawn.values()
        return ComparisonPlots(self, {name: activity for name, (activity, _) in drawn.items()}, averages)

    def write(self, folder: Path) -> ComparedModels:
        """Write comparison.json, scores.csv, the page and figures, and each score in a folder below; see `save`."""
        below = folders_of(folder, self.scores)
        scores = {name: one.write(below[name]) for name, one in self.scores.items()}
        files = RunFolder(folder)
        _write_result(self, files.comparison, files)
        files.score.unlink(missing_ok=True)
        write_comparison_report(folder)
        return replace(self, scores=scores, folder=folder)


def scored_model(score: ModelScore, *, activity: Responses, averages: Responses) -> ScoredModel:
    """Put a score together with what it is a score of.

    Parameters
    ----------
    score : ModelScore
    activity : Responses
        Of the model.
    averages : Responses
        Of the recording.
    """
    return ScoredModel(**_fields(score), activity=activity, averages=averages)


def compared_models(comparison: ModelComparison, scores: Mapping[str, ScoredModel]) -> ComparedModels:
    """Put a comparison together with the scores that it is of."""
    others: dict[str, Any] = _fields(comparison) | {"scores": scores}
    return ComparedModels(**others)


def is_left_by_another(answer: ScoredModel | ComparedModels, folder: Path) -> bool:
    """Whether a folder holds a score of other models, against another recording or with other settings."""
    files = RunFolder(folder)
    try:
        former = load_record(type(answer), files.score if isinstance(answer, ScoredModel) else files.comparison)
    except InputError:  # there is none
        return False
    return _asked(former) != _asked(answer)


def _asked(answer: ScoredModel | ComparedModels) -> object:
    """Return what was scored and how, whatever came out; by whichever version."""
    scores = {answer.model: answer} if isinstance(answer, ScoredModel) else answer.scores
    settings = {name: {**one.settings, "versions": None} for name, one in scores.items()}
    return answer.recording, settings, list(answer.metrics)


def open_score(folder: str | os.PathLike[str]) -> ScoredModel | ComparedModels:
    """Open the folder of a scored model, or of several.

    Parameters
    ----------
    folder : path-like
        What `neurocompare score --out`, or `score` and ``save``, wrote into.

    Returns
    -------
    ScoredModel or ComparedModels
        What `score` returned.

    Raises
    ------
    InputError
        If there is no score in it, or a file of it is missing.

    Examples
    --------
    >>> open_score("nowhere")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a readable score.json in nowhere, found no score.json; ...
    """
    folder = Path(folder)
    files = RunFolder(folder)
    if not files.comparison.is_file():
        if files.ranking.is_file() and not files.score.is_file():
            raise InputError(
                "expected the folder of scored models, found that of a run "
                f"({files.ranking.name}); open it with open_run"
            )
        return _open_model(folder)
    comparison = load_record(ComparedModels, files.comparison)
    scores = {name: _open_model(path) for name, path in folders_of(folder, comparison.scores).items()}
    return replace(comparison, scores=scores, table=_table(folder), folder=folder)


def _open_model(folder: Path) -> ScoredModel:
    files = RunFolder(folder)
    score = load_record(ScoredModel, files.score)
    model, recording = load_responses(files.model), load_responses(files.recording)
    return replace(score, table=_table(folder), activity=model, averages=recording, folder=folder)


def _write_result(result: ScoredModel | ComparedModels, record: Path, files: RunFolder) -> None:
    if result.table is not None:
        write_scores(result.table, files.scores)
    save_record(result, record)


def _table(folder: Path) -> pd.DataFrame:
    try:
        return read_scores(RunFolder(folder).scores)
    except (OSError, ValueError) as error:
        raise InputError(f"expected a readable scores.csv in {folder}, found {error}; {ModelScore.AGAIN}") from error


def _fields(record: ModelScore | ModelComparison) -> dict[str, Any]:
    return {each.name: getattr(record, each.name) for each in fields(record)}


def _drawn(activity: Responses | None, averages: Responses | None) -> tuple[Responses, Responses]:
    if activity is None or averages is None:
        message = "expected a score with the responses that are drawn, found its record alone; open it with open_score"
        raise InputError(message)
    return activity, averages
