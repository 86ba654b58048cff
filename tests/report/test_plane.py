"""The shared plane: the map is the best orthogonal one, and knows nothing it should not."""

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes

from neurocompare.report.beside import shared_plane, variance_spectrum
from neurocompare.responses import make_responses

CONDITIONS = ["a", "b", "c", "d"]


def population(rng, units, times=12):
    """Smooth random activity of as many units, of rank 5."""
    time = np.linspace(0.0, 1.0, times)
    latent = np.cumsum(rng.standard_normal((4, times, 5)), axis=1)
    return make_responses(latent @ rng.standard_normal((5, units)), condition=CONDITIONS, time=time)


def test_the_map_is_the_best_orthogonal_one_by_another_route():
    rng = np.random.default_rng(1)
    data, network = population(rng, 9), population(rng, 7)
    plane = shared_plane(data, [network], components=4)

    def scores(responses):
        samples = responses.values.reshape(-1, responses.sizes["unit"])
        samples = samples - samples.mean(axis=0)
        _, axes = np.linalg.eigh(samples.T @ samples)
        return samples @ axes[:, ::-1][:, :4]

    wanted, own = scores(data), scores(network)
    turn, strength = orthogonal_procrustes(own, wanted)
    mapped = own @ turn * strength / (own**2).sum()
    # Principal components have no sign: compare what does not depend on it.
    np.testing.assert_allclose(np.abs(plane.networks[0].reshape(-1, 2)), np.abs(mapped[:, :2]), atol=1e-9)
    assert plane.fits[0] == pytest.approx(1 - ((wanted - mapped) ** 2).sum() / (wanted**2).sum())


def test_rotation_scale_and_order_of_conditions_of_the_network_do_not_matter_and_unit_gains_do():
    rng = np.random.default_rng(2)
    data, network = population(rng, 9), population(rng, 7)
    turn, _ = np.linalg.qr(rng.standard_normal((7, 7)))
    before = shared_plane(data, [network])
    turned = network.copy(data=5 * network.values @ turn + 3).isel(condition=[2, 0, 3, 1])
    np.testing.assert_allclose(shared_plane(data, [turned]).networks[0], before.networks[0], atol=1e-9)
    gained = network.copy(data=network.values * rng.lognormal(0, 1, 7))
    assert not np.allclose(shared_plane(data, [gained]).networks[0], before.networks[0], atol=1e-2)


def test_a_network_on_a_coarser_grid_is_interpolated():
    """Activity linear in time is the same on any grid."""
    rng = np.random.default_rng(3)
    slopes = rng.standard_normal((4, 1, 6))
    fine, coarse = np.linspace(0.05, 0.95, 19), np.linspace(0.0, 1.0, 6)
    data = make_responses(slopes * fine[:, None], condition=CONDITIONS, time=fine)
    network = make_responses(slopes * coarse[:, None], condition=CONDITIONS, time=coarse)
    plane = shared_plane(data, [network])
    np.testing.assert_allclose(plane.networks[0], plane.data, atol=1e-9)


def test_the_plane_holds_the_share_of_variance_of_two_components():
    data = population(np.random.default_rng(4), 9)
    spectrum = variance_spectrum(data)
    assert shared_plane(data, []).share == pytest.approx(spectrum[:2].sum())
    assert spectrum.sum() == pytest.approx(1.0)
    # five latent dimensions, less what centring takes
    assert (spectrum > 1e-12).sum() == 5


def test_silent_populations_are_drawn_as_points():
    data = population(np.random.default_rng(5), 4)
    silent = data.copy(data=np.zeros(data.shape))
    plane = shared_plane(data, [silent])
    assert not plane.networks[0].any()
    assert plane.fits == (0.0,)
    assert not shared_plane(silent, [data]).data.any()
    assert not variance_spectrum(silent).any()
