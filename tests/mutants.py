"""Damaged NWB files: each seed changes a sound file in one of many ways.

python tests/mutants.py FIRST LAST       opens the mutants FIRST to LAST - 1 and prints a line of JSON for each
"""

from __future__ import annotations

import json
import re
import resource
import shutil
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
from layout_files import write_centre_out, write_churchland, write_falcon, write_rtt

from neurocompare.recordings import write_maze_nwb

MEMORY = 4 * 10**9
"""In bytes: of address space, which is more than what is used."""


def write_bases(folder):
    """One sound file of each of five layouts."""
    from sessions import make_session

    small = make_session(n_conditions=3, n_repeats=3, n_units=5)
    bases = [write_maze_nwb(small, folder / "maze.nwb"), write_falcon(folder / "falcon.nwb", small)]
    bases.append(write_churchland(folder / "churchland.nwb")[1])
    bases.append(write_centre_out(folder / "perich.nwb")[1])
    bases.append(write_rtt(folder / "rtt.nwb", stamped=True)[1])
    return bases


def mutate(base, path, seed):
    """Write the mutant of a seed; returns what was done to it."""
    rng = np.random.default_rng([seed, 7])
    shutil.copy(base, path)
    kind = KINDS[seed % len(KINDS)]
    return f"{base.stem}: {kind(path, rng)}"


def flip_bytes(path, rng):
    """Change some bytes anywhere."""
    content = bytearray(path.read_bytes())
    at = rng.integers(0, len(content), int(rng.choice([1, 8, 64, 512])))
    for place in at:
        content[place] ^= int(rng.integers(1, 256))
    path.write_bytes(content)
    return f"{len(at)} bytes changed"


def flip_structure(path, rng):
    """Change bytes near the signatures of HDF5's structures, where they hurt most."""
    content = bytearray(path.read_bytes())
    marks = [b"TREE", b"SNOD", b"HEAP", b"OHDR", b"FRHP", b"GCOL", b"BTHD", b"OCHK", b"\x89HDF"]
    places = [found.start() for mark in marks for found in re.finditer(re.escape(mark), content)]
    for place in rng.choice(places, int(rng.integers(1, 6))):
        offset = int(place + rng.integers(0, 64))
        if offset < len(content):
            content[offset] ^= int(rng.integers(1, 256))
    path.write_bytes(content)
    return "structures changed"


def truncate(path, rng):
    """Cut the end off."""
    content = path.read_bytes()
    share = float(rng.random())
    path.write_bytes(content[: int(share * len(content))])
    return f"cut to {share:.0%}"


def overwrite(path, rng):
    """Fill a stretch with zeros, or with other bytes."""
    content = bytearray(path.read_bytes())
    length = int(rng.choice([16, 512, 4096]))
    start = int(rng.integers(0, len(content) - length))
    content[start : start + length] = bytes(length) if rng.random() < 0.5 else rng.bytes(length)
    path.write_bytes(content)
    return f"{length} bytes overwritten"


def objects_of(file):
    """Names of all groups and datasets."""
    names = []
    file.visit(names.append)
    return sorted(names)


def remove(path, rng):
    """Delete a group or a dataset."""
    with h5py.File(path, "r+") as file:
        name = str(rng.choice(objects_of(file)))
        del file[name]
    return f"{name} removed"


def retype(path, rng):
    """Put something of another type or shape in a dataset's place."""
    with h5py.File(path, "r+") as file:
        name = str(rng.choice([n for n in objects_of(file) if isinstance(file[n], h5py.Dataset)]))
        n = max(1, file[name].size)
        attributes = dict(file[name].attrs)
        del file[name]
        other = [
            lambda: np.array(["text"] * min(n, 50), dtype=h5py.string_dtype()),
            lambda: np.zeros(n, complex),
            lambda: np.zeros(n, [("a", "f8"), ("b", "i4")]),
            lambda: np.zeros((n, 2, 2)),
            lambda: np.zeros(max(0, n - 1)),
            lambda: np.int64(3),
            lambda: np.zeros(0),
            lambda: rng.integers(0, 2**62, n),
        ]
        file[name] = other[int(rng.integers(len(other)))]()
        for key, value in attributes.items():
            file[name].attrs[key] = value
        return f"{name} became {file[name].dtype} {file[name].shape}"


def unlikely_values(path, rng):
    """Write NaN, infinities, negative or huge numbers into a dataset of numbers."""
    with h5py.File(path, "r+") as file:
        names = [n for n in objects_of(file) if isinstance(file[n], h5py.Dataset) and file[n].dtype.kind in "iuf"]
        data = file[str(rng.choice([n for n in names if file[n].ndim and file[n].size]))]
        values = data[()]
        at = rng.random(values.shape) < rng.choice([0.01, 0.5, 1.0])
        if values.dtype.kind == "f":
            value = rng.choice([np.nan, np.inf, -1.0, -1e5, 1e300, 0.0, 1e8])
        else:
            info = np.iinfo(values.dtype)
            value = rng.choice([info.min, info.max, 0])
        values[at] = value
        data[...] = values
        return f"{data.name} has {value} in {int(at.sum())} places"


def backwards(path, rng):
    """Shift or turn around times."""
    with h5py.File(path, "r+") as file:
        names = [n for n in objects_of(file) if n.endswith(("timestamps", "_time", "spike_times"))]
        names = [n for n in names if isinstance(file[n], h5py.Dataset) and file[n].dtype.kind == "f" and file[n].ndim]
        data = file[str(rng.choice(names))]
        how = int(rng.integers(3))
        values = data[()]
        data[...] = [values[::-1], values - 1e4, rng.permutation(values)][how]
        return f"{data.name} {['turned around', 'shifted', 'shuffled'][how]}"


def many_trials(path, rng):
    """Millions of trials that last no time."""
    n = int(rng.choice([10**5, 3 * 10**6, 3 * 10**7]))
    with h5py.File(path, "r+") as file:
        table = file["intervals/trials"]
        for name in list(table):
            if name in ("id", "start_time", "stop_time") or rng.random() < 0.5:
                if table[name].dtype.kind not in "iuf":
                    continue
                del table[name]
                table.create_dataset(name, shape=(n,), dtype="f8" if name != "id" else "i8", chunks=(10**5,),
                                     compression="gzip", fillvalue=1)  # fmt: skip
                if n <= 3 * 10**6:
                    table[name][...] = 1
    return f"{n} trials"


def huge(path, rng):
    """Declare a dataset far larger than what is stored of it."""
    with h5py.File(path, "r+") as file:
        names = [n for n in objects_of(file) if isinstance(file[n], h5py.Dataset) and file[n].dtype.kind in "iuf"]
        name = str(rng.choice([n for n in names if file[n].ndim]))
        kept, rest = file[name].dtype, file[name].shape[1:]
        attributes = dict(file[name].attrs)
        del file[name]
        file.create_dataset(name, shape=(int(rng.choice([10**9, 10**12])), *rest), dtype=kept, chunks=(1000, *rest))
        for key, value in attributes.items():
            file[name].attrs[key] = value
    return f"{name} declared huge"


def links(path, rng):
    """Lead elsewhere: to other files, in circles, to nothing."""
    with h5py.File(path, "r+") as file:
        name = str(rng.choice([n for n in objects_of(file) if "/" in n]))
        del file[name]
        file[name] = [
            h5py.ExternalLink("/dev/zero", "/"),
            h5py.ExternalLink("/etc/passwd", "/units"),
            h5py.SoftLink("/" + name.rsplit("/", 1)[0]),
            h5py.SoftLink("/nowhere"),
            file["/"],
        ][int(rng.integers(5))]
    return f"{name} linked elsewhere"


def attributes(path, rng):
    """Make an attribute something else."""
    with h5py.File(path, "r+") as file:
        places = [(n, key) for n in objects_of(file) for key in file[n].attrs]
        name, key = places[int(rng.integers(len(places)))]
        value = [3, "x", np.nan, np.zeros(5), np.array(["no_such"] * 3, dtype=h5py.string_dtype()), -1.0][
            int(rng.integers(6))
        ]
        file[name].attrs[key] = value
    return f"{key} of {name} became {value!r}"


KINDS = (
    flip_bytes,
    flip_structure,
    truncate,
    remove,
    retype,
    unlikely_values,
    backwards,
    flip_structure,
    overwrite,
    many_trials,
    huge,
    links,
    attributes,
)


def open_one(path):
    """Open a file and do what a comparison does first; returns what became of it."""
    from neurocompare.errors import InputError
    from neurocompare.recordings import describe, open_recording, trials_of

    try:
        recording = open_recording(path)
        describe(recording)
    except InputError as error:
        return "refused", str(error)
    try:
        trials_of(recording)
    except InputError as error:
        return "opened", str(error)
    return "counted", ""


def processor_time():
    """In s, of this process and those that looked files through: other work on the machine does not count."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def main(first, last):
    """Open mutants one after the other; a crash ends the output there."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        bases = write_bases(folder)
        path = folder / "mutant.nwb"
        for seed in range(first, last):
            done = mutate(bases[seed // len(KINDS) % len(bases)], path, seed)
            print(json.dumps({"seed": seed, "done": done}), flush=True)
            begun = processor_time()
            try:
                outcome, said = open_one(path)
            except Exception as error:
                import traceback

                outcome, said = "traceback", f"{error!r} {traceback.format_exc()[-900:]}"
            seconds = round(processor_time() - begun, 2)
            print(json.dumps({"seed": seed, "outcome": outcome, "said": said, "seconds": seconds}), flush=True)
        # Linux counts in kilobytes.
        print(json.dumps({"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
