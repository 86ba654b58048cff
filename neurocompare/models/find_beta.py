r"""The temperature at which the networks of one gamma solve the task as well as asked.

Along one chain, log beta moves by stochastic approximation (Robbins & Monro 1951),

.. math:: \log \beta_{k+1} = \log \beta_k + a_k (\log L_k - \log \text{level}), \quad a_k = 1.5 / k^{0.6},

with L_k the mean of E[L | C] over a few trajectories at beta_k; the later iterates are averaged, and the chain goes on
at that beta to measure E[L] with its error. At gamma = 0, and for reservoirs, networks are random whatever beta is:
there the mean over several of them falls with beta, and is solved by bisection.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch

from neurocompare.models.chain import Chain, sample_chain
from neurocompare.models.diagnosis import autocorrelation_time
from neurocompare.models.family import is_reservoir
from neurocompare.models.matching import Matching
from neurocompare.models.posterior import OBSERVABLES, WeightPosterior
from neurocompare.models.reservoir import random_state
from neurocompare.models.samplers import Draw
from neurocompare.models.sampling import Sampling
from neurocompare.parallel import one_thread
from neurocompare.settings import Family, digest_of
from neurocompare.streams import Purpose, offspring, torch_stream
from neurocompare.tasks.task import Task, task_digest

# Enters every key: raise it when a change makes results of equal settings differ.
RECIPE = 4


@dataclass(frozen=True)
class Match:
    """What was found for one gamma.

    Attributes
    ----------
    family : Family
        With the beta that was found.
    gamma : float
    level : float
        The loss aimed at.
    expected_loss, error : float
        E[L] measured at that beta, and its standard error.
    reached : bool
        Whether it is the level within the tolerance or two standard errors.
    why : str
        The same in a sentence, with the miss.

    Examples
    --------
    >>> found = Match(Family(beta=250.0), 0.4, level=0.1, expected_loss=0.101, error=0.002, reached=True, why="")
    >>> found.family.beta
    250.0
    """

    family: Family
    gamma: float
    level: float
    expected_loss: float
    error: float
    reached: bool
    why: str


@dataclass(frozen=True, eq=False)
class Search:
    """One gamma of one family, and the level it should reach; None: measure what it has."""

    task: Task
    family: Family
    gamma: float
    level: float | None
    frozen: bool
    seed: int
    sampling: Sampling
    matching: Matching
    device: str
    dtype: str

    @property
    def random(self) -> bool:
        """Whether the recurrent weights do not depend on beta."""
        return self.frozen or is_reservoir(self.gamma)

    @property
    def cost(self) -> float:
        """Rough relative work, in the unit of `Sampler.cost`."""
        return 0.2 if self.random else (1.5 if self.level is None else 5.0) * Draw().cost(self.gamma)

    @cached_property
    def key(self) -> str:
        """Digest of everything that determines the result."""
        settings = {
            "recipe": RECIPE,
            "task": task_digest(self.task),
            "family": self.family,
            "gamma": self.gamma,
            "level": self.level,
            "random": self.random,
            "seed": self.seed,
            "matching": self.matching,
        }
        if not self.random:
            settings |= {"sampling": self.sampling, "dtype": self.dtype}
        return digest_of(settings)[:16]

    def generator(self) -> torch.Generator:
        """Everything random of this search."""
        return torch_stream(Purpose.MATCHED_BETA, self.key)


@one_thread()
@torch.no_grad()
def find_beta(search: Search) -> tuple[Search, Match]:
    """Find beta for one search; returns the search too, so that results may come in any order."""
    generator = search.generator()
    beta, loss, error = (_bisect if search.random else _approximate)(search, generator)
    level = loss if search.level is None else search.level
    miss = loss / level - 1
    reached = abs(miss) <= max(search.matching.tolerance, 2 * error / level)
    measured = f"E[L] is {loss:.3g} ± {error:.1g} at beta {beta:.4g}"
    if search.level is None:
        why = f"{measured}, the level of the others"
    elif reached:
        why = f"{measured}, {abs(miss):.1%} {'above' if miss > 0 else 'below'} the level of {level:.3g}"
    else:
        why = f"level {level:.3g} not reached: {measured}, {abs(miss):.1%} {'above' if miss > 0 else 'below'} it"
        if not 0.999 / search.matching.widest < beta / search.family.beta < 0.999 * search.matching.widest:
            why += f", the {'largest' if beta > search.family.beta else 'smallest'} beta tried"
    return search, Match(replace(search.family, beta=beta), search.gamma, level, loss, error, reached, why)


def _bisect(search: Search, generator: torch.Generator) -> tuple[float, float, float]:
    """Solve for beta where networks are random: their mean E[L] falls as beta grows."""
    posterior = WeightPosterior(search.task, search.family, search.gamma)
    states = [random_state(posterior, generator=generator) for _ in range(search.matching.networks)]

    def losses(beta: float) -> np.ndarray:
        at = WeightPosterior(search.task, replace(search.family, beta=beta), search.gamma)
        return np.array([at.evaluate(state)[1].expected_loss for state in states])

    beta = search.family.beta
    if search.level is not None:
        low, high = beta / search.matching.widest, beta * search.matching.widest
        if losses(low).mean() <= search.level:
            beta = low
        elif losses(high).mean() >= search.level:
            beta = high
        else:
            while high / low > 1.01:
                beta = math.sqrt(low * high)
                low, high = (beta, high) if losses(beta).mean() > search.level else (low, beta)
        beta = _rounded(beta)
    measured = losses(beta)
    return beta, float(measured.mean()), float(measured.std(ddof=1) / math.sqrt(len(measured)))


def _approximate(search: Search, generator: torch.Generator) -> tuple[float, float, float]:
    """Move log beta along a chain towards the level, average, and measure."""
    chain = _Along(search, generator)
    base = math.log(search.family.beta)
    bound = math.log(search.matching.widest)

    def bounded(log_beta: float) -> float:
        return min(base + bound, max(base - bound, log_beta))

    if search.level is None:
        return (search.family.beta, *_mean(chain.run(search.family.beta, search.matching.check)))
    log_betas = [base]
    for k in range(1, search.matching.iterations + 1):
        loss = chain.run(math.exp(log_betas[-1]), search.matching.trajectories).mean()
        move = 1.5 / k**0.6 * math.log(loss / search.level)
        log_betas.append(bounded(log_betas[-1] + min(2.0, max(-2.0, move))))
    log_beta = float(np.mean(log_betas[len(log_betas) // 2 :]))
    corrections = 0
    while True:
        beta = _rounded(math.exp(log_beta))
        loss, error = _mean(chain.run(beta, search.matching.check))
        missed = abs(loss - search.level) > max(search.matching.tolerance * search.level, 2 * error)
        corrected = bounded(log_beta + 1.5 * math.log(loss / search.level))
        if not missed or corrections == search.matching.corrections or corrected == log_beta:
            return beta, loss, error
        log_beta, corrections = corrected, corrections + 1


class _Along:
    """One chain that is carried on from beta to beta."""

    def __init__(self, search: Search, generator: torch.Generator) -> None:
        self._search = search
        self._generator = offspring(generator, search.device)
        self._chain: Chain | None = None

    def run(self, beta: float, trajectories: int) -> np.ndarray:
        """Go on at `beta`; return E[L | C] along the trajectories after burning in."""
        search = self._search
        self._chain = sample_chain(
            search.task,
            replace(search.family, beta=beta),
            search.gamma,
            members=1,
            generator=self._generator,
            sampling=replace(search.sampling, adaptation=search.matching.adaptation, trajectories=trajectories),
            start=self._chain,
            gradient_dtype=getattr(torch, search.dtype),
        )
        return self._chain.trace[trajectories // 4 :, OBSERVABLES.index("expected_loss")]


def _mean(draws: np.ndarray) -> tuple[float, float]:
    """Mean, and its standard error with the draws' autocorrelation."""
    effective = max(2.0, len(draws) / autocorrelation_time(draws[None]))
    return float(draws.mean()), float(draws.std(ddof=1) / math.sqrt(effective))


def _rounded(beta: float) -> float:
    """Four digits: what is printed is what was used."""
    return float(f"{beta:.4g}")
