"""Confounds: what the report shows of a ranking's repetitions, of equal fit, at nuisance settings and in sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from neurocompare.ranking import MetricRanking, Nuisance, Ranking
from neurocompare.ranking.confounded import MATCHED, NUISANCE
from neurocompare.ranking.nuisance import Combined, MetricNuisance
from neurocompare.records import load_record
from neurocompare.report.tables import ABSENT, number, pair


@dataclass(frozen=True)
class Cell:
    """One answer in a table: a gamma, and what is written small below it."""

    gamma: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A row of answers, one a metric."""

    name: str
    note: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Confounds:
    """What is shown; empty where the run did not repeat its ranking so.

    Attributes
    ----------
    metrics : tuple of str
        The columns.
    matched, nuisance : tuple of Row
    fit : tuple of (gamma, loss, loss of equal fit, its beta)
        As text.
    missed : tuple of str
        Gammas that could not be matched, in sentences.
    curves : mapping of metric name to MetricNuisance
        Those that can be drawn.
    note, label : str
        Of the scores in sample: what networks produced, and what to make of them.
    """

    metrics: tuple[str, ...] = ()
    matched: tuple[Row, ...] = ()
    nuisance: tuple[Row, ...] = ()
    fit: tuple[tuple[str, str, str, str], ...] = ()
    missed: tuple[str, ...] = ()
    curves: Mapping[str, MetricNuisance] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether there is something to show."""
        return bool(self.matched or self.nuisance)


def load_confounds(folder: Path, ranking: Ranking) -> Confounds:
    """Read the repetitions that belong to a ranking; files that an earlier run left are not among them.

    Parameters
    ----------
    folder : Path
    ranking : Ranking

    Raises
    ------
    InputError
        If a file is missing or cannot be read.
    """
    shown = Confounds(metrics=tuple(ranking.metrics))
    if "matched" in ranking.confounds:
        shown = _with_matched(shown, ranking, load_record(Ranking, folder / MATCHED))
    if "nuisance" in ranking.confounds:
        shown = _with_nuisance(shown, load_record(Nuisance, folder / NUISANCE))
    return shown


def _with_matched(shown: Confounds, ranking: Ranking, matched: Ranking) -> Confounds:
    beta = {entry["gamma"]: entry["beta"] for entry in matched.settings["betas"]}
    own = {entry.gamma: entry.loss for entry in ranking.fit}
    return replace(
        shown,
        matched=(
            Row("one beta for all", "", tuple(_answer(ranking.metrics[name]) for name in shown.metrics)),
            Row("equal fit", "beta chosen for each γ", tuple(_answer(matched.metrics[name]) for name in shown.metrics)),
        ),
        fit=tuple(
            (number(row.gamma), number(own.get(row.gamma)), number(row.loss), number(beta.get(row.gamma)))
            for row in matched.fit
        ),
        missed=tuple(matched.settings.get("missed", ())),
    )


def _answer(result: MetricRanking) -> Cell:
    return Cell(number(result.best_gamma), (pair(result.gamma_interval), result.verdict))


def _with_nuisance(shown: Confounds, nuisance: Nuisance) -> Confounds:
    results = [nuisance.metrics[name] for name in shown.metrics]
    rows = []
    for place, setting in enumerate(nuisance.settings):
        fit = setting.fit
        note = f"loss {number(fit[0].loss)} to {number(fit[-1].loss)}" if fit else ""
        rows.append(Row(setting.name, note, tuple(_setting(result, place) for result in results)))
    rows += [
        Row("profile", "the best setting for each γ", tuple(_combined(result.profile) for result in results)),
        Row("marginal", "the mean over settings", tuple(_combined(result.marginal) for result in results)),
    ]
    curves = {name: nuisance.metrics[name] for name in shown.metrics if nuisance.metrics[name].profile is not None}
    return replace(shown, nuisance=tuple(rows), curves=curves)


def _setting(result: MetricNuisance, place: int) -> Cell:
    if not result.settings:
        return Cell(ABSENT)
    setting = result.settings[place]
    lines: list[str] = [pair(setting.gamma_interval), setting.verdict]
    if place:
        shift = setting.shift
        lines.append(f"moved by {shift.steps:+.1f} steps ({shift.low:+.1f} to {shift.high:+.1f})")
    return Cell(number(setting.best_gamma), tuple(lines))


def _combined(combined: Combined | None) -> Cell:
    return Cell(ABSENT) if combined is None else Cell(number(combined.best_gamma), (pair(combined.gamma_interval),))
