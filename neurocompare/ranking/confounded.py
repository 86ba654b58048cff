"""Confounded: a ranking that also says what is left of it with something else taken into account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from neurocompare.ranking.metric_ranking import MetricRanking
from neurocompare.ranking.nuisance import Extent, MetricNuisance, Nuisance
from neurocompare.ranking.ranking import Ranking
from neurocompare.ranking.sentence import NAMING, listed, spoken_of
from neurocompare.settings.nuisance import in_words

MATCHED, NUISANCE = "matched/ranking.json", "nuisance.json"
"""Where the repetitions of a ranking lie, beside its ranking.json."""


def confounded(ranking: Ranking, *, matched: Ranking | None = None, nuisance: Nuisance | None = None) -> Ranking:
    """Extend a ranking's sentence by what repetitions of it found, and name the files they are in.

    Parameters
    ----------
    ranking : Ranking
    matched : Ranking, optional
        Of networks whose beta was chosen for equal loss.
    nuisance : Nuisance, optional
        Over nuisance settings: the sentence then ends with what it was profiled over.

    Returns
    -------
    Ranking
    """
    name = spoken_of(tuple(ranking.metrics.values())).metric
    clauses, files = [], {}
    if matched is not None:
        files["matched"] = MATCHED
        clauses.append(_matched(matched.metrics[name]))
    if nuisance is not None:
        files["nuisance"] = NUISANCE
        clauses.append(f"{_profiled(nuisance.metrics[name])} when profiled over {over_text(nuisance.over)}")
    sentence = "; ".join([ranking.summary.sentence.removesuffix("."), *clauses]) + "."
    return replace(ranking, summary=replace(ranking.summary, sentence=sentence), confounds=files)


def over_text(extents: Sequence[Extent]) -> str:
    """Say what was varied and how far.

    Examples
    --------
    >>> over_text([Extent("g", 1.2, 1.8), Extent("tau", 0.0707, 0.1414)])
    'g from 1.2 to 1.8 and tau from 70.7 to 141 ms'
    """
    ranges = []
    for over in extents:
        low, high = in_words(over.setting, over.low), in_words(over.setting, over.high)
        ranges.append(f"{over.setting.replace('_', ' ')} from {low.removesuffix(' ms')} to {high}")
    return listed(ranges)


def _matched(ranking: MetricRanking) -> str:
    if ranking.best_gamma is None or ranking.gamma_interval is None:
        return "nothing could be computed with beta chosen for equal loss"
    highest = f"gamma = {ranking.best_gamma:g} (95 % interval {_interval(ranking.gamma_interval)})"
    if ranking.verdict in NAMING:
        return f"{highest} with beta chosen for equal loss"
    return f"with beta chosen for equal loss no gamma is named, and {highest} scores highest"


def _profiled(nuisance: MetricNuisance) -> str:
    if nuisance.profile is None:
        return "nothing could be computed"
    return (
        f"the highest score is at gamma = {nuisance.profile.best_gamma:g} "
        f"(95 % interval {_interval(nuisance.profile.gamma_interval)})"
    )


def _interval(pair: tuple[float, float]) -> str:
    return f"{pair[0]:.3g} to {pair[1]:.3g}"
