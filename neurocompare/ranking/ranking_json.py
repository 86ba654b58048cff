"""ranking.json: a ranking as plain numbers and text for scripts to read (schema 1)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from neurocompare.ranking.metric_ranking import MetricRanking
from neurocompare.ranking.ranking import Ranking

SCHEMA = 1


def ranking_json(ranking: Ranking) -> dict[str, Any]:
    """Lay a ranking out as ``ranking.json`` holds it; `json.dumps` takes it with ``allow_nan=False``.

    ``centred`` repeats ``metrics`` with the mean over conditions removed. A metric that could not be computed has empty
    lists and nulls for its numbers, and ``why`` says the reason.

    Parameters
    ----------
    ranking : Ranking

    Returns
    -------
    dict
        Of schema 1: keys may be added to it, not changed.
    """
    sampling = ranking.sampling
    return {
        "schema": SCHEMA,
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
        "metrics": {found.metric: _metric(found) for found in ranking.metrics},
        "centred": {found.metric: _metric(found) for found in ranking.centred},
        "summary": {
            "best_gamma": ranking.summary.best_gamma,
            "gamma_interval": _pair(ranking.summary.gamma_interval),
            "sentence": ranking.summary.sentence,
        },
        "confounds": dict(ranking.confounds),
    }


def _metric(found: MetricRanking) -> dict[str, Any]:
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
