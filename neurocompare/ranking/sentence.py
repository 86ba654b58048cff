"""Summary: the whole comparison in one sentence that claims no more than its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from neurocompare.ranking.axis import GAMMA, Axis, Context
from neurocompare.ranking.metric_ranking import MetricRanking
from neurocompare.ranking.verdict import BOUNDING, worse

LEAST = 3
"""Recordings from which on something is said about others like them: their spread is known then, if roughly."""

NAMING = ("resolved", "edge")
"""Verdicts that name a gamma."""


@dataclass(frozen=True)
class Summary:
    """The whole comparison in words.

    Attributes
    ----------
    best_gamma : float or None
        The gamma the summary speaks of; None where nothing could be computed.
    gamma_interval : tuple of (float, float) or None
        Its 95 % interval.
    sentence : str
        The answer with everything it depends on.
    headline : str
        The answer alone, in at most 25 words.

    Examples
    --------
    >>> found = Summary(0.4, (0.2, 0.8), "By cka, networks at gamma = 0.4 are most similar.", headline="gamma = 0.4")
    >>> found.best_gamma, found.headline
    (0.4, 'gamma = 0.4')
    """

    best_gamma: float | None
    gamma_interval: tuple[float, float] | None
    sentence: str
    headline: str = ""


def summarise(
    rankings: Sequence[MetricRanking],
    context: Context,
    centred: Sequence[MetricRanking] = (),
    *,
    alone: Mapping[str, Sequence[MetricRanking]] | None = None,
) -> Summary:
    """Say what was found, by the first metric that names a gamma, or by none.

    Parameters
    ----------
    rankings : sequence of MetricRanking
        In order of preference.
    context : Context
        Of its settings ``g``, ``tau`` (s), ``beta``, ``lag`` (s) those that are there are named.
    centred : sequence of MetricRanking
        The same metrics with the mean over conditions removed: where they disagree, the sentence says so.
    alone : mapping of metric name to sequence of MetricRanking, optional
        What each of several recordings says by itself, where `rankings` are of all of them together.

    Returns
    -------
    Summary

    Examples
    --------
    >>> found = MetricRanking("cka", None, 80, 0, "resolved", "", best_gamma=0.4, gamma_interval=(0.4, 0.4))
    >>> summarise([found], Context(["synthetic"], {"g": 1.5, "tau": 0.1})).sentence
    'By cka, networks at gamma = 0.4 (95 % interval 0.4 to 0.4) are most similar to the recording
    synthetic, at g = 1.5, tau = 100 ms.'
    """
    axis, recordings = context.axis, context.recordings
    naming = [ranking for ranking in rankings if ranking.verdict in NAMING]
    chosen = spoken_of(rankings)
    recorded = f"the recording{'s' if len(recordings) > 1 else ''} {listed(recordings)}"
    if not naming and chosen.verdict in BOUNDING:
        answer = f"By {chosen.metric}, {_bounded(chosen, recorded, axis)}"
    elif not naming:
        answer = f"No metric settles on a {axis.noun} for {recorded}: {_undecided(chosen, axis)}"
    else:
        unlike = [ranking.metric for ranking in rankings[: rankings.index(chosen)]]
        unlikely = f" (not by {listed(unlike)})" if unlike else ""
        answer = f"By {chosen.metric}{unlikely}, {_named(chosen, recorded, axis)}"
        others = [
            f"{ranking.metric} names {axis.name} = {ranking.best_gamma:g}"
            for ranking in naming[1:]
            if not ranking.holds(chosen.answer[0])
        ]
        answer += f", while {listed(others)}" if others else ""
    besides = ""
    if naming:
        besides = _disagreement(chosen, next((each for each in centred if each.metric == chosen.metric), None), axis)
    besides += "" if alone is None else _by_themselves(chosen, alone[chosen.metric], axis)
    sentence = f"{answer}{_settings(context.settings)}{besides}."
    agreeing = sum(each.holds(chosen.answer[0]) for each in naming[1:])
    in_short = headline(chosen, context.recordings, axis, agreeing=agreeing)
    return Summary(chosen.best_gamma, chosen.gamma_interval, sentence, in_short)


def headline(ranking: MetricRanking, recordings: Sequence[str], axis: Axis = GAMMA, *, agreeing: int = 0) -> str:
    """Say the answer of one metric alone, in at most 25 words.

    Parameters
    ----------
    ranking : MetricRanking
    recordings : sequence of str
    axis : Axis
    agreeing : int
        Other metrics that name a gamma, with an interval that holds this one.

    Examples
    --------
    >>> found = MetricRanking("cka", None, 80, 0, "resolved", "", best_gamma=0.4, gamma_interval=(0.2, 0.8))
    >>> headline(found, ["synthetic"])
    'synthetic is most like networks at gamma = 0.4 (95 % interval 0.2 to 0.8), by cka'
    >>> headline(found, ["synthetic"], agreeing=2)
    'synthetic is most like networks at gamma = 0.4 (95 % interval 0.2 to 0.8), by cka and 2 others'
    """
    recorded = recordings[0] if len(recordings) == 1 else f"{len(recordings)} recordings"
    if ranking.best_gamma is None or ranking.gamma_interval is None or ranking.verdict == "unreliable":
        return f"No {axis.noun} is named for {recorded}: by {ranking.metric} it cannot be told from chance"
    best, (low, high) = ranking.answer
    verb = "is" if len(recordings) == 1 else "are"
    if ranking.verdict in NAMING:
        beyond = "" if ranking.verdict == "resolved" else ", the grid's end"
        interval = f"(95 % interval {low:.3g} to {high:.3g})"
        by = f"{ranking.metric} and {agreeing} other{'s' if agreeing > 1 else ''}" if agreeing else ranking.metric
        return f"{recorded} {verb} most like networks at {axis.name} = {best:g} {interval}{beyond}, by {by}"
    if ranking.side:
        return f"{recorded} {verb} most like networks of {axis.name} {ranking.side}, by {ranking.metric}"
    return f"No {axis.noun} is named for {recorded}: several are as similar as the best"


def spoken_of(rankings: Sequence[MetricRanking]) -> MetricRanking:
    """Return the metric that the summary speaks of: the first that names a gamma, or bounds it, or the first."""
    for verdicts in (NAMING, BOUNDING):
        for ranking in rankings:
            if ranking.verdict in verdicts:
                return ranking
    return rankings[0]


def _named(ranking: MetricRanking, recorded: str, axis: Axis) -> str:
    best, (low, high) = ranking.answer
    networks = f"networks at {axis.name} = {best:g} (95 % interval {low:.3g} to {high:.3g})"
    similar = f"are most similar to {recorded}"
    if ranking.verdict == "resolved":
        return f"{networks} {similar}"
    if best == 0 and axis.zero:
        return f"{networks}, the {axis.zero} end of the grid, {similar}"
    end = "largest" if best == ranking.p_best[-1].gamma else "smallest"
    return f"{networks}, the {end} tried, {similar}, and the best may lie beyond"


def _bounded(ranking: MetricRanking, recorded: str, axis: Axis) -> str:
    best, (low, high) = ranking.answer
    verdict = "at most" if ranking.verdict == "at most" else "at least"
    lower = worse(ranking.bounds, verdict, [each.gamma for each in ranking.p_best])
    highest = f"(highest score at {best:g}, 95 % interval {low:.3g} to {high:.3g})"
    return (
        f"networks of {axis.name} {ranking.side} are most similar to {recorded} {highest}: those at {lower} score "
        "significantly lower, and none on the other side does"
    )


def _disagreement(ranking: MetricRanking, other: MetricRanking | None, axis: Axis) -> str:
    """Say where the answer changes once the mean over conditions is removed."""
    if other is None or other.best_gamma is None or other.gamma_interval is None:
        return ""
    _, (low, high) = ranking.answer
    if other.verdict not in NAMING:
        return f"; with the mean over conditions removed no {axis.noun} is named"
    if other.gamma_interval[0] <= high and low <= other.gamma_interval[1]:
        return ""
    return f"; with the mean over conditions removed the answer is {axis.name} = {other.best_gamma:g}"


def _by_themselves(ranking: MetricRanking, alone: Sequence[MetricRanking], axis: Axis) -> str:
    """Say in how many recordings the answer is also that of the recording by itself, and for whom it holds."""
    naming = [each for each in alone if each.verdict in NAMING]
    recordings = f"of {len(alone)} recordings {ranking.metric} by itself names a {axis.noun}"
    if ranking.verdict in NAMING:
        best, _ = ranking.answer
        holding = [each for each in naming if each.holds(best)]
        text = f"; in {len(holding)} {recordings} whose interval holds {best:g}"
    else:
        text = f"; in {len(naming)} {recordings}"
    return text + ("" if len(alone) >= LEAST else "; this is about these recordings only, not about others like them")


def _undecided(ranking: MetricRanking, axis: Axis) -> str:
    if ranking.verdict == "unreliable":
        return f"{ranking.metric} is unreliable here, as {ranking.why}"
    best, (low, high) = ranking.answer
    return (
        f"{ranking.metric} scores highest at {axis.name} = {best:g} (95 % interval {low:.3g} to {high:.3g}), a tie, as "
        f"{ranking.why}"
    )


def listed(items: Sequence[str]) -> str:
    """Put items in a row as a sentence does.

    Examples
    --------
    >>> listed(["g", "tau", "lag"])
    'g, tau and lag'
    """
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def _settings(settings: Mapping[str, Any]) -> str:
    milliseconds = {"tau", "lag"}
    texts = [
        f"{name} = {1000 * settings[name]:g} ms" if name in milliseconds else f"{name} = {settings[name]:g}"
        for name in ("g", "tau", "beta", "lag")
        if name in settings
    ]
    return f", at {', '.join(texts)}" if texts else ""
