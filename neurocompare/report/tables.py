"""Tables of the report: numbers from ranking.json and run.json as text that a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ABSENT = "–"


def number(value: float | None) -> str:
    """Write a number with three significant digits.

    Examples
    --------
    >>> number(0.012345), number(123456.0), number(0.0), number(None)
    ('0.0123', '123000', '0', '–')
    """
    if value is None:
        return ABSENT
    text = f"{value:.3g}"
    return f"{float(text):.0f}" if "e+" in text else text


def pair(values: tuple[float, float] | list[float] | None) -> str:
    """Write an interval.

    Examples
    --------
    >>> pair([0.2, 0.80001]), pair([0.4, 0.4]), pair(None)
    ('0.2 to 0.8', '0.4 to 0.4', '–')
    """
    return ABSENT if values is None else f"{number(values[0])} to {number(values[1])}"


@dataclass(frozen=True)
class VerdictRow:
    """What one metric says, as text; one string a null and a contrast."""

    metric: str
    meaning: str
    best_gamma: str
    interval: str
    score: str
    score_interval: str
    calibrated: str
    ceiling: str
    ceilings: tuple[str, ...]
    nulls: tuple[str, ...]
    contrasts: tuple[str, ...]
    verdict: str
    why: str


def verdict_rows(results: Mapping[str, Mapping[str, Any]], label: str = "γ") -> tuple[VerdictRow, ...]:
    """Make a row a metric.

    Parameters
    ----------
    results : mapping of metric name to result
        ``metrics`` or ``centred`` of ranking.json.
    label : str
        Of the axis.

    Returns
    -------
    tuple of VerdictRow

    Examples
    --------
    >>> result = {
    ...     "direction": "higher is more similar", "range": [0, 1], "best_gamma": 0.4, "gamma_interval": [0.2, 0.8],
    ...     "scores": [{"gamma": 0.4, "mean": 0.75, "low": 0.7, "high": 0.8}], "ceiling": {"low": 0.9, "high": 0.95},
    ...     "nulls": {"conditions": {"mean": 0.1, "high": 0.2, "p": 0.0123}}, "contrasts": [],
    ...     "verdict": "resolved", "why": "every null is beaten",
    ... }
    >>> (row,) = verdict_rows({"cka": result})
    >>> row.meaning, row.score, row.nulls[0]
    ('higher is more similar; 0 to 1', '0.75', 'conditions 0.1 to 0.2, p = 0.012')
    """
    return tuple(_verdict_row(name, result, label) for name, result in results.items())


def _verdict_row(name: str, result: Mapping[str, Any], label: str) -> VerdictRow:
    best = next((entry for entry in result["scores"] if entry["gamma"] == result["best_gamma"]), None)
    bounds = pair(result["range"]) if result["range"] else "no fixed range"
    return VerdictRow(
        metric=name,
        meaning=f"{result['direction']}; {bounds}",
        best_gamma=number(result["best_gamma"]),
        interval=pair(result["gamma_interval"]),
        score=ABSENT if best is None else number(best["mean"]),
        score_interval=ABSENT if best is None else pair([best["low"], best["high"]]),
        calibrated=_calibrated(result),
        ceiling=_bounds(result["ceiling"]),
        ceilings=tuple(
            f"{what}: {_bounds(result[key])}"
            for what, key in (
                ("whole recording", "ceiling_whole"),
                ("unlimited", "ceiling_limit"),
                ("same units", "reliability"),
            )
            if result.get(key)
        ),
        nulls=tuple(
            f"{kind} {pair([null['mean'], null['high']])}, p = {null['p']:.2g}"
            if null.get("says", True)
            else f"{kind}: says nothing here"
            for kind, null in result["nulls"].items()
        ),
        contrasts=tuple(_contrast(entry, label) for entry in result["contrasts"]),
        verdict=result["verdict"],
        why=result["why"],
    )


def _bounds(bounds: Mapping[str, float] | None) -> str:
    return pair([bounds["low"], bounds["high"]] if bounds else None)


def _calibrated(result: Mapping[str, Any]) -> str:
    scaled = {entry["gamma"]: entry for entry in result.get("calibrated", [])}
    best = scaled.get(result["best_gamma"])
    return ABSENT if best is None else f"{number(best['mean'])} ({pair([best['low'], best['high']])})"


def _contrast(entry: Mapping[str, Any], label: str) -> str:
    against = entry["against"]
    rival = "kinematic tuning" if against == "kinematic" else f"the {against}"
    rival += f" {label}" if against in ("smallest", "largest") else ""
    side = "above" if entry["difference"] >= 0 else "below"
    told = f"{side} {rival} by {number(abs(entry['difference']))} ({pair([entry['low'], entry['high']])})"
    return told + (f", p = {entry['p']:.2g}" if "p" in entry else "")


def flat(tree: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Lay nested settings out as rows of name and value.

    Examples
    --------
    >>> tree = {"settings": {"g": 1.5, "gammas": [0, 0.4]}, "stages": [{"stage": "task", "seconds": 2}], "jobs": None}
    >>> list(flat(tree))
    [('settings: g', '1.5'), ('settings: gammas', '0, 0.4'), ('stages: task: seconds', '2'), ('jobs', '–')]
    """
    if isinstance(tree, Mapping):
        branches = tree.items()
    elif isinstance(tree, (list, tuple)) and any(isinstance(item, (Mapping, list, tuple)) for item in tree):
        branches = (_named(place, item) for place, item in enumerate(tree, start=1))
    else:
        yield name, _value(tree)
        return
    for key, branch in branches:
        yield from flat(branch, f"{name}: {key}" if name else str(key))


def _named(place: int, item: object) -> tuple[object, object]:
    """Call a record of a list by its first value if that is text, such as a stage's name; else by its place."""
    if isinstance(item, Mapping) and item and isinstance(next(iter(item.values())), str):
        first, *rest = item
        return item[first], {key: item[key] for key in rest}
    return place, item


def _value(leaf: object) -> str:
    if isinstance(leaf, (list, tuple)):
        sentences = all(isinstance(item, str) and item.endswith(".") for item in leaf)
        return (" " if sentences else ", ").join(map(_value, leaf)) or ABSENT
    if leaf is None or leaf == "":
        return ABSENT
    return f"{leaf:.6g}" if isinstance(leaf, float) else str(leaf)
