"""Summary: recovery.json, and what it says in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from neurocompare.workflows.recovery.needed import ENOUGH, needed
from neurocompare.workflows.recovery.rates import rates_of
from neurocompare.workflows.recovery.recorder import DataSize

SCHEMA = 1

SECTIONS = {"unit": "metrics", "condition-mean": "centred"}
"""Where recovery.json holds what each centring gives, as ranking.json does."""


def summary_of(
    outcomes: pd.DataFrame,
    *,
    gammas: Sequence[float],
    sizes: Sequence[DataSize],
    metrics: Sequence[str],
    recording: str,
    conditions: int,
    family: Mapping[str, object],
    draws: int,
    runs: int,
    seed: int,
    independent: int,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """Lay a recovery out as ``recovery.json`` holds it.

    Parameters
    ----------
    outcomes : pandas.DataFrame
        Rows of `run_all`.
    gammas : sequence of float
        The grid, ascending.
    sizes : sequence of DataSize
        That of the recording first.
    metrics : sequence of str
    recording : str
    conditions : int
    family : mapping
        Settings of the ranked networks, under the names of ranking.json.
    draws, runs, seed : int
        Draws a ranking, and runs of each plant at each size.
    independent : int
        Independent planted chains of each gamma: runs beyond these share networks.
    notes : sequence of str

    Returns
    -------
    dict
    """
    found = {
        section: {
            metric: _metric(
                outcomes[(outcomes["metric"] == metric) & (outcomes["centring"] == centring)], gammas, sizes
            )
            for metric in metrics
        }
        for centring, section in SECTIONS.items()
    }
    whole = {
        "schema": SCHEMA,
        "recording": recording,
        "gammas": list(gammas),
        "family": dict(family),
        "data": {
            "conditions": conditions,
            "units": sizes[0].units,
            "trials": [min(sizes[0].repeats), max(sizes[0].repeats)],
        },
        "draws": draws,
        "runs": runs,
        "seed": seed,
        "independent_chains": independent,
        "enough": ENOUGH,
        "chance": chance_of(len(gammas)),
        **found,
        "notes": list(notes),
    }
    return whole | {"sentences": sentences_of(whole)}


def chance_of(gammas: int) -> float:
    """Share of runs within one grid step of the truth if a gamma is named at random, over a whole grid.

    Examples
    --------
    >>> chance_of(2), chance_of(8)
    (1.0, 0.34375)
    """
    return (3 * gammas - 2) / gammas**2 if gammas > 1 else 1.0


def _metric(rows: pd.DataFrame, gammas: Sequence[float], sizes: Sequence[DataSize]) -> dict[str, Any]:
    by_size = []
    for size in sizes:
        rates = rates_of(rows[rows["size"] == size.factor], gammas)
        by_size.append({"size": size.factor, "units": size.units, "trials": min(size.repeats), **rates})
    shares = [each["within_step"]["share"] for each in by_size]
    # Where nothing on the grid was planted there is no share.
    return {"sizes": by_size, "needed": None if None in shares else asdict(needed(sizes, shares))}


def sentences_of(recovery: Mapping[str, Any]) -> list[str]:
    """Say what a recovery found, each unit's mean removed: one sentence a metric, and what the numbers rest on."""
    data, said = recovery["data"], []
    for name, found in recovery["metrics"].items():
        here, most = found["sizes"][0], found["needed"]
        text = (
            f"{name} {_apart(here['within_step'], recovery)}: it names one within a grid step of the "
            f"planted gamma in {_told(here['within_step'])} of runs, and its 95 % interval holds the planted gamma in "
            f"{_told(here['coverage'])}"
        )
        if most is not None:
            text += f"; needed: {most['relation']} {most['units']} units and {most['trials']} trials a condition"
        said.append(f"{text}.")
    few, many = data["trials"]
    trials = f"{few}" if few == many else f"{few} to {many}"
    said.append(
        f"At {data['units']} units, {trials} trials a condition and {data['conditions']} conditions; "
        f"{recovery['runs']} runs of each planted gamma, from {recovery['independent_chains']} independent networks "
        f"each; naming a gamma at random comes within a step in {100 * recovery['chance']:.0f} %."
    )
    return said


def _apart(share: Mapping[str, Any], recovery: Mapping[str, Any]) -> str:
    if share["share"] is None or (share["share"] >= recovery["enough"] and share["low"] <= recovery["chance"]):
        return "was given too few runs to say whether it tells gammas apart"
    return f"{'tells' if share['share'] >= recovery['enough'] else 'does not tell'} gammas apart here"


def _told(share: Mapping[str, Any]) -> str:
    if share["share"] is None:
        return "no run"
    percent = [f"{100 * share[name]:.0f}" for name in ("share", "low", "high")]
    return f"{percent[0]} % ({percent[1]} to {percent[2]} %)"
