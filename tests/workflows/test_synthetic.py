"""The synthetic session: spikes at the planted rates, a hand that makes the planted task."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from neurocompare.errors import InputError
from neurocompare.recordings.spike_counts import trials_of
from neurocompare.responses import make_responses
from neurocompare.tasks.ideal import ideal_reach
from neurocompare.tasks.reach import reach_task
from neurocompare.workflows.schedule import draw_schedule
from neurocompare.workflows.synthetic import hand_movements, poisson_spikes, synthetic_recording
from neurocompare.workflows.tuning import Tuning

TASK = ideal_reach()
PLANTED = (("gamma", 0.4), ("g", 1.5), ("tau", 0.05), ("beta", 100.0), ("seed", 3.0))


def network(task=TASK, n_units=40, seed=0):
    """Smooth responses in [-1, 1] that differ between conditions and units."""
    rng = np.random.default_rng(seed)
    time, angle = task.inputs["time"].values, task.inputs["target_angle"].values
    speed, phase, preferred = rng.uniform(3, 12, n_units), rng.uniform(0, 6, n_units), rng.uniform(0, 6, n_units)
    drive = 1.5 * np.cos(angle[:, None] - preferred)[:, None, :] * np.sin(speed * time[:, None] + phase)
    phi = np.tanh(drive * np.minimum(time / 0.1 + 0.3, 1.0)[:, None])
    return make_responses(phi, condition=task.inputs["condition"].values, time=time)


def tuning_of(n_units, seed=1):
    rng = np.random.default_rng(seed)
    offset = rng.uniform(5, 40, n_units)
    return Tuning(unit=rng.permutation(n_units), offset=offset, gain=offset * rng.uniform(0.5, 1.5, n_units))


def rate_at(responses, tuning, condition, task_time):
    """Rates (time, unit) written out: linear between samples, rest before 0, the last value after the end."""
    grid = responses["time"].values
    phi = np.stack([np.interp(task_time, grid, responses.values[condition, :, u]) for u in tuning.unit], axis=-1)
    phi[task_time < 0] = 0.0
    return np.maximum(tuning.offset + tuning.gain * phi, 0.0)


def counts_between(spike_times, spike_ends, start, stop):
    """Spikes of each unit in [start, stop), by brute force."""
    units = np.split(spike_times, spike_ends[:-1])
    return np.array([((times >= start) & (times < stop)).sum() for times in units])


def test_counts_are_poisson():
    # after movement onset every trial of a condition has the same rates: counts vary as Poisson counts do
    schedule = draw_schedule(TASK, rng=np.random.default_rng(0), trials=100)
    responses, tuning = network(), tuning_of(40)
    spikes = poisson_spikes(responses, tuning, schedule, rng=np.random.default_rng(1))
    dispersion, freedom = 0.0, 0
    for condition in range(8):
        onsets = schedule.move[schedule.condition == condition] / 1000
        counts = np.array([counts_between(*spikes, onset, onset + 0.3) for onset in onsets])
        mean = counts.mean(axis=0)
        kept = mean > 1
        dispersion += (((counts - mean) ** 2).sum(axis=0)[kept] / mean[kept]).sum()
        freedom += kept.sum() * (len(onsets) - 1)
    assert chi2.ppf(1e-4, freedom) < dispersion < chi2.ppf(1 - 1e-4, freedom)


@pytest.mark.parametrize(
    ("first", "last"), [("start", "target_on"), ("target_on", "go"), ("go", "move"), ("move", "stop")]
)
def test_rates_are_the_networks_in_every_part_of_a_trial(first, last):
    schedule = draw_schedule(TASK, rng=np.random.default_rng(0), trials=20)
    responses, tuning = network(), tuning_of(40)
    spikes = poisson_spikes(responses, tuning, schedule, rng=np.random.default_rng(2))
    # a stretched copy of the task's own time from event to event, integrated in steps of 1 ms
    begin = {"start": -0.25, "target_on": 0.0, "go": 0.35, "move": 0.6}[first]
    length = {"start": 0.25, "target_on": 0.35, "go": 0.25, "move": 0.65}[first]
    thirds = 3
    z = []
    for condition in range(8):
        found, expected = np.zeros((thirds, 40)), np.zeros((thirds, 40))
        for trial in np.nonzero(schedule.condition == condition)[0]:
            start, stop = getattr(schedule, first)[trial] / 1000, getattr(schedule, last)[trial] / 1000
            edges = np.linspace(start, stop, thirds + 1)
            for i in range(thirds):
                found[i] += counts_between(*spikes, edges[i], edges[i + 1])
                task_time = begin + length * (i + (np.arange(200) + 0.5) / 200) / thirds
                rate = rate_at(responses, tuning, condition, task_time)
                expected[i] += rate.mean(axis=0) * (stop - start) / thirds
        kept = expected > 5
        z.append(((found - expected)[kept]) / np.sqrt(expected[kept]))
        assert (found[expected < 0.1] <= 3).all()
    z = np.concatenate(z)
    assert abs(z.mean()) < 4 / np.sqrt(len(z))
    assert (z**2).mean() == pytest.approx(1.0, abs=4 * np.sqrt(2 / len(z)) + 0.02)


def test_the_hold_period_is_stretched_not_cut():
    # a network that switches half way through the hold: short and long delays both switch half way through theirs
    time = TASK.inputs["time"].values
    switch = np.where((time > 0.151) & (time < 0.349), 0.9, -0.9)
    responses = make_responses(
        np.broadcast_to(switch[None, :, None], (8, 20, 4)), condition=TASK.inputs["condition"].values, time=time
    )
    tuning = Tuning(unit=np.arange(4), offset=np.full(4, 40.0), gain=np.full(4, 40.0))
    schedule = draw_schedule(TASK, rng=np.random.default_rng(0), trials=40, onset_spread=0.15)
    spikes = poisson_spikes(responses, tuning, schedule, rng=np.random.default_rng(3))
    delay = schedule.go - schedule.target_on
    for trials in (np.nonzero(delay < 300)[0], np.nonzero(delay > 400)[0]):
        assert len(trials) > 20
        start, length = schedule.target_on[trials] / 1000, delay[trials] / 1000
        for share, rate in (((0.05, 0.40), 4.0), ((0.60, 0.84), 76.0)):
            bounds = zip(start + share[0] * length, start + share[1] * length, strict=True)
            found = sum(counts_between(*spikes, *pair).sum() for pair in bounds)
            expected = 4 * rate * ((share[1] - share[0]) * length).sum()
            assert abs(found - expected) < 4 * np.sqrt(expected)


def test_spikes_lie_inside_trials_in_order():
    recording = synthetic_recording(network(), task=TASK, n_units=30, trials=4)
    starts, stops = recording.trials["start_time"].values, recording.trials["stop_time"].values
    trial = np.searchsorted(starts, recording.spike_times, side="right") - 1
    assert (trial >= 0).all()
    assert (recording.spike_times < stops[trial]).all()
    assert recording.spike_ends[-1] == len(recording.spike_times)
    for times in np.split(recording.spike_times, recording.spike_ends[:-1]):
        assert (np.diff(times) > 0).all()


def test_same_seed_same_content():
    def same(one, other):
        tables = all(
            pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name)) is None
            for name in ("units", "trials")
        )
        series = all(
            np.array_equal(a.values, b.values) and np.array_equal(a.times, b.times)
            for a, b in zip(one.behavior, other.behavior, strict=True)
        )
        return tables and series and np.array_equal(one.spike_times, other.spike_times)

    one, again, other = (
        synthetic_recording(network(), task=TASK, n_units=30, trials=4, seed=seed) for seed in (5, 5, 6)
    )
    assert same(one, again)
    assert not np.array_equal(one.spike_times[:100], other.spike_times[:100])
    assert not np.array_equal(one.trials["trial_type"], other.trials["trial_type"])


def test_it_looks_like_a_maze_session():
    recording = synthetic_recording(network(), task=TASK, n_units=30, trials=4, planted=PLANTED)
    ids = recording.units.index.values
    assert recording.units["area"].tolist() == ["PMd"] * 15 + ["M1"] * 15
    assert (ids // 1000).tolist() == [1] * 15 + [2] * 15
    assert recording.planted == PLANTED
    assert len(recording.trials) == 32
    assert recording.trials.groupby("condition").size().tolist() == [4] * 8
    assert (recording.trials.groupby("condition")["target_angle"].nunique() == 1).all()


def test_hand_rests_but_for_the_reach_and_lands_on_the_target():
    recording = synthetic_recording(network(), task=TASK, n_units=30, trials=10)
    position, velocity = recording.series("hand_pos"), recording.series("hand_vel")
    assert np.array_equal(position.times, velocity.times)
    peaks = []
    for trial in recording.trials.itertuples():
        mine = (velocity.times >= trial.start_time - 1e-9) & (velocity.times < trial.stop_time - 1e-9)
        assert mine.sum() == round(1000 * (trial.stop_time - trial.start_time))
        time, moved, speed = velocity.times[mine], position.values[mine], velocity.values[mine]
        np.testing.assert_allclose(np.diff(time), 1e-3, atol=1e-9)
        resting = (time < trial.move_onset_time) | (time > trial.move_onset_time + 0.45)
        assert np.abs(speed[resting]).max() < 40  # tremor only: 5.3 mm/s standard deviation
        np.testing.assert_allclose(moved[time < trial.move_onset_time], 0.0, atol=2.5)
        np.testing.assert_allclose(moved[-1], [trial.target_x, trial.target_y], atol=2.5)
        # velocity is the derivative of position
        np.testing.assert_allclose(np.gradient(moved[:, 0], time)[1:-1], speed[1:-1, 0], atol=2.0)
        peaks.append(np.hypot(*speed.T).max())
    assert np.mean(peaks) == pytest.approx(600, rel=0.02)
    assert 0.015 < np.std(peaks) / 600 < 0.06
    gaps = np.diff(velocity.times)
    assert (gaps > 0.15).sum() == len(recording.trials) - 1


def test_tremor_is_as_stated():
    schedule = draw_schedule(TASK, rng=np.random.default_rng(0), trials=20)
    position, velocity = hand_movements(
        schedule, np.zeros(8), duration=0.35, peak_speed=600.0, rng=np.random.default_rng(0)
    )
    # across the direction of the reach there is nothing but tremor; about n / (0.04 x 2 sqrt(pi)) are independent
    independent = len(position.times) / (40 * 2 * np.sqrt(np.pi))
    assert position.values[:, 1].std() == pytest.approx(0.3, rel=4 / np.sqrt(2 * independent))
    # a Gaussian process of autocovariance exp(-t^2 / 4 w^2) has a derivative of variance 1 / 2 w^2
    assert velocity.values[:, 1].std() == pytest.approx(0.3 / (np.sqrt(2) * 0.04), rel=4 / np.sqrt(independent))


def test_reach_task_gives_the_planted_task_back():
    recording = synthetic_recording(network(), task=TASK, n_units=30, trials=20)
    task = reach_task(recording)
    np.testing.assert_array_equal(task.inputs["time"], TASK.inputs["time"])
    np.testing.assert_allclose(task.inputs.values, TASK.inputs.values, atol=1e-12)
    original, wanted = task.targets.values * task.target_scale, TASK.targets.values * TASK.target_scale
    # 3 % of speed variation over 20 trials, and tremor of 5 mm/s: between 1 and 2 % of the root mean square
    assert np.sqrt(((original - wanted) ** 2).mean() / (wanted**2).mean()) < 0.025
    assert task.target_scale == pytest.approx(TASK.target_scale, rel=0.02)
    assert task.event("go") == TASK.event("go")
    assert task.event("move") == pytest.approx(TASK.event("move"), abs=1e-6)


def test_every_trial_serves_with_the_default_windows():
    recording = synthetic_recording(network(), task=TASK, n_units=30, trials=20)
    trials = trials_of(recording)
    assert trials.counts.sizes["trial"] == 160
    assert trials.dropped == ()


def test_networks_that_do_not_fit_are_refused():
    good = network()
    for bad, words in (
        (good.assign_coords(time=good["time"] + 0.01), "on the task's times"),
        (good.isel(condition=slice(4)), "on the task's conditions"),
        (2 * good, "within -1 and 1"),
        (good.isel(unit=slice(10)), "expected to record"),
    ):
        with pytest.raises(InputError, match=words):
            synthetic_recording(bad, task=TASK, n_units=30)
    plain = dataclasses.replace(TASK, inputs=TASK.inputs.drop_vars("target_angle"))
    with pytest.raises(InputError, match="target_angle"):
        synthetic_recording(good, task=plain, n_units=30)
    with pytest.raises(InputError, match="'go'"):
        synthetic_recording(good, task=dataclasses.replace(TASK, events=()), n_units=30)
