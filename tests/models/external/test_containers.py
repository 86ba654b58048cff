"""Activity in whatever a user's libraries keep it: all give the same responses, or one line."""

from dataclasses import replace

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
from scipy.io import savemat

from neurocompare.errors import InputError
from neurocompare.models.external import external_model


class Foreign:
    """What an array of JAX or TensorFlow is to numpy."""

    def __init__(self, values):
        self.values_there = values
        self.shape, self.dtype, self.ndim = values.shape, values.dtype, values.ndim

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values_there, dtype)


def cells(values):
    """One array (time, unit) a condition, in an array of objects."""
    found = np.empty(len(values), object)
    found[:] = list(values)
    return found


def frame(values, conditions, time):
    index = pd.MultiIndex.from_product([conditions, time], names=["condition", "time"])
    return pd.DataFrame(values.reshape(-1, values.shape[2]), index=index).sample(frac=1, random_state=0)


CONTAINERS = {
    "array-like": lambda v, c, t: Foreign(v),
    "gradient": lambda v, c, t: torch.tensor(v, requires_grad=True) * 1.0,
    "gradients in a list": lambda v, c, t: list(torch.tensor(v, requires_grad=True) * 1.0),
    "gradients by label": lambda v, c, t: dict(zip(c, torch.tensor(v, requires_grad=True) * 1.0, strict=True)),
    "array-likes by label": lambda v, c, t: {label: Foreign(one) for label, one in zip(c, v, strict=True)},
    "tuple": lambda v, c, t: tuple(v),
    "objects": lambda v, c, t: cells(v),
    "ragged": lambda v, c, t: [np.concatenate([one, one[:extra]]) for extra, one in enumerate(v)],
    "ragged objects": lambda v, c, t: cells([np.concatenate([one, one[:extra]]) for extra, one in enumerate(v)]),
    "named parts": lambda v, c, t: {"rates": v[::-1], "condition": c[::-1], "time": t},
    "dataset": lambda v, c, t: xr.Dataset({"x": (("condition", "time", "unit"), v), "t_end": 3.0}),
    "other names": lambda v, c, t: xr.DataArray(v.transpose(1, 0, 2), dims=("t", "cond", "neuron")),
    "table": frame,
    "columns": lambda v, c, t: frame(v, c, t).reset_index(),
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_container_is_what_is_in_it(task, bins, activity, kind):
    conditions, time = (task.inputs[dim].values for dim in ("condition", "time"))
    taken = external_model(CONTAINERS[kind](activity, conditions, time), task, **bins).responses
    np.testing.assert_array_equal(taken.values, activity)


def test_half_precision(task, bins, activity):
    found = external_model(torch.tensor(activity).bfloat16(), task, **bins).responses
    np.testing.assert_allclose(found.values, activity, rtol=2**-8)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (
            lambda v: [one[: 20 - i] for i, one in enumerate(v)],
            "the task's 20 steps .* found 18 to 20; give one length",
        ),
        (lambda v: [["a"]], r"expected activity \(condition, time, unit\)"),
        (lambda v: [np.zeros((20, 6)), np.zeros((20, 5)), np.zeros((20, 6))], r"arrays of one shape .* \(20, 5\)"),
        (lambda v: [None, object()], r"expected activity \(condition, time, unit\)|expected an array"),
        (lambda v: torch.empty(3, 20, 6, device="meta"), "one that numpy cannot read"),
        (lambda v: pd.DataFrame(v[0]), "a table with condition and time"),
        (lambda v: pd.DataFrame({"condition": [0, 0], "time": [0.0, 0.0], "a": 1}), "found some missing or more than"),
        (lambda v: xr.Dataset({"a": ("x", [1.0])}), r"expected one variable with dims .* found a \('x',\)"),
        (lambda v: 3, "found int"),
    ],
)
def test_what_cannot_be_taken_is_one_line(task, bins, activity, model, said):
    with pytest.raises(InputError, match=said):
        external_model(model(activity), task, **bins)


def test_what_is_masked_is_missing(task, bins, activity):
    """The numbers beneath a mask are none of the model's."""
    for kind in (float, np.float32, int):
        masked = np.ma.masked_array(np.round(activity).astype(kind), mask=False)
        external_model(masked, task, **bins)
        masked[1, 2, 3] = np.ma.masked
        with pytest.raises(InputError, match="found 1 values that are not"):
            external_model(masked, task, **bins)


def write_matlab_73(path, values, *, kind):
    with h5py.File(path, "w") as file:
        if kind == "struct":
            group = file.create_group("data")
            group["responses"] = values.T
            return
        cell = file.create_dataset("responses", (len(values), 1), dtype=h5py.ref_dtype)
        for row, one in enumerate(values):
            cell[row, 0] = file.create_dataset(f"#refs#/{row}", data=one.T).ref
        labels = file.create_dataset(
            "condition", data=np.array([[ord(c) for c in text] for text in "abc"], np.uint16).T
        )
        labels.attrs["MATLAB_class"] = np.bytes_("char")


@pytest.mark.parametrize("name", ["cell.mat", "struct.mat", "cell73.mat", "struct73.mat"])
def test_cells_and_structs_of_matlab(task, bins, activity, tmp_path, name):
    path = tmp_path / name
    task = task if name != "cell73.mat" else named(task, ["c", "a", "b"])
    if name == "cell.mat":
        savemat(path, {"responses": cells(activity).reshape(1, -1)})
    elif name == "struct.mat":
        savemat(path, {"data": {"responses": activity, "time": task.inputs["time"].values}})
    else:
        write_matlab_73(path, activity, kind=name.removesuffix("73.mat"))
    expected = activity[[2, 0, 1]] if name == "cell73.mat" else activity
    np.testing.assert_array_equal(external_model(path, task, **bins).responses.values, expected)


def named(task, labels):
    change = {"condition": labels}
    return replace(task, inputs=task.inputs.assign_coords(change), targets=task.targets.assign_coords(change))


def test_netcdf_of_both_versions_with_units_of_time(task, bins, activity, tmp_path):
    conditions, time = (task.inputs[dim].values for dim in ("condition", "time"))
    for factor, unit in ((1, None), (1, "s"), (1000, "ms"), (1000, "milliseconds")):
        coords = {"condition": conditions.astype(str), "time": ("time", factor * time, {"units": unit} if unit else {})}
        array = xr.DataArray(activity, dims=("condition", "time", "unit"), coords=coords, name="rates")
        for engine in ("h5netcdf", "scipy"):
            path = tmp_path / f"{engine}-{unit}.nc"
            array.to_netcdf(path, engine=engine)
            taken = external_model(path, task, **bins).responses
            np.testing.assert_allclose(taken["time"].values, time, atol=1e-12)
            np.testing.assert_array_equal(taken.values, activity)
