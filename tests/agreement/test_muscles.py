"""Real muscles as targets: a drawn network fits them as well as the theory of its readout says."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurocompare.models.chain import sample_chain
from neurocompare.models.posterior import WeightPosterior
from neurocompare.models.rate_rnn import respond
from neurocompare.models.sampling import Sampling
from neurocompare.settings import Family
from neurocompare.tasks.muscles import muscles


def test_a_drawn_network_fits_muscles_as_well_as_expected():
    task = muscles(time_step=0.02, start=0.4, stop=1.0)
    assert (task.inputs.sizes["condition"], task.targets.sizes["output"]) == (8, 13)
    assert task.time_step == pytest.approx(0.02)
    assert float((task.targets.values[task.trained.values] ** 2).mean()) == pytest.approx(1)
    # Readout noise is the smaller a part of the loss the more units there are: with 100 it is a tenth.
    family = Family(tau=0.05, n_units=100, beta=2000.0)
    gamma = 0.4
    chain = sample_chain(
        task,
        family,
        gamma,
        members=4,
        generator=torch.Generator().manual_seed(0),
        sampling=Sampling(ramp=2, adaptation=4, trajectories=8, segments=1, max_leapfrogs=100),
    )
    posterior = WeightPosterior(task, family, gamma)
    generator = torch.Generator().manual_seed(1)
    ratios = []
    for state in chain.members:
        expected = posterior.evaluate(state)[1].expected_loss
        ratios += [respond(posterior.network(state, generator=generator), task)[1] / expected for _ in range(10)]
        assert expected < 0.1 * 0.5  # a tenth of the loss of silence
    assert abs(np.mean(ratios) - 1) < 3 * np.std(ratios, ddof=1) / len(ratios) ** 0.5
