"""Whether chains have converged: effective sample size, autocorrelation time, split R-hat, and a verdict in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurocompare.models.observables import OBSERVABLES

WORTH = 2
"""Effective samples that chains are to have for every network that is kept of them."""

FEWEST = 4
"""Networks for which there are to be enough, where fewer are kept: so few samples tell nothing of their own number."""


@dataclass(frozen=True)
class Diagnosis:
    """How far the chains at one gamma can be trusted.

    Attributes
    ----------
    r_hat : float
        Largest split R-hat of the observables.
    effective : float
        Smallest effective sample size of the observables, all chains together.
    converged : bool
    why : str
        The verdict in one sentence.
    lacking : float
        How many times the samples that were judged it takes until they are enough, by a guess: effective samples grow
        as samples do. At most 1 where they are.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> found = diagnose([rng.normal(size=(40, 2)), 5 + rng.normal(size=(40, 2))], networks=4)
    >>> found.r_hat > 2, found.converged, found.lacking > 4
    (True, False, True)
    """

    r_hat: float
    effective: float
    converged: bool
    why: str
    lacking: float


def split_r_hat(draws: np.ndarray) -> float:
    """Compare the halves of all chains: 1 where they agree (Gelman et al. 2013, Bayesian Data Analysis, 11.4).

    Parameters
    ----------
    draws : array, shape (chain, draw)

    Returns
    -------
    float
        sqrt of the variance estimate with between-half variance over the variance within halves.

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_normal((2, 1000))
    >>> bool(split_r_hat(noise) < 1.01), bool(split_r_hat(noise + [[0], [3]]) > 1.5)
    (True, True)
    """
    half = draws.shape[1] // 2
    halves = np.concatenate([draws[:, :half], draws[:, -half:]])
    within = halves.var(axis=1, ddof=1).mean()
    between = halves.mean(axis=1).var(ddof=1)
    if within == 0:
        return 1.0 if between == 0 else float("inf")
    return float(np.sqrt((half - 1) / half + between / within))


def autocorrelation_time(draws: np.ndarray) -> float:
    """Integrated autocorrelation time, averaged over chains around their common mean, in draws (at least 1).

    tau = 1 + 2 sum_k rho_k, summed up to the first window of five times tau (Sokal 1997). The common mean makes
    chains that sit apart count as slow.

    Examples
    --------
    >>> bool(autocorrelation_time(np.random.default_rng(0).standard_normal((4, 1000))) < 1.3)
    True
    """
    centred = draws - draws.mean()
    n = draws.shape[1]
    spectrum = np.abs(np.fft.rfft(centred, 2 * n, axis=1)) ** 2
    covariance = np.fft.irfft(spectrum, axis=1)[:, :n].mean(axis=0) / np.arange(n, 0, -1)
    if covariance[0] == 0:
        return 1.0
    times = 1 + 2 * np.cumsum(covariance[1:] / covariance[0])
    window = np.nonzero(np.arange(1, n) >= 5 * times)[0]
    return float(max(1.0, times[window[0]] if len(window) else times[-1]))


def effective_samples(draws: np.ndarray) -> float:
    r"""Return how many independent samples are worth as much as those of K chains of n, by the smaller of two counts.

    .. math:: \min\Big(\frac{K n}{\tau}, \; \frac{2 K}{\hat R^2 - (h - 1) / h}\Big), \qquad h = n / 2

    By their autocorrelation time tau, which does not see what all chains do alike; and by how much the means of their
    2 K halves differ, beside the samples in them, which is 1 / effective for each half: what split R-hat says (Vats &
    Knudson 2021, Statistical Science 36), and what sees chains that are still on the way. 0 if a sample is no
    number.

    Parameters
    ----------
    draws : array, shape (chain, draw)

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_normal((4, 100))
    >>> effective_samples(noise) > 200, effective_samples(noise + np.linspace(5, 0, 100)) < 8
    (True, True)
    """
    if not np.isfinite(draws).all():
        return 0.0
    chains, count = draws.shape
    half = count // 2
    apart = split_r_hat(draws) ** 2 - (half - 1) / half
    of_halves = 2 * chains / apart if apart > 0 else np.inf
    return float(min(draws.size / autocorrelation_time(draws), of_halves))


def diagnose(traces: Sequence[np.ndarray], *, networks: int, burn_in: float = 0.25) -> Diagnosis:
    """Judge the chains of one gamma by whether they are worth the networks that are kept of them.

    What is asked of chains are some networks that are independent samples, not means to a certain error: so many
    effective samples are enough as networks are kept, and twice as many are asked for, since few samples tell their
    number badly. It is counted in two ways, of which the smaller counts, see `effective_samples`.

    Parameters
    ----------
    traces : sequence of array, shape (trajectory, observable)
        One a chain, from its first sample on. Of longer ones the last part counts.
    networks : int
        How many are kept of all these chains together.
    burn_in : float
        Share of a trace, from its beginning, that is not judged.

    Returns
    -------
    Diagnosis
        Converged if the effective samples of every observable are at least `WORTH` times the networks, or times
        `FEWEST` where that is more.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> diagnose([rng.normal(size=(40, 2)), rng.normal(size=(40, 2))], networks=4).converged
    True
    >>> diagnose([rng.normal(size=(40, 2)), 5 + rng.normal(size=(40, 2))], networks=4).converged
    False
    """
    length = min(map(len, traces))
    draws = np.stack([trace[int(burn_in * length) - length :] for trace in traces])
    effectives = [effective_samples(draws[:, :, k]) for k in range(draws.shape[2])]
    least, needed = int(np.argmin(effectives)), WORTH * max(networks, FEWEST)
    counted = f"{effectives[least]:.0f} effective samples of {OBSERVABLES[least]} for {networks} networks"
    enough = effectives[least] >= needed
    return Diagnosis(
        r_hat=float(np.max([split_r_hat(draws[:, :, k]) for k in range(draws.shape[2])])),
        effective=effectives[least],
        converged=enough,
        why=counted if enough else f"{counted} (at least {needed} expected): chains are too short, or differ",
        lacking=needed / effectives[least] if effectives[least] else np.inf,
    )
