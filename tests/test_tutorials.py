"""Tutorials: stored as a reader should find them, and re-executed at a small setting.

The small setting is made by replacing what is written in a cell, so that readers see none of it (`SMALL`). Each
notebook ends with a dictionary of key numbers, name: (value, standard error). What they should be is known from
elsewhere (a closed form, the planted truth, the theory); the tolerance is five standard errors, of the run itself where
it has them.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import importlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from test_docstrings import ROOMS
from twins import maze_twin

import neurocompare
from neurocompare.files import sha256_of
from neurocompare.recordings import find, nwb
from neurocompare.recordings.cache import place

TUTORIALS = Path(__file__).parents[1] / "tutorials"
NAMES = tuple(sorted(path.stem for path in TUTORIALS.glob("*.ipynb")))
PACKAGE = str(Path(neurocompare.__file__).parents[1])
ERRORS = 5
HIDDEN = {"jupyter": {"source_hidden": True}, "tags": ["remove-cell"]}
"""Of the cell with the key numbers, which only the tests need."""

KNOWN = {
    "01_from_a_recording_to_responses": {
        "units kept": 120,
        "variance over mean of counts": 1,  # Poisson
        "split-half correlation": (0.6, 0.95),
        "dimensions at 1 trial over at 10": (1.5, 5.0),
    },
    "02_networks_across_gamma": {
        "reservoir: spectral radius over g": 1,  # circular law
        "reservoir: excess kurtosis": 0,  # Gaussian
        "restructured: excess kurtosis": (-1.5, -0.2),
        "restructured: largest outlier": (1.8, 2.7),
        "restructured: loss over expected": (0.5, 2.0),
    },
    "03_theory_meets_simulation": {
        "reservoir: activity": 0.28772,  # Gauss-Hermite quadrature
        "reservoir: participation ratio": 2.4045,
        "slope of the distance of C": -0.5,
        "activity of networks over theory": (0.85, 1.15),
        "dimension of networks over theory": (0.8, 1.2),
        "CKA, kernel less metric": 0,
    },
    "04_how_alike_are_two_populations": {
        "procrustes after a rotation": 1,
        "cka after a rotation": 1,
        "single_unit after a rotation": (0.5, 0.95),
        "single_unit after gains": 1,
        "procrustes of noise, held out": 0,
        "procrustes of noise, in sample": (0.2, 0.6),
        "cka of white noise, unbiased": 0,
        "cka of smooth noise, unbiased": (0.1, 0.7),
        "procrustes of a shared time course": (0.8, 1.0),
        "procrustes without the shared time course": 0,
        "share of permutations that reach it": (0.02, 1.0),
        "ceiling of cka": (0.6, 0.95),
    },
    "05_ranking_with_uncertainty": {
        "best gamma by cka": 0.4,  # planted
        "cka: planted less largest gamma": (0.01, 0.5),
        "cka: planted less permuted conditions": (0.1, 0.8),
        "cka: ceiling": (0.6, 0.95),
        "ranked above the ceiling": 0,
    },
    "06_score_your_own_model": {
        "error of the GRU over that of silence": (0.0, 0.2),
        "cka of the GRU": (0.3, 0.8),
        "cka: ceiling less GRU": (0.02, 0.6),
        "cka: GRU less null": (0.05, 0.6),
        "cka: GRU less untrained": (0.02, 0.6),
    },
    "07_the_papers_findings": {
        "reservoir, theory: excess kurtosis": 0,  # Gaussian
        "restructured: excess kurtosis": (-1.5, -0.2),
        "restructured: period over the task's": 1,
        "restructured: largest eigenvalue over theory's": (0.9, 1.1),
        "linear: log of the gain at the task's frequency": (0.7, 6.2),
        "growing: slope of the distance of C": -0.5,
    },
}
"""A number: the value within `ERRORS` of its standard errors. A pair: the value between them."""


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory):
    """Where the session that all notebooks share is made, once."""
    return tmp_path_factory.mktemp("data")


BRIEF = "Sampling(ramp=2, adaptation=4, trajectories=8, segments=1, max_leapfrogs=30)"
SESSION = {"n_units=200": "n_units=140", "Sampling(trajectories=16, segments=1)": BRIEF}
ZOO = {"n_units=300": "n_units=100", "trajectories=40": "trajectories=12", "nc.Workers(2)": "nc.Workers(1)"}
SMALL = {
    "01_from_a_recording_to_responses": SESSION | {"splits = 8": "splits = 2"},
    "02_networks_across_gamma": ZOO
    | {
        "gammas = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8)": "gammas = (0.0, 0.2, 0.8)",
        "duration=400, transient=150": "duration=150, transient=50",
    },
    "03_theory_meets_simulation": ZOO
    | {
        "gammas = (0.0, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6)": "gammas = (0.0, 0.15, 0.3)",
        "population=1600": "population=400",
        "sizes = (50, 100, 200, 400, 800, 1600)": "sizes = (50, 100, 200, 400)",
        "repeats = 8": "repeats = 4",
        "grid = (0.0, 0.1, 0.3, 0.6)": "grid = (0.0, 0.3)",
        "each.unit.draw(20000": "each.unit.draw(4000",
    },
    "04_how_alike_are_two_populations": SESSION
    | {
        "sizes = (10, 20, 40, 80, 160)": "sizes = (20, 80)",
        "repeats = 20": "repeats = 5",
        "shares = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)": "shares = (0.0, 1.0, 2.0)",
        "range(300)": "range(40)",
        "(10, 20, 30, 45, 60), (2, 3, 5, 7, 10)": "(20, 60), (3, 10)",
        "splits = 8": "splits = 3",
        "range(10)": "range(3)",
    },
    "05_ranking_with_uncertainty": SESSION
    | {
        "gammas = (0.0, 0.1, 0.2, 0.4, 1.0, 3.2)": "gammas = (0.0, 0.4, 3.2)",
        "members=2": "members=1",
        "nc.Workers(2)": "nc.Workers(1)",
        "n_jobs=2": "n_jobs=1",
        'for name in ("procrustes", "cka", "single_unit")': 'for name in ("procrustes", "cka")',
        "draws=40": "draws=6",
    },
    "06_score_your_own_model": SESSION
    | {
        "range(600)": "range(60)",
        "gammas = (0.0, 0.1, 0.4, 1.6)": "gammas = (0.0, 1.6)",
        "Sampling(ramp=4, adaptation=8, trajectories=16, segments=1, max_leapfrogs=150)": BRIEF,
        "nc.Workers(2)": "nc.Workers(1)",
        'for name in ("procrustes", "cka", "single_unit")': 'for name in ("cka",)',
        "resamples=40": "resamples=20",
        "jobs=2": "jobs=1",
        "models.items()": "list(models.items())[:1]",
    },
    "07_the_papers_findings": {
        "n_units=150": "n_units=100",
        "n_units=100, nonlinearity": "n_units=60, nonlinearity",
        "n_units=40": "n_units=30",
        "trajectories=40": "trajectories=12",
        "population=800": "population=500",
        "duration=300, transient=100": "duration=100, transient=50",
    },
}
"""What the tests write in the place of what: the same lesson in seconds."""


def made_small(name: str, notebook: nbformat.NotebookNode) -> None:
    """Replace in a notebook's code what `SMALL` says; everything has to be there."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for written, small in SMALL[name].items():
        assert any(written in cell.source for cell in code), f"expected {written!r} in {name}"
        for cell in code:
            cell.source = cell.source.replace(written, small)


@pytest.fixture(scope="module")
def kernel(data_folder) -> Iterator[BlockingKernelClient]:
    """One for all notebooks, with one thread: to start one takes longer than some lessons."""
    settings = {"NEUROCOMPARE_DATA": str(data_folder), "PYTHONPATH": PACKAGE}
    settings |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    manager, client = start_new_kernel(kernel_name="python3", env=os.environ | settings)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def ran(source: str, kernel: BlockingKernelClient) -> str:
    """Run a cell, and return its value as text."""
    values = [""]

    def shown(message: dict) -> None:
        if message["msg_type"] == "execute_result":
            values.append(message["content"]["data"]["text/plain"])

    reply = kernel.execute_interactive(source, timeout=600, allow_stdin=False, output_hook=shown)["content"]
    assert reply["status"] == "ok", "\n".join(reply["traceback"])
    return values[-1]


def executed(name: str, folder: Path, kernel: BlockingKernelClient) -> dict[str, tuple[float, float]]:
    """Execute a notebook at the small setting, nothing defined yet, in a folder of its own; return its key numbers."""
    notebook = nbformat.read(TUTORIALS / f"{name}.ipynb", as_version=4)
    made_small(name, notebook)
    ran(f"%reset -f\n%cd -q {folder}", kernel)
    values = [ran(cell.source, kernel) for cell in notebook.cells if cell.cell_type == "code"]
    return ast.literal_eval(values[-1])


def key_numbers(notebook: nbformat.NotebookNode) -> dict[str, tuple[float, float]]:
    """Read the dictionary that is the last output as stored."""
    return ast.literal_eval(notebook.cells[-1].outputs[-1].data["text/plain"])


def check(name: str, found: dict[str, tuple[float, float]]) -> None:
    known = KNOWN[name]
    assert list(found) == list(known)
    for what, (value, error) in found.items():
        if isinstance(known[what], tuple):
            low, high = known[what]
            assert low <= value <= high, f"{what}: {value}, expected between {low} and {high}"
        else:
            # Half a unit of the last digit printed.
            assert abs(value - known[what]) <= ERRORS * error + 5e-5, f"{what}: {value} +- {error}"


REAL = {
    "01_from_a_recording_to_responses": ("27, 3 to 4 trials each", "115 units kept"),
    "02_networks_across_gamma": ("Thinned from 729 to 378 samples", "nc.make_zoo(real_task, nc.Family(), 'maze-zoo')"),
    "03_theory_meets_simulation": ("is here: neurocompare theory mc_maze_small",),
    "04_how_alike_are_two_populations": ("trials a condition: 3 to 4",),
    "05_ranking_with_uncertainty": ("is here: neurocompare run mc_maze_small",),
    "06_score_your_own_model": ("ready: neurocompare task mc_maze_small --export task.npz",),
    "07_the_papers_findings": ("is here: neurocompare run mc_maze_small",),
}
"""What the cell on a real recording prints where the recording is there."""


def on_real_data(name: str) -> str:
    """Run a notebook's imports and its cell on a real recording, and return what that prints."""
    code = [cell.source for cell in nbformat.read(TUTORIALS / f"{name}.ipynb", as_version=4).cells]
    (cell,) = [source for source in code if 'recording_path("mc_maze_small")' in source]
    printed, scope = io.StringIO(), {}
    exec(code[1].replace("%matplotlib inline", ""), scope)
    with contextlib.redirect_stdout(printed):
        exec(cell, scope)
    return printed.getvalue()


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    """A folder of recordings where a file of MC_Maze_Small's columns and size lies in the place of the real one."""
    folder = tmp_path_factory.mktemp("recordings")
    entry = find("mc_maze_small")
    path = place(entry, folder)
    path.parent.mkdir(parents=True)
    maze_twin(path)
    assert path.stat().st_size < entry.bytes
    os.truncate(path, entry.bytes)  # HDF5 does not mind what follows its end
    return folder


@pytest.mark.parametrize("name", KNOWN)
def test_the_cell_on_a_real_recording_runs_where_the_file_is(name, twin, monkeypatch):
    monkeypatch.setenv("NEUROCOMPARE_DATA", str(twin))
    entry = find("mc_maze_small")
    entry = replace(entry, sha256=sha256_of(place(entry, twin)))
    monkeypatch.setattr(nwb, "find", lambda name: entry)
    said = on_real_data(name)
    assert all(words in said for words in REAL[name]), said


@pytest.mark.parametrize("name", KNOWN)
def test_the_cell_on_a_real_recording_says_how_to_get_it(name, tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROCOMPARE_DATA", str(tmp_path))
    assert on_real_data(name).strip().endswith("get it (29,207,528 bytes) with: neurocompare fetch mc_maze_small")


def test_there_are_seven():
    assert tuple(KNOWN) == NAMES


@pytest.mark.parametrize("name", KNOWN)
def test_a_tutorial_runs_and_finds_what_is_known(name, tmp_path, kernel):
    check(name, executed(name, tmp_path, kernel))


@pytest.mark.parametrize("name", KNOWN)
def test_the_stored_outputs_are_whole_and_find_the_same(name):
    path = TUTORIALS / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1)), "run from top to bottom, once"
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    pictures = [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= 3
    assert not [output for output in outputs if "<progress" in output.get("data", {}).get("text/html", "")]
    assert all(base64.b64decode(picture).startswith(b"\x89PNG") for picture in pictures)
    check(name, key_numbers(notebook))


@pytest.mark.parametrize("name", KNOWN)
def test_a_tutorial_is_stored_without_noise(name):
    path = TUTORIALS / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for number, cell in enumerate(notebook.cells, start=1):
        assert cell.id == f"{'text' if cell.cell_type == 'markdown' else 'code'}-{number:02d}"
        assert cell.metadata == (HIDDEN if cell is notebook.cells[-1] else {})
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    words = [cell.source for cell in notebook.cells]
    words += [output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [text for text in words if any(folder in text for folder in ("/tmp", "/home", "/root", "/Users"))]
    assert path.stat().st_size < 1_000_000


@pytest.mark.parametrize("name", KNOWN)
def test_a_tutorial_imports_only_public_names(name):
    code = [cell for cell in nbformat.read(TUTORIALS / f"{name}.ipynb", as_version=4).cells if cell.cell_type == "code"]
    source = "\n".join(cell.source for cell in code).replace("%matplotlib inline", "")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("neurocompare"):
            assert node.module in ROOMS, f"{node.module} is in no page of the reference"
            public = importlib.import_module(node.module).__all__
            assert {alias.name for alias in node.names} <= set(public), node.module


@pytest.mark.parametrize("name", KNOWN)
def test_a_tutorial_has_exercises(name):
    words = "\n".join(cell.source for cell in nbformat.read(TUTORIALS / f"{name}.ipynb", as_version=4).cells)
    assert len(re.findall(r"^\d\. ", words[words.index("## Exercises") :], flags=re.MULTILINE)) >= 3
