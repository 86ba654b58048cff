"""The page: one self-contained HTML file, and every figure as files of its own, from findings.json."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from findings import figures as drawing
from neurocompare.errors import InputError
from neurocompare.report.html import panel
from neurocompare.report.html import write_page as write_html
from neurocompare.report.tables import flat
from neurocompare.untrusted.plain_file import read_json

SIGNS = {
    "borne out": "resolved",
    "in part": "edge",
    "not borne out": "unreliable",
    "not asked": "tied",
    "too small to tell": "tied",
}
"""How a claim's verdict looks: as which of the report's."""


def write_page(folder: str | os.PathLike[str]) -> Path:
    """Draw the findings: ``figures/*.png`` and ``*.svg``, and ``findings.html``, each whole or not at all.

    Parameters
    ----------
    folder : path-like
        With the findings.json that `python tutorials/paper_findings.py` writes.

    Returns
    -------
    Path
        Of ``findings.html``, which needs nothing beside it.

    Raises
    ------
    InputError
        If there is no whole findings.json, or the folder cannot be written to.
    """
    folder = Path(folder)
    contents = _load(folder / "findings.json")
    plates = {name: panel(figure, name, label) for name, (figure, label) in _drawn(contents).items()}
    claims: dict[str, list[Mapping[str, str]]] = {}
    for claim in contents["claims"]:
        claims.setdefault(claim["section"], []).append(claim | {"sign": SIGNS[claim["verdict"]]})
    shown = {
        "settings": contents["settings"],
        "claims": claims,
        "every_claim": [claim for group in claims.values() for claim in group],
        "plates": plates,
        "doubts": [*_doubts(contents), *contents["notes"]],
        "networks": contents["oscillation"]["networks"][0]["n_units"],
        "account": list(flat({"settings": _without(contents["settings"], "edges"), "stages": contents["stages"]})),
    }
    return write_html(folder / "findings.html", "page.html.jinja", shown, Path(__file__).parent)


def _load(path: Path) -> dict[str, Any]:
    try:
        contents = read_json(path)
        schema = contents.get("schema")
    except (OSError, ValueError, AttributeError) as error:
        message = f"expected the findings in {path}, found {error}; make them with paper_findings.py"
        raise InputError(message) from error
    if schema != 1:
        message = f"expected {path} of schema 1, found {schema!r}; make it again with paper_findings.py"
        raise InputError(message)
    return contents


def _drawn(contents: Mapping[str, Any]) -> dict[str, tuple[Figure, str]]:
    """Figures by name, each with what it shows for readers who cannot see it."""
    oscillation, linear, settings = contents["oscillation"], contents["linear"], contents["settings"]
    drawn = {
        "gaussian": (
            drawing.gaussianity_figure(oscillation, settings["edges"]),
            "density of single units, and excess kurtosis against gamma, theory and networks",
        ),
        "transition": (
            drawing.transition_figure(oscillation, settings["period"]),
            "largest Lyapunov exponent, dimension and period of the limit cycle against gamma",
        ),
        "runs": (
            drawing.runs_figure(oscillation, settings["time_step"]),
            "output of networks that run on after the trained window, by gamma",
        ),
        "spectrum": (
            drawing.outliers_figure(oscillation, settings["g"]),
            "eigenvalues of the weights with the circle of radius g, and the largest outlier against gamma",
        ),
        "generalisation": (
            drawing.generalisation_figure(oscillation),
            "loss in the trained window and after it against gamma",
        ),
        "growing": (
            drawing.growing_figure(oscillation["growing"]),
            "distance of networks from the theory against the number of units",
        ),
        "linear": (
            drawing.amplification_figure(linear, 1 / settings["period"]),
            "power of activity and gain against frequency, linear networks",
        ),
    }
    if contents["reach"] is not None:
        drawn["reach"] = (
            drawing.reach_figure(contents["reach"]),
            "loss, kurtosis, dimension and Lyapunov exponent of the ideal reach against gamma",
        )
    return drawn


def _doubts(contents: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each solution of the theory that has not converged, or is one of two."""
    tables = (
        ("oscillation, trained window", contents["oscillation"]["theory"]),
        ("oscillation, run on", contents["oscillation"]["beyond"]),
        ("linear networks", contents["linear"]["theory"]),
        ("ideal reach", (contents["reach"] or {"theory": []})["theory"]),
    )
    notes = []
    for name, rows in tables:
        for row in rows:
            if not row["converged"]:
                notes.append(f"{name}, γ = {row['gamma_raw']:g}: not converged, {row['why']}.")
            if row["branch"] != "only":
                notes.append(f"{name}, γ = {row['gamma_raw']:g}: two solutions, this one reached {row['branch']}.")
    return notes


def _without(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key != name}
