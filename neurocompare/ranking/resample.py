"""Resampling: how far scores could have come out differently with other units, trials and networks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import fdtri

from neurocompare.streams import Purpose, one_seed, stream

RESAMPLES = 4000
"""How often scores are resampled: a p of 0.05 then has a standard error of 0.0035."""

UNLIKE = 0.01
"""Where all items are alike, how often the spread of the chains of one is taken to say nothing of the others'."""


def half_sample_factor(n: int, m: int) -> float:
    r"""Return what turns the spread of subsamples into the sampling spread of the whole.

    A mean over m of n units, drawn without replacement, has variance :math:`\frac{S^2}{m} \frac{n - m}{n}` around the
    mean over all n, which itself has sampling variance :math:`S^2 / n`: deviations of subsamples are to be multiplied
    by

    .. math:: \sqrt{\frac{m}{n - m}},

    which is 1 for exact halves.

    Parameters
    ----------
    n, m : int
        Units in all, and in a subsample, 0 < m < n.

    References
    ----------
    Shao & Wu (1989). A general theory for jackknife variance estimation. Annals of Statistics 17.

    Examples
    --------
    >>> half_sample_factor(120, 60), round(half_sample_factor(121, 60), 3)
    (1.0, 0.992)
    """
    return float(np.sqrt(m / (n - m)))


def recording_deviations(scores: np.ndarray, *, seed: int = 0, resamples: int = RESAMPLES) -> np.ndarray:
    r"""Resample the recording: deviations of all items together, as those of its half-samples vary together.

    .. math:: e = t \, \frac{1}{\sqrt{R - 1}} \sum_r \xi_r (s_r - \bar s), \qquad t = \sqrt{(R - 1) / \chi^2_{R - 1}}

    with standard normal :math:`\xi`: the multiplier bootstrap [1]_, whose covariance is that of the R draws. What the
    items share in a draw (its units, its trials) they share in e, so differences keep their pairing. t pays for a
    covariance known from R draws only, as Student's does.

    Parameters
    ----------
    scores : array, shape (draw, item)
    seed, resamples : int

    Returns
    -------
    array, shape (resample, item)
        Before `half_sample_factor`.

    References
    ----------
    .. [1] Chernozhukov, Chetverikov & Kato (2013). Gaussian approximations and multiplier bootstrap for maxima of sums
       of high-dimensional random vectors. Annals of Statistics 41.

    Examples
    --------
    >>> recording_deviations(np.ones((20, 3))).std()
    np.float64(0.0)
    """
    generator = stream(Purpose.OTHER_RECORDINGS, seed)
    draws = len(scores)
    if draws < 2:
        return np.zeros((resamples, scores.shape[1]))
    multipliers = generator.standard_normal((resamples, draws)) / np.sqrt(draws - 1)
    return _heavy_tails(generator, resamples, draws - 1) * (multipliers @ (scores - scores.mean(axis=0)))


def network_deviations(chains: np.ndarray, *, seed: int = 0, resamples: int = RESAMPLES) -> np.ndarray:
    r"""Resample the networks behind each item's mean score, independently for each item.

    Networks of two gammas are never the same draw of anything, so a chain of one gamma is no partner of the chain of
    another. Chains are independent, members of one are not: a chain's mean carries its members' own scatter. A few
    chains say little about their own spread (two chains have one degree of freedom), so it is pooled over the G items
    that are alike in it (`_alike`): with n chains each, of mean score :math:`c_{gk}`,

    .. math:: e_g = t \, \frac{s_g}{\sqrt n} \, z_g, \qquad
              s_g^2 = \max\Big(v_g, \; \frac{1}{G} \sum_h v_h\Big), \qquad
              v_g = \frac{1}{n - 1} \sum_k (c_{gk} - \bar c_g)^2,

    :math:`t = \sqrt{\nu / \chi^2_\nu}` with :math:`\nu = G (n - 1)`, z standard normal. An item whose networks differ
    far more than the others', such as those of a gamma at which a network may be in one of two states, has its own
    spread: by the maximum it is not taken for as sure as the others are, nor are they for as unsure as it is.

    Parameters
    ----------
    chains : array, shape (item, chain)
        Mean score of each chain. With one chain nothing is known about others, and deviations are zero.
    seed, resamples : int

    Returns
    -------
    array, shape (resample, item)

    Examples
    --------
    >>> chains = np.array([[0.4, 0.6], [0.5, 0.5], [0.6, 0.4], [0.5, 0.5]])
    >>> bool(0.07 < network_deviations(chains).std() < 0.13)
    True
    """
    return network_deviations_together(chains[None], seed=seed, resamples=resamples)[0]


def network_deviations_together(chains: np.ndarray, *, seed: int = 0, resamples: int = RESAMPLES) -> np.ndarray:
    r"""Resample the networks that several recordings were scored with: `network_deviations` that go together.

    The z of recordings r and s are correlated as the chains' deviations from their means are, over all G items,

    .. math:: \rho_{rs} = \frac{\sum_{gk} d_{rgk} d_{sgk}}{\sqrt{\sum_{gk} d_{rgk}^2 \sum_{gk} d_{sgk}^2}},
              \qquad d_{rgk} = c_{rgk} - \bar c_{rg}.

    Parameters
    ----------
    chains : array, shape (recording, item, chain)
        Mean score of each chain of each item, by recording.
    seed, resamples : int

    Returns
    -------
    array, shape (recording, resample, item)

    Examples
    --------
    >>> chains = np.random.default_rng(0).standard_normal((1, 6, 4))
    >>> one, same = network_deviations_together(np.concatenate([chains, 2 * chains]))
    >>> bool(np.allclose(2 * one, same))
    True
    """
    generator = stream(Purpose.OTHER_NETWORKS, seed)
    recordings, items, n = chains.shape
    if n < 2:
        return np.zeros((recordings, resamples, items))
    own = chains.var(axis=2, ddof=1)
    alike = _alike(own.mean(axis=0), n - 1)
    spread = np.sqrt(np.maximum(own, own[:, alike].mean(axis=1, keepdims=True)) / n)
    off = (chains - chains.mean(axis=2, keepdims=True)).reshape(recordings, -1)
    length = np.linalg.norm(off, axis=1, keepdims=True)
    off = off / np.where(length > 0, length, 1.0)
    values, vectors = np.linalg.eigh(off @ off.T)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    tails = _heavy_tails(generator, resamples, alike.sum() * (n - 1))
    together = np.einsum("rs,sij->rij", root, generator.standard_normal((recordings, resamples, items)))
    return tails * spread[:, None] * together


def _alike(variances: np.ndarray, freedom: int) -> np.ndarray:
    """Return which items' chains differ no more than the others' do, shape (item,).

    From the largest variance on, each is held against the mean of all smaller ones, until the F test does not find it
    larger, with p < `UNLIKE` corrected for its being the largest.
    """
    order, count = np.argsort(variances), len(variances)
    while count > 2:
        others = variances[order[: count - 1]].mean()
        if variances[order[count - 1]] <= fdtri(freedom, (count - 1) * freedom, 1 - UNLIKE / count) * others:
            break
        count -= 1
    alike = np.zeros(len(variances), dtype=bool)
    alike[order[:count]] = True
    return alike


def _heavy_tails(generator: np.random.Generator, resamples: int, freedom: int) -> np.ndarray:
    return np.sqrt(freedom / generator.chisquare(freedom, (resamples, 1)))


def deviations_of(by_draw: np.ndarray, chains: Sequence[np.ndarray], *, factor: float, seed: int = 0) -> np.ndarray:
    """Resample items that need not have as many chains as each other: recording and networks together.

    Parameters
    ----------
    by_draw : array, shape (draw, item)
        Mean score over networks in each draw.
    chains : sequence of array, shape (chain,)
        Mean score of each chain of each item. Spreads are pooled over items of as many chains.
    factor : float
        See `half_sample_factor`.
    seed : int

    Returns
    -------
    array, shape (resample, item)

    Examples
    --------
    >>> by_draw = np.random.default_rng(0).standard_normal((40, 2))
    >>> found = deviations_of(by_draw, [np.array([0.1]), np.array([0.1, 0.3])], factor=1.0)
    >>> found.shape, bool(np.isclose(found[:, 0].std(), by_draw[:, 0].std(), rtol=0.1))
    ((4000, 2), True)
    """
    deviations = factor * recording_deviations(by_draw, seed=seed)
    alike: dict[int, list[int]] = {}
    for item, each in enumerate(chains):
        alike.setdefault(len(each), []).append(item)
    for place, items in enumerate(alike.values()):
        deviations[:, items] += network_deviations(
            np.stack([chains[item] for item in items]), seed=one_seed(Purpose.OTHER_NETWORKS, seed, place)
        )
    return deviations


def share_best(scores: np.ndarray) -> np.ndarray:
    """Return how often each gamma scores highest; resamples in which several do are split between them.

    Parameters
    ----------
    scores : array, shape (resample, gamma)

    Returns
    -------
    array, shape (gamma,)
        Sums to one.

    Examples
    --------
    >>> share_best(np.array([[1.0, 2.0, 0.0], [1.0, 1.0, 0.0]])).tolist()
    [0.25, 0.75, 0.0]
    """
    highest = scores == scores.max(axis=1, keepdims=True)
    return (highest / highest.sum(axis=1, keepdims=True)).mean(axis=0)


def central(values: np.ndarray) -> tuple[float, float]:
    """Return the 2.5 and 97.5 % quantiles.

    Examples
    --------
    >>> central(np.arange(41.0))
    (1.0, 39.0)
    """
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)
