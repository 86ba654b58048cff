"""The cached NWB file: made once, read back whole, made again when it cannot be trusted."""

import json

import numpy as np
import pandas as pd
import pytest

from neurocompare.errors import InputError
from neurocompare.files import sha256_of
from neurocompare.recordings.nwb import open_recording
from neurocompare.responses import make_responses
from neurocompare.tasks.ideal import ideal_reach
from neurocompare.workflows.planted import data_folder, synthetic_file
from neurocompare.workflows.synthetic import synthetic_recording

PLANTED = (("gamma", 0.4), ("g", 1.5), ("tau", 0.05), ("beta", 100.0), ("seed", 3.0))
SMALL = {"planted": PLANTED, "task": ideal_reach(directions=3), "n_units": 12, "trials": 2}


class CountingNetwork:
    """Makes fixed responses and counts how often it was asked to."""

    def __init__(self):
        self.calls = 0

    def __call__(self, task):
        self.calls += 1
        time = task.inputs["time"].values
        phi = np.sin(9 * time[:, None] * np.linspace(0.5, 1.5, 20)) * np.linspace(-1, 1, 3)[:, None, None]
        return make_responses(phi, condition=task.inputs["condition"].values, time=time)


def test_file_is_the_recording(tmp_path):
    network = CountingNetwork()
    path = synthetic_file(network, folder=tmp_path, **SMALL)
    read = open_recording(path)
    made = synthetic_recording(network(SMALL["task"]), **SMALL)
    np.testing.assert_array_equal(read.spike_times, made.spike_times)
    np.testing.assert_array_equal(read.spike_ends, made.spike_ends)
    assert dict(read.planted) == dict(PLANTED)
    assert read.events == made.events
    assert set(read.condition_columns) == set(made.condition_columns)
    shared = [name for name in made.trials if name in read.trials]
    assert set(made.trials) == set(shared)
    pd.testing.assert_frame_equal(read.trials[shared], made.trials, check_dtype=False, check_index_type=False)
    assert read.units["area"].tolist() == made.units["area"].tolist()
    for series in made.behavior:
        np.testing.assert_allclose(read.series(series.name).values, series.values, rtol=1e-12)
        np.testing.assert_array_equal(read.series(series.name).times, series.times)


def test_it_is_made_once_and_named_by_its_settings(tmp_path):
    network = CountingNetwork()
    path = synthetic_file(network, folder=tmp_path, **SMALL)
    assert synthetic_file(network, folder=tmp_path, **SMALL) == path
    assert network.calls == 1
    sidecar = json.loads(path.with_suffix(".json").read_text())
    assert sidecar["sha256"] == sha256_of(path)
    assert sidecar["settings"]["planted"] == dict(PLANTED)
    others = (
        {"seed": 1},
        {"trials": 3},
        {"planted": (("gamma", 0.8), *PLANTED[1:])},
        {"task": ideal_reach(directions=3, peak_speed=500.0)},
    )
    paths = {synthetic_file(network, folder=tmp_path, **(SMALL | other)) for other in others}
    assert len(paths | {path}) == 5
    assert network.calls == 5


def test_what_was_altered_is_made_again_the_same(tmp_path):
    network = CountingNetwork()
    path = synthetic_file(network, folder=tmp_path, **SMALL)
    original = sha256_of(path)
    sidecar = path.with_suffix(".json")

    def flip_a_byte():
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

    damages = (
        flip_a_byte,
        lambda: path.write_bytes(path.read_bytes()[:1000]),
        path.unlink,
        sidecar.unlink,
        lambda: sidecar.write_text("{"),
        lambda: sidecar.write_text("[]"),
    )
    for calls, damage in enumerate(damages, start=2):
        damage()
        assert synthetic_file(network, folder=tmp_path, **SMALL) == path
        assert network.calls == calls
        assert sha256_of(path) == original
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([path.name, sidecar.name])


def test_a_failed_making_leaves_nothing(tmp_path):
    def broken(task):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthetic_file(broken, folder=tmp_path, **SMALL)
    assert list(tmp_path.iterdir()) == []


def test_folder_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROCOMPARE_DATA", str(tmp_path / "mine"))
    assert data_folder() == tmp_path / "mine"
    assert synthetic_file(CountingNetwork(), **SMALL).parent == tmp_path / "mine"
    monkeypatch.delenv("NEUROCOMPARE_DATA")
    assert data_folder().name == "neurocompare"


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot write"):
        synthetic_file(CountingNetwork(), folder=tmp_path / "file", **SMALL)
