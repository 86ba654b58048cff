r"""Networks as they are, from currents with a little noise: the accept step that puts right what the noise changes.

Currents have a density only with a small noise (`CurrentPosterior`), which networks do not have. Any number of
trajectories of the currents is taken for one proposal: weights w are drawn that have the currents z in the end, the
network is run without the noise, and its energy E decides,

.. math:: \min(1, \exp(-[E(w') - E_z(z')] + [E(w) - E_z(z)])),

with E_z the energy by which trajectories are accepted. Networks then have exactly their own law, whatever the noise is
(the surrogate transition method of Liu 2001, Monte Carlo strategies in scientific computing, 9.4.3; delayed acceptance
of Christen & Fox 2005, J. Comput. Graph. Stat. 14, 795): weights given currents are drawn from their posterior under
the noisy law, so the trajectories with the draw after them are reversible under that law. At the variance of
`CurrentPosterior` a few per cent of the proposals are refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch

from neurocompare.models.currents import CurrentPosterior
from neurocompare.models.hmc import HMCState
from neurocompare.models.posterior import WeightPosterior


@dataclass(frozen=True)
class NetworkState:
    """A network that was accepted.

    Attributes
    ----------
    currents : HMCState
    weights : tensor, shape (WeightPosterior.dimension,)
        Of a network that has these currents but for the jitter.
    energy : float
        Of that network.
    """

    currents: HMCState
    weights: torch.Tensor
    energy: float


def draw_network(
    currents: CurrentPosterior, networks: WeightPosterior, state: HMCState, *, generator: torch.Generator
) -> NetworkState:
    """Draw a network that has the currents of a state."""
    weights = currents.draw_weights(state.position, networks, generator=generator)
    return NetworkState(state, weights, networks.evaluate(weights)[0])


def next_network(
    currents: CurrentPosterior,
    networks: WeightPosterior,
    last: NetworkState,
    state: HMCState,
    *,
    generator: torch.Generator,
) -> NetworkState:
    """Draw a network that has the currents of a state, and accept it, or stay with the last one and its currents."""
    proposal = draw_network(currents, networks, state, generator=generator)
    change = (proposal.energy - state.energy) - (last.energy - last.currents.energy)
    threshold = math.log1p(-float(torch.rand(1, generator=generator, device=generator.device, dtype=torch.float64)))
    if math.isfinite(change) and threshold < -change:
        return proposal
    return replace(last, currents=replace(last.currents, gradients=state.gradients))
