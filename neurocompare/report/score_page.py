"""The page of a scored model: one self-contained HTML file from what `neurocompare score` left in a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from neurocompare.ranking.model_score import ModelScore
from neurocompare.ranking.normalise import soft_normalise
from neurocompare.recordings import Provenance
from neurocompare.records import load_record
from neurocompare.report import figures
from neurocompare.report.citations import citations
from neurocompare.report.html import write_page
from neurocompare.report.panel import Panel, slug
from neurocompare.report.panel import panel as _panel
from neurocompare.report.plane import shared_plane, variance_spectrum
from neurocompare.report.tables import flat, pair
from neurocompare.responses import Responses, load_responses


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
    folder = Path(folder)
    result = load_record(ModelScore, folder / "score.json")
    recording, model = load_responses(folder / "recording.nc"), load_responses(folder / "model.nc")
    drawn = {
        "strips": _strips(result),
        "nearest": _nearest(result),
        **_beside_the_data(recording, model, result.model),
    }
    shown = {
        "result": result,
        "recording": recording,
        "metrics": result.metrics,
        "doubts": _doubts(result),
        "citations": citations(
            Provenance(**{name: result.settings[f"recording_{name}"] for name in ("version", "licence", "citation")}),
            result.metrics,
            simulated=result.planted_gamma is not None,
        ),
        "account": list(flat(result.settings)),
    }
    return write_page(folder / "report.html", "score.html.jinja", shown | drawn)


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


def _strips(result: ModelScore) -> list[Panel]:
    return [
        _panel(
            figures.score_strip(name, one, model=result.model),
            f"strip-{place}-{slug(name)}",
            f"{name} score of the model, the baselines and the zoo",
        )
        for place, (name, one) in enumerate(result.metrics.items())
        if one.mean is not None
    ]


def _nearest(result: ModelScore) -> Panel | None:
    if not any(one.nearest and one.nearest.shares for one in result.metrics.values()):
        return None
    return _panel(
        figures.nearest_shares(result.metrics), "nearest", "share of resamples in which each gamma is nearest"
    )


def _beside_the_data(recording: Responses, model: Responses, name: str) -> dict[str, Any]:
    data = soft_normalise(recording)
    plane = shared_plane(data, [model])
    drawn = {"data": plane.data, name: plane.networks[0]}
    spectra = [("data", variance_spectrum(data)), ("model", variance_spectrum(model))]
    return {
        "plane": plane,
        "key": _panel(figures.condition_key(data), "key", "colours of the conditions"),
        "trajectories": [
            _panel(
                figures.trajectories(values, plane.time, recording, name=called, limit=plane.limit),
                f"trajectories-{place}",
                f"trajectories of {called} in the plane of the data's first two principal components",
                "small",
            )
            for place, (called, values) in enumerate(drawn.items())
        ],
        "units": [
            _panel(
                figures.example_units(responses, name=called, described=recording),
                f"units-{place}",
                f"activity of single {called} over time, by condition",
            )
            for place, (called, responses) in enumerate(
                {"recorded units": recording, f"units of {name}": model}.items()
            )
        ],
        "spectra": _panel(figures.variance_curves(spectra), "variance", "share of variance of each component"),
    }
