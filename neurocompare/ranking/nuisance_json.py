"""nuisance.json: the answer over nuisance settings as plain numbers and text for scripts to read (schema 1)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from neurocompare.ranking.nuisance import Combined, MetricNuisance, Nuisance, Shift

SCHEMA = 1


def nuisance_json(nuisance: Nuisance) -> dict[str, Any]:
    """Lay a `Nuisance` out as ``nuisance.json`` holds it.

    ``centred`` repeats ``metrics`` with the mean over conditions removed. A metric that could not be computed has no
    settings, and null for profile and marginal.

    Returns
    -------
    dict
        Of schema 1: keys may be added to it, not changed.
    """
    fit = dict(nuisance.fit)
    return {
        "schema": SCHEMA,
        "reference": nuisance.reference,
        "over": [{"setting": name, "low": low, "high": high} for name, low, high in nuisance.over],
        "settings": [
            {
                "name": name,
                "values": dict(values),
                "fit": [{"gamma": gamma, "loss": loss} for gamma, loss in fit[name]],
            }
            for name, values in nuisance.values
        ],
        "metrics": {found.metric: _metric(found) for found in nuisance.metrics},
        "centred": {found.metric: _metric(found) for found in nuisance.centred},
    }


def _metric(found: MetricNuisance) -> dict[str, Any]:
    return {
        "settings": [_shift(shift) for shift in found.settings],
        "profile": _combined(found.profile),
        "marginal": _combined(found.marginal),
    }


def _shift(shift: Shift) -> dict[str, Any]:
    return {
        "name": shift.name,
        "best_gamma": shift.best_gamma,
        "gamma_interval": list(shift.gamma_interval),
        "verdict": shift.verdict,
        "scores": [asdict(score) for score in shift.scores],
        "shift": {"steps": shift.steps, "low": shift.low, "high": shift.high},
    }


def _combined(combined: Combined | None) -> dict[str, Any] | None:
    return None if combined is None else asdict(combined) | {"gamma_interval": list(combined.gamma_interval)}
