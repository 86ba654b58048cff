"""Scores from kernels: closed forms, the metrics room's own numbers, and what finite units and trials do."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import sqrtm

from neurocompare.errors import InputError
from neurocompare.metrics import centring as metrics_centring
from neurocompare.metrics.cca import CCA
from neurocompare.metrics.cka import CKA
from neurocompare.metrics.procrustes import Procrustes
from neurocompare.ranking.observe import Observation, observe
from neurocompare.responses import make_responses
from neurocompare.settings import Family
from neurocompare.tasks import oscillation
from neurocompare.theory import mean_field
from neurocompare.theory.kernels import (
    cca,
    centred,
    cka,
    cka_of_signal,
    kernel_of,
    population_root,
    procrustes,
    root_of,
    signal_of,
    time_map,
)

CONDITIONS, TIMES = 4, 9


@pytest.fixture
def pair():
    """Two populations that share a part, of 7 and 12 units."""
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(CONDITIONS, TIMES, 3))
    return tuple(
        shared @ rng.normal(size=(3, units)) + 0.5 * rng.normal(size=(CONDITIONS, TIMES, units)) for units in (7, 12)
    )


def flat(kernel):
    return kernel.reshape(CONDITIONS * TIMES, -1)


def samples(values):
    return values.reshape(-1, values.shape[-1])


def responses(values):
    return make_responses(values, condition=range(len(values)), time=0.1 * np.arange(values.shape[1]))


def test_the_bures_form_is_the_nuclear_norm_of_explicit_populations(pair):
    x, y = pair
    # H K H with H written out, and the square roots taken of the kernels themselves.
    centre = np.eye(CONDITIONS * TIMES) - 1 / (CONDITIONS * TIMES)
    k, m = (centre @ flat(kernel_of(population_root(side))) @ centre for side in (x, y))
    half = np.real(sqrtm(k))
    bures = np.real(np.trace(sqrtm(half @ m @ half))) / np.sqrt(np.trace(k) * np.trace(m))
    from_kernels = procrustes(root_of(kernel_of(population_root(x))), root_of(kernel_of(population_root(y))))
    direct = Procrustes().raw(samples(x), samples(y))
    assert from_kernels == pytest.approx(direct, abs=1e-10)
    assert bures == pytest.approx(direct, abs=1e-5)  # square roots of zero eigenvalues


@pytest.mark.parametrize(("unbiased", "estimator"), [(True, "unbiased"), (False, "biased")])
def test_cka_is_that_of_the_metrics_room(pair, unbiased, estimator):
    x, y = pair
    roots = [root_of(kernel_of(population_root(side))) for side in pair]
    assert cka(*roots, unbiased=unbiased) == pytest.approx(CKA(estimator).raw(samples(x), samples(y)), abs=1e-10)


@pytest.mark.parametrize("score", [cka, procrustes, lambda x, y: cca(x, y, dimensions=5)])
def test_rotations_of_units_are_not_seen(pair, score):
    x, y = pair
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(12, 12)))[0]
    assert score(x, 3 * y @ rotation + 2) == pytest.approx(score(x, y), abs=1e-10)
    assert score(x, x) == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize("dimensions", [2, 5])
def test_cca_is_the_in_sample_score_of_the_metrics_room(pair, dimensions):
    x, y = (responses(side[..., :7]) for side in pair)
    expected = CCA(dimensions=dimensions, held_out=False).score(x, y)
    roots = [root_of(kernel_of(side.values)) for side in (x, y)]
    assert cca(*roots, dimensions=dimensions) == pytest.approx(expected, abs=1e-8)


def test_cca_refuses_dimensions_that_are_not_there(pair):
    with pytest.raises(InputError, match="span 8 dimensions, found 7"):
        cca(*pair, dimensions=8)


@pytest.mark.parametrize("centring", ["unit", "condition-mean"])
def test_centring_is_that_of_the_metrics_room(pair, centring):
    x = pair[0]
    expected = metrics_centring.centre(responses(x), centring).values
    rotated = centred(root_of(kernel_of(x)), centring)
    assert np.allclose(kernel_of(rotated), kernel_of(expected))
    with pytest.raises(InputError, match="expected a centring"):
        centred(x, "none")


def test_the_map_in_time_does_to_a_kernel_what_a_recording_does_to_units(pair):
    x = pair[0]
    wanted = np.linspace(-0.02, 0.84, 13)  # held at both ends
    smoothing = np.exp(-0.5 * ((wanted[:, None] - wanted) / 0.05) ** 2)
    smoothing /= smoothing.sum(axis=1, keepdims=True)
    network = responses(x)
    like = Observation(
        condition=network["condition"].values, trial_counts=np.ones(CONDITIONS), time=wanted, smoothing=smoothing,
        bin_width=0.02, mean_rate=np.full(7, 1e4), modulation=np.ones(7),
    )  # fmt: skip
    seen = observe(network, like=like, units=7, seed=0, noise=False)
    mapped = np.matmul(time_map(network["time"].values, wanted, smoothing), x)
    # The recording also gives every unit the same s.d. and a mean: undo that.
    same = mapped / mapped.std(axis=(0, 1))
    assert np.allclose(kernel_of(centred(seen.values)), kernel_of(centred(same)), atol=1e-7)
    assert np.allclose(
        kernel_of(np.matmul(time_map(network["time"].values, wanted, smoothing), root_of(kernel_of(x)))),
        kernel_of(mapped),
    )


def test_a_kernel_that_is_none_is_refused():
    with pytest.raises(InputError, match="expected a finite kernel"):
        root_of(np.ones((2, 3, 3, 2)))
    with pytest.raises(InputError, match="eigenvalues below zero"):
        root_of(-kernel_of(np.ones((2, 3, 1))))


def recorded_halves(root, units, noise, rng):
    """Two noisy halves of units drawn from the Gaussian population of a kernel."""
    signal = root @ rng.normal(size=(root.shape[-1], units))
    return tuple(signal + noise * rng.normal(size=signal.shape) for _ in range(2))


@pytest.mark.parametrize("centring", ["unit", "condition-mean"])
def test_the_signal_of_few_units_and_trials_is_unbiased(centring):
    rng = np.random.default_rng(0)
    root = rng.normal(size=(CONDITIONS, TIMES, 4))
    other = rng.normal(size=(CONDITIONS, TIMES, 3)) + root[..., :3]
    k, m = (kernel_of(centred(side, centring)) for side in (root, other))
    squares, shares, naive = [], [], []
    for _ in range(1500):
        halves = recorded_halves(root, 6, 2.0, rng)
        signal = signal_of(*halves, centring)
        squares.append(signal.square)
        shares.append(signal.overlap(centred(other, centring)))
        naive.append(np.linalg.norm(kernel_of(population_root(centred(halves[0], centring)))) ** 2)
    for found, expected in ((squares, np.linalg.norm(k) ** 2), (shares, np.vdot(k, m))):
        error = np.std(found) / np.sqrt(len(found))
        assert abs(np.mean(found) - expected) < 4 * error
        assert error < 0.05 * expected
    # What is taken out is not small.
    assert np.mean(naive) > 1.5 * np.linalg.norm(k) ** 2


def test_the_signal_of_many_units_has_the_cka_of_the_kernels():
    rng = np.random.default_rng(0)
    root, other = (rng.normal(size=(CONDITIONS, TIMES, 4)) for _ in range(2))
    expected = cka(root, other, unbiased=False)
    found = [cka_of_signal(signal_of(*recorded_halves(root, 400, 1.0, rng)), other) for _ in range(40)]
    assert abs(np.mean(found) - expected) < 4 * np.std(found) / np.sqrt(40) + 1 / 400
    with pytest.raises(InputError, match="signal in common"):
        cka_of_signal(signal_of(np.zeros((2, 3, 4)), np.ones((2, 3, 4))), np.ones((2, 3, 1)))
    with pytest.raises(InputError, match="at least 2 units"):
        signal_of(np.ones((2, 3, 1)), np.ones((2, 3, 1)))


@pytest.mark.parametrize("gamma", [0.0, 0.5])
def test_kernels_of_drawn_units_converge_at_one_over_sqrt_n(gamma):
    field = mean_field(oscillation(), Family(tau=0.05, beta=100.0), [gamma], population=800)[0]
    bank = np.tanh(field.unit.draw(10000, seed=1))
    # E |C_n - C|^2 = (<|phi|^4> - |C|^2) / n for n independent units.
    fourth = ((bank**2).sum(axis=(0, 1)) ** 2).mean()
    spread = fourth - np.linalg.norm(field.kernel) ** 2
    for units, repeats in ((100, 60), (1600, 30)):
        squares = [
            np.linalg.norm(kernel_of(population_root(np.tanh(field.unit.draw(units, seed=seed)))) - field.kernel) ** 2
            for seed in range(10, 10 + repeats)
        ]
        error = np.std(squares) / np.sqrt(repeats)
        # The kernel is a mean of its own, over more states than units are kept of.
        floor = (field.kernel_error * np.linalg.norm(field.kernel)) ** 2
        assert abs(np.mean(squares) - spread / units) < 4 * error + floor
        assert error < 0.2 * spread / units
