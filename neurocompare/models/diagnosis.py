"""Whether chains have converged: split R-hat, autocorrelation time, effective sample size, and a verdict in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurocompare.models.observables import OBSERVABLES

MAX_R_HAT = 1.1


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
        The observable with the largest R-hat.
    r_hats, effectives : tuple of float
        Of each of `OBSERVABLES`.
    converged : bool
    why : str
        The verdict in one sentence.
    lacking : float
        How many times the samples that were judged it takes until chains agree, by a guess: their disagreement falls as
        1 / samples. At most 1 where they do.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> found = diagnose([rng.normal(size=(40, 2)), 5 + rng.normal(size=(40, 2))], spacing=10)
    >>> found.r_hat > 2, found.converged, found.lacking > 10
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


def diagnose(traces: Sequence[np.ndarray], *, spacing: float, burn_in: float = 0.25) -> Diagnosis:
    """Judge the chains of one gamma.

    Parameters
    ----------
    traces : sequence of array, shape (trajectory, observable)
        One a chain, from its first sample on. Of longer ones the last part counts.
    spacing : float
        Trajectories between the members that are kept.
    burn_in : float
        Share of a trace, from its beginning, that is not judged.

    Returns
    -------
    Diagnosis
        Converged if every observable has split R-hat below 1.1 and members are at least one autocorrelation apart.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> diagnose([rng.normal(size=(40, 2)), rng.normal(size=(40, 2))], spacing=10).converged
    True
    >>> diagnose([rng.normal(size=(40, 2)), 5 + rng.normal(size=(40, 2))], spacing=10).converged
    False
    """
    length = min(map(len, traces))
    draws = np.stack([trace[int(burn_in * length) - length :] for trace in traces])
    r_hats = [split_r_hat(draws[:, :, k]) for k in range(draws.shape[2])]
    times = [autocorrelation_time(draws[:, :, k]) for k in range(draws.shape[2])]
    worst = int(np.argmax(r_hats))
    longest = max(times)
    effective = draws.shape[0] * draws.shape[1] / longest
    if r_hats[worst] >= MAX_R_HAT:
        why = f"chains disagree: split R-hat {r_hats[worst]:.2f} of {OBSERVABLES[worst]} (below {MAX_R_HAT} expected)"
    elif longest > spacing:
        why = f"members are {spacing:.0f} trajectories apart, closer than the autocorrelation time {longest:.0f}"
    else:
        why = (
            f"split R-hat {r_hats[worst]:.2f}, autocorrelation {longest:.1f} trajectories, members {spacing:.0f} apart"
        )
    return Diagnosis(
        r_hat=r_hats[worst],
        autocorrelation=longest,
        effective=effective,
        slowest=OBSERVABLES[worst],
        r_hats=tuple(r_hats),
        effectives=tuple(draws.shape[0] * draws.shape[1] / each for each in times),
        converged=r_hats[worst] < MAX_R_HAT and longest <= spacing,
        why=why,
        lacking=max((r_hats[worst] ** 2 - 1) / (MAX_R_HAT**2 - 1), longest / spacing),
    )
