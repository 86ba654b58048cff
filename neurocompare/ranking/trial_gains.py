r"""Trial gains: how much more a recording varies from trial to trial than Poisson spikes do.

In trial k a unit u fires at its condition's rate times a gain of its own, :math:`h_{ku}`, and one that all units share,
:math:`g_k`, both of mean 1 (the modulated Poisson process of Goris, Movshon & Simoncelli 2014, Nature Neuroscience 17,
858). Counts N of a trial with mean :math:`\mu` then have

.. math:: \mathrm{Var}(N_u) = \mu_u + \mu_u^2 \, [(1 + \sigma_g^2)(1 + \sigma_h^2) - 1],
          \qquad \mathrm{Cov}(N_u, N_v) = \mu_u \mu_v \, \sigma_g^2,

which gives both variances.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurocompare.recordings.trials import Trials


@dataclass(frozen=True)
class TrialGains:
    """Variances over trials of gains of mean 1.

    Attributes
    ----------
    own : float
        Of each unit by itself.
    shared : float
        Of all units together.

    Examples
    --------
    >>> TrialGains(own=0.0, shared=0.0).draw(2, 3, np.random.default_rng(0)).tolist()
    [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """

    own: float
    shared: float

    def draw(self, trials: int, units: int, rng: np.random.Generator) -> np.ndarray:
        """Draw the gain of every unit in every trial, gamma-distributed.

        Parameters
        ----------
        trials, units : int
        rng : numpy.random.Generator
            Nothing is taken from it where a variance is 0.

        Returns
        -------
        array, shape (trial, unit)
        """
        gains = np.ones((trials, units))
        for variance, shape in ((self.shared, (trials, 1)), (self.own, (trials, units))):
            if variance > 0:
                gains *= rng.gamma(1 / variance, variance, shape)
        return gains


POISSON = TrialGains(own=0.0, shared=0.0)
"""Of spikes that vary no more than a Poisson process does."""


def trial_gains_of(trials: Trials) -> TrialGains:
    """Measure how much a recording varies over the trials of a condition, beyond Poisson spikes.

    Parameters
    ----------
    trials : Trials
        With two trials or more of each condition.

    Returns
    -------
    TrialGains
        0 where it varies no more, or less.

    Examples
    --------
    >>> from neurocompare.recordings import open_recording, trials_of
    >>> gains = trial_gains_of(trials_of(open_recording("synthetic")))  # spikes are Poisson
    >>> gains.own < 0.02, gains.shared < 0.002
    (True, True)
    """
    labels, counts = trials.counts["condition"].values, trials.counts.values.sum(axis=1)
    excess = expected = common = pairs = 0.0
    for label in np.unique(labels):
        repeats = counts[labels == label]
        mean, variance, number = repeats.mean(axis=0), repeats.var(axis=0, ddof=1), len(repeats)
        # Squares of means are too large by their variance.
        excess += float((variance - mean).sum())
        expected += float((mean**2 - variance / number).sum())
        of_pairs = float(repeats.sum(axis=1).var(ddof=1) - variance.sum())
        common += of_pairs
        pairs += float(mean.sum() ** 2 - (mean**2).sum() - of_pairs / number)
    shared = max(0.0, common / pairs) if pairs > 0 else 0.0
    together = max(0.0, excess / expected) if expected > 0 else 0.0
    return TrialGains(own=max(0.0, (1 + together) / (1 + shared) - 1), shared=shared)
