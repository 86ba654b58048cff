"""The representational baseline against its definition, worked out another way."""

from __future__ import annotations

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.experiments import synthetic_recording
from neurocompare.experiments.representational import representational_model
from neurocompare.recordings import mean_behavior
from neurocompare.responses import make_responses
from neurocompare.tasks import ideal_reach, reach_task


@pytest.fixture(scope="module")
def recorded():
    ideal = ideal_reach(directions=4)
    shape = (4, ideal.inputs.sizes["time"], 30)
    phi = np.tanh(np.random.default_rng(0).standard_normal(shape))
    phi = make_responses(phi, condition=ideal.inputs["condition"].values, time=ideal.inputs["time"].values)
    recording = synthetic_recording(phi, task=ideal, n_units=12, trials=5)
    return recording, reach_task(recording)


def test_without_lags_units_are_linear_in_velocity_speed_and_position(recorded):
    recording, task = recorded
    model = representational_model(recording, task, units=30, lags=(0.0, 0.0))
    go, move = task.event("go"), task.event("move")
    time = model["time"].values[model["time"].values >= go]
    velocity = mean_behavior(recording, "hand_vel", time - move, event="move_onset_time").values
    position = np.cumsum(velocity, axis=1)
    regressors = np.concatenate([velocity, np.linalg.norm(velocity, axis=-1, keepdims=True), position], axis=-1)
    flat = regressors.reshape(-1, 5)
    activity = model.sel(time=time).values.reshape(len(flat), -1)
    weights, *_ = np.linalg.lstsq(flat, activity, rcond=None)
    missed = activity - flat @ weights
    assert (missed**2).sum() < 1e-4 * (activity**2).sum()
    assert np.linalg.matrix_rank(activity, tol=1e-6 * np.linalg.norm(activity)) == 5


def test_a_lag_moves_activity_ahead_of_the_movement(recorded):
    recording, task = recorded
    plain = representational_model(recording, task, units=20, lags=(0.0, 0.0))
    ahead = representational_model(recording, task, units=20, lags=(0.1, 0.1))
    # The same weights, 10 steps of 10 ms earlier.
    np.testing.assert_allclose(ahead.values[:, :-10], plain.values[:, 10:], atol=1e-9)


def test_before_the_movement_can_be_foreseen_conditions_do_not_differ(recorded):
    """Up to the longest lag before the hand moves: what a representation of movement cannot have is preparation."""
    recording, task = recorded
    model = representational_model(recording, task, units=20)
    early = model.sel(time=slice(0, task.event("go") - 0.21)).values
    assert np.ptp(early, axis=1).max() < 1e-9  # nothing changes
    assert np.ptp(early, axis=0).max() < 0.05 * np.ptp(model.values, axis=0).max()  # but for the hand's tremor


def test_the_seed_settles_it_and_labels_are_the_tasks(recorded):
    recording, task = recorded
    one, two, other = (representational_model(recording, task, units=10, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.values, two.values)
    assert np.abs(one.values - other.values).max() > 0.1
    assert one["condition"].values.tolist() == task.inputs["condition"].values.tolist()


def test_it_needs_a_movement(recorded):
    from dataclasses import replace

    recording, task = recorded
    with pytest.raises(InputError, match="hand_vel"):
        representational_model(replace(recording, behavior=()), task)
