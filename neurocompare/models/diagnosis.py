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
    autocorrelation : float
        Longest integrated autocorrelation time of the observables, in trajectories.
    effective : float
        Smallest effective sample size of the observables, all chains together.
    slowest : str
        The observable with the smallest effective sample size.
    r_hats, effectives : tuple of float
        Of each of `OBSERVABLES`.
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
    autocorrelation: float
    effective: float
    slowest: str
    r_hats: tuple[float, ...]
    effectives: tuple[float, ...]
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


def diagnose(traces: Sequence[np.ndarray], *, networks: int, burn_in: float = 0.25) -> Diagnosis:
    """Judge the chains of one gamma by whether they are worth the networks that are kept of them.

    What is asked of chains are some networks that are independent samples, not means to a certain error: so many
    effective samples are enough as networks are kept, and twice as many are asked for, since few samples tell their
    autocorrelation badly. Split R-hat says the same otherwise: that of K chains is about sqrt(1 + K / effective) (Vats
    & Knudson 2021, Statistical Science 36), as long as they are long.

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
    r_hats = [split_r_hat(draws[:, :, k]) for k in range(draws.shape[2])]
    times = [autocorrelation_time(draws[:, :, k]) for k in range(draws.shape[2])]
    effectives = [draws.shape[0] * draws.shape[1] / time for time in times]
    least, needed = int(np.argmin(effectives)), WORTH * max(networks, FEWEST)
    counted = f"{effectives[least]:.0f} effective samples of {OBSERVABLES[least]} for {networks} networks"
    enough = effectives[least] >= needed
    return Diagnosis(
        r_hat=max(r_hats),
        autocorrelation=times[least],
        effective=effectives[least],
        slowest=OBSERVABLES[least],
        r_hats=tuple(r_hats),
        effectives=tuple(effectives),
        converged=enough,
        why=counted if enough else f"{counted} (at least {needed} expected): chains are too short, or differ",
        lacking=needed / effectives[least],
    )
