"""Files as other writers than pynwb make them: columns that lie or stand in matrices, scalars in arrays of one."""

import h5py
import numpy as np
import pytest
from layout_files import column, spikes_of
from nwb_files import write_nwb
from sessions import make_session

from neurocompare.recordings import Choices, average, open_recording, trials_of
from neurocompare.tasks import reach_task

CHOICES = Choices(condition=("trial_type",), event=("move_onset_time",), window=((-0.2, 0.3),), behavior="hand_vel")


@pytest.fixture(scope="module")
def session():
    return make_session()


@pytest.fixture
def written(session, tmp_path):
    names = ("start_time", "stop_time", "move_onset_time", "trial_type")
    hand = session.series("hand_vel")
    times = np.arange(hand.times[0], hand.times[-1], 0.01)
    values = np.stack([np.interp(times, hand.times, each) for each in hand.values.T], axis=1)
    return write_nwb(
        tmp_path / "a.nwb",
        ids=np.arange(8),
        spikes=spikes_of(session),
        electrodes={"rows": np.arange(8), "location": ["M1"] * 8},
        unit_columns={"quality": ["good"] * 8},
        trials={name: column(session, name) for name in names} | {"word": ["a"] * 20},
        series={"processing/behavior/hand_vel": {"data": values, "rate": 100.0, "start": times[0], "unit": "mm/s"}},
    )


def reshaped(path, names, shape):
    """The same values in another shape, with the same attributes."""
    with h5py.File(path, "r+") as file:
        for name in names:
            old = file[name]
            values, attributes, kind = old[()], dict(old.attrs), old.dtype
            del file[name]
            new = file.create_dataset(name, data=np.reshape(values, shape), dtype=kind)
            for key, value in attributes.items():
                new.attrs[key] = value
    return path


TABLES = [
    [f"intervals/trials/{name}" for name in ("id", "start_time", "stop_time", "move_onset_time", "trial_type", "word")],
    ["units/spike_times"],
    ["units/id", "units/spike_times_index", "units/quality", "units/electrodes", "units/electrodes_index"],
    ["general/extracellular_ephys/electrodes/id", "general/extracellular_ephys/electrodes/location"],
]


@pytest.mark.parametrize("shape", [(-1, 1), (1, -1)])
@pytest.mark.parametrize("names", TABLES, ids=["trials", "spikes", "units", "electrodes"])
def test_columns_that_lie_or_stand(written, names, shape):
    plain = open_recording(written, CHOICES)
    turned = open_recording(reshaped(written, names, shape), CHOICES)
    np.testing.assert_array_equal(average(trials_of(turned)), average(trials_of(plain)))
    assert turned.trials["word"].tolist() == ["a"] * 20
    assert turned.units.equals(plain.units)
    assert turned.units["area"].tolist() == ["M1"] * 8


def test_scalars_in_arrays_of_one(written):
    plain = reach_task(open_recording(written, CHOICES))
    reshaped(written, ["processing/behavior/hand_vel/starting_time"], (1,))
    with h5py.File(written, "r+") as file:
        series = file["processing/behavior/hand_vel"]
        series["starting_time"].attrs["rate"] = np.array([100.0])
        for key, value in (("conversion", np.array([[1.0]])), ("unit", np.array([b"mm/s"], dtype="S4"))):
            series["data"].attrs[key] = value
    turned = reach_task(open_recording(written, CHOICES))
    np.testing.assert_array_equal(turned.targets, plain.targets)
    assert turned.target_unit == "mm/s"


@pytest.mark.parametrize("order", [">", "<"])
def test_numbers_may_have_either_order_of_bytes(written, order):
    plain = open_recording(written, CHOICES)
    with h5py.File(written, "r+") as file:
        names = []
        file.visititems(lambda name, item: names.append(name) if getattr(item, "dtype", np.dtype("O")) != "O" else None)
        for name in names:
            attributes, values = dict(file[name].attrs), file[name][()]
            del file[name]
            file[name] = np.asarray(values, values.dtype.newbyteorder(order))
            file[name].attrs.update(attributes)
    other = open_recording(written, CHOICES)
    np.testing.assert_array_equal(average(trials_of(other)), average(trials_of(plain)))
    np.testing.assert_array_equal(reach_task(other).targets, reach_task(plain).targets)
    assert other.trials.equals(plain.trials)


def test_a_unit_whose_group_is_a_null_reference_has_no_known_area(written):
    with h5py.File(written, "r+") as file:
        units, ephys = file["units"], file["general/extracellular_ephys"]
        del units["electrodes"], units["electrodes_index"]
        ephys.create_group("probe").attrs["description"] = "probe in M1"
        groups = units.create_dataset("electrode_group", (8,), dtype=h5py.ref_dtype)
        for unit in range(7):
            groups[unit] = ephys["probe"].ref
        units.attrs["colnames"] = [*units.attrs["colnames"], "electrode_group"]
    assert open_recording(written, CHOICES).units["area"].tolist() == ["M1"] * 7 + ["unknown"]


def test_text_in_another_encoding_is_read(written):
    with h5py.File(written, "r+") as file:
        trials = file["intervals/trials"]
        trials["comment"] = np.array(["mu\xe9de".encode("latin-1")] * 20)
        trials.attrs["colnames"] = [*trials.attrs["colnames"], "comment"]
    recording = open_recording(written, CHOICES)
    assert recording.trials["comment"].iloc[0].startswith("mu")
    assert trials_of(recording).counts.sizes["trial"] == 20


def test_a_table_of_one_electrode_may_hold_scalars(written):
    with h5py.File(written, "r+") as file:
        table = file["general/extracellular_ephys/electrodes"]
        for name, value in (("id", 0), ("location", "M1")):
            del table[name]
            table[name] = value
        file["units/electrodes"][:] = 0
    assert open_recording(written, CHOICES).units["area"].tolist() == ["M1"] * 8
