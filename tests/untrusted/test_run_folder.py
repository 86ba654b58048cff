"""A run's folder from anyone: no file of it leads elsewhere, makes us wait, fills memory or reaches the terminal."""

import json
import shutil
import subprocess
import sys

import h5py
import numpy as np
import pytest
from ways_out import SECRET, WAYS, write_outside

from neurocompare.account import read_account
from neurocompare.errors import InputError
from neurocompare.models import Draw, Family, Sampling, ZooPlan, make_zoo
from neurocompare.models.checkpoint import load_network
from neurocompare.ranking import Ranking
from neurocompare.records import load_record
from neurocompare.responses import load_responses, make_responses, save_responses
from neurocompare.settings import Workers
from neurocompare.tasks import load_task, oscillation, save_task

DEEP = "[" * 100_000 + "]" * 100_000


def written(folder):
    """Responses and a task, sound."""
    values = np.random.default_rng(0).standard_normal((2, 3, 4))
    save_responses(make_responses(values, condition=["a", "b"], time=[0.0, 0.1, 0.2]), folder / "responses.nc")
    save_task(oscillation(), folder / "task.nc")
    return {"responses.nc": load_responses, "task.nc": load_task}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("name", ["responses.nc", "task.nc"])
@pytest.mark.parametrize("place", ["condition", "another"])
def test_nothing_outside_is_read(tmp_path, name, way, place):
    """In the place of labels, which are read with the file's description, or beside what is asked for."""
    read = written(tmp_path)[name]
    outside = write_outside(tmp_path)
    with h5py.File(tmp_path / name, "r+") as file:
        if place in file:
            del file[place]
        way(file, place, outside)
    with pytest.raises(InputError) as caught:
        read(tmp_path / name)
    assert str(SECRET) not in str(caught.value)


@pytest.mark.parametrize("name", ["responses.nc", "task.nc"])
@pytest.mark.parametrize("size", [10**9, 10**12])
@pytest.mark.parametrize("filled", [False, True])
def test_what_is_small_on_disk_and_large_in_memory_is_refused(tmp_path, name, size, filled):
    read = written(tmp_path)[name]
    variable = {"responses.nc": "responses", "task.nc": "inputs"}[name]
    with h5py.File(tmp_path / name, "r+") as file:
        kept = dict(file[variable].attrs)
        del file[variable]
        made = file.create_dataset(
            variable, (size, 1, 1), "f8", chunks=(10**6, 1, 1), compression="gzip", fillvalue=1.0
        )
        if filled:
            made[: 10**6] = 1.0
        for key, value in kept.items():
            if key not in ("DIMENSION_LIST", "_Netcdf4Coordinates"):
                made.attrs[key] = value
    with pytest.raises(InputError):
        read(tmp_path / name)


def test_notes_of_a_task_that_are_no_events(tmp_path):
    written(tmp_path)
    for events in (DEEP, "[1]", '{"go": "x"}', '{"go": [1]}', "", '{"go": ' + "1" * 5000 + "}"):
        with h5py.File(tmp_path / "task.nc", "r+") as file:
            file.attrs["events"] = events[:60_000]
        with pytest.raises(InputError):
            load_task(tmp_path / "task.nc")


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    sampling = Sampling(ramp=2, adaptation=2, trajectories=8, segments=1, max_leapfrogs=20)
    plan = ZooPlan((0.0,), sampler=Draw(sampling), chains=2)
    zoo = make_zoo(oscillation(), Family(n_units=12), tmp_path_factory.mktemp("zoo"), plan, workers=Workers(1))
    return zoo.folder / zoo.cards[0].hash


def at_once(program, *arguments):
    """What a program prints that must not wait for anything."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


READ_ALL = """
import os, shutil, sys
from pathlib import Path
from neurocompare.errors import InputError
from neurocompare.account import read_account
from neurocompare.models.chain_file import load_chain
from neurocompare.models.checkpoint import load_network, load_noise
from neurocompare.models.heartbeat import read_beats
from neurocompare.models.tensor_file import load_tensors
from neurocompare.ranking import Ranking
from neurocompare.ranking.batches import read_scores
from neurocompare.records import load_record
from neurocompare.report.contents import load_contents
from neurocompare.responses import load_responses
from neurocompare.tasks import load_task
from neurocompare.workflows.finished import finished_in
from neurocompare.workflows.planted import is_whole

sound, folder = Path(sys.argv[1]), Path(sys.argv[2])
readers = {
    "run.json": read_account, "ranking.json": lambda path: load_record(Ranking, path / "ranking.json"),
    "task.nc": lambda path: load_task(path / "task.nc"),
    "recording.nc": lambda path: load_responses(path / "recording.nc"),
    "scores.csv": lambda path: read_scores(path / "scores.csv"), "chain": lambda path: load_chain(path / "chain", ""),
    "beats": lambda path: read_beats(path / "beats") and None, "tensors": lambda path: load_tensors(path / "tensors"),
    "session.json": lambda path: is_whole(path / "session.nwb"), "contents": load_contents, "finished": finished_in,
    **{f"{sound.name}/{name}": lambda path: (load_network(path / sound.name), load_noise(path / sound.name))
       for name in ("card.json", "weights.safetensors", "responses.nc")},
}
for kind in ("pipe", "zero", "folder", "socket"):
    for name, read in readers.items():
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(sound, folder / sound.name)
        path = folder / name
        path.unlink(missing_ok=True)
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "zero":
            path.symlink_to("/dev/zero")
        elif kind == "folder":
            path.mkdir()
        else:
            path.symlink_to("/dev/tty")
        try:
            assert not read(folder), (kind, name)
        except (InputError, OSError, ValueError) as error:
            assert "\\n" not in str(error), error
print("done")
"""


def test_no_file_that_is_none_is_waited_for(tmp_path, network):
    assert at_once(READ_ALL, network, tmp_path / "run") == "done\n"


LARGE = {  # made for the test, and not by whoever imports this file
    "lists": lambda: DEEP,
    "objects": lambda: '{"a":' * 100_000 + "1" + "}" * 100_000,
    "names": lambda: json.dumps({str(n): n for n in range(10**6)}),
}


@pytest.mark.parametrize("kind", LARGE)
def test_a_hundred_thousand_levels_and_a_million_names_are_a_line(tmp_path, network, kind):
    text = LARGE[kind]()
    for name, read in (
        ("run.json", lambda: read_account(tmp_path)),
        ("ranking.json", lambda: load_record(Ranking, tmp_path / "ranking.json")),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(InputError, match=name):
            read()
    shutil.copytree(network, tmp_path / network.name)
    (tmp_path / network.name / "card.json").write_text(text)
    with pytest.raises(InputError, match="made again"):
        load_network(tmp_path / network.name)


@pytest.mark.parametrize(("why", "read"), [("\u202efine\n\u200b", "fine "), ("\x1b[2Jfine", None), ("fi\x07ne", None)])
def test_no_text_of_a_card_reaches_the_terminal_as_it_is(tmp_path, network, why, read):
    folder = tmp_path / network.name
    shutil.copytree(network, folder)
    card = json.loads((folder / "card.json").read_text())
    card["result"]["why"] = why
    (folder / "card.json").write_text(json.dumps(card))
    if read is None:
        with pytest.raises(InputError) as caught:
            load_network(folder)
        assert str(caught.value).isprintable()
    else:
        assert load_network(folder)[2].result.why == read
