"""ranking.json: a ranking as plain numbers and text for scripts to read (schema 1)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from neurocompare.errors import InputError
from neurocompare.ranking.axis import GAMMA
from neurocompare.ranking.metric_ranking import MetricRanking
from neurocompare.ranking.ranking import Ranking

SCHEMA = 1

KEYS = {
    "gamma": "value",
    "gammas": "values",
    "best_gamma": "best_value",
    "gamma_interval": "value_interval",
    "gamma_star": "value_star",
    "planted_gamma": "planted_value",
}
"""What keys are called in a ranking along an axis that is not gamma."""


def ranking_json(ranking: Ranking) -> dict[str, Any]:
    """Lay a ranking out as ``ranking.json`` holds it; `json.dumps` takes it with ``allow_nan=False``.

    ``axis`` says what was ranked along. Where that is not gamma, keys speak of values instead, see `KEYS`: ``values``,
    ``best_value`` and so on. `read_ranking` reads either. ``centred`` repeats ``metrics`` with the mean over conditions
    removed. A metric that could not be computed has empty lists and nulls for its numbers, and ``why`` says the reason.

    Parameters
    ----------
    ranking : Ranking

    Returns
    -------
    dict
        Of schema 1: keys may be added to it, not changed.
    """
    sampling = ranking.sampling
    document = {
        "schema": SCHEMA,
        "axis": asdict(ranking.axis),
        "recordings": list(ranking.recordings),
        "planted_gamma": ranking.planted_gamma,
        "gammas": list(ranking.gammas),
        "settings": dict(ranking.settings),
        "sampling": {
            "units": sampling.units,
            "units_drawn": sampling.units_drawn,
            "trials": list(sampling.trials),
            "trials_drawn": list(sampling.trials_drawn),
        },
        "fit": [{"gamma": gamma, "loss": loss} for gamma, loss in ranking.fit],
        "metrics": {found.metric: metric_json(found) for found in ranking.metrics},
        "centred": {found.metric: metric_json(found) for found in ranking.centred},
        "summary": {
            "best_gamma": ranking.summary.best_gamma,
            "gamma_interval": _pair(ranking.summary.gamma_interval),
            "sentence": ranking.summary.sentence,
        },
        "confounds": dict(ranking.confounds),
    }
    return document if ranking.axis == GAMMA else renamed(document, KEYS)


def read_ranking(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a ranking.json; whatever its axis, values are called gamma, as `Ranking` calls them.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    dict
        With ``axis`` also where an older file has none.

    Raises
    ------
    InputError
        If it is not there, or not of schema 1.
    """
    path = Path(path)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"expected a run's {path.name} in {path.parent}, found {error}; rerun the comparison"
        raise InputError(message) from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        found = document.get("schema") if isinstance(document, dict) else type(document).__name__
        message = f"expected {path.name} of schema {SCHEMA} in {path.parent}, found {found!r}; rerun the comparison"
        raise InputError(message)
    document.setdefault("axis", asdict(GAMMA))
    return renamed(document, {there: here for here, there in KEYS.items()})


def renamed(tree: Any, names: Mapping[str, str]) -> Any:
    """Rename keys of nested mappings and lists, but for settings, which are the user's.

    Examples
    --------
    >>> renamed({"scores": [{"gamma": 0.1, "mean": 2}], "settings": {"gamma": 1}}, KEYS)
    {'scores': [{'value': 0.1, 'mean': 2}], 'settings': {'gamma': 1}}
    """
    if isinstance(tree, Mapping):
        return {names.get(key, key): tree[key] if key == "settings" else renamed(tree[key], names) for key in tree}
    return [renamed(item, names) for item in tree] if isinstance(tree, list) else tree


def metric_json(found: MetricRanking) -> dict[str, Any]:
    """Lay out what one metric says."""
    return {
        "direction": found.direction,
        "range": _pair(found.range),
        "scores": [asdict(score) for score in found.scores],
        "best_gamma": found.best_gamma,
        "p_best": [{"gamma": gamma, "p": p} for gamma, p in found.p_best],
        "gamma_star": found.gamma_star,
        "gamma_interval": _pair(found.gamma_interval),
        "curve": [{"gamma": gamma, "score": score} for gamma, score in found.curve],
        "calibrated": [asdict(score) for score in found.calibrated],
        "ceiling": _bounds(found.ceiling and (found.ceiling.low, found.ceiling.high)),
        "ceiling_whole": _bounds(found.ceiling and found.ceiling.whole),
        "ceiling_limit": _bounds(found.ceiling and found.ceiling.limit),
        "reliability": _bounds(found.ceiling and found.ceiling.reliability),
        "above_ceiling": list(found.above_ceiling),
        "nulls": {name: asdict(null) for name, null in found.nulls.items()},
        "contrasts": [asdict(contrast) for contrast in found.contrasts],
        "differences": [
            {"gamma": one, "against": other, "difference": by.difference, "low": by.low, "high": by.high, "p": by.p}
            for one, other, by in found.differences
        ],
        "verdict": found.verdict,
        "why": found.why,
        "draws": found.draws,
        "dropped_draws": found.dropped_draws,
    }


def _bounds(pair: tuple[float, float] | None) -> dict[str, float] | None:
    return None if pair is None else dict(zip(("low", "high"), pair, strict=True))


def _pair(pair: tuple[float, float] | None) -> list[float] | None:
    return None if pair is None else list(pair)
