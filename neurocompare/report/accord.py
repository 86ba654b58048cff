"""Accord: whether metrics name values that go together, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from neurocompare.report.tables import pair

NAMING = ("resolved", "edge")
"""Verdicts that name a gamma."""


def accord(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Say which metrics name a value, and whether their intervals have one in common.

    Parameters
    ----------
    results : mapping of metric name to result
        ``metrics`` of ranking.json.

    Returns
    -------
    str
        A sentence; empty for a single metric.

    Examples
    --------
    >>> named = {"verdict": "resolved", "gamma_interval": [0.2, 0.8]}
    >>> accord({"cka": named, "cca": named | {"gamma_interval": [0.4, 1.6]}, "rsa": {"verdict": "tied"}})
    'Of 3 metrics, cka and cca name a value, and their intervals share 0.4 to 0.8; rsa names none.'
    >>> accord({"cka": named, "cca": named | {"gamma_interval": [1, 1.6]}})
    'Of 2 metrics, cka and cca name a value, but their intervals do not all meet.'
    """
    if len(results) < 2:
        return ""
    naming = [name for name, result in results.items() if result["verdict"] in NAMING]
    others = [name for name in results if name not in naming]
    if not naming:
        return f"None of {len(results)} metrics names a value."
    said = f"Of {len(results)} metrics, {_and(naming)} {'names' if len(naming) == 1 else 'name'} a value"
    if len(naming) > 1:
        intervals = [results[name]["gamma_interval"] for name in naming]
        low, high = max(low for low, _ in intervals), min(high for _, high in intervals)
        said += f", and their intervals share {pair([low, high])}" if low <= high else _BUT
    if others:
        said += f"; {_and(others)} {'names' if len(others) == 1 else 'name'} none"
    return f"{said}."


_BUT = ", but their intervals do not all meet"


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
