"""Shared settings: whether the gammas of two recordings differ where all other settings are those of both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neurocompare.ranking.curve import curve_on
from neurocompare.ranking.profile import spread_settings, uphill
from neurocompare.ranking.resampled_scores import Resampled
from neurocompare.ranking.shift import Shift, shifts_between
from neurocompare.ranking.surface import RESAMPLES, fit_surface
from neurocompare.streams import Purpose, one_seed, stream


def shifts_at_shared_settings(
    metric: str,
    names: Sequence[str],
    scores: Sequence[Resampled],
    *,
    places: np.ndarray,
    gammas: tuple[float, ...],
    at: np.ndarray,
    seed: int = 0,
) -> tuple[Shift, ...]:
    r"""Compare the best gammas of all pairs of recordings that were explored with one design.

    With surfaces :math:`f_r(\gamma, \theta)` of two recordings, see `Surface`, each has its own gamma and both have one
    theta:

    .. math:: \hat\theta = \arg\max_\theta \sum_r \max_\gamma f_r(\gamma, \theta), \qquad
              \hat\gamma_r = \arg\max_\gamma f_r(\gamma, \hat\theta),

    taken anew on surfaces that are as likely (other units and trials, and what networks and a finite design leave
    open, drawn for each recording by itself). g, tau, beta or a lag that nobody knows then moves both gammas, and
    their difference far less.

    Parameters
    ----------
    metric : str
    names : sequence of str
        Of the recordings.
    scores : sequence of Resampled
        One a recording, of all points of the design; what comes after the points is not used.
    places : array, shape (point, factor)
        Of the design, gamma first.
    gammas, at
        The grid, ascending, and where it is on the first axis.
    seed : int

    Returns
    -------
    tuple of Shift
        Every recording against each one before it.

    Examples
    --------
    >>> from scipy.stats import qmc
    >>> places = qmc.Sobol(2, rng=np.random.default_rng(0)).random(32)
    >>> def scored(peak, noise):  # best where gamma is at `peak` and the other setting is at 0.5, in both recordings
    ...     means = -((places[:, 0] - peak) ** 2) - (places[:, 1] - 0.5) ** 2
    ...     return Resampled(means, 0.01 * noise, 0 * noise, np.zeros((32, 1)))
    >>> noise, at = np.random.default_rng(1).standard_normal((2, 1000, 32)), np.linspace(0, 1, 9)
    >>> scores, gammas = [scored(0.25, noise[0]), scored(0.75, noise[1])], tuple(2.0 ** np.arange(9))
    >>> (found,) = shifts_at_shared_settings("cka", ["PMd", "M1"], scores, places=places, gammas=gammas, at=at)
    >>> found.sure, 30 < found.difference < 90  # 2^6 - 2^2 = 60
    (True, True)
    """
    points, curve = len(places), curve_on(gammas)
    spread = spread_settings(places.shape[1] - 1, stream(Purpose.SETTINGS, seed))
    means = [each.mean[:points] for each in scores]
    surfaces = [fit_surface(places, mean, seed=one_seed(Purpose.SURFACE, seed)) for mean in means]
    known = list(zip(surfaces, means, strict=True))
    settings = np.vstack([spread, *(uphill(*each, gamma, spread) for each in known for gamma in at)])
    grid = np.column_stack([np.repeat(at, len(settings)), np.tile(settings, (len(at), 1))])
    expected, drawn = [], []
    for number, ((surface, mean), each) in enumerate(zip(known, scores, strict=True), start=1):
        resampled = mean + each.recorded[:RESAMPLES, :points]
        shape = (-1, len(at), len(settings))
        expected.append(surface.mean(mean, grid).reshape(shape))
        drawn.append(surface.drawn(resampled, stream(Purpose.SETTINGS, seed, number)).at(grid).reshape(shape))

    def apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return how far peaks are apart on surfaces (resample, gamma, place), at the settings that suit both."""
        suiting = (one.max(axis=1) + other.max(axis=1)).argmax(axis=1)
        first, second = (curve.peaks(each[np.arange(len(each)), :, suiting]) for each in (one, other))
        return second - first

    return shifts_between(
        metric,
        names,
        lambda one, other: (float(apart(expected[one], expected[other])[0]), apart(drawn[one], drawn[other])),
    )
