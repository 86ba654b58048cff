"""Tables of the report: numbers of a ranking and of run.json as text that a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from neurocompare.ranking import Contrast, GammaScore, MetricRanking, Null

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
    """Write an interval; one that is a point to three digits, as that.

    Examples
    --------
    >>> pair([0.2, 0.80001]), pair([0.4, 0.4]), pair(None)
    ('0.2 to 0.8', '0.4', '–')
    """
    if values is None:
        return ABSENT
    low, high = map(number, values)
    return low if low == high else f"{low} to {high}"


@dataclass(frozen=True)
class VerdictRow:
    """What one metric says, as text; one string a null and a contrast."""

    metric: str
    meaning: str
    best_gamma: str
    interval: str
    score: str
    score_interval: str
    adjusted: str
    calibrated: str
    ceiling: str
    ceilings: tuple[str, ...]
    nulls: tuple[str, ...]
    contrasts: tuple[str, ...]
    verdict: str
    side: str
    why: str


def verdict_rows(results: Mapping[str, MetricRanking], label: str = "γ") -> tuple[VerdictRow, ...]:
    """Make a row a metric.

    Parameters
    ----------
    results : mapping of metric name to MetricRanking
    label : str
        Of the axis.

    Returns
    -------
    tuple of VerdictRow

    Examples
    --------
    >>> from neurocompare.ranking import GammaScore
    >>> null = Null(mean=0.1, high=0.2, p=0.0123)
    >>> result = MetricRanking(
    ...     "cka", (0, 1), 80, 0, "resolved", "every null is beaten", best_gamma=0.4,
    ...     scores=(GammaScore(0.4, 0.75, 0.7, 0.8),), nulls={"conditions": null},
    ... )
    >>> (row,) = verdict_rows({"cka": result})
    >>> row.meaning, row.score, row.nulls[0]
    ('higher is more similar; 0 to 1', '0.75', 'conditions 0.1 to 0.2, p = 0.012')
    """
    return tuple(_verdict_row(name, result, label) for name, result in results.items())


def _verdict_row(name: str, result: MetricRanking, label: str) -> VerdictRow:
    best, ceiling = result.best, result.ceiling
    return VerdictRow(
        metric=name,
        meaning=meaning(result.range),
        best_gamma=number(result.best_gamma),
        interval=pair(result.gamma_interval),
        score=ABSENT if best is None else number(best.mean),
        score_interval=ABSENT if best is None else pair((best.low, best.high)),
        adjusted=_at_best(result.adjusted, result),
        calibrated=_at_best(result.calibrated, result),
        ceiling=ABSENT if ceiling is None else pair((ceiling.low, ceiling.high)),
        ceilings=()
        if ceiling is None
        else tuple(
            f"{what}: {pair(bounds)}"
            for what, bounds in (
                ("whole recording", ceiling.whole),
                ("infinitely many units", ceiling.limit),
                ("same units", ceiling.reliability),
            )
            if bounds
        ),
        nulls=tuple(_null(kind, null) for kind, null in result.nulls.items()),
        contrasts=tuple(_contrast(contrast, label) for contrast in result.contrasts),
        verdict=result.verdict,
        side=result.side,
        why=result.why,
    )


def meaning(bounds: tuple[float, float] | None) -> str:
    """Say how a metric's scores are read: every one is higher where populations are more similar.

    Examples
    --------
    >>> meaning((-1, 1)), meaning(None)
    ('higher is more similar; -1 to 1', 'higher is more similar; no fixed range')
    """
    return f"higher is more similar; {pair(bounds) if bounds else 'no fixed range'}"


def _null(kind: str, null: Null) -> str:
    return f"{kind} {pair((null.mean, null.high))}, p = {null.p:.2g}" if null.says else f"{kind}: says nothing here"


def _at_best(scores: Sequence[GammaScore], result: MetricRanking) -> str:
    best = next((each for each in scores if each.gamma == result.best_gamma), None)
    return ABSENT if best is None else f"{number(best.mean)} ({pair((best.low, best.high))})"


def _contrast(contrast: Contrast, label: str) -> str:
    against = contrast.against
    rival = "kinematic tuning" if against == "kinematic" else f"the {against}"
    rival += f" {label}" if against in ("smallest", "largest") else ""
    side = "above" if contrast.difference >= 0 else "below"
    bounds = pair((contrast.low, contrast.high))
    return f"{side} {rival} by {number(abs(contrast.difference))} ({bounds}), p = {contrast.p:.2g}"


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


def account_rows(branches: Mapping[str, object]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return how something was made, by heading: rows of name and value, without those that nobody set.

    Examples
    --------
    >>> account_rows({"settings": {"g": 1.5, "jobs": None, "stream": False}, "dask": None})
    [('settings', [('g', '1.5')])]
    """
    rows = {
        heading: [(name or heading, value) for name, value in flat(branch) if value != ABSENT]
        for heading, branch in branches.items()
    }
    return [(heading, listed) for heading, listed in rows.items() if listed]


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
    if leaf is None or leaf is False or leaf == "":  # a switch that is off was not set
        return ABSENT
    return f"{leaf:.6g}" if isinstance(leaf, float) else str(leaf)
