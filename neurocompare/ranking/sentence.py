"""Summary: the whole comparison in one sentence that claims no more than its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from neurocompare.ranking.metric_ranking import MetricRanking

NAMING = ("resolved", "edge")
"""Verdicts that name a gamma."""


@dataclass(frozen=True)
class Summary:
    """The gamma the summary speaks of, its 95 % interval (None where nothing could be computed), and the sentence."""

    best_gamma: float | None
    gamma_interval: tuple[float, float] | None
    sentence: str


def summarise(
    rankings: Sequence[MetricRanking],
    centred: Sequence[MetricRanking] = (),
    *,
    settings: Mapping[str, object],
    recordings: Sequence[str],
) -> Summary:
    """Say what was found, by the first metric that names a gamma, or by none.

    Parameters
    ----------
    rankings : sequence of MetricRanking
        In order of preference.
    centred : sequence of MetricRanking
        The same metrics with the mean over conditions removed: where they disagree, the sentence says so.
    settings : mapping
        ``g``, ``tau`` (s), ``beta`` and ``lag`` (s) end the sentence, as far as they are there, and ``match``.
    recordings : sequence of str

    Returns
    -------
    Summary

    Examples
    --------
    >>> grid = ((0.0, 0.0), (0.4, 1.0), (3.2, 0.0))
    >>> found = MetricRanking("cka", "higher is more similar", None, 80, 0, "resolved", "", p_best=grid,
    ...                       best_gamma=0.4, gamma_interval=(0.4, 0.4))
    >>> summarise([found], settings={"g": 1.5, "tau": 0.1}, recordings=["synthetic"]).sentence
    'By cka, networks at gamma = 0.4 (95 % interval 0.4 to 0.4) are most similar to the recording
    synthetic, at g = 1.5, tau = 100 ms.'
    """
    naming = [ranking for ranking in rankings if ranking.verdict in NAMING]
    chosen = spoken_of(rankings)
    recorded = f"the recording{'s' if len(recordings) > 1 else ''} {listed(recordings)}"
    if not naming:
        found = f"No metric settles on a gamma for {recorded}: {_undecided(chosen)}"
    else:
        unlike = [ranking.metric for ranking in rankings[: rankings.index(chosen)]]
        found = f"By {chosen.metric}{f' (not by {listed(unlike)})' if unlike else ''}, {_named(chosen, recorded)}"
        others = [
            f"{ranking.metric} names gamma = {ranking.best_gamma:g}"
            for ranking in naming[1:]
            if not ranking.gamma_interval[0] <= chosen.best_gamma <= ranking.gamma_interval[1]
        ]
        found += f", while {listed(others)}" if others else ""
        found += _disagreement(chosen, next((each for each in centred if each.metric == chosen.metric), None))
    return Summary(chosen.best_gamma, chosen.gamma_interval, f"{found}{_settings(settings)}.")


def spoken_of(rankings: Sequence[MetricRanking]) -> MetricRanking:
    """Return the metric that the summary speaks of: the first that names a gamma, else the first."""
    return next((ranking for ranking in rankings if ranking.verdict in NAMING), rankings[0])


def _named(ranking: MetricRanking, recorded: str) -> str:
    networks = "networks at gamma = {:g} (95 % interval {:.3g} to {:.3g})".format(
        ranking.best_gamma, *ranking.gamma_interval
    )
    similar = f"are most similar to {recorded}"
    if ranking.verdict == "resolved":
        return f"{networks} {similar}"
    if ranking.best_gamma == 0:
        return f"{networks}, the reservoir end of the grid, {similar}"
    end = "largest" if ranking.best_gamma == ranking.p_best[-1][0] else "smallest"
    return f"{networks}, the {end} tried, {similar}, and the best may lie beyond"


def _disagreement(ranking: MetricRanking, other: MetricRanking | None) -> str:
    """Say where the answer changes once the mean over conditions is removed."""
    if other is None or other.best_gamma is None:
        return ""
    low, high = ranking.gamma_interval
    if other.verdict not in NAMING:
        return "; with the mean over conditions removed no gamma is named"
    if other.gamma_interval[0] <= high and low <= other.gamma_interval[1]:
        return ""
    return f"; with the mean over conditions removed the answer is gamma = {other.best_gamma:g}"


def _undecided(ranking: MetricRanking) -> str:
    if ranking.verdict == "unreliable":
        return f"{ranking.metric} is unreliable here, as {ranking.why}"
    return (
        f"{ranking.metric} scores highest at gamma = {ranking.best_gamma:g} "
        f"(95 % interval {ranking.gamma_interval[0]:.3g} to {ranking.gamma_interval[1]:.3g}), a tie, as {ranking.why}"
    )


def listed(items: Sequence[str]) -> str:
    """Put items in a row as a sentence does.

    Examples
    --------
    >>> listed(["g", "tau", "lag"])
    'g, tau and lag'
    """
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1])))


def _settings(settings: Mapping[str, object]) -> str:
    milliseconds = {"tau", "lag"}
    told = [
        f"{name} = {1000 * settings[name]:g} ms" if name in milliseconds else f"{name} = {settings[name]:g}"
        for name in ("g", "tau", "beta", "lag")
        if name in settings
    ]
    if settings.get("match") == "fit":
        told.append("beta chosen for equal loss")
    return f", at {', '.join(told)}" if told else ""
