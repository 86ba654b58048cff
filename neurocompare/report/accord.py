"""Accord: whether metrics name values that go together, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping

from neurocompare.ranking import MetricRanking
from neurocompare.ranking.sentence import NAMING, listed
from neurocompare.report.tables import pair


def accord(results: Mapping[str, MetricRanking]) -> str:
    """Say which metrics name a value, and whether their intervals have one in common.

    Parameters
    ----------
    results : mapping of metric name to MetricRanking

    Returns
    -------
    str
        A sentence; empty for a single metric.

    Examples
    --------
    >>> def named(low, high):
    ...     return MetricRanking("", None, 80, 0, "resolved", "", gamma_interval=(low, high))
    >>> tied = MetricRanking("", None, 80, 0, "tied", "")
    >>> accord({"cka": named(0.2, 0.8), "cca": named(0.4, 1.6), "rsa": tied})
    'Of 3 metrics, cka and cca name a value, and their intervals share 0.4 to 0.8; rsa names none.'
    >>> accord({"cka": named(0.2, 0.8), "cca": named(1, 1.6)})
    'Of 2 metrics, cka and cca name a value, but their intervals do not all meet.'
    """
    if len(results) < 2:
        return ""
    naming = [name for name, result in results.items() if result.verdict in NAMING]
    others = [name for name in results if name not in naming]
    if not naming:
        return f"None of {len(results)} metrics names a value."
    sentence = f"Of {len(results)} metrics, {listed(naming)} {'names' if len(naming) == 1 else 'name'} a value"
    if len(naming) > 1:
        intervals = [interval for name in naming if (interval := results[name].gamma_interval)]
        low, high = max(low for low, _ in intervals), min(high for _, high in intervals)
        sentence += f", and their intervals share {pair((low, high))}" if low <= high else _BUT
    if others:
        sentence += f"; {listed(others)} {'names' if len(others) == 1 else 'name'} none"
    return f"{sentence}."


_BUT = ", but their intervals do not all meet"
