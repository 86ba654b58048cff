"""The timing of a synthetic session."""

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.tasks.ideal import ideal_reach
from neurocompare.workflows.schedule import draw_schedule


def schedule_of(seed=0, **settings):
    return draw_schedule(ideal_reach(), rng=np.random.default_rng(seed), **settings)


@pytest.mark.parametrize("trials", [20, 7])
def test_medians_are_exactly_the_tasks_in_every_condition(trials):
    schedule = schedule_of(trials=trials)
    for condition in range(8):
        mine = schedule.condition == condition
        assert mine.sum() == trials
        assert np.median((schedule.go - schedule.target_on)[mine]) == 350
        assert np.median((schedule.move - schedule.go)[mine]) == 250
        assert np.median((schedule.move - schedule.target_on)[mine]) == 600


def test_delays_reaction_times_and_their_sum_vary_within_their_spreads():
    schedule = schedule_of(trials=200)
    delay, reaction = schedule.go - schedule.target_on, schedule.move - schedule.go
    for values, middle, spread in ((delay, 350, 100), (reaction, 250, 50), (delay + reaction, 600, 50)):
        assert np.abs(values - middle).max() <= spread
        assert np.abs(values - middle).max() >= 0.9 * spread
    # delays are uniform over the pairs allowed: a trapezoid of standard deviation sqrt(E[d^2]), by enumeration
    allowed = [d for d in range(-100, 101) for r in range(-50, 51) if abs(d + r) <= 50]
    expected = np.std(allowed)
    assert delay.std() == pytest.approx(expected, rel=4 / np.sqrt(2 * len(delay) / 2))  # mirrored: half are free


def test_trials_follow_one_another_in_random_order():
    schedule = schedule_of()
    assert (schedule.start[1:] - schedule.stop[:-1] >= 200).all()
    for earlier, later in (("start", "target_on"), ("target_on", "go"), ("go", "move"), ("move", "stop")):
        assert (getattr(schedule, earlier) < getattr(schedule, later)).all()
    # in blocks of 20 equal conditions there would be 7 changes
    assert (np.diff(schedule.condition) != 0).sum() > 100


def test_task_time_maps_events_to_the_tasks():
    schedule = schedule_of()
    trial = np.arange(len(schedule.condition))
    for event, expected in (
        (schedule.target_on - 100, -0.1),
        (schedule.target_on, 0.0),
        ((schedule.target_on + schedule.go) / 2, 0.175),
        (schedule.go, 0.35),
        ((schedule.go + schedule.move) / 2, 0.475),
        (schedule.move, 0.6),
        (schedule.move + 300, 0.9),
    ):
        np.testing.assert_allclose(schedule.task_time(event / 1000, trial), expected, atol=1e-9)


def test_task_time_of_a_median_trial_is_the_time_since_target_on():
    schedule = schedule_of(delay_spread=0.0, reaction_spread=0.0)
    time = np.linspace(-0.2, 1.2, 57)
    np.testing.assert_allclose(schedule.task_time(schedule.target_on[3] / 1000 + time, np.full(57, 3)), time, atol=1e-9)


@pytest.mark.parametrize(
    "settings", [{"trials": 0}, {"delay_spread": 0.35}, {"reaction_spread": 0.3}, {"onset_spread": -0.1}]
)
def test_impossible_sessions_are_refused(settings):
    with pytest.raises(InputError):
        schedule_of(**settings)
