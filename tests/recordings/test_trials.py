import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.recordings.trials import Trials, average, smooth, smoothing_matrix


def make_trials(smoothing=0.04):
    rng = np.random.default_rng(1)
    counts = xr.DataArray(
        rng.poisson(2.0, (7, 6, 3)).astype(float),
        dims=("trial", "time", "unit"),
        coords={
            "condition": ("trial", list("abbcabc")),
            "time": [0.01, 0.03, 0.05, 0.5, 0.52, 0.54],
            "segment": ("time", ["go"] * 3 + ["move"] * 3),
            "event_time": ("time", [0.01, 0.03, 0.05, -0.02, 0.0, 0.02]),
            "unit": [4, 5, 9],
            "area": ("unit", ["M1", "M1", "PMd"]),
        },
    )
    conditions = pd.DataFrame({"target_angle": [0.0, 1.0, 2.0]}, index=["a", "b", "c"])
    return Trials(counts, conditions, bin_width=0.02, smoothing=smoothing, source="test")


def test_average_equals_the_definition_written_as_loops():
    trials = make_trials()
    weights = np.array([1.0, 0.0, 2.0, 3.0, 0.5, 1.0, 0.0])
    counts, labels = trials.counts.values, trials.counts["condition"].values
    segment, event_time = trials.counts["segment"].values, trials.counts["event_time"].values
    expected = np.zeros((3, 6, 3))
    for c, label in enumerate("abc"):
        total = sum(weights[k] for k in range(7) if labels[k] == label)
        mean = sum(weights[k] * counts[k] for k in range(7) if labels[k] == label) / total
        for t in range(6):
            kernel = [
                np.exp(-((event_time[t] - event_time[s]) ** 2) / (2 * 0.04**2)) if segment[t] == segment[s] else 0.0
                for s in range(6)
            ]
            expected[c, t] = sum(k * mean[s] for s, k in enumerate(kernel)) / sum(kernel) / 0.02
    averaged = average(trials, weights)
    np.testing.assert_allclose(averaged.values, expected, rtol=1e-13)
    assert averaged["target_angle"].values.tolist() == [0.0, 1.0, 2.0]
    assert averaged["area"].values.tolist() == ["M1", "M1", "PMd"]
    assert averaged.attrs["unit"] == "spikes/s"


def test_whole_weights_are_repeated_trials():
    trials = make_trials()
    weights = np.array([2, 1, 0, 1, 0, 3, 2])
    repeated = trials.counts.isel(trial=np.repeat(np.arange(7), weights))
    again = average(dataclasses.replace(trials, counts=repeated))
    np.testing.assert_allclose(average(trials, weights).values, again.values, rtol=1e-13)


def test_smoothing_the_average_is_averaging_the_smooth():
    rough, smoothed = average(make_trials(0.0)), average(make_trials(0.04))
    by_hand = smooth(rough.values, rough["segment"].values, rough["event_time"].values, 0.04)
    np.testing.assert_allclose(by_hand, smoothed.values, rtol=1e-13)
    assert np.abs(rough.values - smoothed.values).max() > 10


def test_smoothing_keeps_constants_and_segments_apart():
    event_time = np.concatenate([0.02 * np.arange(40), 0.02 * np.arange(40)])
    segment = np.repeat(["a", "b"], 40)
    matrix = smoothing_matrix(segment, event_time, 0.05)
    np.testing.assert_allclose(matrix @ np.ones(80), 1.0, rtol=1e-14)
    assert not matrix[:40, 40:].any()
    assert not matrix[40:, :40].any()
    # Away from the edges the kernel's variance is that of the Gaussian; at the edge it is one-sided.
    lag = event_time - event_time[20]
    assert matrix[20] @ lag**2 == pytest.approx(0.05**2, rel=1e-3)
    assert matrix[0] @ event_time > 0.03


def test_trials_per_condition():
    assert make_trials().trials_per_condition.tolist() == [2, 3, 2]


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (np.ones(6), "one weight for each of 7 trials"),
        (np.full(7, -1.0), "at least 0"),
        (np.full(7, np.nan), "finite trial weights"),
        (np.array([1, 1, 1, 0, 1, 1, 0.0]), "none of weight above 0 in c"),
    ],
)
def test_bad_weights(weights, said):
    with pytest.raises(InputError, match=said):
        average(make_trials(), weights)


def test_bad_trials():
    trials = make_trials()
    for counts, said in (
        (trials.counts.transpose("unit", "time", "trial"), "expected counts with dims"),
        (trials.counts.drop_vars("segment"), "coordinate 'segment' along time"),
        (trials.counts - 5, "at least 0"),
        (trials.counts * np.nan, "finite counts"),
        (trials.counts.assign_coords(condition=("trial", list("abbzabc"))), "found none for z"),
    ):
        with pytest.raises(InputError, match=said):
            dataclasses.replace(trials, counts=counts)
    with pytest.raises(InputError, match="smoothing of at least 0"):
        smoothing_matrix(["a"], [0.0], -0.1)
