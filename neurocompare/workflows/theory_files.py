"""What the theory leaves in a folder: theory.json, theory.csv, theory.nc and a figure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurocompare.files import atomic, write_netcdf, write_table
from neurocompare.ranking.theory_result import Solution, TheoryResult
from neurocompare.records import save_record
from neurocompare.report.figures.style import BLUE, INK, ORANGE, PURPLE, GammaAxis, panels, title
from neurocompare.tasks.task import Task, zero_loss
from neurocompare.theory import MeanField
from neurocompare.workflows.kernel_scores import leading, name_of
from neurocompare.workflows.theory_scores import TheoryScores

COLUMNS = tuple(each.name for each in dataclasses.fields(Solution) if each.name != "scores")
"""What is known of a solution without a recording."""

SHOWN = {
    "loss": "loss / loss of zero output",
    "kl": "KL from random, nats a unit",
    "participation_ratio": "participation ratio",
    "excess_kurtosis": "excess kurtosis of single units",
}
"""Columns of the table of solutions that have a panel, and what it is called."""


def write_theory(
    folder: Path, task: Task, fields: Sequence[MeanField], scores: TheoryScores | None, *, settings: Mapping[str, Any]
) -> None:
    """Write theory.nc, theory.csv, theory.svg and, last, theory.json; each is whole or not there.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    task : Task
    fields : sequence of MeanField
    scores : TheoryScores or None
    settings : mapping
        What it all holds at.

    Raises
    ------
    InputError
        If the folder cannot be written to, or the disk is full.
    """
    table = solution_table(task, fields, scores)
    write_netcdf(kernels(task, fields), folder / "theory.nc")
    write_table(table, folder / "theory.csv")
    with atomic(folder / "theory.svg") as temporary:
        theory_figure(table, scores).savefig(temporary, format="svg", metadata={"Date": None})
    save_record(theory_result(task, fields, scores, settings=settings), folder / "theory.json")


def solution_table(task: Task, fields: Sequence[MeanField], scores: TheoryScores | None) -> pd.DataFrame:
    """Return one row a solution.

    Returns
    -------
    pandas.DataFrame
        gamma, branch, leading (whether its F is the lowest at its gamma), free_energy, kl, loss (over that of the zero
        output), activity, participation_ratio, excess_kurtosis, outliers (how many), largest_outlier (modulus, NaN
        where there is none), rank, kernel_error, converged, why; and where there is a recording a column a metric
        with its mean score over draws, each unit's mean removed.
    """
    means = pd.DataFrame()
    if scores is not None:
        model = scores.drawn[(scores.drawn["kind"] == "model") & (scores.drawn["centring"] == "unit")]
        kernel = scores.kernels[scores.kernels["centring"] == "unit"]
        means = pd.concat([model, kernel]).groupby(["network", "metric"], sort=False)["score"].mean().unstack()
        means = means[pd.concat([model, kernel])["metric"].unique()]
    first, rows = {id(field) for field in leading(fields)}, []
    for field in fields:
        own = {
            "leading": id(field) in first,
            "loss": field.loss / zero_loss(task),
            "outliers": len(field.outliers),
            "largest_outlier": float(np.abs(field.outliers[0])) if len(field.outliers) else np.nan,
        }
        row = {name: own[name] if name in own else getattr(field, name) for name in COLUMNS}
        rows.append(row | ({} if scores is None else means.loc[name_of(field)].to_dict()))
    return pd.DataFrame(rows)


def theory_result(
    task: Task, fields: Sequence[MeanField], scores: TheoryScores | None, *, settings: Mapping[str, Any]
) -> TheoryResult:
    """Put everything but the kernels together: what ``theory.json`` holds."""
    table = solution_table(task, fields, scores)
    solutions = []
    for row, field in zip(table.to_dict("records"), fields, strict=True):
        numbers = {str(name): _plain(value) for name, value in row.items()}
        held = {name: numbers.pop(name) for name in COLUMNS}
        held["outliers"] = tuple((float(each.real), float(each.imag)) for each in field.outliers)
        solutions.append(Solution(**held, scores=numbers))
    return TheoryResult(
        settings=dict(settings),
        notes=tuple(task.notes),
        solutions=tuple(solutions),
        ranking=None if scores is None else scores.ranking,
        kernels=() if scores is None else scores.kernel_rankings,
    )


def _plain(value: Any) -> Any:
    """Turn what JSON does not have into what it has."""
    if isinstance(value, float):
        return float(value) if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def kernels(task: Task, fields: Sequence[MeanField]) -> xr.Dataset:
    """Return kernels and mean outputs of all solutions, with what they are of.

    Returns
    -------
    xarray.Dataset
        ``kernel`` over (solution, condition, time, other_condition, other_time), ``mean_output`` over (solution,
        condition, time, output) in the task's scaled targets; coordinates gamma, branch and converged along solution.
    """
    condition, time = (task.inputs[dim].values for dim in ("condition", "time"))
    samples = ("condition", "time")
    return xr.Dataset(
        {
            "kernel": (
                ("solution", *samples, "other_condition", "other_time"),
                np.stack([field.kernel for field in fields]),
            ),
            "mean_output": (("solution", *samples, "output"), np.stack([field.output for field in fields])),
        },
        coords={
            "gamma": ("solution", [field.gamma for field in fields]),
            "branch": ("solution", [field.branch for field in fields]),
            "converged": ("solution", [int(field.converged) for field in fields]),
            "condition": condition,
            "time": time,
            "other_condition": condition,
            "other_time": time,
            "output": task.targets["output"].values,
        },
        attrs={"source": f"mean-field theory of {task.name}"},
    )


def theory_figure(table: pd.DataFrame, scores: TheoryScores | None) -> Figure:
    """Draw each metric's score, then what the network is like, against gamma.

    A cross is a solution that has not converged; a hollow square a second solution of higher F.

    Parameters
    ----------
    table : pandas.DataFrame
        See `neurocompare.workflows.theory_files.solution_table`.
    scores : TheoryScores or None

    Returns
    -------
    matplotlib.figure.Figure
    """
    rankings = () if scores is None else tuple(ranking for ranking in scores.ranking.metrics.values() if ranking.scores)
    count = len(rankings) + len(SHOWN)
    columns = min(4, count)
    rows = -(-count // columns)
    figure, axes = panels(rows, columns, width=3.2 * columns, height=2.6 * rows)
    flat = list(axes.flat)
    grid = GammaAxis(tuple(table.loc[table["leading"], "gamma"]))
    for axis, ranking in zip(flat, rankings, strict=False):
        mean, low, high = np.array([(each.mean, each.low, each.high) for each in ranking.scores]).T
        axis.errorbar(
            grid.at(grid.gammas), mean, yerr=[mean - low, high - mean], fmt="none", ecolor=BLUE, elinewidth=1.4
        )
        _along(axis, grid, table, ranking.metric)
        best = grid.at(ranking.answer[0])
        axis.plot(best, [max(mean)], "o", ms=11, mfc="none", mec=INK, mew=1.4)
        if scores is not None and scores.ranking.planted_gamma is not None:
            axis.axvline(grid.at([scores.ranking.planted_gamma])[0], color=PURPLE, lw=1.4, ls=(0, (5, 2)))
        title(axis, f"{ranking.metric} ({ranking.verdict})")
    for axis, (column, name) in zip(flat[len(rankings) :], SHOWN.items(), strict=False):
        _along(axis, grid, table, column)
        title(axis, name)
    for axis in flat[:count]:
        grid.dress(axis)
        axis.tick_params(axis="x", labelsize=6.5, labelrotation=45)
    for axis in flat[count:]:
        axis.set_visible(False)
    return figure


def _along(axis: Axes, grid: GammaAxis, table: pd.DataFrame, column: str) -> None:
    first, second = table[table["leading"]], table[~table["leading"]]
    grid.draw(axis, first[column], color=BLUE, lw=1.6)
    for rows, style in (
        (first[first["converged"]], {"marker": "o", "color": BLUE, "ms": 4.5}),
        (first[~first["converged"]], {"marker": "x", "color": BLUE, "ms": 5}),
        (second, {"marker": "s", "color": ORANGE, "ms": 5, "mfc": "none"}),
    ):
        axis.plot(grid.at(rows["gamma"]), rows[column], ls="", **style)
