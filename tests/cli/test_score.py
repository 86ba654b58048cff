"""neurocompare score and task: what is printed, and that every bad model is one line and exit code 2."""

import json
import pickle
import re
import subprocess
import sys
import types

import numpy as np
import pytest
from typer.testing import CliRunner

from neurocompare.cli.main import app
from neurocompare.models import Family
from neurocompare.recordings import write_maze_nwb
from neurocompare.settings import Choices, Scoring, Workers
from neurocompare.tasks import ideal_reach
from neurocompare.workflows import synthetic_recording
from neurocompare.workflows.planted import planted_responses


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """The path of an NWB file of 16 units, 3 directions, 5 trials each."""
    ideal = ideal_reach(directions=3)
    phi = planted_responses(ideal, Family(n_units=30), 0.0, seed=0)
    path = tmp_path_factory.mktemp("session") / "session.nwb"
    write_maze_nwb(synthetic_recording(phi, task=ideal, n_units=16, trials=5), path)
    return path


@pytest.fixture(scope="module")
def task(session, tmp_path_factory):
    """What `neurocompare task` exports of it."""
    path = tmp_path_factory.mktemp("task") / "task.npz"
    result = CliRunner().invoke(app, ["task", str(session), "--export", str(path)])
    assert result.exit_code == 0, result.output
    assert f"Written: {path}" in result.stdout
    assert "20 steps of 50 ms" in result.stdout
    return path


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_exported_task_is_plain_arrays(task):
    with np.load(task, allow_pickle=False) as exported:
        shapes = {name: exported[name].shape for name in exported}
        assert (exported["targets"][exported["trained"]] ** 2).mean() == pytest.approx(1.0)
        assert np.diff(exported["time"]) == pytest.approx(0.05)
    assert shapes["inputs"] == (3, 20, 3)
    assert shapes["targets"] == (3, 20, 2)
    assert shapes["trained"] == (3, 20)
    assert shapes["condition"] == (3,)


def test_a_task_exported_at_another_step_and_to_an_unknown_kind_of_file(session, here):
    runner = CliRunner()
    assert runner.invoke(app, ["task", str(session), "--export", "t.npz", "--time-step", "0.01"]).exit_code == 0
    assert np.diff(np.load("t.npz")["time"]) == pytest.approx(0.01)
    result = runner.invoke(app, ["task", str(session), "--export", "t.csv"])
    assert result.exit_code == 2
    assert ".npz or .nc" in result.stderr
    assert not (here / "t.csv").exists()


def test_json_goes_to_stdout_alone_and_is_what_out_holds(session, task, here):
    exported = np.load(task)
    activity = np.random.default_rng(0).standard_normal((3, 20, 12))
    np.savez("model.npz", responses=activity, condition=exported["condition"], time=exported["time"])
    arguments = [
        "score",
        "model.npz",
        "--data",
        str(session),
        "--resamples",
        "20",
        "--jobs",
        "1",
        "--json",
        "--out",
        "o",
    ]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert printed == json.loads((here / "o" / "score.json").read_text())
    assert list(printed["metrics"]) == ["procrustes", "cca", "cka", "single_unit"]
    assert "Scoring resamples" in result.stderr
    assert (here / "o" / "report.html").exists()


MODULE = """
import numpy as np, torch
def raises(inputs): raise RuntimeError("out of neurons")
def wrong(inputs): return inputs[0]
def nans(inputs): return np.full((*inputs.shape[:2], 8), np.nan)
head = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Linear(8, 2))
state = torch.nn.GRU(3, 8).state_dict
"""


def bad_models(folder, task):
    exported = np.load(task)
    labels = {"condition": exported["condition"], "time": exported["time"]}
    activity = np.zeros((3, 20, 8))
    (folder / "bad_models_of_a_test.py").write_text(MODULE)
    (folder / "model.pkl").write_bytes(pickle.dumps([1]))
    np.save("objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save("shape.npy", activity[0])
    np.savez("time.npz", responses=activity[:, :10], condition=labels["condition"])
    np.savez("short.npz", responses=activity, condition=labels["condition"], time=labels["time"] / 4)
    np.savez("conditions.npz", responses=activity, condition=["a", "b", "c"], time=labels["time"])
    return {
        "bad_models_of_a_test:raises": "raised RuntimeError .* out of neurons",
        "bad_models_of_a_test:wrong": r"expected activity \(condition, time, unit\) = \(3, 20, any\)",
        "bad_models_of_a_test:nans": "expected finite activity",
        "bad_models_of_a_test:head": "its readout",
        "bad_models_of_a_test:absent": "expected a model at",
        "model.pkl": "never opened",
        "objects.npy": "never opened",
        "shape.npy": r"found shape \(20, 8\)",
        "time.npz": "no time labels",
        "short.npz": "from 0.01 to 0.9",
        "conditions.npz": "task RECORDING --export task.npz",
        "missing.npz": "nothing there",
    }


def test_every_bad_model_is_one_line_and_exit_code_2(session, task, here):
    for model, said in bad_models(here, task).items():
        result = CliRunner().invoke(app, ["score", model, "--data", str(session), "--resamples", "20", "--out", "o"])
        assert result.exit_code == 2, (model, result.output)
        lines = [line for line in result.stderr.splitlines() if not line.startswith("Reading")]
        assert len(lines) == 1, (model, result.stderr)
        assert re.search(said, lines[0]), (model, lines[0])
        assert not (here / "o").exists()


def test_debug_shows_where_the_users_model_failed(session, task, here):
    bad_models(here, task)
    result = CliRunner().invoke(app, ["score", "bad_models_of_a_test:raises", "--data", str(session), "--debug"])
    assert result.exit_code == 2
    assert "bad_models_of_a_test.py" in result.stderr
    assert "Traceback" in result.stderr


def test_options_reach_the_function_and_the_table_is_printed(monkeypatch):
    seen = {}

    def score(model, data, **settings):
        seen.update(settings, model=model, data=data)
        return "a table"

    fake = types.ModuleType("neurocompare.workflows.score")
    fake.score = score
    monkeypatch.setitem(sys.modules, fake.__name__, fake)
    options = ["--zoo", "z", "--out", "o", "--resamples", "40", "--time-step", "0.01", "--name", "n", "--jobs", "3"]
    options += ["--area", "M1", "--bin-width", "0.05", "--metrics", "cka,rsa"]
    result = CliRunner().invoke(app, ["score", "m.npy", "--data", "mc_maze_small", *options])
    assert result.exit_code == 0
    assert result.stdout.splitlines() == ["a table", "", "Report: o/report.html"]
    paths = {name: str(seen.pop(name)) for name in ("run", "out")}
    assert paths == {"run": "z", "out": "o"}
    assert seen == {
        "model": "m.npy", "data": "mc_maze_small", "name": "n", "workers": Workers(jobs=3),
        "choices": Choices(area="M1", bin_width=0.05, time_step=0.01),
        "scoring": Scoring(metrics=("cka", "rsa"), resamples=40),
    }  # fmt: skip


ENDS = {
    "sys.exit(0)": "SystemExit",
    "os._exit(0)": "ended with exit code 0",
    "ctypes.CDLL(None).exit(0)": "ended with exit code 0",
    "ctypes.string_at(0)": "ended by SIGSEGV",
    "os.abort()": "ended by SIGABRT",
}
"""How a model ends, and what is said of it."""


def loud(folder, session, ends):
    """Write a model that prints, and return what scores it."""
    begins = "import ctypes, os, sys\nprint('hello')\ndef model(inputs):\n    print('hello', flush=True)\n    "
    (folder / "loud.py").write_text(begins + ends)
    return ["score", "loud:model", "--data", str(session), "--resamples", "20", "--jobs", "1", "--json"]


def test_a_model_that_prints_spoils_no_json(session, tmp_path):
    command = [sys.executable, "-m", "neurocompare", *loud(tmp_path, session, "return inputs.repeat(30, axis=2)")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "hello" in done.stderr
    assert json.loads(done.stdout)["model"] == "loud:model"


@pytest.mark.parametrize("ends", ENDS)
def test_a_model_that_leaves_is_no_success(session, here, capfd, ends):
    result = CliRunner().invoke(app, loud(here, session, ends))
    assert result.exit_code == 2, result.output
    assert ENDS[ends] in result.stderr.splitlines()[-1]
    assert not result.stdout
    printed = capfd.readouterr()  # by processes of their own
    assert "hello" in printed.err
    assert not printed.out


def test_a_path_that_leads_nowhere_is_refused_before_a_recording_is_read(tmp_path):
    """The recording is not there either: it was not looked for."""
    result = CliRunner().invoke(app, ["score", str(tmp_path / "none.npy"), "--data", str(tmp_path / "none.nwb")])
    assert result.exit_code == 2
    assert "expected a model's file" in result.stderr
