from __future__ import annotations

import math
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from posteriors import WeightPotential

from neurocompare.errors import InputError
from neurocompare.models.curvature import largest_curvature
from neurocompare.models.fit import Fit, Weights
from neurocompare.models.hmc import adapt_step, start_state, trajectory
from neurocompare.models.langevin import HISTORY, train
from neurocompare.models.rate_rnn import RateRNN
from neurocompare.models.thermal_noise import UNIT, ThermalNoise
from neurocompare.models.training import Training
from neurocompare.settings import Family
from neurocompare.tasks.oscillation import oscillation

FAMILY = Family(n_units=12, beta=60.0, tau=0.1)
GAMMA = 0.7
SHORT = Training(steps=200, warm_up=20, record_every=10)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def misfit(fit, task, weights):
    """The exponent's first term, by autograd's network."""
    network = RateRNN(
        weights.W[:, :12], weights.W[:, 12:], weights.V * fit.scale, g=fit.family.g, step_fraction=fit.step_fraction,
        nonlinearity=fit.family.nonlinearity,
    )  # fmt: skip
    noise = None if weights.zeta is None else fit.family.private_noise * weights.zeta.transpose(0, 1)
    # Parameters would cut the graph: hand the tensors over instead.
    for name, value in (("J", weights.W[:, :12]), ("U", weights.W[:, 12:]), ("R", weights.V * fit.scale)):
        del network._parameters[name]
        setattr(network, name, value)
    _, outputs = network(torch.from_numpy(task.inputs.values), noise)
    error = (outputs - torch.from_numpy(task.targets.values))[torch.from_numpy(task.trained.values)]
    return fit.family.beta * 12 * fit.gamma**2 * 0.5 * (error**2).mean()


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu", "linear"])
@pytest.mark.parametrize("private_noise", [0.0, 0.2])
def test_gradient_is_that_of_autograd(partly_trained, nonlinearity, private_noise):
    family = replace(FAMILY, nonlinearity=nonlinearity, private_noise=private_noise)
    fit = Fit(partly_trained, family, GAMMA, dtype=torch.float64)
    weights = fit.draw(generator())
    leaves = Weights(*(part.clone().requires_grad_() for part in weights.parts()))
    misfit(fit, partly_trained, leaves).backward()
    with torch.no_grad():
        found = fit.gradient(weights, fit.zeros())
    for part, leaf in zip(found.parts(), leaves.parts(), strict=True):
        torch.testing.assert_close(part, leaf.grad)


def test_gradient_against_finite_differences_and_a_step_in_place(task):
    fit = Fit(task, FAMILY, GAMMA, dtype=torch.float64)
    weights, direction = fit.draw(generator()), fit.draw(generator(1))
    with torch.no_grad():
        slope = fit.gradient(weights, fit.zeros())
        ends = [
            misfit(fit, task, Weights(weights.W + e * direction.W, weights.V + e * direction.V)) for e in (1e-5, -1e-5)
        ]
        expected = float(ends[0] - ends[1]) / 2e-5
        along = float((slope.W * direction.W).sum() + (slope.V * direction.V).sum())
        assert along == pytest.approx(expected, rel=1e-6)
        moved = [0.9 * part - 0.1 * down for part, down in zip(weights.parts(), slope.parts(), strict=True)]
        fit.gradient(weights, weights, keep=0.9, scale=-0.1)
    for part, wanted in zip(weights.parts(), moved, strict=True):
        torch.testing.assert_close(part, wanted)


def test_largest_curvature_is_that_of_the_hessian(task):
    fit = Fit(task, FAMILY, GAMMA, dtype=torch.float64)
    weights = fit.draw(generator())

    def flat(vector):
        return misfit(fit, task, Weights(vector[: 12 * 14].view(12, 14), vector[12 * 14 :].view(2, 12)))

    vector = torch.cat([weights.W.reshape(-1), weights.V.reshape(-1)])
    hessian = torch.autograd.functional.hessian(flat, vector)
    expected = float(torch.linalg.eigvalsh(hessian).abs().max())
    with torch.no_grad():
        assert largest_curvature(fit, weights, seed=0, iterations=30) == pytest.approx(expected, rel=0.05)
        only_readout = float(torch.linalg.eigvalsh(hessian[12 * 14 :, 12 * 14 :]).max())
        found = largest_curvature(fit, weights, seed=0, iterations=30, recurrent=False)
        assert found == pytest.approx(only_readout, rel=0.05)


def test_noise_has_the_moments_of_a_gaussian_up_to_the_third():
    parts = [torch.zeros(300, 301)[:, :299], torch.zeros(3, 1001)]
    noise = ThermalNoise(parts, generator())
    noise.add_to(parts, scale=2.0)
    first = torch.cat([part.ravel() for part in parts]).double() / 2
    noise.add_to(parts, scale=2.0)
    second = torch.cat([part.ravel() for part in parts]).double() / 2 - first
    n = len(first)
    # Exact moments of the law: 1 and, for the error of the variance, kurtosis 1.8.
    assert abs(first.mean()) < 4 / n**0.5
    assert abs(first.var() - 1) < 4 * (0.8 / n) ** 0.5
    assert abs((first**3).mean()) < 4 * (27 / 7 / n) ** 0.5
    assert abs((first * second).mean()) < 4 / n**0.5
    assert abs((first[1:] * first[:-1]).mean()) < 4 / n**0.5
    odd = torch.arange(-127.0, 128, 2, dtype=torch.float64)
    assert float(((odd * UNIT) ** 2).mean()) == pytest.approx(1)


def test_a_frozen_reservoir_has_the_gaussian_readout_of_the_discretised_dynamics(task):
    """V is Gaussian given the activity; a step ds multiplies the variance along curvature c by 1 / (1 - ds c / 2)."""
    family = replace(FAMILY, beta=30.0)
    training = Training(steps=40_000, warm_up=0, train_recurrent=False, record_every=10)
    trained = train(task, family, GAMMA, generator=generator(), training=training, dtype=torch.float64)
    fit = Fit(task, family, GAMMA, dtype=torch.float64)
    start = fit.draw(generator())
    n = family.n_units
    assert torch.equal(trained.network.J, start.W[:, :n])
    assert torch.equal(trained.network.U, start.W[:, n:])
    assert not torch.equal(trained.network.R, start.V * fit.scale)
    with torch.no_grad():
        rates = trained.network(torch.from_numpy(task.inputs.values))[0].flatten(0, 1)
    wanted = torch.from_numpy(task.targets.values).flatten(0, 1)
    precision = torch.eye(n, dtype=torch.float64) + fit.weight * fit.scale**2 * rates.T @ rates
    mean = fit.weight * fit.scale * torch.linalg.solve(precision, rates.T @ wanted)
    inflated = precision @ (torch.eye(n, dtype=torch.float64) - trained.step * precision / 2)
    variance = torch.diagonal(rates @ torch.linalg.solve(inflated, rates.T)) * fit.scale**2
    expected = 0.5 * float(((rates @ mean * fit.scale - wanted) ** 2).mean() + variance.mean())
    loss = trained.history[len(trained.history) // 10 :, HISTORY.index("loss")]
    blocks = np.array([block.mean() for block in np.array_split(loss, 20)])
    error = blocks.std(ddof=1) / 20**0.5
    assert error < 0.02 * expected
    assert abs(loss.mean() - expected) < 3.5 * error


@pytest.mark.parametrize("noise", [True, False])
def test_a_frozen_reservoir_stays_frozen_through_warm_up_and_descent(task, noise):
    family = replace(FAMILY, private_noise=0.1)
    training = replace(SHORT, train_recurrent=False, noise=noise)
    trained = train(task, family, GAMMA, generator=generator(), training=training, dtype=torch.float64)
    start = Fit(task, family, GAMMA, dtype=torch.float64).draw(generator())
    assert torch.equal(torch.cat([trained.network.J, trained.network.U], dim=1), start.W)
    assert torch.equal(trained.private_noise, 0.1 * start.zeta.transpose(0, 1))
    assert not torch.equal(trained.network.R, start.V * Fit(task, family, GAMMA).scale)


@pytest.mark.parametrize("private_noise", [0.0, 0.05**0.5])
def test_stationary_law_is_that_of_the_exact_sampler(task, private_noise):
    """tr C, PR and losses against Hamiltonian Monte Carlo with the readout integrated out (see tests/agreement)."""
    family = Family(g=1.5, tau=0.1, beta=64.0, n_units=8, private_noise=private_noise)
    posterior = WeightPotential(task, family, GAMMA)
    lengths = {"angle": 1.5, "max_leapfrogs": 30, "generator": generator(1)}
    position = torch.randn(posterior.dimension, generator=generator(2), dtype=torch.float64)
    state = adapt_step(posterior, start_state(posterior, position, step=0.2), 100, **lengths)
    exact = []
    for _ in range(500):
        state = trajectory(posterior, state, **lengths)
        seen = state.observables
        exact.append([seen.expected_loss, seen.activity, seen.participation_ratio, seen.expected_loss])
    # Averages differ by order ds: with a step this short by less than their errors.
    training = Training(steps=40_000, step=0.006, warm_up=50, record_every=40)
    history = train(task, family, GAMMA, generator=generator(3), training=training).history[100:, 1:]
    results = []
    for values in (np.array(exact), history):
        blocks = np.array([block.mean(axis=0) for block in np.array_split(values, 20)])
        results.append((values.mean(axis=0), blocks.std(axis=0, ddof=1) / 20**0.5))
    (mean, error), (other, other_error) = results
    assert (abs(mean - other) < 3.5 * np.hypot(error, other_error)).all()
    assert (np.hypot(error, other_error) < 0.1 * mean).all()


def test_gradient_descent_lowers_the_loss_and_is_labelled_apart(task):
    family = replace(FAMILY, private_noise=0.1)
    training = Training(steps=300, warm_up=0, noise=False, record_every=10)
    trained = train(task, family, GAMMA, generator=generator(), training=training)
    loss = trained.history[:, HISTORY.index("loss")]
    assert trained.method == "gradient-descent"
    assert (np.diff(loss) < 1e-6).all()
    assert loss[-1] < 0.1 * loss[0]
    assert not trained.equilibrated
    assert "no sample" in trained.why
    # The private noise is what it was drawn as: descent must not bend it to the task.
    drawn = Fit(task, family, GAMMA).draw(generator()).zeta
    torch.testing.assert_close(trained.private_noise, 0.1 * drawn.double().transpose(0, 1))


def test_a_short_run_says_that_it_was_too_short_and_what_was_done(task):
    trained = train(task, FAMILY, GAMMA, generator=generator(), training=SHORT)
    assert not trained.equilibrated
    assert "times the steps" in trained.why
    assert "warm-up: 20 steps" in trained.notes[0]
    untouched = train(task, FAMILY, GAMMA, generator=generator(), training=replace(SHORT, warm_up=0))
    assert untouched.notes == ()


def test_starting_from_a_network(task):
    network = train(task, FAMILY, GAMMA, generator=generator(), training=SHORT).network
    training = Training(steps=1, step=1e-12, warm_up=0, noise=False)
    again = train(task, FAMILY, GAMMA, generator=generator(), training=training, start=network, dtype=torch.float64)
    for one, other in zip(again.network.parameters(), network.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_progress_and_history(task):
    seen = []
    trained = train(
        task, FAMILY, GAMMA, generator=generator(), training=SHORT, progress=lambda *each: seen.append(each)
    )
    assert [(done, total) for done, total, _ in seen] == [(done, 200) for done in range(0, 201, 10)]
    assert trained.history.shape == (21, len(HISTORY))
    np.testing.assert_array_equal(trained.history[:, 0], np.arange(0, 201, 10))
    assert trained.network.J.dtype == torch.float64


def test_equal_seeds_make_equal_networks_and_others_do_not(task):
    first, second, third = (
        train(task, FAMILY, GAMMA, generator=generator(seed), training=SHORT).network.J for seed in (0, 0, 1)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


SCRIPT = """
import os, signal, sys, torch
sys.path.insert(0, {folder!r})
from conftest import small_task
from neurocompare.settings import Family
from neurocompare.models.langevin import train
from neurocompare.models.training import Training

family = Family(n_units=12, beta=60.0, tau=0.1, private_noise=0.1)
training = Training(steps=6000, warm_up=20, record_every=10)

def progress(*_):
    # Once there is a newer checkpoint, a signal ends this process after some more of its own processor's time.
    global before
    now = os.stat(path).st_mtime_ns if os.path.exists(path) else 0
    if before is not None and now != before:
        before = None
        signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_VIRTUAL, {wait!r})

path = {path!r}
before = os.stat(path).st_mtime_ns if os.path.exists(path) else 0
train(small_task(), family, 0.7, generator=torch.Generator().manual_seed(0), training=training,
      checkpoint=path, checkpoint_every=0.0, progress=progress)
"""


def test_a_killed_training_goes_on_to_the_same_bits(task, tmp_path, request):
    path = tmp_path / "training"
    for wait in np.random.default_rng(0).uniform(0, 0.1, 2):  # one that began, and one that went on
        script = SCRIPT.format(folder=str(request.path.parent), path=str(path), wait=1e-3 + float(wait))
        assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGVTALRM
    family = replace(FAMILY, private_noise=0.1)
    training = Training(steps=6000, warm_up=20, record_every=10)
    steps = []
    resumed = train(
        task, family, GAMMA, generator=generator(), training=training, checkpoint=path,
        progress=lambda done, total, loss: steps.append(done),
    )  # fmt: skip
    assert steps[0] > 10  # it did go on, and not begin anew
    undisturbed = train(task, family, GAMMA, generator=generator(), training=training)
    assert resumed.why == undisturbed.why
    assert resumed.notes == undisturbed.notes
    np.testing.assert_array_equal(resumed.history, undisturbed.history)
    assert torch.equal(resumed.private_noise, undisturbed.private_noise)
    for one, other in zip(resumed.network.parameters(), undisturbed.network.parameters(), strict=True):
        assert torch.equal(one, other)
    # A finished training is read, not made again.
    again = train(task, family, GAMMA, generator=generator(), training=training, checkpoint=path)
    assert torch.equal(again.network.J, resumed.network.J)


def test_a_checkpoint_of_other_settings_or_damaged_is_named_and_not_trusted(task, tmp_path):
    path = tmp_path / "training"
    settings = {"generator": generator(), "training": SHORT, "checkpoint": path}
    train(task, FAMILY, GAMMA, **settings)
    with pytest.raises(InputError, match=r"found gamma 0\.7 where this has 0\.8"):
        train(task, FAMILY, 0.8, **settings | {"generator": generator()})
    with pytest.raises(InputError, match="found generator"):
        train(task, FAMILY, GAMMA, **settings | {"generator": generator(1)})
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[-5] ^= 1
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match=str(path)):
        train(task, FAMILY, GAMMA, **settings | {"generator": generator()})
    path.rmdir()
    for damaged in (bytes(flipped), whole[:-100], whole[:50], b""):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=str(path)):
            train(task, FAMILY, GAMMA, **settings | {"generator": generator()})


def test_a_step_too_long_is_refused_with_one_that_fits(task):
    with pytest.raises(InputError, match=r"expected a step of at most .* found 1; give"):
        train(task, FAMILY, GAMMA, generator=generator(), training=replace(SHORT, step=1.0))


def test_a_step_that_becomes_too_long_is_shortened_and_says_so():
    """At large gamma the curvature grows manyfold as the network learns."""
    family = Family(n_units=30, beta=200.0, tau=0.05)
    training = Training(steps=800, warm_up=0, record_every=50)
    chosen = train(oscillation(), family, 2.0, generator=generator(), training=training)
    assert chosen.checks[0, 2] > 3 * chosen.step
    training = replace(training, step=0.99 / chosen.checks[0, 1])
    trained = train(oscillation(), family, 2.0, generator=generator(), training=training)
    assert any("shortened" in note for note in trained.notes)
    assert trained.step * trained.curvature <= 1
    assert np.isfinite(trained.history).all()


def test_a_training_that_diverges_says_so_and_leaves_no_weights(tmp_path):
    """A linear network beyond its edge of stability leaves the finite numbers."""
    family = Family(g=100.0, n_units=20, beta=200.0, tau=0.05, nonlinearity="linear")
    path = tmp_path / "training"
    with pytest.raises(InputError, match="diverged"):
        train(oscillation(), family, 2.0, generator=generator(), training=SHORT, checkpoint=path)
    assert not path.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gamma": 0.0}, "reservoir"),
        ({"gamma": -1.0}, "gamma"),
        ({"device": "toaster"}, "device"),
        ({"dtype": torch.float16}, "dtype"),
        ({"device": "cuda:99"}, "GPU"),
        ({"start": RateRNN(torch.ones(3, 3), torch.ones(3, 2), torch.ones(2, 3), g=1.5, step_fraction=0.5)}, "shape"),
    ],
)
def test_bad_input_is_named(task, arguments, message):
    arguments = {"gamma": GAMMA, "generator": generator(), "training": SHORT} | arguments
    with pytest.raises(InputError, match=message):
        train(task, FAMILY, **arguments)


@pytest.mark.parametrize(
    "settings", [{"steps": 0}, {"warm_up": -1}, {"record_every": 0}, {"step": math.nan}, {"step": 0.0}]
)
def test_bad_settings_are_named(settings):
    with pytest.raises(InputError, match=next(iter(settings))):
        Training(**settings)
