import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.stats import energy_distance, wasserstein_distance

from neurocompare.metrics.distributions import energy, spread, wasserstein


def samples(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=12), 0.5 + 2 * rng.normal(size=12)


@pytest.mark.parametrize("seed", range(3))
def test_distances_on_the_line_are_those_of_scipy(seed):
    a, b = samples(seed)
    assert wasserstein(a, b) == pytest.approx(wasserstein_distance(a, b), abs=1e-12)
    # scipy gives the root of half of what the coefficient has above.
    apart = np.abs(a[:, None] - b).mean()
    assert energy(a, b) == pytest.approx(energy_distance(a, b) ** 2 / (2 * apart), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_around_the_circle_it_is_the_cheapest_pairing_by_the_shorter_arc(seed):
    a, b = samples(seed)
    arcs = np.abs(np.angle(np.exp(1j * (a[:, None] - b))))
    rows, columns = linear_sum_assignment(arcs)
    assert wasserstein(a, b, circular=True) == pytest.approx(arcs[rows, columns].mean(), abs=1e-9)
    assert wasserstein(a + 2, b + 2, circular=True) == pytest.approx(wasserstein(a, b, circular=True), abs=1e-9)
    assert wasserstein(a, a, circular=True) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("circular", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_the_bounds_that_make_a_likeness_run_from_zero_to_one(circular, seed):
    a, b = samples(seed)
    pooled = spread(np.concatenate([a, b]), circular=circular)
    assert 0 <= wasserstein(a, b, circular=circular) <= 2 * pooled + 1e-12
    assert 0 <= energy(a, b, circular=circular) <= 1
    apart = np.zeros(4), np.full(4, np.pi)
    assert wasserstein(*apart, circular=circular) == pytest.approx(2 * spread(np.concatenate(apart)))
    assert energy(*apart, circular=circular) == pytest.approx(1)


def test_energy_of_values_that_are_all_the_same_is_zero():
    assert energy(np.ones(3), np.ones(3)) == 0.0
