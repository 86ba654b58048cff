"""The page of a scored model: one self-contained HTML file from what `neurocompare score` left in a folder."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from neurocompare.errors import InputError
from neurocompare.files import atomic
from neurocompare.ranking.normalise import soft_normalise
from neurocompare.report import figures
from neurocompare.report.citations import citations
from neurocompare.report.figures.style import THEME
from neurocompare.report.page import environment
from neurocompare.report.panel import Panel, save_panels, slug
from neurocompare.report.panel import panel as _panel
from neurocompare.report.plane import shared_plane, variance_spectrum
from neurocompare.report.tables import flat, pair
from neurocompare.responses import Responses, load_responses


def write_score_report(folder: str | os.PathLike[str]) -> Path:
    """Write ``report.html`` into a folder that holds score.json, model.nc and recording.nc, and figures into it.

    The page is made as a run's is (`write_report`): nothing beside it is needed or asked for, all text is escaped.

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
    """
    folder = Path(folder)
    result = _result(folder / "score.json")
    recording, model = load_responses(folder / "recording.nc"), load_responses(folder / "model.nc")
    drawn = {
        "strips": _strips(result),
        "nearest": _nearest(result),
        **_beside_the_data(recording, model, result["model"]),
    }
    page = (
        environment()
        .get_template("score.html.jinja")
        .render(
            result=result,
            recording=recording,
            metrics=result["metrics"],
            doubts=_doubts(result),
            citations=citations(
                {name: result["settings"].get(f"recording_{name}") for name in ("version", "licence", "citation")},
                result["metrics"],
                simulated=result["planted_gamma"] is not None,
            ),
            account=list(flat(result["settings"])),
            theme=THEME,
            pair=pair,
            **drawn,
        )
    )
    save_panels(drawn, folder / "figures")
    path = folder / "report.html"
    with atomic(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path


def _result(path: Path) -> dict[str, Any]:
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"expected a score in {path}, found {error}; score the model again"
        raise InputError(message) from error
    if result.get("schema") != 1:
        message = f"expected score.json of schema 1 in {path.parent}, found {result.get('schema')!r}; score again"
        raise InputError(message)
    return result


def _doubts(result: Mapping[str, Any]) -> list[str]:
    """Say what a careful reader should doubt."""
    doubts = [f"{name} is unreliable: {one['why']}." for name, one in result["metrics"].items() if not one["reliable"]]
    for name, one in result["metrics"].items():
        near, score = one["nearest"], one["score"]
        if near and near["similarity"] is not None and near["ceiling"] and near["similarity"] < near["ceiling"][0]:
            doubts.append(
                f"By {name} the networks nearest to the model score {near['similarity']:.3g} against it, and two "
                f"halves of the model {pair(near['ceiling'])}: nearest is not the same."
            )
        untrained = [base for base in one["baselines"] if score and base["difference_low"] <= 0]
        if untrained:
            names = " and the ".join(base["name"] for base in untrained)
            doubts.append(f"By {name} the model does not stand out from the {names} baseline.")
    return doubts


def _strips(result: Mapping[str, Any]) -> list[Panel]:
    return [
        _panel(
            figures.score_strip(name, one, model=result["model"]),
            f"strip-{place}-{slug(name)}",
            f"{name} score of the model, the baselines and the zoo",
        )
        for place, (name, one) in enumerate(result["metrics"].items())
        if one["score"]
    ]


def _nearest(result: Mapping[str, Any]) -> Panel | None:
    if not any(one["nearest"] and one["nearest"]["shares"] for one in result["metrics"].values()):
        return None
    return _panel(
        figures.nearest_shares(result["metrics"]), "nearest", "share of resamples in which each gamma is nearest"
    )


def _beside_the_data(recording: Responses, model: Responses, name: str) -> dict[str, Any]:
    data = soft_normalise(recording)
    plane = shared_plane(data, [model])
    limit = 1.08 * float(max(np.abs(values).max() for values in (plane.data, *plane.networks)))
    drawn = {"data": plane.data, name: plane.networks[0]}
    spectra = [("data", variance_spectrum(data)), ("model", variance_spectrum(model))]
    return {
        "plane": plane,
        "key": _panel(figures.condition_key(data), "key", "colours of the conditions"),
        "trajectories": [
            _panel(
                figures.trajectories(values, plane.time, recording, name=called, limit=limit),
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
