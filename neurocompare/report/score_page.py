"""The pages of a scored model and of several: one self-contained HTML file from what `neurocompare score` left."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from neurocompare.ranking.model_comparison import ModelComparison
from neurocompare.ranking.model_score import ModelScore
from neurocompare.recordings import Provenance
from neurocompare.records import load_record
from neurocompare.report import figures
from neurocompare.report.beside import panels_beside
from neurocompare.report.citations import citations
from neurocompare.report.html import Panel, panel, panels_of, slug, write_page
from neurocompare.report.score_plots import ScorePlots
from neurocompare.report.tables import flat, pair
from neurocompare.responses import load_responses
from neurocompare.run_folder import RunFolder

FEWEST = 3
"""Models whose differences are drawn as a matrix."""


def write_score_report(folder: str | os.PathLike[str]) -> Path:
    """Write ``report.html`` into a folder that holds score.json, model.nc and recording.nc, and figures into it.

    See `neurocompare.report.html.write_page`.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    Path
        Of ``report.html``.

    Raises
    ------
    InputError
        If a file is missing or cannot be read.

    Examples
    --------
    >>> write_score_report("my-score").name  # of what `score` wrote, which takes seconds  # doctest: +SKIP
    'report.html'
    >>> write_score_report("nowhere")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a readable score.json in nowhere, found no score.json; ...
    """
    files = RunFolder(Path(folder))
    result = load_record(ModelScore, files.score)
    plot = ScorePlots(result, load_responses(files.model), load_responses(files.recording))
    units = [("recorded units", plot.units(0)), (f"units of {result.model}", plot.units(1))]
    strips = {name: plot.strip(name) for name in plot.computed}
    drawn = {
        "strips": panels_of("strip", strips, "METRIC score of the model, the baselines and the zoo"),
        "nearest": _nearest(plot),
        **panels_beside(plot, units),
    }
    about = {name: result.settings[f"recording_{name}"] for name in ("version", "licence", "citation")}
    provenance = Provenance(**about)
    shown = {
        "result": result,
        "recording": plot.data,
        "metrics": result.metrics,
        "doubts": _doubts(result),
        "citations": citations(provenance, result.metrics, simulated=result.planted_gamma is not None),
        "account": list(flat(result.settings)),
    }
    return write_page(files.report, "score.html.jinja", shown | drawn)


def _doubts(result: ModelScore) -> list[str]:
    """Say what a careful reader should doubt."""
    doubts = [f"{name} is unreliable: {one.why}." for name, one in result.metrics.items() if not one.reliable]
    for name, one in result.metrics.items():
        near = one.nearest
        if near and near.similarity is not None and near.ceiling and near.similarity < near.ceiling.low:
            doubts.append(
                f"By {name} the networks nearest to the model score {near.similarity:.3g} against it, and two "
                f"halves of the model {pair((near.ceiling.low, near.ceiling.high))}: nearest is not the same."
            )
        untrained = [base.name for base in one.baselines if one.mean is not None and base.difference_low <= 0]
        if untrained:
            names = " and the ".join(untrained)
            doubts.append(f"By {name} the model does not stand out from the {names} baseline.")
    return doubts


def _nearest(plot: ScorePlots) -> Panel | None:
    if not plot.placed:
        return None
    return panel(plot.nearest(), "nearest", "share of resamples in which each gamma is nearest")


def folders_of(out: Path, names: Iterable[str]) -> dict[str, Path]:
    """Return where each model's own score lies, in a folder of its own below that of the comparison.

    Examples
    --------
    >>> [path.as_posix() for path in folders_of(Path("out"), ["my GRU", "../x"]).values()]
    ['out/models/1-my-gru', 'out/models/2-x']
    """
    return {name: RunFolder(out).models / f"{place}-{slug(name)}" for place, name in enumerate(names, start=1)}


def write_comparison_report(folder: str | os.PathLike[str]) -> Path:
    """Write ``report.html`` into a folder that holds comparison.json, and figures into it.

    See `neurocompare.report.html.write_page`.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    Path
        Of ``report.html``.

    Raises
    ------
    InputError
        If comparison.json is missing or cannot be read.

    Examples
    --------
    >>> write_comparison_report("my-scores").name  # of what `score` wrote, which takes seconds  # doctest: +SKIP
    'report.html'
    >>> write_comparison_report("nowhere")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a readable comparison.json in nowhere, found no comparison.json; ...
    """
    folder = Path(folder)
    files = RunFolder(folder)
    result = load_record(ModelComparison, files.comparison)
    scores = {name: {model: score.metrics[name] for model, score in result.scores.items()} for name in result.metrics}
    strips = {name: figures.models_strip(one, scores[name]) for name, one in result.metrics.items() if one.order}
    many = {name: one for name, one in result.metrics.items() if len(one.order) >= FEWEST}
    matrices = {name: figures.differences_matrix(one) for name, one in many.items()}
    drawn = {
        "strips": panels_of("models", strips, "METRIC scores of all models and the baselines"),
        "matrices": panels_of("differences", matrices, "differences between the METRIC scores of all pairs of models"),
    }
    pages = {
        name: RunFolder(path).report.relative_to(folder).as_posix()
        for name, path in folders_of(folder, result.scores).items()
    }
    shown = {"result": result, "pages": pages, "account": list(flat(next(iter(result.scores.values())).settings))}
    return write_page(files.report, "comparison.html.jinja", shown | drawn)
