"""Nulls: what a network scores when the recording's conditions or times no longer match its own, or never did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurocompare.records import Share
from neurocompare.responses import Responses

NULLS = ("conditions", "time-shift", "surrogates")
"""Names, as they follow ``"null:"`` in the score table."""

UNMOVED = 0.1
"""A null says nothing where it moves scores by less than this share of their spread over draws and gammas."""


def permute_conditions(responses: Responses, permutation: np.ndarray) -> Responses:
    """Give each condition's activity to another condition; tuning, smoothness and shared time course stay.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> rates = make_responses(np.arange(4.0).reshape(2, 1, 2), condition=["left", "right"], time=[0.0])
    >>> permute_conditions(rates, np.array([1, 0])).values.tolist()
    [[[2.0, 3.0]], [[0.0, 1.0]]]
    """
    return responses.copy(data=responses.values[permutation])


def shift_time(responses: Responses, shift: int) -> Responses:
    """Shift activity by `shift` bins along the whole time axis, the end returning at the start.

    Unlike a permutation of time bins, which would leave no autocorrelation and make anything smooth look special.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> rates = make_responses(np.arange(12.0).reshape(2, 3, 2), condition=["left", "right"], time=[0.0, 0.1, 0.2])
    >>> shift_time(rates, 1).values[0, :, 0].tolist()
    [4.0, 0.0, 2.0]
    """
    return responses.copy(data=np.roll(responses.values, shift, axis=1))


@dataclass(frozen=True)
class Null:
    """A null distribution of the best score on the grid, and where the observed best score stands in it.

    Attributes
    ----------
    mean, high : float
        Mean and 95 % quantile over draws of the largest null score over gammas.
    p : float
        Share of draws, the observed one counted among them, in which that reaches the observed best score.
    says : bool
        False where the metric cannot see what the null has broken (a comparison of dynamics does not care which
        condition is which): scores are the same with and without, within a tenth of their spread.

    Examples
    --------
    >>> found = max_corrected(np.array([[0.1, 0.2], [0.3, 0.0], [0.1, 0.1]]), best=0.9)
    >>> found.p, round(found.mean, 6)  # no draw of three comes near: 1 of 4, the observed one counted
    (0.25, 0.2)
    """

    mean: float
    high: float
    p: Share
    says: bool = True


def max_corrected(null: np.ndarray, best: float, *, intact: np.ndarray | None = None) -> Null:
    r"""Compare the best of many scores with the best of as many null scores.

    .. math:: p = \frac{1 + \#\{r : \max_\gamma n_{r\gamma} \ge s\}}{1 + R}

    for null scores n in R draws and observed best score s. Taking the maximum on both sides pays for having
    picked the best gamma. As s is a mean over draws and networks while every :math:`n_{r\gamma}` is one network in one
    draw, the null spreads wider than s would under it: the test errs on the careful side.

    Parameters
    ----------
    null : array, shape (draw, gamma)
    best : float
    intact : array, shape (draw, gamma), optional
        Scores of the same networks in the same draws with nothing broken: where they hardly differ, `Null.says` is
        False.

    Returns
    -------
    Null

    Examples
    --------
    >>> max_corrected(np.array([[0.1, 0.2], [0.3, 0.0], [0.1, 0.1]]), best=0.25).p
    0.5
    """
    largest = null.max(axis=1)
    return Null(
        mean=float(largest.mean()),
        high=float(np.quantile(largest, 0.95)),
        p=float((1 + (largest >= best).sum()) / (1 + len(largest))),
        says=intact is None or _moves(null, intact),
    )


def _moves(null: np.ndarray, intact: np.ndarray) -> bool:
    """Say whether breaking the match changes scores, root mean square, beyond rounding and a tenth of their spread."""
    return bool(np.sqrt(((null - intact) ** 2).mean()) > max(UNMOVED * intact.std(), 1e-9))
