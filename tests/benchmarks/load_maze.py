"""Spikes, trials and kinematics to Responses, on a file of MC_Maze's size: seconds and peak memory of each way.

    python tests/benchmarks/load_maze.py [--file FILE] [--units 182] [--trials 2295] [--repeats 3]

Each way runs in a process of its own; the peak is that process's, less what its imports take. The file is written by
the package's own writer unless one is given: 182 units, 2295 trials, 108 conditions, about 3.6 million spikes, hand
position and velocity at 1 kHz.

    ours       open_recording, trials_of, average, mean_behavior
    h5py       the same arrays read with h5py, and nothing done with them
    pynwb      pynwb with to_dataframe, then a histogram for each unit and trial
    pynapple   its NWB loader and peri-event counts, where it is installed
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BIN, START, STOP = 0.02, -0.2, 0.35
"""Of the movement window that every way counts spikes in; ours counts the delay too."""

UNITS = ("spike_times", "spike_times_index", "id", "electrodes", "heldout", "obs_intervals", "obs_intervals_index")
"""What of a table of units ends in a recording."""

TOUCH = "import numpy; numpy.ones(150_000_000)"
"""Run before every way: memory that a virtual machine has given back to its host costs whoever touches it first."""


def write(path: Path, n_units: int, n_trials: int) -> None:
    """Write the file."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from twins import maze_twin

    maze_twin(path, n_conditions=108, n_trials=n_trials, n_units=n_units, rates=2.45)


def ours(path: Path) -> dict:
    """Ours: the door, the digest, both windows, duplicated units looked for, and the behaviour of every condition."""
    import numpy as np
    import scipy.sparse  # noqa: F401  (as the others, without the time its imports take)
    import xarray as xr

    from neurocompare.recordings import average, mean_behavior, open_recording, trials_of

    xr.DataArray(np.zeros(1)).mean()  # xarray imports more when it is first used
    yield
    begun = time.perf_counter()
    recording = open_recording(path)
    read = time.perf_counter()
    responses = average(trials_of(recording))
    counted = time.perf_counter()
    movement = mean_behavior(recording, "hand_vel", np.arange(START, STOP, BIN), event="move_onset_time")
    moved = time.perf_counter()
    yield {
        "made": [*responses.shape, *movement.shape],
        "open": read - begun,
        "spikes": counted - read,
        "behaviour": moved - counted,
    }


def h5py_only(path: Path) -> dict:
    """Read the same arrays."""
    import h5py

    yield
    arrays = []
    with h5py.File(path, "r") as file:
        arrays += [file["units"][name][:] for name in UNITS if name in file["units"]]
        trials = file["intervals/trials"]
        arrays += [trials[name][:] for name in trials]
        behavior = file["processing/behavior"]
        arrays += [behavior[name]["data"][:] for name in ("hand_pos", "hand_vel")]
        arrays += [behavior["hand_pos"]["timestamps"][:]]
    yield {"made": [sum(array.nbytes for array in arrays)]}


def pynwb_frames(path: Path) -> dict:
    """Count with pynwb's data frames and numpy's histogram, and cut the movement out of each trial."""
    import numpy as np
    import pandas as pd
    from pynwb import NWBHDF5IO

    yield
    with NWBHDF5IO(path, "r") as io:
        file = io.read()
        units, trials = file.units.to_dataframe(), file.trials.to_dataframe()
        series = file.processing["behavior"]["hand_vel"]
        velocity = pd.DataFrame(series.data[:], index=series.timestamps[:])
    edges = np.arange(START, STOP + BIN / 2, BIN)
    labels = list(zip(trials["trial_type"], trials["trial_version"], strict=True))
    moves = trials["move_onset_time"].to_numpy()
    counts = np.array([[np.histogram(spikes, move + edges)[0] for spikes in units["spike_times"]] for move in moves])
    cut = np.array([np.array(velocity.loc[m + START : m + STOP])[: int((STOP - START) * 1000) - 1] for m in moves])
    kinds = sorted(set(labels))
    where = {kind: [i for i, label in enumerate(labels) if label == kind] for kind in kinds}
    rates = np.array([counts[where[kind]].mean(axis=0) / BIN for kind in kinds])
    movement = np.array([cut[where[kind]].mean(axis=0) for kind in kinds])
    yield {"made": [*rates.shape, *movement.shape]}


def pynapple_events(path: Path) -> dict:
    """Count with pynapple: its loader, its peri-event function, condition by condition."""
    import numpy as np
    import pynapple as nap

    yield
    opened = nap.load_file(str(path))
    units, trials = opened["units"], opened["trials"]
    velocity = np.asarray(opened["hand_vel"].values)  # read, no more: it does not align samples with gaps between them
    kinds = np.array([f"{a}-{b}" for a, b in zip(trials["trial_type"], trials["trial_version"], strict=True)])
    moves = np.asarray(trials["move_onset_time"])
    rates = []
    for kind in sorted(set(kinds)):
        events = nap.Ts(t=moves[kinds == kind])
        aligned = nap.compute_perievent(units, events, window=(-START, STOP))
        edges = np.arange(START, STOP + BIN / 2, BIN)
        rates.append([np.histogram(unit.to_tsd().t, edges)[0] / len(events) / BIN for unit in aligned.values()])
    yield {"made": [*np.shape(rates), *velocity.shape]}


WAYS = {"ours": ours, "h5py": h5py_only, "pynwb": pynwb_frames, "pynapple": pynapple_events}


def peak() -> float:
    """Peak memory of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def processor() -> float:
    """Processor time of this process and its children so far, s: what a busy computer does not change."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def one(way: str, path: Path) -> None:
    """Run one way in this process and print what it took, as JSON."""
    steps = WAYS[way](path)
    next(steps)
    before, busy, begun = peak(), processor(), time.perf_counter()
    said = next(steps)
    seconds = {"seconds": time.perf_counter() - begun, "processor": processor() - busy}
    print(json.dumps(said | seconds | {"peak": peak() - before}))


def main() -> None:
    """Write the file, run every way, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--units", type=int, default=182)
    parser.add_argument("--trials", type=int, default=2295)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=WAYS, nargs="+")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        one(given.way, given.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = given.file or Path(folder) / "maze.nwb"
        if not path.exists():
            # In a process of its own: a child starts with its parent's peak.
            writer = multiprocessing.get_context("spawn").Process(target=write, args=(path, given.units, given.trials))
            writer.start()
            writer.join()
        path.read_bytes()  # into the system's cache, for all alike
        print(f"{path.stat().st_size / 1e6:.0f} MB")
        runs: dict[str, list[dict]] = {way: [] for way in given.only or WAYS}
        for _ in range(given.repeats):  # in turn: what else the computer does then slows all alike
            for way in list(runs):
                subprocess.run([sys.executable, "-c", TOUCH], check=True)
                command = [sys.executable, __file__, "--way", way, "--file", str(path)]
                done = subprocess.run(command, capture_output=True, text=True)
                if done.returncode:
                    print(f"{way:10}{done.stderr.strip().splitlines()[-1]}")
                    del runs[way]
                else:
                    runs[way].append(json.loads(done.stdout.splitlines()[-1]))
        for way, taken in runs.items():
            print(describe(way, taken, runs.get("h5py")))


def describe(way: str, taken: list[dict], read: list[dict] | None) -> str:
    """Say what the fastest run took, and the median and range of its ratios to reading alone in the same round."""
    best = min(taken, key=lambda run: run["seconds"])
    took = f"{way:10}{best['seconds']:8.2f} s{best['processor']:8.2f} s of processor{best['peak']:8.0f} MB"
    for of in ("seconds", "processor") if read and read is not taken else ():
        ratios = sorted(run[of] / alone[of] for run, alone in zip(taken, read, strict=True))
        middle = statistics.median(ratios)
        took += f"  {of} / h5py {middle:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    parts = ", ".join(f"{name} {best[name]:.2f}" for name in ("open", "spikes", "behaviour") if name in best)
    return f"{took}  made {best['made']}  {parts}".rstrip()


if __name__ == "__main__":
    main()
