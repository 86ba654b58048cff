"""The page of several recordings together: one self-contained HTML file from what pooling left in a folder."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from neurocompare.errors import InputError
from neurocompare.files import atomic
from neurocompare.ranking import Axis, read_ranking
from neurocompare.report import figures
from neurocompare.report.figures.style import THEME
from neurocompare.report.page import environment
from neurocompare.report.panel import Panel, panel, save_panels, slug
from neurocompare.report.tables import ABSENT, flat, number, pair, verdict_rows


def write_pooled_report(folder: str | os.PathLike[str]) -> Path:
    """Write ``report.html`` and ``figures/`` into a folder that holds ranking.json and run.json of pooled recordings.

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
        If a file is missing or cannot be read, or the ranking is of one recording.
    """
    folder = Path(folder)
    ranking = read_ranking(folder / "ranking.json")
    try:
        pooled = ranking["pooled"]
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError) as error:
        message = f"expected a ranking of pooled recordings in {folder}, found no {error}; pool the rankings again"
        raise InputError(message) from error
    axis = Axis(**ranking["axis"])
    alone = {each["recording"]: each for each in pooled["by_recording"]}
    drawn = {"curves": _curves(ranking, axis), "forests": _forests(ranking, alone, axis)}
    page = (
        environment()
        .get_template("pooled.html.jinja")
        .render(
            ranking=ranking,
            axis=axis,
            pooled=pooled,
            verdicts=verdict_rows(ranking["metrics"], axis.label),
            by_recording=[(name, _answers(alone, name)) for name in ranking["metrics"]],
            across=_across(pooled["across"], alone),
            account=[(heading, list(flat(branch))) for heading, branch in run.items()],
            theme=THEME,
            **drawn,
        )
    )
    save_panels(drawn, folder / "figures")
    path = folder / "report.html"
    with atomic(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path


def _answers(alone: Mapping[str, Mapping[str, Any]], metric: str) -> list[dict[str, str]]:
    """Return what each recording by itself says by one metric, as text."""
    results = {recording: each["metrics"][metric] for recording, each in alone.items()}
    return [
        {
            "recording": recording,
            "folder": alone[recording]["folder"],
            "best": number(result["best_gamma"]),
            "interval": pair(result["gamma_interval"]),
            "ceiling": pair(list(result["ceiling"].values())) if result["ceiling"] else ABSENT,
            "verdict": result["verdict"],
            "why": result["why"],
        }
        for recording, result in results.items()
    ]


def _across(compared: Sequence[Mapping[str, Any]], alone: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return recordings as models of each other, per-unit centring, beside the ceiling within the session."""
    rows = []
    for one in compared:
        if one["centring"] != "unit":
            continue
        ceiling = alone[one["recording"]]["metrics"].get(one["metric"], {}).get("ceiling")
        rows.append(
            {
                "metric": one["metric"],
                "recording": one["recording"],
                "model": one["model"],
                "score": number(one["mean"]),
                "interval": ABSENT if one["mean"] is None else pair([one["low"], one["high"]]),
                "ceiling": pair(list(ceiling.values())) if ceiling else ABSENT,
                "why": one["why"],
            }
        )
    return rows


def _curves(ranking: Mapping[str, Any], axis: Axis) -> list[Panel]:
    return [
        panel(
            figures.score_curve(
                name, result, centred=ranking["centred"].get(name), planted=ranking["planted_gamma"], along=axis
            ),
            f"curve-{place}-{slug(name)}",
            f"{name} score against {axis.name}, mean over recordings",
        )
        for place, (name, result) in enumerate(ranking["metrics"].items())
        if result["scores"]
    ]


def _forests(ranking: Mapping[str, Any], alone: Mapping[str, Mapping[str, Any]], axis: Axis) -> list[Panel]:
    return [
        panel(
            figures.by_recording(
                name,
                result,
                {recording: each["metrics"][name] for recording, each in alone.items()},
                planted=ranking["planted_gamma"],
                along=axis,
            ),
            f"recordings-{place}-{slug(name)}",
            f"best {axis.noun} by {name} and its interval, by recording and of all together",
        )
        for place, (name, result) in enumerate(ranking["metrics"].items())
        if result["scores"]
    ]
