from __future__ import annotations

import numpy as np
import pytest

from neurocompare.models.diagnosis import WORTH, autocorrelation_time, diagnose, split_r_hat


def autoregressive(rho: float, shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(shape)
    series = np.empty(shape)
    series[:, 0] = noise[:, 0]
    for t in range(1, shape[1]):
        series[:, t] = rho * series[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    return series


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_autocorrelation_time_of_an_autoregressive_process(rho):
    expected = (1 + rho) / (1 - rho)
    times = [autocorrelation_time(autoregressive(rho, (4, 4000), seed)) for seed in range(10)]
    assert np.mean(times) == pytest.approx(expected, rel=0.1)


def test_r_hat_of_shifted_chains_against_the_formula():
    draws = np.stack([np.tile([0.0, 1.0], 50), np.tile([2.0, 3.0], 50)])
    within = np.var([0.0, 1.0] * 25, ddof=1)
    between = np.var([0.5, 0.5, 2.5, 2.5], ddof=1)
    assert split_r_hat(draws) == pytest.approx(np.sqrt(49 / 50 + between / within))


def test_verdicts_name_what_is_wrong():
    good = [autoregressive(0.0, (5, 200), seed).T for seed in (0, 1)]
    assert diagnose(good, networks=4).converged
    apart = [good[0], good[1] + np.array([0, 0, 0, 0, 3.0])]
    verdict = diagnose(apart, networks=4)
    assert not verdict.converged
    assert "participation_ratio" in verdict.why
    late = [good[0], good[1] + 3.0 * (np.arange(200) < 140)[:, None]]  # the second burns in for 140 of 200
    assert diagnose(late, networks=4, burn_in=0.75).converged
    assert not diagnose(late, networks=4).converged


@pytest.mark.parametrize("tau", [3.0, 12.0])
def test_as_many_effective_samples_as_networks_ask_for_are_enough(tau):
    """Of four long chains there are 4 n / tau, tau = (1 + rho) / (1 - rho): by eight halves that is known to a half."""
    effective = 4 * 4000 / tau
    counted = []
    for seed in range(20):
        chains = [autoregressive((tau - 1) / (tau + 1), (1, 4000), 4 * seed + k).T for k in range(4)]
        counted.append(diagnose(chains, networks=4, burn_in=0.0).effective)
    assert 0.6 * effective < np.median(counted) < 1.1 * effective
    assert diagnose(chains, networks=int(0.9 * counted[-1] / WORTH), burn_in=0.0).converged
    assert not diagnose(chains, networks=int(1.1 * counted[-1] / WORTH) + 1, burn_in=0.0).converged


@pytest.mark.parametrize(("tau", "least", "most"), [(3, 0.95, 1.0), (10, 0.5, 0.9), (40, 0.0, 0.15), (200, 0.0, 0.02)])
def test_of_four_brief_chains_those_much_longer_than_their_memory_are_enough(tau, least, most):
    """At the default's length a verdict is a guess; of chains that forget nothing it must hardly ever be a good one."""
    enough = [
        diagnose([autoregressive((tau - 1) / (tau + 1), (1, 40), 4 * n + k).T for k in range(4)], networks=4).converged
        for n in range(100)
    ]
    assert least <= np.mean(enough) <= most


@pytest.mark.parametrize("tau", [40, 100])
def test_chains_that_are_all_still_on_the_way_are_not_enough(tau):
    """What they do alike shows in no autocorrelation: all begin six standard deviations off and end at 0.8 or more."""
    rho = (tau - 1) / (tau + 1)
    transient = 6 * rho ** np.arange(40)[:, None]
    enough = [
        diagnose([autoregressive(rho, (1, 40), 4 * n + k).T + transient for k in range(4)], networks=4).converged
        for n in range(100)
    ]
    assert np.mean(enough) <= 0.02


def test_no_sample_that_is_no_number_is_enough():
    chains = [autoregressive(0.0, (5, 40), seed).T for seed in range(4)]
    chains[2][27, 3] = np.nan
    verdict = diagnose(chains, networks=4)
    assert (verdict.converged, verdict.effective) == (False, 0.0)


def test_few_networks_ask_for_as_much_as_four():
    chains = [autoregressive(0.6, (5, 40), seed).T for seed in range(2)]
    needed = [verdict.lacking * verdict.effective for verdict in (diagnose(chains, networks=n) for n in (1, 2, 4, 8))]
    assert needed == pytest.approx([8, 8, 8, 16])


def test_two_states_that_are_far_apart_are_never_enough_however_long_the_chains():
    """Four chains in two states hold two independent samples of which state it is, whatever their length."""
    for length in (40, 320, 2560):
        apart = [autoregressive(0.3, (5, length), seed).T + 4.0 * (seed % 2) for seed in range(4)]
        verdict = diagnose(apart, networks=4)
        assert not verdict.converged
        assert verdict.effective < 5
        assert "differ" in verdict.why


def test_what_is_lacking_foresees_how_often_chains_double():
    off = []
    for seed in range(30):
        long = [autoregressive(0.95, (5, 10_000), 4 * seed + chain).T for chain in range(4)]
        lengths = 40 * 2 ** np.arange(8)
        verdicts = [diagnose([trace[:length] for trace in long], networks=8) for length in lengths]
        needed = next(place for place, verdict in enumerate(verdicts) if verdict.converged)
        assert all((verdict.lacking <= 1) == verdict.converged for verdict in verdicts)
        off.append(max(0, np.ceil(np.log2(verdicts[0].lacking))) - needed)
    assert abs(np.mean(off)) < 1  # of 0 to 4 doublings
