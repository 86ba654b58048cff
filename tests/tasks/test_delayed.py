"""The sample grid and the cues."""

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.tasks.delayed import delay_cues, direction_code, sample_times


@pytest.mark.parametrize(
    ("stop", "step", "count"), [(0.95, 0.05, 20), (0.3, 0.1, 4), (0.949, 0.05, 19), (1.1, 0.02, 56)]
)
def test_grid_includes_a_stop_that_falls_on_it(stop, step, count):
    times = sample_times(stop, time_step=step)
    assert len(times) == count
    np.testing.assert_allclose(times, np.arange(count) * step, atol=1e-12)


def test_grid_does_not_depend_on_how_the_stop_was_computed():
    np.testing.assert_array_equal(sample_times(0.35 + 0.25 + 0.35, time_step=0.05), sample_times(0.95, time_step=0.05))


@pytest.mark.parametrize(("stop", "step"), [(0.9, 0.0), (0.9, -0.1), (0.9, float("nan")), (0.05, 0.05), (-1.0, 0.1)])
def test_impossible_grids_are_refused(stop, step):
    with pytest.raises(InputError):
        sample_times(stop, time_step=step)


def test_cues_are_on_before_go_and_off_from_go_on():
    angles = np.array([0.0, 1.0, 4.0])
    time = sample_times(0.95, time_step=0.05)
    # 7 x 0.05 is 0.35000000000000003 in floating point: the sample at 0.35 must still count as go
    assert time[7] < 7 * 0.05
    cues = delay_cues(direction_code(angles, condition=list("abc")), time, go=7 * 0.05)
    assert cues.dims == ("condition", "time", "channel")
    assert list(cues["channel"].values) == ["hold", "cos", "sin"]
    expected = np.stack([np.ones(3), np.cos(angles), np.sin(angles)], axis=1)
    for k in range(20):
        np.testing.assert_allclose(cues.isel(time=k), expected * (k < 7))
