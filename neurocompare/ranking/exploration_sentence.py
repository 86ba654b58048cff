"""The answer of an exploration in words: one headline, and the conditions it holds under."""

from __future__ import annotations

from collections.abc import Sequence

from neurocompare.ranking.exploration import Adequacy, Extent, FactorAnswer, Inferred, MetricExploration, PointTried
from neurocompare.ranking.metric_ranking import MetricRanking
from neurocompare.ranking.sentence import listed, spoken_of
from neurocompare.settings.exploring import RANGES
from neurocompare.settings.nuisance import in_words

DOUBTED = 0.05
"""Share of planted recordings as far off as the recording, below which no network of the design is said to have made
it."""

NOTHING_LEARNED = 0.9
"""Probability, before anything is seen, of an interval from which on it says nothing."""

UNFINISHED = 0.25
"""Share of a design's points whose chains may be too short: beyond it no gamma is named, as no interval knows of it."""


def headline_of(
    metrics: Sequence[MetricExploration], over: Sequence[Extent], recording: str, points: Sequence[PointTried] = ()
) -> str:
    """Say the answer of the metric that is spoken of, in at most 25 words.

    Examples
    --------
    >>> from neurocompare.ranking import MetricRanking
    >>> from neurocompare.ranking.verdict import Bounds
    >>> answer = MetricRanking("cka", None, 80, 0, "at most", "", best_gamma=0.1, gamma_interval=(0, 0.2),
    ...     bounds=Bounds(high=0.2, above=0.28))
    >>> headline_of([MetricExploration(answer)], [Extent("g", 0.8, 2.0), Extent("tau", 0.05, 0.3)], "m1")
    'By cka, gamma is at most 0.2 (95 %), whatever g and tau are within these ranges'
    """
    if unfinished_too_many(points):
        return f"No gamma is named for {recording}: the {unfinished_text(points)}; ask for more --trajectories"
    ranking = spoken_of([each.ranking for each in metrics])
    by = f"By {ranking.metric}, gamma is"
    if ranking.best_gamma is None or ranking.gamma_interval is None or ranking.verdict == "unreliable":
        return f"No gamma is named for {recording}: by {ranking.metric} it cannot be told from chance"
    named = listed([each.setting.replace("_", " ") for each in over])
    within = "are within these ranges" if len(over) > 1 else "is within this range"
    whatever = f", whatever {named} {within}" if over else ""
    if answer := answer_text(ranking):
        return f"{by} {answer}{whatever}"
    free = " once all settings are free" if over else ""
    return f"No gamma is named for {recording}{free}: several are as similar as the best"


def answer_text(ranking: MetricRanking) -> str:
    """Say which gamma is least unlike the recording; nothing where none is named.

    Examples
    --------
    >>> from neurocompare.ranking import MetricRanking
    >>> answer_text(MetricRanking("cka", None, 80, 0, "resolved", "", best_gamma=0.1, gamma_interval=(0.05, 0.2)))
    'between 0.05 and 0.2 (95 %)'
    """
    if ranking.best_gamma is None or ranking.gamma_interval is None:
        return ""
    low, high = ranking.gamma_interval
    if ranking.verdict == "at most":
        return f"at most {ranking.bounds.high:g} (95 %)"
    if ranking.verdict == "at least":
        return f"at least {ranking.bounds.low:g} (95 %)"
    if ranking.verdict == "resolved":
        return f"between {low:.3g} and {high:.3g} (95 %)"
    if ranking.verdict == "edge":
        smallest = ranking.best_gamma == ranking.p_best[0].gamma
        return f"at most {high:.3g} (95 %)" if smallest else f"at least {low:.3g} (95 %)"
    return ""


def unfinished_too_many(points: Sequence[PointTried]) -> bool:
    """Return whether too many chains are too short for anything to be named, see `UNFINISHED`."""
    return _unfinished(points) > UNFINISHED * len(points)


def unfinished_text(points: Sequence[PointTried]) -> str:
    """Say of how many points the chains are too short, or differ."""
    return f"chains of {_unfinished(points)} of {len(points)} points are too short, or differ"


def _unfinished(points: Sequence[PointTried]) -> int:
    return sum(not point.converged for point in points)


def conditions_of(
    metrics: Sequence[MetricExploration],
    over: Sequence[Extent],
    gammas: tuple[float, float],
    points: Sequence[PointTried],
    inferred: Inferred | None = None,
) -> tuple[str, ...]:
    """Say what the answer holds under, a sentence each: what is meant, where it lies, and whether anything is adequate.

    Parameters
    ----------
    metrics : sequence of MetricExploration
        In order of preference.
    over : sequence of Extent
    gammas : tuple of (float, float)
        Range of those above 0.
    points : sequence of PointTried
    inferred : Inferred, optional
    """
    spoken = spoken_of([each.ranking for each in metrics])
    chosen = next(each for each in metrics if each.ranking is spoken)
    reservoirs = sum(point.gamma == 0 for point in points)
    zero = f"{reservoirs} reservoir{'s' * (reservoirs > 1)} (gamma 0) among them, the rest" if reservoirs else "all"
    held = [name for name in RANGES[1:] if name not in {each.setting for each in over}]
    kept = f", at {listed([setting_text(name, getattr(points[0], name)) for name in held])}" if held else ""
    choosing = " when each gamma has the other settings that suit it best" if over else ""
    ranges = f", over {over_text(over)}" if over else ""
    sentences = [
        f"This is the gamma whose networks are least unlike the recording{choosing}; it does not say that such a "
        "network made the recording.",
        f"{len(points)} points, {zero} with gamma from {gammas[0]:g} to {gammas[1]:g}{ranges}{kept}.",
    ]
    if _unfinished(points):
        sentences.append(f"The {unfinished_text(points)}: their scores are off by more than is said.")
    if inferred is not None and not unfinished_too_many(points):
        sentences.append(inferred_text(inferred))
    if chosen.ranking.best_gamma is None:
        return tuple(sentences)
    settings = listed([setting_text(factor.name, factor.best) for factor in chosen.factors])
    sentences.append(
        f"By {spoken.metric} the score is highest at gamma = {chosen.ranking.best_gamma:g}"
        f"{f', with {settings}' if settings else ''}{_edges(chosen.factors)}."
    )
    if chosen.adequacy is not None:
        sentences.append(adequacy_text(chosen.adequacy, spoken.metric))
    return tuple(sentences)


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


def inferred_text(inferred: Inferred) -> str:
    """Say which gamma made the recording, if a network of the design did, or that none did.

    Examples
    --------
    >>> from neurocompare.ranking.exploration import InferredSetting, Unlike
    >>> gamma = InferredSetting("gamma", 0.42, (0.28, 0.7), coverage=0.953, gain=1.1)
    >>> inferred_text(Inferred((gamma,), (), (), (), recordings=512, odd=0.4, unlike=()))
    'If a network of this design made the recording, its gamma is between 0.28 and 0.7 (95 %): such intervals hold the
    truth of 95 % of 512 planted recordings, learned from other points.'
    >>> unlike = (Unlike("complexity, 50 %", 1.2, -3.4),)
    >>> inferred_text(Inferred((gamma,), (), (), (), recordings=512, odd=0.002, unlike=unlike))
    'No network of this design made the recording, which is farther from them than 99.8 % of 512 planted recordings:
    complexity, 50 % is 3.4 standard deviations lower.'
    """
    if inferred.odd < DOUBTED:
        apart = f"farther from them than {100 * (1 - inferred.odd):.3g} % of {inferred.recordings} planted recordings"
        ways = [
            f"{each.name} is {abs(each.deviation):.2g} standard deviations {('higher', 'lower')[each.deviation < 0]}"
            for each in inferred.unlike
        ]
        return f"No network of this design made the recording, which is {apart}{': ' + listed(ways) if ways else ''}."
    (low, high), held = inferred.gamma.interval, inferred.gamma.coverage
    possible = [share for gamma, share in zip(inferred.gammas, inferred.before, strict=True) if low <= gamma <= high]
    if sum(possible) > NOTHING_LEARNED:
        return (
            "If a network of this design made the recording, nothing is learned of its gamma: nearly all are as likely."
        )
    between = f"between {low:.3g} and {high:.3g}" if low > 0 else f"at most {high:.3g}"
    return (
        f"If a network of this design made the recording, its gamma is {between} (95 %): such intervals hold the truth "
        f"of {100 * held:.0f} % of {inferred.recordings} planted recordings, learned from other points."
    )


def adequacy_text(adequacy: Adequacy, metric: str) -> str:
    """Say whether any network of the design could be the circuit.

    Examples
    --------
    >>> adequacy_text(Adequacy(0.59, 0.57, 0.61, (0.63, 0.76), 0.51), "procrustes")
    'None of these networks reaches the ceiling (0.63 to 0.76): by procrustes the best scores 0.59, and units that only
    follow the movement 0.51.'
    """
    low, high = adequacy.ceiling
    reached = "Some of these networks reach" if adequacy.reaches else "None of these networks reaches"
    sentence = f"{reached} the ceiling ({low:.3g} to {high:.3g}): by {metric} the best scores {adequacy.score:.3g}"
    if adequacy.kinematic is not None:
        sentence += f", and units that only follow the movement {adequacy.kinematic:.3g}"
        if adequacy.kinematic >= adequacy.score:
            sentence += ", higher than every network"
    return f"{sentence}."


def setting_text(name: str, value: float) -> str:
    """Return a setting and its value.

    Examples
    --------
    >>> setting_text("tau", 0.1234), setting_text("input_scale", 1.5)
    ('tau = 123 ms', 'input scale = 1.5')
    """
    return f"{name.replace('_', ' ')} = {in_words(name, value)}"


def _edges(factors: Sequence[FactorAnswer]) -> str:
    ends = [f"the {factor.edge} end of {factor.name.replace('_', ' ')}" for factor in factors if factor.edge]
    return f": {listed(ends)}, where the best may lie beyond" if ends else ""
