"""Mappings, pynapple objects and the other things a model may be."""

import types

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.models import Draw, Family, Sampling, ZooPlan, load_network, make_zoo
from neurocompare.models.external import external_model
from neurocompare.settings import Workers
from neurocompare.tasks import ideal_reach


def frame(time, values, **metadata):
    """What a pynapple TsdFrame or TsdTensor shows of itself."""
    return types.SimpleNamespace(t=time, values=values, time_support=None, metadata=pd.DataFrame(metadata))


def test_all_ways_to_hold_activity_give_the_same(task, bins, activity):
    conditions, time = task.inputs["condition"].values, task.inputs["time"].values
    back = [2, 0, 1]
    columns = activity.transpose(1, 0, 2).reshape(len(time), -1)
    described = {"condition": np.repeat(conditions, 6), "unit": np.tile(np.arange(6), 3)}
    shuffled = np.random.default_rng(1).permutation(18)
    coords = {"condition": conditions, "time": time}
    models = {
        "array": activity,
        "tensor": torch.tensor(activity),
        "list": activity.tolist(),
        "xarray": xr.DataArray(activity[back], dims=("condition", "time", "unit"), coords=coords).assign_coords(
            condition=conditions[back]
        ),
        "unnamed xarray": xr.DataArray(activity),
        "mapping of arrays": {conditions[i]: activity[i] for i in back},
        "mapping of frames": {conditions[i]: frame(time, activity[i]) for i in back},
        "tensor of pynapple": frame(time, activity.swapaxes(0, 1)),
        "frame of pynapple": frame(
            time, columns[:, shuffled], **{name: values[shuffled] for name, values in described.items()}
        ),
    }
    for name, model in models.items():
        found = external_model(model, task, **bins).responses
        np.testing.assert_allclose(found.values, activity, atol=1e-12, err_msg=name)


def test_a_real_pynapple_tensor(task, bins, activity):
    pynapple = pytest.importorskip("pynapple", reason="pynapple is not installed")
    tensor = pynapple.TsdTensor(t=task.inputs["time"].values, d=activity.swapaxes(0, 1))
    np.testing.assert_array_equal(external_model(tensor, task, **bins).responses.values, activity)


def test_what_a_model_is_called_is_fit_to_be_shown(tmp_path, task, bins, activity):
    """Its name is in the table, the page and the file of a score, which holds no control characters."""
    path = tmp_path / "m\x1b[2J\u202e.npy"
    np.save(path, activity)
    assert external_model(path, task, **bins).name == "m[2J.npy"
    assert external_model(activity, task, name="a\nb\x07", **bins).name == "a b"
    assert external_model(activity, task, name="\x07", **bins).name == "the model"


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (frame(np.arange(20.0), np.zeros((20, 18))), "TsdFrame with metadata condition and unit"),
        ({"a": np.zeros((20, 3)), "b": np.zeros((20, 4))}, r"one shape .* found a \(20, 3\), b \(20, 4\)"),
        ({}, "found nothing"),
        (
            {"a": frame(np.arange(20.0), np.zeros((20, 5))), "b": frame(np.arange(20.0) + 1, np.zeros((20, 5)))},
            "expected the same times in every condition",
        ),
        (3, "expected a model as an array, a file, a torch module or a function, found int"),
    ],
)
def test_what_cannot_be_a_model(task, bins, model, said):
    with pytest.raises(InputError, match=said):
        external_model(model, task, **bins)


def test_a_network_of_a_zoo_on_its_own_task_and_on_another(bins, tmp_path):
    short = Sampling(ramp=1, adaptation=4, trajectories=8, segments=1, max_leapfrogs=5)
    task, turned = ideal_reach(directions=3), ideal_reach(directions=4)
    zoo = make_zoo(
        task,
        Family(n_units=12, beta=60.0),
        tmp_path,
        ZooPlan((0.0, 0.2), sampler=Draw(short), chains=2, members=2),
        workers=Workers(jobs=1),
    )
    folder = tmp_path / zoo.cards[0].hash
    stored = load_network(folder)[1]
    np.testing.assert_array_equal(external_model(folder, task, **bins).responses.values, stored.values)
    assert external_model(str(folder), turned, **bins).responses.sizes["condition"] == 4
    with pytest.raises(InputError, match="in steps of 25 ms, found one for 3 in steps of 50 ms"):
        external_model(folder, ideal_reach(directions=3, time_step=0.025), **bins)
