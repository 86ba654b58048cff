"""The page of a scored model: one self-contained HTML file from what `neurocompare score` left in a folder."""

from __future__ import annotations

import os
from pathlib import Path

from neurocompare.ranking.model_score import ModelScore
from neurocompare.recordings import Provenance
from neurocompare.records import load_record
from neurocompare.report.beside import panels_beside
from neurocompare.report.citations import citations
from neurocompare.report.html import Panel, panel, panels_of, write_page
from neurocompare.report.score_plots import ScorePlots
from neurocompare.report.tables import flat, pair
from neurocompare.responses import load_responses
from neurocompare.run_folder import RunFolder


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
