"""Tasks from plain arrays."""

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.tasks.arrays import task_from_arrays


def test_arrays_keep_their_values_and_labels():
    rng = np.random.default_rng(0)
    inputs, targets = rng.normal(size=(3, 5, 2)), rng.normal(size=(3, 5, 4))
    trained = np.ones((3, 5), bool)
    trained[2, 4] = False
    task = task_from_arrays(
        inputs,
        targets,
        time_step=0.02,
        conditions=list("abc"),
        outputs=list("wxyz"),
        trained=trained,
        events={"go": 0.04},
    )
    np.testing.assert_array_equal(task.inputs, inputs)
    np.testing.assert_allclose(task.targets * task.target_scale, targets)
    assert list(task.targets["output"].values) == list("wxyz")
    assert not task.trained.sel(condition="c").values[4]
    assert not task.trained.values[:, 0].any()  # the targets differ from zero where every network still rests
    assert task.time_step == pytest.approx(0.02)
    assert task.event("go") == 0.04


def test_ambiguous_conditions_are_named():
    inputs = np.ones((3, 5, 1)) * np.array([1.0, 2.0, 1.0])[:, None, None]
    targets = np.random.default_rng(0).normal(size=(3, 5, 1))
    with pytest.raises(InputError, match="left and right have equal inputs"):
        task_from_arrays(inputs, targets, time_step=0.1, conditions=["left", "up", "right"])


def test_shapes_that_do_not_fit_are_refused():
    for inputs, targets, more in (
        (np.ones((2, 5)), np.ones((2, 5, 1)), {}),
        (np.ones((2, 5, 1)), np.ones((3, 5, 1)), {}),
        (np.ones((2, 5, 1)), np.ones((2, 5, 1)), {"conditions": ["only one"]}),
        (np.ones((2, 5, 1)), np.ones((2, 5, 1)), {"trained": np.ones((5, 2))}),
    ):
        with pytest.raises(InputError):
            task_from_arrays(inputs, targets, time_step=0.1, **more)
