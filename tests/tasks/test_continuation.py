"""What a task asks for after its last sample."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.tasks import Continuation, continued, ideal_reach, oscillation, thin_task


def test_the_oscillation_goes_on_as_the_same_sine():
    longer = continued(oscillation(), 137)
    sample = np.arange(137)
    wave = np.where(sample >= 5, np.sin(2 * np.pi * (sample - 5) / 20), 0.0)
    found = longer.targets.sel(condition="minus", output="wave").values * longer.target_scale
    np.testing.assert_allclose(found, -wave, atol=1e-12)
    np.testing.assert_allclose(longer.inputs["time"], 0.015 * sample, atol=1e-9)
    assert not longer.inputs.values[:, 8:].any()
    assert longer.trained.values[:, :30].all()
    assert not longer.trained.values[:, 30:].any()
    assert longer.trained.dtype == bool


def test_after_a_reach_the_hand_rests():
    task = ideal_reach()
    longer = continued(task, 50)
    np.testing.assert_array_equal(longer.targets.values[:, :20], task.targets.values)
    assert not longer.targets.values[:, 20:].any()
    assert thin_task(ideal_reach(time_step=0.01), max_samples=80).continuation == task.continuation


def test_held_targets_and_inputs_keep_their_last_value():
    task = ideal_reach()
    cut = replace(task, **{name: getattr(task, name).isel(time=slice(15)) for name in ("inputs", "targets", "trained")})
    longer = continued(cut, 18, continuation=Continuation("hold"))
    assert cut.targets.values[:, -1].any()
    np.testing.assert_array_equal(longer.targets.values[:, -1], cut.targets.values[:, -1])
    np.testing.assert_array_equal(longer.inputs.values[:, -1], cut.inputs.values[:, -1])


@pytest.mark.parametrize("continuation", [Continuation("hold"), Continuation("repeat", 1 / 3)])
def test_text_gives_the_kind_back(continuation):
    assert Continuation.read(str(continuation)) == continuation


@pytest.mark.parametrize("text", ["rest", "repeat", "repeat x", "repeat -1", "zero 1"])
def test_what_is_no_continuation_is_refused(text):
    with pytest.raises(InputError, match="zero, hold, or repeat"):
        Continuation.read(text)


def test_what_cannot_be_continued_is_refused():
    task = oscillation()
    with pytest.raises(InputError, match="does not say how its targets go on"):
        continued(replace(task, continuation=None), 60)
    with pytest.raises(InputError, match="at least the task's own 30"):
        continued(task, 20)
    for period in (0.31, 0.6):
        with pytest.raises(InputError, match="whole number of time steps"):
            continued(task, 60, continuation=Continuation("repeat", period))
