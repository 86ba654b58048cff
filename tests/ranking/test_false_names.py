"""How often a gamma is named that is no better than the others, and how often one is that is."""

from types import SimpleNamespace

import numpy as np
import pytest

from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.metric_ranking import rank_metric

GRID = [0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2]
NETWORKS = [(0, 0), (0, 1), (1, 0), (1, 1)]
METRIC = SimpleNamespace(name="toy", range=None)
UNITS, DRAWS = 60, 40


def scores(generator, mean, *, units=0.08, chains=0.008, states=0.0, members=0.01, noise=0.01, layout=(2, 2)):
    """Scores (draw, gamma, network): halves of one recording's units, chains and members as in `layout`, spikes.

    `units` is the s.d. of a unit's own preference for gammas, alike for neighbours; `chains` may differ by gamma, and
    so may `states`: half of how far apart two states are, of which each chain is in either.
    """
    count = len(mean)
    alike = np.linalg.cholesky(0.7 ** np.abs(np.subtract.outer(np.arange(count), np.arange(count))))
    of_unit = 0.2 * generator.standard_normal((UNITS, 1)) + units * generator.standard_normal((UNITS, count)) @ alike.T
    halves = np.argsort(generator.random((DRAWS, UNITS)), axis=1)[:, : UNITS // 2]
    of_chain = np.reshape(chains, (-1, 1)) * generator.standard_normal((count, layout[0]))
    if np.any(states):  # random numbers are drawn for them alone, so that other tables stay what they are
        of_chain += np.reshape(states, (-1, 1)) * generator.choice((-1, 1), (count, layout[0]))
    of_network = np.repeat(of_chain, layout[1], axis=1) + members * generator.standard_normal((count, 4))
    return (mean[:, None] + of_unit[halves].mean(axis=1)[:, :, None] + of_network) + noise * generator.standard_normal(
        (DRAWS, count, 4)
    )


def verdicts(make_table, mean, repeats, **spread):
    sampling, generator = Sampling(UNITS, UNITS // 2, (20, 20), (10, 10)), np.random.default_rng(0)
    found = []
    for _ in range(repeats):
        table = make_table(scores(generator, mean, **spread), GRID, networks=NETWORKS, null=-1.0, ceiling=2.0)
        found.append(rank_metric(table, METRIC, "unit", sampling=sampling))
    return found


@pytest.mark.parametrize(
    "spread",
    [
        pytest.param({}, id="as recordings are"),
        pytest.param({"units": 0.001, "noise": 0.001}, id="networks differ and the recording is large"),
        pytest.param({"units": 0.01, "chains": np.geomspace(0.04, 0.004, 8)}, id="reservoirs differ ten times as much"),
    ],
)
def test_a_gamma_that_does_not_matter_is_named_in_at_most_5_percent(make_table, spread):
    repeats = 50
    found = verdicts(make_table, np.full(8, 0.6), repeats, **spread)
    assert all(null.p < 0.05 for one in found for null in one.nulls.values())  # there is likeness, the same everywhere
    named = sum(one.verdict in ("resolved", "edge") for one in found)
    assert named <= 0.05 * repeats + 2 * np.sqrt(0.05 * 0.95 * repeats)


def test_a_gamma_that_matters_is_named_and_lies_in_its_interval(make_table):
    places = np.log2(np.maximum(GRID, 0.018))
    for truth in (0.4, 0.55):
        mean = 0.8 - 0.02 * np.minimum((places - np.log2(truth)) ** 2, 9)
        found = verdicts(make_table, mean, 20)
        assert np.mean([one.verdict == "resolved" for one in found]) > 0.8
        covered = np.mean([one.gamma_interval[0] <= truth <= one.gamma_interval[1] for one in found])
        assert covered >= 0.95 - 2 * np.sqrt(0.95 * 0.05 / 20)
