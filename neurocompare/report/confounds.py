"""Confounds: what the report shows of a ranking's repetitions, of equal fit, at nuisance settings and in sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurocompare.ranking.confounded import MATCHED, NUISANCE, PAPER
from neurocompare.report.contents import read_json
from neurocompare.report.tables import ABSENT, number, pair

FILES = {"matched": MATCHED, "nuisance": NUISANCE, "paper": PAPER}


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
    matched, nuisance, paper : tuple of Row
    fit : tuple of (gamma, loss, loss of equal fit, its beta)
        As text.
    missed : tuple of str
        Gammas that could not be matched, in sentences.
    curves : mapping of str to mapping
        Entries of nuisance.json that can be drawn, by metric.
    note, label : str
        Of the scores in sample: what networks produced, and what to make of them.
    """

    metrics: tuple[str, ...] = ()
    matched: tuple[Row, ...] = ()
    nuisance: tuple[Row, ...] = ()
    paper: tuple[Row, ...] = ()
    fit: tuple[tuple[str, str, str, str], ...] = ()
    missed: tuple[str, ...] = ()
    curves: Mapping[str, Mapping[str, Any]] | None = None
    note: str = ""
    label: str = ""

    @property
    def any(self) -> bool:
        """Whether there is something to show."""
        return bool(self.matched or self.nuisance or self.paper)


def load_confounds(folder: Path, ranking: Mapping[str, Any]) -> Confounds:
    """Read the repetitions that belong to a ranking; files that an earlier run left are not among them.

    Parameters
    ----------
    folder : Path
    ranking : mapping
        ``ranking.json``.

    Raises
    ------
    InputError
        If a file is missing or cannot be read.
    """
    found = {name: read_json(folder / FILES[name]) for name in ranking.get("confounds", {}) if name in FILES}
    names = tuple(ranking["metrics"])
    shown: dict[str, Any] = {"metrics": names}
    if "matched" in found:
        shown |= _matched(ranking, found["matched"], names)
    if "nuisance" in found:
        shown |= _nuisance(found["nuisance"], names)
    if "paper" in found:
        shown |= _paper(ranking, found["paper"], names)
    return Confounds(**shown)


def _matched(ranking: Mapping[str, Any], matched: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    beta = {entry["gamma"]: entry["beta"] for entry in matched["settings"]["betas"]}
    own = {entry["gamma"]: entry["loss"] for entry in ranking["fit"]}
    return {
        "matched": (
            Row("one beta for all", "", tuple(_answer(ranking["metrics"][name]) for name in names)),
            Row("equal fit", "beta chosen for each γ", tuple(_answer(matched["metrics"][name]) for name in names)),
        ),
        "fit": tuple(
            (number(row["gamma"]), number(own.get(row["gamma"])), number(row["loss"]), number(beta.get(row["gamma"])))
            for row in matched["fit"]
        ),
        "missed": tuple(matched["settings"].get("missed", ())),
    }


def _answer(result: Mapping[str, Any]) -> Cell:
    return Cell(number(result["best_gamma"]), (pair(result["gamma_interval"]), result["verdict"]))


def _nuisance(nuisance: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    results = {name: nuisance["metrics"][name] for name in names}
    rows = []
    for place, setting in enumerate(nuisance["settings"]):
        fit = setting["fit"]
        note = f"loss {number(fit[0]['loss'])} to {number(fit[-1]['loss'])}" if fit else ""
        rows.append(Row(setting["name"], note, tuple(_shift(results[name], place) for name in names)))
    rows += [
        Row(kind, note, tuple(_combined(results[name][kind]) for name in names))
        for kind, note in (("profile", "the best setting for each γ"), ("marginal", "the mean over settings"))
    ]
    return {
        "nuisance": tuple(rows),
        "curves": {name: result for name, result in results.items() if result["profile"] is not None},
    }


def _shift(result: Mapping[str, Any], place: int) -> Cell:
    if not result["settings"]:
        return Cell(ABSENT)
    setting = result["settings"][place]
    lines = [pair(setting["gamma_interval"]), setting["verdict"]]
    if place:
        shift = setting["shift"]
        lines.append(f"moved by {shift['steps']:+.1f} steps ({shift['low']:+.1f} to {shift['high']:+.1f})")
    return Cell(number(setting["best_gamma"]), tuple(lines))


def _combined(combined: Mapping[str, Any] | None) -> Cell:
    return (
        Cell(ABSENT) if combined is None else Cell(number(combined["best_gamma"]), (pair(combined["gamma_interval"]),))
    )


def _paper(ranking: Mapping[str, Any], paper: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    held_out = tuple(_scored(ranking["metrics"][name], "held out") for name in names)
    in_sample = tuple(_scored(paper["metrics"][name], paper["metrics"][name]["computed_as"]) for name in names)
    return {
        "paper": (Row("held out", "", held_out), Row("in sample", "optimistic", in_sample)),
        "note": paper["note"],
        "label": paper["label"],
    }


def _scored(result: Mapping[str, Any], how: str) -> Cell:
    best = next((score for score in result["scores"] if score["gamma"] == result["best_gamma"]), None)
    if best is None:
        return Cell(ABSENT, (result["why"],))
    return Cell(number(result["best_gamma"]), (f"score {number(best['mean'])}", how))
