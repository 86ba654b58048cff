"""The page of several scored models: one HTML file from what `neurocompare score` of several left in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from neurocompare.ranking.model_comparison import ModelComparison
from neurocompare.records import load_record
from neurocompare.report import figures
from neurocompare.report.html import panels_of, slug, write_page
from neurocompare.report.tables import flat
from neurocompare.run_folder import RunFolder

FEWEST = 3
"""Models whose differences are drawn as a matrix."""


def folders_of(out: Path, names: Iterable[str]) -> dict[str, Path]:
    """Return where each model's own score lies, in a folder of its own below that of the comparison.

    Examples
    --------
    >>> [path.as_posix() for path in folders_of(Path("out"), ["my GRU", "../x"]).values()]
    ['out/models/1-my-gru', 'out/models/2-x']
    """
    return {name: out / "models" / f"{place}-{slug(name)}" for place, name in enumerate(names, start=1)}


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
