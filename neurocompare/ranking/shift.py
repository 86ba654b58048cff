"""Shift: by how much the best gamma of one recording is above that of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from neurocompare.ranking.axis import GAMMA, Axis
from neurocompare.ranking.contrast import LEVEL
from neurocompare.ranking.curve import curve_on
from neurocompare.ranking.resample import network_deviations_together
from neurocompare.ranking.resampled_scores import Resampled
from neurocompare.records import Share
from neurocompare.streams import Purpose, one_seed


@dataclass(frozen=True)
class Shift:
    """By how much the best gamma of one recording is above that of another, its interval, and its p.

    Attributes
    ----------
    metric : str
    recording, against : str
        The two that are compared.
    difference : float
        Gamma at the peak of the first one's curve (`MetricRanking.gamma_star`) less that of the second.
    low, high : float
        Ends of the interval: 95 % for all pairs of recordings together.
    p : float
        Corrected for all pairs.

    Examples
    --------
    >>> found = Shift("cka", "M1", "PMd", difference=0.3, low=0.1, high=0.7, p=0.004)
    >>> found.sure, str(found)
    (True, 'By cka, the best gamma of M1 is higher than that of PMd by 0.3 (95 % interval 0.1 to 0.7).')
    """

    metric: str
    recording: str
    against: str
    difference: float
    low: float
    high: float
    p: Share

    @property
    def sure(self) -> bool:
        """Whether the two differ."""
        return self.p < LEVEL

    @property
    def row(self) -> tuple[str, str, str, str, str, str]:
        """Metric, the two recordings, the difference, its interval and p, as a row of a table."""
        interval = f"{self.low:.3g} to {self.high:.3g}"
        p = f"{self.p:.2g}" if self.p >= 0.001 else "< 0.001"
        return self.metric, self.recording, self.against, f"{self.difference:+.3g}", interval, p

    def sentence(self, noun: str) -> str:
        """Say it, of what is called so."""
        one, other = f"By {self.metric}, the best {noun} of {self.recording}", f"that of {self.against}"
        if not self.sure:
            interval = f"(95 % interval {self.low:.3g} to {self.high:.3g})"
            return f"{one} cannot be told from {other}: the difference is {self.difference:.3g} {interval}."
        side, ends = ("higher", (self.low, self.high)) if self.difference > 0 else ("lower", (-self.high, -self.low))
        by = f"by {abs(self.difference):.3g} (95 % interval {ends[0]:.3g} to {ends[1]:.3g})"
        return f"{one} is {side} than {other} {by}."

    def __str__(self) -> str:
        return self.sentence("gamma")


def shifts_of(
    metric: str,
    names: Sequence[str],
    scores: Sequence[Resampled],
    *,
    gammas: tuple[float, ...],
    networks: Sequence[object],
    axis: Axis = GAMMA,
    seed: int = 0,
) -> tuple[Shift, ...]:
    r"""Compare the best gammas of all pairs of recordings.

    With :math:`\hat\gamma_r` the peak of recording r's curve (`Curve`) in one resample of its units, its trials and its
    networks, the difference of two recordings is resampled as :math:`\hat\gamma_r - \hat\gamma_s`. Units and trials of
    two recordings are independent. Networks that both were scored with are resampled together (see
    `network_deviations_together`), so that what these networks do by chance to both cancels; others are independent.
    What bears on all recordings alike, as a setting that is wrong for all of them does, cancels as far as it moves
    their gammas alike. p is twice the smaller share of resamples on either side of 0, the observed one counted among
    them, times the number of pairs; the interval leaves out 0 where p < 0.05, but for rounding.

    Parameters
    ----------
    metric : str
    names : sequence of str
        Of the recordings.
    scores : sequence of Resampled
        One a recording, of all gammas, from different seeds; what comes after the gammas is not used.
    gammas : tuple of float
        Ascending.
    networks : sequence
        One a recording; recordings for which these are equal were scored with the same networks.
    axis : Axis
    seed : int
        Of the networks.

    Returns
    -------
    tuple of Shift
        Every recording against each one before it.

    Examples
    --------
    Scores that fall off from 0.4 in one recording and from 6.4 in the other:

    >>> noise, gammas = np.random.default_rng(0).standard_normal((2, 1000, 5)), (0.1, 0.4, 1.6, 6.4, 25.6)
    >>> means = [-0.1 * (np.log2(gammas) - np.log2(peak)) ** 2 for peak in (0.4, 6.4)]
    >>> scores = [Resampled(m, 0.02 * e, 0 * e, np.zeros((5, 1))) for m, e in zip(means, noise, strict=True)]
    >>> (found,) = shifts_of("cka", ["PMd", "M1"], scores, gammas=gammas, networks=["a", "a"])
    >>> found.recording, found.against, found.difference > 5, found.sure
    ('M1', 'PMd', True, True)
    """
    count, curve = len(gammas), curve_on(gammas, axis.scale)
    resamples = min(len(each.recorded) for each in scores)
    alike: dict[object, list[int]] = {}
    for place, made in enumerate(networks):
        alike.setdefault((made, scores[place].chains.shape[1]), []).append(place)
    peaks = {}
    for number, places in enumerate(alike.values()):
        networked = network_deviations_together(
            np.stack([scores[place].chains[:count] for place in places]),
            seed=one_seed(Purpose.POOLED, seed, number),
            resamples=resamples,
        )
        for place, deviations in zip(places, networked, strict=True):
            recorded = scores[place].recorded[:resamples, :count]
            peaks[place] = curve.peaks(scores[place].mean[:count] + recorded + deviations)
    star = [float(curve.peaks(each.mean[None, :count])[0]) for each in scores]
    return shifts_between(metric, names, lambda one, other: (star[other] - star[one], peaks[other] - peaks[one]))


def shifts_between(
    metric: str, names: Sequence[str], apart: Callable[[int, int], tuple[float, np.ndarray]]
) -> tuple[Shift, ...]:
    """Return interval and p of the differences of all pairs.

    Parameters
    ----------
    metric : str
    names : sequence of str
        Of the recordings.
    apart : callable
        Of two places in `names`: how much larger the second one's best gamma is, and the same in resamples (resample,).
    """
    pairs, shifts = list(combinations(range(len(names)), 2)), []
    share = LEVEL / 2 / len(pairs)
    for one, other in pairs:
        difference, resampled = apart(one, other)
        low, high = np.quantile(resampled, [share, 1 - share])
        tail = 1 + min((resampled <= 0).sum(), (resampled >= 0).sum())
        shifts.append(
            Shift(
                metric,
                names[other],
                names[one],
                difference,
                min(float(low), difference),
                max(float(high), difference),
                min(1.0, 2 * len(pairs) * float(tail) / (1 + len(resampled))),
            )
        )
    return tuple(shifts)
