"""Score: one draw's table of every network, the baseline, the ceiling and the nulls, by every metric."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.metrics.centring import Centring, centre
from neurocompare.metrics.metric import Metric
from neurocompare.ranking.candidate import Candidate
from neurocompare.ranking.ceiling import CEILING, FEWER_TRIALS, FEWER_UNITS, RELIABILITY, thinned
from neurocompare.ranking.draws import Draw
from neurocompare.ranking.null import permute_conditions, shift_time, surrogate
from neurocompare.ranking.observe import observation_of, observe, soft_normalise
from neurocompare.recordings.trials import Trials, average
from neurocompare.responses import Responses
from neurocompare.streams import Purpose, stream

CENTRINGS: tuple[Centring, ...] = ("unit", "condition-mean")
"""Each unit's mean removed (primary), or the mean over conditions at each time as well."""

Views = Mapping[Centring, Responses | Exception]
"""One population under every centring, or why it cannot be seen so."""

Prepared = dict[tuple[str, str], Any]
"""One population as every metric has prepared it, by (metric, centring)."""

COLUMNS = (
    "kind", "metric", "centring", "gamma", "network", "chain", "member", "partner", "resample", "score", "note",
)  # fmt: skip
"""Of the score table. `note` says why a score is missing; ceilings have gamma NaN and chain and member -1. `partner` is
the chain, or where there is one chain the member, that a network was scored against; -1 but for `WITHIN`."""

WITHIN = "within"
"""Kind of the rows of networks of one gamma, or of the baseline (gamma NaN), scored against each other."""

NEIGHBOURS = 3
"""With how many chains after it a chain is scored, see `partners`."""

OF_RECORDING = (CEILING, RELIABILITY, FEWER_UNITS, FEWER_TRIALS)
"""Kinds of the recording against itself."""

OPTIONAL = (RELIABILITY, FEWER_UNITS, FEWER_TRIALS)
"""Kinds whose absence costs a number in the report, not the draw."""


def score_draw(
    draw: Draw,
    trials: Trials,
    candidates: Sequence[Candidate],
    metrics: Sequence[Metric],
    baseline: Sequence[Candidate] = (),
) -> pd.DataFrame:
    """Score every network against one half of the recording, that half against the other, and networks of one gamma.

    Parameters
    ----------
    draw : Draw
    trials : Trials
    candidates : sequence of Candidate
        Each is seen through `observe` at the size of the draw.
    metrics : sequence of Metric
        That score.
    baseline : sequence of Candidate
        Kinematic tuning, see `kinematic_candidates`; those of one name are scored against each other too.

    Returns
    -------
    pandas.DataFrame
        One row a (kind, metric, centring, network); columns are `COLUMNS`, with `kind` one of ``"model"``,
        ``"kinematic"``, ``"null:..."`` with a name of `NULLS`, ``"within"`` (the network against its partner, see
        `partners`) and those of `ceiling`, and `resample` the draw's index.
        A metric that cannot be computed leaves a score of NaN and its reason in `note`.

    Raises
    ------
    InputError
        If a network cannot be seen as the recording is; see `observe`.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import Reservoir, ZooPlan, make_zoo
    >>> from neurocompare.metrics import CKA
    >>> from neurocompare.ranking import candidates_of, make_draws
    >>> from neurocompare.recordings import open_recording, trials_of
    >>> from neurocompare.settings import Family, Workers
    >>> from neurocompare.tasks import reach_task
    >>> recording = open_recording("synthetic")
    >>> plan, folder = ZooPlan((0.0, 0.4), chains=2, sampler=Reservoir()), tempfile.mkdtemp()
    >>> zoo = make_zoo(reach_task(recording), Family(n_units=80), folder, plan, workers=Workers(1))
    >>> trials, candidates = trials_of(recording, bin_width=0.05), candidates_of(zoo)
    >>> (draw,) = make_draws(trials, candidates, draws=1)
    >>> scores = score_draw(draw, trials, candidates, [CKA()])
    >>> sorted(scores["kind"].unique())[:3]
    ['ceiling', 'ceiling:trials', 'ceiling:units']
    """
    recorded = _seen(trials, draw.trials, draw.units)
    # To a metric of paired samples it is one whether the network or the recording is disturbed; the recording is one
    # population to prepare instead of many. Both nulls commute with normalisation and centring.
    permuted = _each(recorded, lambda view, _: permute_conditions(view, draw.permutation))
    shifted = _each(recorded, lambda view, _: shift_time(view, draw.shift))
    generator = stream(Purpose.SURROGATE, draw.seed, draw.index)
    drawn = _each(recorded, lambda view, centring: centre(surrogate(view, generator), centring))
    undisturbed = _prepared(recorded, metrics)
    disturbed = {
        "null:conditions": _prepared(permuted, metrics),
        "null:time-shift": _prepared(shifted, metrics),
        "null:surrogates": _prepared(drawn, metrics),
    }
    rows = []

    def add(kind: str, network: tuple, x: Prepared, y: Prepared, partner: int = -1) -> None:
        for metric in metrics:
            for centring in CENTRINGS:
                score, note = _score(metric, x[metric.name, centring], y[metric.name, centring])
                rows.append((kind, metric.name, centring, *network, partner, draw.index, score, note))

    def add_within(views: dict[tuple[int, int], tuple[tuple, Prepared]]) -> None:
        for one, other in partners(list(views)):
            add(WITHIN, views[one][0], views[one][1], views[other][1], other[other[0] == one[0]])

    for kind, x, y in _against_itself(draw, trials):
        prepared = undisturbed if x is None else _prepared(x, metrics)
        add(kind, (np.nan, "", -1, -1), prepared, _prepared(y, metrics))
    like = observation_of(trials, draw.trials)
    identity = attrgetter("gamma", "network", "chain", "member")

    def view_of(candidate: Candidate) -> Prepared:
        seed = stream(Purpose.OBSERVED, draw.seed, draw.index, candidate.chain, candidate.member)
        seen = observe(candidate.responses, like=like, units=len(draw.units), seed=seed, noise=draw.noise)
        return _prepared(_centred(seen), metrics)

    # One gamma after the other, so that the views of one only are kept.
    for gamma, group in groupby(sorted(candidates, key=attrgetter("gamma")), key=attrgetter("gamma")):
        views = {}
        for candidate in group:
            network, view = identity(candidate), view_of(candidate)
            pair = (candidate.chain, candidate.member)
            views[pair] = network, view
            add("model", network, undisturbed, view)
            if pair == draw.null_network:
                for name, null in disturbed.items():
                    add(name, network, null, view)
        if not np.isnan(gamma):
            add_within(views)
    for _, group in groupby(sorted(baseline, key=attrgetter("network")), key=attrgetter("network")):
        views = {(each.chain, each.member): (identity(each), view_of(each)) for each in group}
        for network, view in views.values():
            add("kinematic", network, undisturbed, view)
        add_within(views)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def partners(networks: Sequence[tuple[int, int]]) -> tuple[tuple[tuple[int, int], tuple[int, int]], ...]:
    """Pair networks of one gamma, of the same member and different chains, or of different members of one chain.

    Chains are taken around a circle, each with the next `NEIGHBOURS`: all pairs up to seven chains, and beyond that a
    number that grows as the chains do.

    Parameters
    ----------
    networks : sequence of (chain, member)

    Examples
    --------
    >>> partners([(0, 0), (0, 1), (1, 0), (1, 1)])
    (((0, 0), (1, 0)), ((0, 1), (1, 1)))
    >>> partners([(0, 0), (1, 0), (2, 0)])
    (((0, 0), (1, 0)), ((1, 0), (2, 0)), ((0, 0), (2, 0)))
    >>> partners([(0, 0)])
    ()
    """
    several = len({chain for chain, _ in networks}) > 1
    lines: dict[int, list[tuple[int, int]]] = {}  # networks that follow each other around a circle
    for chain, member in sorted(networks):
        lines.setdefault(member if several else 0, []).append((chain, member))
    paired = (
        sorted((one, line[(place + step) % len(line)]))
        for line in lines.values()
        for step in range(1, NEIGHBOURS + 1)
        for place, one in enumerate(line)
    )
    return tuple(dict.fromkeys((one, other) for one, other in paired if one != other))


def _against_itself(draw: Draw, trials: Trials) -> Iterator[tuple[str, Views | None, Views]]:
    """Yield the kinds of ceiling, each with the views compared; None for the half that networks are scored against."""
    yield CEILING, None, _seen(trials, draw.other_trials, draw.other_units)
    yield RELIABILITY, None, _seen(trials, draw.other_trials, draw.units)
    units, some = thinned(draw, trials.counts["condition"].values)
    yield FEWER_UNITS, _seen(trials, draw.trials, units[0]), _seen(trials, draw.other_trials, units[1])
    yield FEWER_TRIALS, _seen(trials, some[0], draw.units), _seen(trials, some[1], draw.other_units)


def _seen(trials: Trials, chosen: np.ndarray, units: np.ndarray) -> Views:
    try:
        return _centred(average(trials, chosen.astype(float)).isel(unit=units))
    except InputError as error:  # a condition is left without trials
        return dict.fromkeys(CENTRINGS, error)


def _each(views: Views, change: Callable[[Responses, Centring], Responses]) -> Views:
    """Change every view that could be seen, keeping the error where that fails."""
    return {
        centring: view if isinstance(view, Exception) else _attempt(change, view, centring)
        for centring, view in views.items()
    }


def _centred(rates: Responses) -> Views:
    normalised = soft_normalise(rates)
    return {centring: centre(normalised, centring) for centring in CENTRINGS}


def _prepared(views: Views, metrics: Sequence[Metric]) -> Prepared:
    """Prepare one population for every (metric, centring), keeping the error where that fails."""
    return {
        (metric.name, centring): view if isinstance(view, Exception) else _attempt(metric.prepare, view)
        for metric in metrics
        for centring, view in views.items()
    }


def _score(metric: Metric, x: Any, y: Any) -> tuple[float, str]:
    """Return the score of two prepared populations and a note: NaN and the reason where there is no score."""
    failed = [side for side in (x, y) if isinstance(side, Exception)]
    score = failed[0] if failed else _attempt(metric.compare, x, y)
    if isinstance(score, Exception):
        return np.nan, str(score)
    return (float(score), "") if np.isfinite(score) else (np.nan, f"{metric.name} gave {score}")


def _attempt(compute: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return compute(*arguments)
    except (InputError, np.linalg.LinAlgError) as error:
        return error
