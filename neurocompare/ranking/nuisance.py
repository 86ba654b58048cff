r"""Nuisance settings: what is left of the answer where g, tau, the temperature or the lag were other ones.

Gammas are ranked at every setting on the same draws of the recording. With :math:`s_{\gamma k}` the mean score of gamma
at setting k,

.. math:: \mathrm{profile}_\gamma = \max_k s_{\gamma k}, \qquad
          \mathrm{marginal}_\gamma = \frac{1}{K} \sum_k s_{\gamma k}.

The profile asks which gamma does best if every gamma may choose its setting, the marginal which does best on average
over settings that are taken to be equally likely. Which gamma that is, and the shift between settings, is read off
adjusted scores (`ScoreArrays.adjusted`), as it is at one setting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.ranking.curve import curve_on
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.metric_ranking import GammaScore, Named, by_centring, gamma_scores
from neurocompare.ranking.ranking import Fit, Ranking
from neurocompare.ranking.resample import central
from neurocompare.ranking.resampled_scores import resampled
from neurocompare.ranking.score import WITHIN
from neurocompare.ranking.score_arrays import ItemScores, arrays_of
from neurocompare.ranking.verdict import Verdict
from neurocompare.records import Former


@dataclass(frozen=True, eq=False)
class RankedSetting:
    """One setting of the nuisances, and the ranking made at it.

    Attributes
    ----------
    name : str
        Such as ``"g = 1.2"``.
    values : mapping of str to float
        Of every nuisance, in its own unit.
    ranking : Ranking
    scores : pandas.DataFrame
        The rows that were ranked, of the same draws at every setting.
    """

    name: str
    values: Mapping[str, float]
    ranking: Ranking
    scores: pd.DataFrame


@dataclass(frozen=True)
class Combined:
    """Scores combined over settings, one a gamma, and where they are highest.

    Attributes
    ----------
    scores, adjusted : tuple of GammaScore
        As those of `MetricRanking`, each combined by itself.
    best_gamma, gamma_star : float
        On the grid, and on the smooth curve through the adjusted scores.
    gamma_interval : tuple of (float, float)
        Holds that peak in 95 % of resamples of units, trials and networks, and the best gamma.
    """

    scores: tuple[GammaScore, ...]
    best_gamma: float
    gamma_star: float
    gamma_interval: tuple[float, float]
    adjusted: tuple[GammaScore, ...] = ()

    @property
    def judged(self) -> tuple[GammaScore, ...]:
        """What gammas are told apart by: adjusted scores, or plain ones where there are no others."""
        return self.adjusted or self.scores


@dataclass(frozen=True)
class Shift:
    """How far a setting moves the peak of the smooth curve from that of the reference setting.

    Attributes
    ----------
    steps, low, high : float
        In steps of the grid of gammas, and the 95 % interval over resamples in which both settings share units and
        trials.
    """

    steps: float
    low: float
    high: float


@dataclass(frozen=True)
class SettingAnswer:
    """What one setting says.

    Attributes
    ----------
    name : str
    best_gamma : float
    gamma_interval : tuple of (float, float)
    verdict : str
    scores, adjusted : tuple of GammaScore
        See `MetricRanking`.
    shift : Shift
    """

    name: str
    best_gamma: float
    gamma_interval: tuple[float, float]
    verdict: Verdict
    scores: tuple[GammaScore, ...]
    shift: Shift
    adjusted: tuple[GammaScore, ...] = ()

    @property
    def judged(self) -> tuple[GammaScore, ...]:
        """What gammas are told apart by: adjusted scores, or plain ones where there are no others."""
        return self.adjusted or self.scores


@dataclass(frozen=True)
class MetricNuisance:
    """What one metric says over settings, under one centring; without numbers where no draw could be scored."""

    settings: tuple[SettingAnswer, ...] = ()
    profile: Combined | None = None
    marginal: Combined | None = None


@dataclass(frozen=True)
class Extent:
    """A nuisance that varies, with its smallest and largest value."""

    setting: str
    low: float
    high: float


@dataclass(frozen=True)
class Setting:
    """One setting: its name, its value of every nuisance, and how well its networks do."""

    name: str
    values: Mapping[str, float]
    fit: tuple[Fit, ...]


@dataclass(frozen=True)
class Nuisance:
    """The answer over nuisance settings: ``nuisance.json``.

    Attributes
    ----------
    reference : str
        Name of the setting that shifts are told from.
    over : tuple of Extent
    settings : tuple of Setting
        The reference first.
    metrics, centred : mapping of metric name to MetricNuisance
        With each unit's mean removed, and with the mean over conditions removed as well.

    Examples
    --------
    >>> asked = Setting("g = 1.5", {"g": 1.5}, fit=())
    >>> found = Nuisance(reference="g = 1.5", over=(Extent("g", 1.5, 1.8),), settings=(asked,), metrics={}, centred={})
    >>> found.over[0].high
    1.8
    """

    SCHEMA: ClassVar[int] = 1
    FORMER: ClassVar[Former] = {}
    AGAIN: ClassVar[str] = "rerun the comparison with --nuisance"

    reference: str
    over: tuple[Extent, ...]
    settings: tuple[Setting, ...]
    metrics: Mapping[str, MetricNuisance]
    centred: Mapping[str, MetricNuisance]


def nuisance_of(settings: Sequence[RankedSetting], *, metrics: Sequence[Named], seed: int = 0) -> Nuisance:
    """Put the rankings of several settings together.

    Resampled scores share what the draws share, at every gamma and setting; networks are resampled apart for each. An
    interval of the profile takes the maximum anew in every resample.

    Parameters
    ----------
    settings : sequence of RankedSetting
        The first is the reference.
    metrics : sequence of Named
    seed : int
        Of the resampling.

    Returns
    -------
    Nuisance

    Raises
    ------
    InputError
        If there are fewer than two settings, or they differ in their gammas, networks or draws.

    Examples
    --------
    Scores that peak at one gamma with g = 1.5, and at the next with g = 1.8:

    >>> from itertools import product
    >>> from neurocompare.metrics import CKA
    >>> from neurocompare.ranking import Context, rank
    >>> from neurocompare.ranking.score import CENTRINGS, COLUMNS
    >>> halves, grid = Sampling(units=40, units_drawn=20, trials=(10, 10), trials_drawn=(5, 5)), (0.1, 0.2, 0.4, 0.8)
    >>> def ranked(g, best):
    ...     rows, rng = [], np.random.default_rng(0)
    ...     for centring, draw in product(CENTRINGS, range(20)):
    ...         rows.append(("ceiling", "cka", centring, np.nan, "", -1, -1, -1, draw, 0.9, ""))
    ...         for gamma, chain in product(grid, (0, 1)):
    ...             score = 0.8 - 0.1 * abs(np.log2(gamma / best)) + 0.01 * rng.standard_normal()
    ...             rows.append(("model", "cka", centring, gamma, "a network", chain, 0, -1, draw, score, ""))
    ...     scores = pd.DataFrame(rows, columns=COLUMNS)
    ...     ranking = rank(scores, metrics=[CKA()], sampling=halves, context=Context(["monkey"]))
    ...     return RankedSetting(f"g = {g}", {"g": g}, ranking, scores)
    >>> found = nuisance_of([ranked(1.5, best=0.2), ranked(1.8, best=0.4)], metrics=[CKA()])
    >>> [(each.name, each.best_gamma, round(each.shift.steps)) for each in found.metrics["cka"].settings]
    [('g = 1.5', 0.2, 0), ('g = 1.8', 0.4, 1)]
    """
    if len(settings) < 2:
        message = f"expected at least two settings to compare, found {len(settings)}; make networks at another one"
        raise InputError(message)
    unit, condition_mean = by_centring(metrics, partial(_metric, settings, seed=seed))
    by_name = {name: [setting.values[name] for setting in settings] for name in settings[0].values}
    return Nuisance(
        reference=settings[0].name,
        over=tuple(Extent(name, min(values), max(values)) for name, values in by_name.items() if len(set(values)) > 1),
        settings=tuple(Setting(each.name, dict(each.values), each.ranking.fit) for each in settings),
        metrics=unit,
        centred=condition_mean,
    )


def _metric(settings: Sequence[RankedSetting], metric: Named, centring: str, seed: int) -> MetricNuisance:
    tables = [
        table[
            table["kind"].isin(("model", WITHIN)) & (table["metric"] == metric.name) & (table["centring"] == centring)
        ]
        for table in (setting.scores for setting in settings)
    ]
    # A draw that failed at one setting is left out at all: what is compared is of the same draws.
    failed = {draw for rows in tables for draw in rows.loc[~np.isfinite(rows["score"].to_numpy(float)), "resample"]}
    tables = [rows[~rows["resample"].isin(failed)] for rows in tables]
    if any(rows.empty for rows in tables):
        return MetricNuisance()
    arrays = [arrays_of(rows) for rows in tables]
    first = arrays[0]
    for setting, own in zip(settings, arrays, strict=True):
        if (own.draws, own.gammas, own.networks) != (first.draws, first.gammas, first.networks):
            raise InputError(
                f"expected the draws, gammas and networks of {settings[0].name} at every setting, found others at "
                f"{setting.name}; make all settings with the same gammas, seeds, chains and members"
            )
    gammas, sampling = first.gammas, settings[0].ranking.sampling
    plain = _resampled([each.plain for each in arrays], sampling, seed)
    of_pairs = [each.adjusted for each in arrays]
    known = [each for each in of_pairs if each is not None]
    adjusted = _resampled(known, sampling, seed) if len(known) == len(arrays) else None
    mean, theta = judged = adjusted or plain
    curve = curve_on(gammas)
    peaks = np.stack([curve.steps(theta[:, place]) for place in range(len(settings))], axis=1)
    centre = curve.steps(mean)
    answers = []
    for place, setting in enumerate(settings):
        ranked = (setting.ranking.metrics if centring == "unit" else setting.ranking.centred)[metric.name]
        best, interval = ranked.best_gamma, ranked.gamma_interval
        if best is None or interval is None:  # some other part of the ranking could be computed in no draw
            return MetricNuisance()
        shift = Shift(float(centre[place] - centre[0]), *central(peaks[:, place] - peaks[:, 0]))
        scores, own = (
            () if each is None else gamma_scores(gammas, each[0][place], each[1][:, place])
            for each in (plain, adjusted)
        )
        answers.append(SettingAnswer(setting.name, best, interval, ranked.verdict, scores, shift, own))

    def combined(over_settings: Callable[..., np.ndarray]) -> Combined:
        scores, own = (
            () if each is None else gamma_scores(gammas, over_settings(each[0], axis=0), over_settings(each[1], axis=1))
            for each in (plain, adjusted)
        )
        mean, theta = over_settings(judged[0], axis=0), over_settings(judged[1], axis=1)
        best, (low, high) = gammas[int(mean.argmax())], central(curve.peaks(theta))
        return Combined(scores, best, float(curve.peaks(mean[None])[0]), (min(low, best), max(high, best)), own)

    return MetricNuisance(tuple(answers), profile=combined(np.max), marginal=combined(np.mean))


def _resampled(scores: Sequence[ItemScores], sampling: Sampling, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return mean scores (setting, gamma) and resampled ones (resample, setting, gamma)."""
    by_draw = np.concatenate([each.by_draw for each in scores], axis=1)
    of_all = resampled(ItemScores(by_draw, np.concatenate([each.by_chain for each in scores])), sampling, seed)
    theta = of_all.mean + of_all.deviations
    return of_all.mean.reshape(len(scores), -1), theta.reshape(len(theta), len(scores), -1)
