"""Mirror images of networks: found where a task has them, and reached without changing the law."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from neurocompare.models import mirror
from neurocompare.models.currents import CurrentPosterior
from neurocompare.models.hmc import adapt_step, start_state, trajectory
from neurocompare.models.mirror import cross, follow, mirrors_of
from neurocompare.settings import Family
from neurocompare.tasks import ideal_reach

FAMILY = Family(n_units=64, beta=100.0)


def reach(directions=4, off=0.0, seed=0):
    """A reach whose targets are not quite symmetric."""
    task = ideal_reach(directions=directions, time_step=0.1)
    noise = np.random.default_rng(seed).standard_normal(task.targets.shape)
    targets = task.targets + off * noise * np.abs(task.targets.values).max()
    return replace(task, targets=targets)


def samples(posterior, count, *, seed=0, move=lambda state: state, apart=2):
    """States of a chain from white noise, after burning in."""
    generator = torch.Generator().manual_seed(seed)
    options = {"max_leapfrogs": 200, "generator": generator}
    state = start_state(posterior, torch.randn(posterior.dimension, generator=generator, dtype=torch.float64), step=0.1)
    state = adapt_step(posterior, state, 30, angle=1.5, **options)
    for _ in range(count):
        for _ in range(apart):
            state = trajectory(posterior, state, angle=1.5, **options)
        state = move(state)
        yield state


@pytest.mark.parametrize(("directions", "off", "count"), [(4, 0.0, 4), (8, 0.0, 8), (8, 0.01, 8), (8, 0.5, 0)])
def test_a_task_has_the_mirrors_of_its_directions_if_its_targets_do(directions, off, count):
    found = mirrors_of(CurrentPosterior(reach(directions, off), FAMILY, 1.0))
    assert len(found) == count
    for each in found:
        order = each.conditions.tolist()
        assert [order[order[c]] for c in range(directions)] == list(range(directions))
        # Angles of a reflection add up to twice that of its axis.
        assert len({(place + image) % directions for place, image in enumerate(order)}) == 1


def test_the_image_of_a_network_is_a_network_of_the_images_of_its_conditions():
    posterior = CurrentPosterior(reach(), FAMILY, 1.0, gradient_dtype=torch.float64)
    (state,) = samples(posterior, 1)
    for each in mirrors_of(posterior):
        rates, image = posterior.rates(state.position), posterior.reordered(state.position, each.conditions)
        torch.testing.assert_close(posterior.rates(image), rates[:, each.conditions], rtol=0, atol=1e-5)
        assert float(image @ image) == pytest.approx(float(state.position @ state.position), rel=1e-6)
        symmetric = posterior.aiming_at(each.halfway)
        assert symmetric.evaluate(image)[0] == pytest.approx(symmetric.evaluate(state.position)[0], rel=1e-5)


def test_the_mean_of_exp_minus_work_is_one():
    """As it is for every way that starts and ends in one law, however fast it is (Jarzynski 1997)."""
    posterior, generator, work = CurrentPosterior(reach(off=0.003), FAMILY, 1.0), torch.Generator().manual_seed(5), []
    targets, mirrors = posterior.likelihood.targets, mirrors_of(posterior)
    for state in islice(samples(posterior, 500), 200, None):
        each = mirrors[int(torch.randint(len(mirrors), (1,), generator=generator))]
        ways = {"step": state.step, "steps": 6, "generator": generator}
        position, there = follow(posterior, state.position, targets, each.halfway, **ways)
        image = posterior.reordered(position, each.conditions)
        _, back = follow(posterior, image, each.halfway, targets, **ways)
        work.append(there + back)
    weights = np.exp(-np.array(work))
    # Neighbours are correlated: errors from blocks of ten.
    error = weights.reshape(-1, 10).mean(axis=1).std(ddof=1) / np.sqrt(30)
    assert abs(weights.mean() - 1) < 4 * error
    assert error < 0.1
    assert np.mean(work) > 4 * error  # there is work to be paid for


def test_the_law_of_networks_is_what_it_is_without_mirrors(monkeypatch):
    monkeypatch.setattr(mirror, "ALIKE", 2.0)
    posterior = CurrentPosterior(reach(off=0.01), FAMILY, 1.0)
    mirrors, generator = mirrors_of(posterior), torch.Generator().manual_seed(6)

    def seen(**how):
        values = [
            [s.observables.energy, s.observables.participation_ratio] for s in samples(posterior, 240, apart=1, **how)
        ]
        blocks = np.array(values).reshape(24, 10, 2).mean(axis=1)
        return blocks.mean(axis=0), blocks.std(axis=0, ddof=1) / np.sqrt(24)

    plain, error = seen(seed=1)
    moved, other = seen(seed=2, move=lambda state: cross(posterior, state, mirrors, steps=6, generator=generator))
    assert (np.abs(plain - moved) < 4 * np.hypot(error, other)).all(), (plain, moved, error, other)


def test_networks_that_are_their_own_image_are_left_alone():
    posterior = CurrentPosterior(reach(), replace(FAMILY, n_units=1000), 0.2)
    (state,) = samples(posterior, 1)
    mirrors, beats = mirrors_of(posterior), []
    generator = torch.Generator().manual_seed(0)
    assert cross(posterior, state, mirrors, steps=6, generator=generator, beat=lambda: beats.append(1)) is state
    assert not beats
