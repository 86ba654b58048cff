r"""Nuisance settings: what is left of the answer where g, tau, the temperature or the lag were other ones.

Gammas are ranked at every setting on the same draws of the recording. With :math:`s_{\gamma k}` the mean score of gamma
at setting k,

.. math:: \mathrm{profile}_\gamma = \max_k s_{\gamma k}, \qquad
          \mathrm{marginal}_\gamma = \frac{1}{K} \sum_k s_{\gamma k}.

The profile asks which gamma does best if every gamma may choose its setting, the marginal which does best on average
over settings that are taken to be equally likely. Where their curves are highest, and the shift between settings, is
read off proper scores (`Evidence.proper`), as it is at one setting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.metrics.metric import Metric
from neurocompare.ranking.cube import by_chain, cube
from neurocompare.ranking.curve import POINTS, Curve, curve_on
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.evidence import within_of
from neurocompare.ranking.metric_ranking import GammaScore, gamma_scores
from neurocompare.ranking.ranking import Ranking
from neurocompare.ranking.resample import central, half_sample_factor, network_deviations, recording_deviations
from neurocompare.ranking.score import CENTRINGS, WITHIN


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
    scores : tuple of GammaScore
    best_gamma, gamma_star : float
        On the grid, and on the smooth curve through the scores.
    gamma_interval : tuple of (float, float)
        Holds that peak in 95 % of resamples of units, trials and networks, and the best gamma.
    """

    scores: tuple[GammaScore, ...]
    best_gamma: float
    gamma_star: float
    gamma_interval: tuple[float, float]


@dataclass(frozen=True)
class Shift:
    """What one setting says, and how far it moves the answer of the reference setting.

    Attributes
    ----------
    name : str
    best_gamma : float
    gamma_interval : tuple of (float, float)
    verdict : str
    scores : tuple of GammaScore
    steps, low, high : float
        How far the peak of the smooth curve moves, in steps of the grid of gammas, and the 95 % interval over
        resamples in which both settings share units and trials.
    """

    name: str
    best_gamma: float
    gamma_interval: tuple[float, float]
    verdict: str
    scores: tuple[GammaScore, ...]
    steps: float
    low: float
    high: float


@dataclass(frozen=True)
class MetricNuisance:
    """What one metric says over settings, under one centring; without numbers where no draw could be scored."""

    metric: str
    settings: tuple[Shift, ...] = ()
    profile: Combined | None = None
    marginal: Combined | None = None


@dataclass(frozen=True)
class Nuisance:
    """The answer over nuisance settings.

    Attributes
    ----------
    reference : str
        Name of the setting that shifts are told from.
    over : tuple of (str, float, float)
        Nuisances that vary, each with its smallest and largest value.
    values, fit : tuple
        (name of a setting, its value of every nuisance), and (name, ((gamma, loss), ...)).
    metrics, centred : tuple of MetricNuisance
        With each unit's mean removed, and with the mean over conditions removed as well.
    """

    reference: str
    over: tuple[tuple[str, float, float], ...]
    values: tuple[tuple[str, Mapping[str, float]], ...]
    fit: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]
    metrics: tuple[MetricNuisance, ...]
    centred: tuple[MetricNuisance, ...]


def nuisance_of(settings: Sequence[RankedSetting], *, metrics: Sequence[Metric], seed: int = 0) -> Nuisance:
    """Put the rankings of several settings together.

    Resampled scores share what the draws share, at every gamma and setting; networks are resampled apart for each. An
    interval of the profile takes the maximum anew in every resample.

    Parameters
    ----------
    settings : sequence of RankedSetting
        The first is the reference.
    metrics : sequence of Metric
    seed : int
        Of the resampling.

    Returns
    -------
    Nuisance

    Raises
    ------
    InputError
        If there are fewer than two settings, or they differ in their gammas, networks or draws.
    """
    if len(settings) < 2:
        message = f"expected at least two settings to compare, found {len(settings)}; make networks at another one"
        raise InputError(message)
    names = [setting.name for setting in settings]
    by_centring = {
        centring: tuple(_metric(settings, metric.name, centring, seed) for metric in metrics) for centring in CENTRINGS
    }
    found = {name: [setting.values[name] for setting in settings] for name in settings[0].values}
    return Nuisance(
        reference=names[0],
        over=tuple((name, min(values), max(values)) for name, values in found.items() if len(set(values)) > 1),
        values=tuple((setting.name, dict(setting.values)) for setting in settings),
        fit=tuple((setting.name, setting.ranking.fit) for setting in settings),
        metrics=by_centring["unit"],
        centred=by_centring["condition-mean"],
    )


def _metric(settings: Sequence[RankedSetting], metric: str, centring: str, seed: int) -> MetricNuisance:
    tables = [
        table[table["kind"].isin(("model", WITHIN)) & (table["metric"] == metric) & (table["centring"] == centring)]
        for table in (setting.scores for setting in settings)
    ]
    # A draw that failed at one setting is left out at all: what is compared is of the same draws.
    failed = {draw for rows in tables for draw in rows.loc[~np.isfinite(rows["score"].to_numpy(float)), "resample"]}
    tables = [rows[~rows["resample"].isin(failed)] for rows in tables]
    if any(rows.empty for rows in tables):
        return MetricNuisance(metric)
    cubes = [cube(rows, "model") for rows in tables]
    for setting, found in zip(settings, cubes, strict=True):
        if found[:3] != cubes[0][:3]:
            message = (
                f"expected the draws, gammas and networks of {settings[0].name} at every setting, found others at "
                f"{setting.name}; make all settings with the same gammas, seeds, chains and members"
            )
            raise InputError(message)
    _, gammas, networks, _ = cubes[0]
    scores = np.stack([found[3] for found in cubes], axis=1)  # (draw, setting, gamma, network)
    mean, theta = _resampled(scores, networks, settings[0].ranking.sampling, seed)
    curve = curve_on(tuple(gammas))
    apart = -0.5 * np.stack([within_of(rows, gammas) for rows in tables])  # what makes a score proper, see `Evidence`
    peaks = np.stack([_steps(curve, theta[:, place] + apart[place]) for place in range(len(settings))], axis=1)
    centre = [float(_steps(curve, row[None])[0]) for row in mean + apart]
    shifts = []
    for place, setting in enumerate(settings):
        rankings = setting.ranking.metrics if centring == "unit" else setting.ranking.centred
        ranked = next(each for each in rankings if each.metric == metric)
        best, interval, verdict = ranked.best_gamma, ranked.gamma_interval, ranked.verdict
        if best is None:  # some other part of the ranking could be computed in no draw
            return MetricNuisance(metric)
        low, high = central(peaks[:, place] - peaks[:, 0])
        shifts.append(
            Shift(
                setting.name, best, interval, verdict, gamma_scores(gammas, mean[place], theta[:, place]),
                centre[place] - centre[0], low, high,
            )
        )  # fmt: skip
    return MetricNuisance(
        metric,
        tuple(shifts),
        profile=_combined(gammas, mean, theta, apart, curve, np.max),
        marginal=_combined(gammas, mean, theta, apart, curve, np.mean),
    )


def _resampled(
    scores: np.ndarray, networks: list[tuple[int, int]], sampling: Sampling, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean scores (setting, gamma) and resampled ones (resample, setting, gamma)."""
    draws, settings, gammas, _ = scores.shape
    by_draw = scores.mean(axis=3).reshape(draws, settings * gammas)
    chains = by_chain(scores.mean(axis=0).reshape(settings * gammas, -1), networks)
    factor = half_sample_factor(sampling.units, sampling.units_drawn)
    deviations = factor * recording_deviations(by_draw, seed=seed) + network_deviations(chains, seed=seed)
    mean = by_draw.mean(axis=0).reshape(settings, gammas)
    return mean, mean + deviations.reshape(-1, settings, gammas)


def _steps(curve: Curve, scores: np.ndarray) -> np.ndarray:
    """Return where each row's smooth curve is highest, counted in steps of the grid."""
    return (scores @ curve.spline.T).argmax(axis=1) / POINTS


def _combined(
    gammas: Sequence[float],
    mean: np.ndarray,
    theta: np.ndarray,
    apart: np.ndarray,
    curve: Curve,
    over_settings: Callable[..., np.ndarray],
) -> Combined:
    scores, resampled = over_settings(mean, axis=0), over_settings(theta, axis=1)
    best = gammas[int(scores.argmax())]
    low, high = central(curve.peaks(over_settings(theta + apart, axis=1)))
    star = float(curve.peaks(over_settings(mean + apart, axis=0)[None])[0])
    return Combined(gamma_scores(gammas, scores, resampled), best, star, (min(low, best), max(high, best)))
