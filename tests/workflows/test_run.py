"""The whole path at a small setting: what it leaves behind, that it continues, and how it refuses."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from drawing import drawing_once
from typer.testing import CliRunner

from neurocompare.cli.main import app
from neurocompare.errors import InputError
from neurocompare.recordings import find, recording_path
from neurocompare.settings import Family, Networks, Scoring, Workers
from neurocompare.workflows.run import STAGES, run

SMALL = ["run", "--quick", "--gammas", "0,0.2,0.8", "--time-step", "0.1", "--members", "1", "--resamples", "20",
         "--jobs", "2"]  # fmt: skip


def command(*arguments: str, data: Path) -> subprocess.Popen:
    """In a process of its own, to be ended from outside."""
    return subprocess.Popen(
        [sys.executable, "-m", "neurocompare", *arguments],
        env=os.environ | {"NEUROCOMPARE_DATA": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(*arguments: str, data: Path) -> tuple[int, str, str]:
    """In this process, which knows all modules already."""
    result = CliRunner().invoke(app, arguments, env={"NEUROCOMPARE_DATA": str(data)})
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="module", autouse=True)
def drawn_once() -> None:
    """Here figures are drawn as a user's are."""


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def finished(data, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("finished") / "run"
    code, out, err = finish(*SMALL, "--out", str(folder), data=data)
    assert code == 0, err
    assert "report.html" in out
    return folder


def test_the_folder_holds_what_scripts_rely_on(finished):
    names = {path.name for path in finished.iterdir()}
    expected = {"recording.nc", "task.nc", "zoo", "scores.csv", "ranking.json", "report.html", "run.json", "figures"}
    assert expected <= names
    for kind, start in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        assert (finished / "figures" / f"curve-0-procrustes.{kind}").read_bytes().startswith(start)
    ranking = json.loads((finished / "ranking.json").read_text())
    assert ranking["schema"] == 3
    assert ranking["planted_gamma"] == 0.2
    assert ranking["gammas"] == [0.0, 0.2, 0.8]
    assert list(ranking["metrics"]) == ["procrustes", "cca", "cka", "single_unit"]
    for result in ranking["metrics"].values():
        assert [score["gamma"] for score in result["scores"]] == ranking["gammas"]
        assert sum(entry["p"] for entry in result["p_best"]) == pytest.approx(1)
    zoo = pd.read_csv(finished / "zoo" / "zoo.csv", dtype={"hash": "str"})
    scores = pd.read_csv(finished / "scores.csv", dtype={"network": "str"})
    models = scores[scores["kind"] == "model"]
    assert set(models["network"]) == set(zoo["hash"])
    assert len(models) == 4 * 2 * len(zoo) * 20  # metrics x centrings x networks x draws
    stages = json.loads((finished / "run.json").read_text())["stages"]
    assert [stage["stage"] for stage in stages] == list(STAGES)


def test_the_recording_is_the_shipped_one_whatever_the_networks_are(finished):
    """The run's networks are others than the one that was recorded: fewer units, shorter chains."""
    account = json.loads((finished / "run.json").read_text())
    entry = find("synthetic")
    assert account["settings"]["family"]["n_units"] == 160
    assert account["recording"]["provenance"]["sha256"] == entry.sha256
    assert account["recording"]["planted"]["units"] == 400
    assert (account["recording"]["name"], account["recording"]["provenance"]["version"]) == ("synthetic", "2")


def test_procrustes_finds_the_planted_gamma_among_three(finished):
    ranking = json.loads((finished / "ranking.json").read_text())
    assert ranking["metrics"]["procrustes"]["best_gamma"] == 0.2


def test_a_rerun_makes_nothing_again(finished, data):
    kept = [path for folder in ("zoo", "scores") for path in (finished / folder).glob("*/*") if path.is_file()]
    kept += [finished / "run.json", finished / "report.html", *(finished / "figures").iterdir()]
    stamps = {path: path.stat().st_mtime_ns for path in kept}
    before = (finished / "ranking.json").read_bytes()
    code, _, err = finish(*SMALL, "--out", str(finished), data=data)
    assert code == 0, err
    assert {path: path.stat().st_mtime_ns for path in kept} == stamps
    assert (finished / "ranking.json").read_bytes() == before


def files_in(folder: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(folder))


def killed_and_continued(folder: Path, data: Path, whole: Path, kills: int, seed: int) -> None:
    """Kill runs when they have come further and further, by how many files there are, then let one finish.

    Every other kill leaves the workers alive for a while.
    """
    rng = random.Random(seed)
    for kill, files in enumerate(sorted(rng.randrange(files_in(whole)) for _ in range(kills))):
        process = command(*SMALL, "--out", str(folder), data=data)
        while files_in(folder) < files and process.poll() is None:
            time.sleep(0.02)
        time.sleep(rng.uniform(0, 1))
        (os.killpg if kill % 2 else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
    with drawing_once():
        code, _, err = finish(*SMALL, "--out", str(folder), data=data)
    assert code == 0, err


def test_kills_do_not_change_the_result(finished, tmp_path):
    """In an empty cache, which stays empty: nothing is drawn but the networks."""
    killed_and_continued(tmp_path / "run", tmp_path / "data", finished, kills=2, seed=3)
    assert not (tmp_path / "data").exists()
    assert (tmp_path / "run" / "ranking.json").read_bytes() == (finished / "ranking.json").read_bytes()


@pytest.mark.slow
def test_ten_kills_do_not_change_the_result(finished, tmp_path):
    killed_and_continued(tmp_path / "run", tmp_path / "data", finished, kills=10, seed=1)
    assert (tmp_path / "run" / "ranking.json").read_bytes() == (finished / "ranking.json").read_bytes()


def test_an_interrupt_is_exit_code_130_and_one_line(data, tmp_path):
    """In the middle of a chain, whose worker has just said how far it is."""
    process = command(*SMALL, "--out", str(tmp_path / "run"), data=data)
    deadline = time.monotonic() + 300
    while not list(tmp_path.glob("run/zoo/.*.beats")) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "interrupted; run the same command again to continue" in err
    assert "Traceback" not in err


def no_table(file: h5py.File, name: str) -> None:
    del file[name]


def short(file: h5py.File, which: str) -> None:
    """Let trials stop before the window around movement ends: all, or of one condition all or all but one."""
    trials = file["intervals/trials"]
    rows = np.ones(len(trials["id"]), bool)
    if which != "all":
        rows = trials["trial_type"][:] == trials["trial_type"][0]
        rows[0] = which == "condition"
    stop = trials["stop_time"][:]
    stop[rows] = trials["move_onset_time"][:][rows]
    trials["stop_time"][:] = stop


def cut(change: Callable[[h5py.File, str], None], what: str) -> Callable[[Path], None]:
    def made(path: Path) -> None:
        path.write_bytes(recording_path("synthetic").read_bytes())
        with h5py.File(path, "r+") as opened:
            change(opened, what)

    return made


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda path: None, "expected"),  # no file
        (lambda path: path.write_text("trials, units, all in prose\n"), "expected"),
        (lambda path: path.write_bytes(recording_path("synthetic").read_bytes()[:20_000]), "expected"),
        (cut(no_table, "units"), "expected"),
        (cut(no_table, "intervals/trials"), "expected"),
        (cut(short, "all"), "trial"),
        (cut(short, "condition"), "condition"),
        (cut(short, "all but one"), "2 trials"),
    ],
    ids=["missing", "text", "truncated", "no units", "no trials", "short trials", "empty condition", "one trial"],
)
def test_a_bad_file_is_one_line_and_exit_code_2(data, tmp_path, make, told):
    make(tmp_path / "bad.nwb")
    refused(str(tmp_path / "bad.nwb"), told=told, data=data, out=tmp_path / "out")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["mc_maze_smal"], "mc_maze_small"),
        (["--gammas", "0.1,-1"], "expected"),
        (["--gammas", "a,b"], "expected"),
        (["--gammas", "nan,1"], "expected"),
        (["--tau", "0.01"], "expected"),
        (["--members", "31"], "expected"),
        (["--bin-width", "0"], "expected"),
        (["--min-rate", "nan"], "expected"),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_code_2(data, tmp_path, arguments, told):
    refused(*arguments, told=told, data=data, out=tmp_path / "out")


def refused(*arguments: str, told: str, data: Path, out: Path) -> None:
    code, _, err = finish("run", *arguments, "--out", str(out), data=data)
    assert code == 2, err
    lines = [line for line in err.splitlines() if not line.startswith(("Reading", "Making"))]
    assert len(lines) == 1, err
    assert told in lines[0]
    assert not out.exists()


def test_an_unwritable_folder_is_one_line(finished, data, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    code, _, err = finish(*SMALL, "--out", str(blocked / "run"), data=data)
    assert code == 2
    assert "cannot write" in err
    assert "Traceback" not in err
    assert blocked.read_text() == "not a folder"


@pytest.mark.parametrize(
    "settings",
    [
        lambda: {"family": Family(n_units=5)},
        lambda: {"family": Family(beta=0.0)},
        lambda: {"family": Family(tau=0.01)},
        lambda: {"networks": Networks(chains=1)},
        lambda: {"networks": Networks(members=31)},
        lambda: {"scoring": Scoring(resamples=1)},
        lambda: {"scoring": Scoring(metrics=("procustes",))},
        lambda: {"workers": Workers(jobs=0)},
        lambda: {"gammas": [0.4]},
        lambda: {"seed": -1},
    ],
)
def test_senseless_settings_are_refused_before_anything_is_written(settings, tmp_path):
    with pytest.raises(InputError):
        run("synthetic", out=tmp_path / "run", **settings())
    assert not (tmp_path / "run").exists()
