"""Cautions: what in a run could make its answer wrong, found by looking, and whether metrics agree, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from neurocompare.models.states import told_apart
from neurocompare.ranking import MetricRanking
from neurocompare.ranking.sentence import NAMING, listed
from neurocompare.report.contents import RunContents, drawn_loss
from neurocompare.report.tables import number, pair

LOSS_RATIO = 2.0
"""Networks whose losses differ by more than this factor across gamma may differ in score for that reason alone."""


def cautions(contents: RunContents) -> tuple[str, ...]:
    """Say what a careful reader should doubt in this run.

    Parameters
    ----------
    contents : RunContents

    Returns
    -------
    tuple of str
        Sentences, the weightiest first; empty if no check found anything.
    """
    checks = (
        _verdicts,
        _planted,
        _disagreement,
        _centrings,
        _ceilings,
        _nulls,
        _convergence,
        _states,
        _stored,
        _fits,
        _dropped,
        _optimistic,
        _unadjusted,
        _left_out,
    )
    return tuple(sentence for check in checks for sentence in check(contents))


def _verdicts(contents: RunContents) -> Iterator[str]:
    for name, result in contents.ranking.metrics.items():
        if result.verdict == "unreliable":
            yield f"{name} is unreliable: {result.why}. Do not read its curve."
        elif result.verdict == "edge":
            yield (
                f"{name} is best at the end of the grid, {contents.axis.name} {number(result.best_gamma)}: a "
                f"{contents.axis.noun} beyond it was not tried and may be better."
            )


def _planted(contents: RunContents) -> Iterator[str]:
    planted = contents.ranking.planted_gamma
    for name, _, interval in _naming(contents):
        if planted is not None and not interval[0] <= planted <= interval[1]:
            yield f"{name} puts gamma at {pair(interval)}, which leaves out the planted gamma, {number(planted)}."


def _disagreement(contents: RunContents) -> Iterator[str]:
    named = _naming(contents)
    for place, (name, _, mine) in enumerate(named):
        for other, _, others in named[place + 1 :]:
            if mine[1] < others[0] or others[1] < mine[0]:
                yield (
                    f"{name} and {other} name intervals of {contents.axis.name} that do not meet "
                    f"({pair(mine)} and {pair(others)}): the answer depends on what similarity "
                    "means."
                )


def _centrings(contents: RunContents) -> Iterator[str]:
    axis = contents.axis.name
    for name, best, (low, high) in _naming(contents):
        centred = contents.ranking.centred.get(name)
        if centred is not None and centred.best_gamma is not None and not low <= centred.best_gamma <= high:
            yield (
                f"{name} names {axis} {number(best)}, but {axis} {number(centred.best_gamma)} once the mean over "
                "conditions is removed: part of its answer rests on activity that all conditions share."
            )


def _ceilings(contents: RunContents) -> Iterator[str]:
    for name, result in contents.ranking.metrics.items():
        if result.above_ceiling:
            gammas = ", ".join(map(number, result.above_ceiling))
            yield (
                f"{name} scores above its ceiling at {contents.axis.name} {gammas}: networks look more like the "
                "recording than other units of the recorded circuit do. They may be cleaner than it, seen with too "
                "little noise, or the units may not be one population."
            )


def _nulls(contents: RunContents) -> Iterator[str]:
    for name, result in contents.ranking.metrics.items():
        silent = [kind for kind, null in result.nulls.items() if not null.says]
        if silent:
            yield f"For {name} the null {' and '.join(silent)} says nothing: it breaks what {name} cannot see."


def _convergence(contents: RunContents) -> Iterator[str]:
    zoo = contents.zoo
    suspect = zoo[~zoo["converged"].astype(bool)]
    if len(suspect):
        gammas = ", ".join(number(gamma) for gamma in sorted(suspect["gamma"].unique()))
        yield (
            f"{len(suspect)} of {len(zoo)} networks come from chains that have not converged (gamma {gammas}): "
            "they may not be typical of their gamma."
        )


def _states(contents: RunContents) -> Iterator[str]:
    yield from told_apart(contents.zoo)


def _stored(contents: RunContents) -> Iterator[str]:
    for network in contents.networks:
        if network.readout is None or network.loss is None:
            continue
        drawn = drawn_loss(network, contents.task)
        # The noted loss may have been summed in single precision, or over the last sample as well.
        if abs(drawn - network.loss) > 0.05 * network.loss + 0.001:
            yield (
                f"The stored readout of network {network.hash} (gamma {number(network.gamma)}) gives a loss of "
                f"{number(drawn)}, but {number(network.loss)} was noted for it: its files do not belong together."
            )


def _fits(contents: RunContents) -> Iterator[str]:
    fit = {entry.gamma: entry.loss for entry in contents.ranking.fit}
    if not fit:
        return
    axis = contents.axis.name
    best, worst = min(fit, key=fit.__getitem__), max(fit, key=fit.__getitem__)
    if fit[worst] > LOSS_RATIO * fit[best]:
        yield (
            f"Networks along the family do not solve the task equally well: loss {number(fit[worst])} of the zero "
            f"output's at {axis} {number(worst)}, {number(fit[best])} at {axis} {number(best)}. A difference in score "
            "may come from accuracy and not from structure."
        )
    if fit[worst] >= 1:
        yield f"At {axis} {number(worst)} networks do no better than silence: what they share is not the task."


def _dropped(contents: RunContents) -> Iterator[str]:
    for name, result in contents.ranking.metrics.items():
        if result.dropped_draws:
            total = result.draws + result.dropped_draws
            yield f"{name} could not be computed in {result.dropped_draws} of {total} resamples: they were left out."


def _optimistic(contents: RunContents) -> Iterator[str]:
    """Fits judged on what they were fitted to."""
    names = [name for name in contents.ranking.metrics if name.endswith("-in-sample")]
    if names:
        yield (
            f"{listed(names)} judge{'s' if len(names) == 1 else ''} a fit on what it was fitted to: optimistic, as "
            "unrelated smooth populations score high too."
        )


def _unadjusted(contents: RunContents) -> Iterator[str]:
    names = [name for name, result in contents.ranking.metrics.items() if result.scores and not result.adjusted]
    if names:
        yield (
            f"By {listed(names)} the values of {contents.axis.name} are told apart by the score as it is, not adjusted "
            "for how alike the models of one value are: there is one at each, or these scores are older than adjusted "
            "ones. A value whose models are all alike is at an advantage."
        )


def _left_out(contents: RunContents) -> Iterator[str]:
    yield from contents.left_out


def _naming(contents: RunContents) -> list[tuple[str, float, tuple[float, float]]]:
    """Name, best gamma and its interval of every metric that names one."""
    return [(name, *ranking.answer) for name, ranking in contents.ranking.metrics.items() if ranking.verdict in NAMING]


def accord(results: Mapping[str, MetricRanking], centred: Mapping[str, MetricRanking]) -> str:
    """Say which metrics name a value, and whether their intervals have one in common.

    Parameters
    ----------
    results : mapping of metric name to MetricRanking
    centred : mapping of metric name to MetricRanking
        The same metrics with the mean over conditions removed.

    Returns
    -------
    str
        A sentence; empty for a single metric.

    Examples
    --------
    >>> def named(low, high):
    ...     return MetricRanking("", None, 80, 0, "resolved", "", gamma_interval=(low, high))
    >>> tied = MetricRanking("", None, 80, 0, "tied", "")
    >>> accord({"cka": named(0.2, 0.8), "cca": named(0.4, 1.6), "rsa": tied}, {"cka": tied})
    'Of 3 metrics, cka and cca name a value, and their intervals share 0.4 to 0.8; rsa names none. With the mean over
    conditions removed, none does.'
    >>> accord({"cka": named(0.2, 0.8), "cca": named(1, 1.6)}, {"cca": named(1, 1.6)})
    'Of 2 metrics, cka and cca name a value, but their intervals do not all meet. With the mean over conditions removed,
    cca does.'
    """
    if len(results) < 2:
        return ""
    naming, still = _named_by(results), _named_by(centred)
    others = [name for name in results if name not in naming]
    without = f" With the mean over conditions removed, {listed(still) or 'none'} {'do' if len(still) > 1 else 'does'}."
    if not naming:
        return f"None of {len(results)} metrics names a value.{without if still else ''}"
    sentence = f"Of {len(results)} metrics, {listed(naming)} {'names' if len(naming) == 1 else 'name'} a value"
    if len(naming) > 1:
        intervals = [interval for name in naming if (interval := results[name].gamma_interval)]
        low, high = max(low for low, _ in intervals), min(high for _, high in intervals)
        sentence += f", and their intervals share {pair((low, high))}" if low <= high else _BUT
    if others:
        sentence += f"; {listed(others)} {'names' if len(others) == 1 else 'name'} none"
    return f"{sentence}.{without}"


def _named_by(results: Mapping[str, MetricRanking]) -> list[str]:
    """Return the metrics that name a value."""
    return [name for name, result in results.items() if result.verdict in NAMING]


_BUT = ", but their intervals do not all meet"
