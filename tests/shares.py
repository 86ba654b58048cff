"""Shares with their 95 % intervals, as benchmarks print them."""

from __future__ import annotations

from scipy.stats import binomtest


def share(count: int, total: int) -> str:
    """Write how many of how many, and the interval of their share."""
    return f"{count} of {total} {_interval(count, total)}"


def percentage(count: int, total: int) -> str:
    """Write a share in per cent, and its interval."""
    return f"{count / total:6.1%} {_interval(count, total)}"


def _interval(count: int, total: int) -> str:
    """Write the interval of a share (Clopper & Pearson)."""
    low, high = binomtest(count, total).proportion_ci()
    return f"({low:.1%} to {high:.1%})"
