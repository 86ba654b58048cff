from __future__ import annotations

import numpy as np
import pytest

from neurocompare.models.diagnosis import autocorrelation_time, diagnose, split_r_hat


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
    assert diagnose(good, spacing=50).converged
    apart = [good[0], good[1] + np.array([0, 0, 0, 0, 3.0])]
    verdict = diagnose(apart, spacing=50)
    assert not verdict.converged
    assert "participation_ratio" in verdict.why
    late = [good[0], good[1] + 3.0 * (np.arange(200) < 90)[:, None]]  # the second burns in for 90 of 200
    assert diagnose(late, spacing=50, burn_in=0.5).converged
    assert not diagnose(late, spacing=50).converged
    slow = [autoregressive(0.9, (5, 4000), seed).T for seed in (0, 1)]
    verdict = diagnose(slow, spacing=5)
    assert not verdict.converged
    assert "autocorrelation" in verdict.why


def test_what_is_lacking_foresees_how_often_chains_double():
    off = []
    for seed in range(30):
        long = [autoregressive(0.95, (5, 10_000), 2 * seed + chain).T for chain in range(2)]
        lengths = 40 * 2 ** np.arange(8)
        verdicts = [diagnose([trace[:length] for trace in long], spacing=length / 2) for length in lengths]
        needed = next(place for place, verdict in enumerate(verdicts) if verdict.converged)
        assert all((verdict.lacking <= 1) == verdict.converged for verdict in verdicts)
        off.append(np.log2(verdicts[0].lacking) - needed)
    assert abs(np.mean(off)) < 1  # of 3 to 6 doublings
