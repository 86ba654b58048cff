"""An hour of fuzzing of every reader: what is handed to us is read, or refused in one line, and does nothing else.

NEUROCOMPARE_FUZZ=3600 python -m pytest -n0 -s -m slow -o faulthandler_timeout=0 tests/untrusted/test_fuzz.py

The number is of seconds, shared among the readers. Inputs are changed from sound ones by Hypothesis, the same in every
run; those that are found to do more are kept where the output says.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import urllib.request
import zipfile
import zlib

import fuzzing
import mutants
import numpy as np
import pandas as pd
import pytest
import torch
import ways_out
import xarray as xr
from archive_server import ArchiveServer
from fetching import CONTENT, ENTRY, HASTE, add
from fuzzing import Fuzz, changed_bytes, changed_hdf5, changed_json, changes, edits
from hypothesis import strategies as st
from scipy.io import savemat
from typer.testing import CliRunner

from neurocompare.account import read_account
from neurocompare.cli.main import app
from neurocompare.models import Draw, Family, Sampling, ZooPlan, draw_reservoir, load_zoo, make_zoo, respond
from neurocompare.models.checkpoint import load_network, load_noise
from neurocompare.models.external.family import read_family
from neurocompare.models.external.files import read_activity
from neurocompare.ranking import Ranking
from neurocompare.recordings import describe, look_through_file, nwb, open_recording, trials_of
from neurocompare.recordings.answers import answers
from neurocompare.recordings.catalogue import experiments
from neurocompare.recordings.fetch import fetch_entry
from neurocompare.recordings.fetch_listing import listing
from neurocompare.records import load_record
from neurocompare.report.contents import load_contents
from neurocompare.responses import load_responses
from neurocompare.settings import Workers
from neurocompare.tasks import load_task, reach_task, save_task
from neurocompare.tasks.oscillation import oscillation
from neurocompare.untrusted.address import parts_of
from neurocompare.workflows import synthetic_file
from neurocompare.workflows.finished import finished_in

pytestmark = pytest.mark.slow
SHARES = {"recordings": 4, "models": 4, "networks": 2, "runs": 4, "archive": 3, "tables": 1, "queries": 1}
SHORT = Sampling(ramp=2, adaptation=2, trajectories=8, segments=1, max_leapfrogs=20)
PLAN = ZooPlan((0.0, 0.4), sampler=Draw(SHORT), chains=2)
WHOLE = float(os.environ.get("NEUROCOMPARE_FUZZ", "3600"))


@pytest.fixture
def fuzz(request, tmp_path):
    """A function that tries inputs for the share of time that the reader has, and fails where something was found."""
    share = WHOLE * SHARES[request.node.name.removeprefix("test_")] / sum(SHARES.values())
    (tmp_path / "found").mkdir()

    def tried(read, inputs, write):
        ours = Fuzz(read, tmp_path / "found")
        ours.run(inputs, write, share)
        assert ours.inputs
        assert not ours.found, "\n\n".join(ours.found.values())

    return tried


# Recordings


def lead_out(path, rng):
    """Put something that lies in another file in the place of any object; a pipe is there."""
    way = ways_out.WAYS[int(rng.integers(len(ways_out.WAYS)))]
    with mutants.h5py.File(path, "r+") as file:
        name = str(rng.choice(mutants.objects_of(file)))
        del file[name]
        way(file, name, path.parent / "outside.h5")


KINDS = [kind for kind in mutants.KINDS if kind is not mutants.many_trials]  # which takes seconds to write
STRUCTURE = st.lists(
    st.tuples(st.sampled_from([*KINDS, lead_out, lead_out]), st.integers(0, 2**32)), min_size=1, max_size=3
)


class Passed:
    """A door of this process: `read_recording_file` has looked the file through."""

    def __init__(self, *_, **__):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def check(self):
        pass


def looked_through(path):
    """Whether a child finds nothing: as the door does, without the second that another Python takes to begin."""
    child = os.fork()
    if child == 0:
        os._exit(look_through_file.main(str(path), 8))
    return os.waitpid(child, 0)[1] == 0


def read_recording_file(folder):
    path = folder / "given.nwb"
    look_through_file.MEMORY = fuzzing.MEMORY // 2 + fuzzing.held()
    if not looked_through(path):
        return
    nwb.Door = Passed
    recording = open_recording(path)
    describe(recording)
    trials_of(recording)


def test_recordings(fuzz, tmp_path):
    bases = mutants.write_bases(tmp_path)

    def write(changed, folder):
        number, structure, places = changed
        path = folder / "given.nwb"
        shutil.copy(bases[number], path)
        ways_out.write_pipe(folder)
        changed_hdf5(path, structure)
        if places:
            path.write_bytes(changed_bytes(path.read_bytes(), places))

    inputs = st.tuples(st.integers(0, len(bases) - 1), STRUCTURE, st.none() | changes())
    fuzz(read_recording_file, inputs, write)


# Models


def write_models(folder):
    """A sound model of every kind of file."""
    rng = np.random.default_rng(0)
    values, labels = rng.standard_normal((3, 5, 4)), np.array(["a", "b", "c"])
    time = np.arange(5) / 10
    np.save(folder / "m.npy", values)
    np.savez(folder / "m.npz", responses=values, condition=labels, time=time)
    np.savez_compressed(folder / "packed.npz", responses=values, condition=labels, time=time)
    named = {"responses": values, "condition": np.array(labels, dtype=object), "time": time}
    savemat(folder / "m.mat", named)
    savemat(folder / "packed.mat", {"model": named, "other": "text"}, do_compression=True)
    savemat(folder / "four.mat", {"responses": values[0]}, format="4")
    array = xr.DataArray(values, dims=("condition", "time", "unit"), coords={"condition": labels, "time": time})
    array.to_dataset(name="responses").to_netcdf(folder / "m.nc", engine="h5netcdf")
    array.to_dataset(name="responses").to_netcdf(folder / "three.nc", engine="scipy")
    with mutants.h5py.File(folder / "new.mat", "w", userblock_size=512) as file:
        file["responses"] = values.T
        file["time"] = time
        cells = [file.create_dataset(f"#refs#/{name}", data=np.frombuffer(name.encode("utf-16-le"), "u2")[:, None])
                 for name in labels]  # fmt: skip
        file["condition"] = np.array([[cell.ref for cell in cells]], dtype=mutants.h5py.ref_dtype)
    torch.save({"weight": torch.zeros(3)}, folder / "m.pt")
    return sorted(path for path in folder.iterdir() if path.is_file())


def inside(path, done):
    """Change what is packed in a file, and pack it again: behind digests of its own nothing else is reached."""
    if path.suffix in (".npz", ".pt"):
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        chosen = sorted(members)[len(done) % len(members)]
        members[chosen] = changed_bytes(members[chosen], done)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
    elif path.name == "packed.mat":
        content = path.read_bytes()
        element = zlib.compress(changed_bytes(zlib.decompress(content[136:]), done))
        path.write_bytes(content[:132] + len(element).to_bytes(4, "little") + element)
    else:
        path.write_bytes(changed_bytes(path.read_bytes(), done))


def test_models(fuzz, tmp_path):
    bases = write_models(tmp_path)

    def write(changed, folder):
        base, packed, structure, places = changed
        path = folder / base.name
        shutil.copy(base, path)
        ways_out.write_pipe(folder)
        if base.name in ("m.nc", "new.mat") and structure:
            changed_hdf5(path, structure)
        elif packed:
            inside(path, places)
        else:
            path.write_bytes(changed_bytes(path.read_bytes(), places))

    def read(folder):
        (path,) = (path for path in folder.iterdir() if not path.name.startswith("outside"))
        read_activity(path)

    fuzz(read, st.tuples(st.sampled_from(bases), st.booleans(), st.none() | STRUCTURE, changes()), write)


# Networks


def changed_file(path, structure, places):
    """Change a file of any kind: JSON as a document, HDF5 as a tree, both and others as bytes."""
    if path.suffix == ".json" and not isinstance(structure, list):
        path.write_bytes(changed_json(json.loads(path.read_text()), structure[0]))
    elif path.suffix == ".nc" and isinstance(structure, list):
        changed_hdf5(path, structure)
    else:
        path.write_bytes(changed_bytes(path.read_bytes(), places))


ANY = st.tuples(STRUCTURE | st.tuples(edits()), changes())


def test_networks(fuzz, tmp_path):
    task = oscillation()
    zoo = make_zoo(
        task,
        Family(n_units=12),
        tmp_path / "zoo",
        ZooPlan((0.0, 0.4), sampler=Draw(SHORT), chains=2),
        workers=Workers(1),
    )
    bases = [zoo.folder / card.hash for card in zoo.cards]

    def write(changed, folder):
        base, name, (structure, places), honest = changed
        place = folder / base.name
        shutil.copytree(base, place)
        ways_out.write_pipe(folder)
        changed_file(place / name, structure, places)
        if honest:  # its card vouches for what it has become
            card = json.loads((place / "card.json").read_text())
            for key, file in (("weights", "weights.safetensors"), ("responses", "responses.nc")):
                card["sha256"][key] = hashlib.sha256((place / file).read_bytes()).hexdigest()
            (place / "card.json").write_text(json.dumps(card))

    def read(folder):
        (place,) = (path for path in folder.iterdir() if path.is_dir())
        load_network(place)
        load_noise(place)
        load_zoo(folder)

    names = st.sampled_from(["card.json", "weights.safetensors", "responses.nc"])
    fuzz(read, st.tuples(st.sampled_from(bases), names, ANY, st.booleans()), write)


# Runs


@pytest.fixture
def run(tmp_path):
    """A ranking of a tiny zoo, with all its files."""
    family = Family(n_units=40)
    session = synthetic_file(
        lambda task: respond(draw_reservoir(task, family, generator=torch.Generator()), task)[0],
        planted=(("gamma", 0.0),), folder=tmp_path, n_units=24, trials=6,
    )  # fmt: skip
    task = reach_task(open_recording(session))
    save_task(task, tmp_path / "zoo" / "task.nc")
    make_zoo(task, family, tmp_path / "zoo", PLAN, workers=Workers(1))
    typed = ["rank", str(tmp_path / "zoo"), "--data", str(session), "--out", str(tmp_path / "run"), "--resamples", "20"]
    done = CliRunner().invoke(app, [*typed, "--jobs", "1", "--metrics", "procrustes,rsa"])
    assert done.exit_code == 0, done.output
    shutil.copytree(tmp_path / "zoo", tmp_path / "run" / "zoo")
    return tmp_path / "run"


def test_runs(fuzz, run):
    names = ["run.json", "run.json", "ranking.json", "ranking.json", "scores.csv", "zoo.csv", "task.nc", "recording.nc"]

    def write(changed, folder):
        name, (structure, places) = changed
        shutil.copytree(run, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("figures", "*.html"))
        ways_out.write_pipe(folder)
        changed_file(folder / name, structure, places)

    def read(folder):
        lines = []
        for reader in (
            read_account,
            lambda place: load_record(Ranking, place / "ranking.json"),
            lambda place: load_task(place / "task.nc"),
            lambda place: load_responses(place / "recording.nc"),
            finished_in,
            load_contents,
        ):
            try:
                reader(folder)
            except fuzzing.InputError as error:
                lines.append(str(error))
        if lines:
            raise fuzzing.InputError(max(lines, key=len))

    fuzz(read, st.tuples(st.sampled_from(names), ANY), write)


# Answers of an archive


def test_archive(fuzz, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("DANDI_API_KEY", raising=False)
    monkeypatch.setenv("NEUROCOMPARE_DATA", str(tmp_path / "data"))
    (experiment,) = (each for each in experiments() if each.name == ENTRY.name)
    with ArchiveServer() as server:
        added = add(server, ENTRY)
        base = f"{server.url}/dandisets/{ENTRY.dandiset}"
        asked = {
            "info": f"{server.url}/info/",
            "dandiset": f"{base}/",
            "version": f"{base}/versions/{ENTRY.version}/info/",
            "assets": f"{base}/versions/{ENTRY.version}/assets/",
            "metadata": f"{base}/versions/{ENTRY.version}/assets/{added.identifier}/",
        }
        truths = {}
        for name, address in asked.items():
            with urllib.request.urlopen(address) as answer:
                truths[name] = json.load(answer)

        def write(changed, folder):
            name, document, places = changed
            body = changed_json(truths[name], document) if document else json.dumps(truths[name]).encode()
            server.faults.clear()
            server.fault(name, "garbage", body=changed_bytes(body, places) if places else body, times=100)

        def read(folder):
            listing(experiment, folder=folder, url=server.url, patience=HASTE)
            fetched = fetch_entry(ENTRY, folder=folder, url=server.url, patience=HASTE)
            assert fetched.path.read_bytes() == CONTENT
            assert fetched.path.is_relative_to(folder)

        names = st.sampled_from(sorted(truths))
        fuzz(read, st.tuples(names, st.none() | edits(), st.none() | changes()), write)


# Tables and queries


def test_tables(fuzz):
    table = "file,decay,seed,member,loss\na.npy,0.1,1,0,0.5\nb.npy,0.1,2,0,\nc.npy,0,1,0,1\nd.npy,0,2,0,2\n"

    def write(changed, folder):
        for name in "abcd":
            (folder / f"{name}.npy").touch()
        ways_out.write_pipe(folder)
        content = changed_bytes(table.encode(), changed)
        (folder / "models.csv").write_bytes(content)

    fuzz(lambda folder: read_family(folder, "decay") and None, changes(), write)


def test_queries(fuzz):
    trials = pd.DataFrame(
        {"result": ["R", "A", None], "delay": [0.1, 0.5, np.nan], "success": [True, False, True], "n": [1, 2, 9]}
    )
    words = (
        "result delay success n `n` and or not in is missing ( ) [ ] , == != < <= > = & | ~ 'R' \"A\" True None 1 -1"
    )
    words = [*words.split(), *["1e400", "0.5", "@", "()", ".", "__class__", "not\tnot"], "(" * 31, "1" * 900]
    texts = st.lists(st.sampled_from(words) | st.text(max_size=3), max_size=20).map(" ".join)

    def write(changed, folder):
        (folder / "query").write_bytes(changed.encode("utf-8", "surrogatepass"))

    def read(folder):
        text = (folder / "query").read_bytes().decode("utf-8", "surrogatepass")
        with fuzzing.contextlib.suppress(fuzzing.InputError):
            parts_of(text.replace(" ", ""))
        assert answers(trials, text).shape == (3,)

    fuzz(read, texts, write)
