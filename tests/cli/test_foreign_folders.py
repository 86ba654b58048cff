"""Work in folders that others have filled, and on what others own: nothing of it runs, and nothing of it is changed."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sessions import make_session

from neurocompare.models import Family, ZooPlan, make_zoo
from neurocompare.recordings import open_recording, write_maze_nwb
from neurocompare.settings import Workers
from neurocompare.tasks import oscillation, reach_task, save_task

PROGRAM = Path(sys.executable).with_name("neurocompare")
MODULES = ("random", "json", "typing", "copy", "enum", "socket", "secrets", "numpy", "scipy", "pandas", "torch", "h5py",
           "xarray", "msgspec", "cloudpickle", "threadpoolctl", "matplotlib", "typer", "rich", "remfile",
           "neurocompare", "sitecustomize", "usercustomize")  # fmt: skip
"""What a file of the working folder could be called to be imported in the place of another."""

DROPPED = (1, 2, 3)
"""CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER: what lets root write everywhere."""


def obeys_permissions():
    """Be a user like any other, also where tests are run by root."""
    drop = 24  # PR_CAPBSET_DROP
    for capability in DROPPED:
        ctypes.CDLL(None).prctl(drop, capability)


ONE_AFTER_THE_OTHER = """
import json, sys
from neurocompare.cli.main import app

for arguments in json.loads(sys.argv[1]):
    try:
        app(arguments)
    except SystemExit as ended:
        print("ended with", ended.code, file=sys.stderr)
"""
"""Commands in one process, which imports what they need once."""


def typed(*arguments, cwd, data, program=(PROGRAM,)):
    return subprocess.run(
        [*program, *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"NEUROCOMPARE_DATA": str(data), "MPLCONFIGDIR": str(data)},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=obeys_permissions if sys.platform == "linux" and os.getuid() == 0 else None,
    )


pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="the program is not installed beside python")


def test_nothing_of_the_working_folder_runs(tmp_path):
    here, data = tmp_path / "here", tmp_path / "data"
    here.mkdir()
    data.mkdir()
    session = write_maze_nwb(make_session(n_conditions=3, n_repeats=8, n_units=8), tmp_path / "session.nwb")
    task = reach_task(open_recording(session))
    labels = {"condition": task.inputs["condition"].values, "time": task.inputs["time"].values}
    shape = (len(labels["condition"]), len(labels["time"]), 8)
    np.savez(tmp_path / "model.npz", responses=np.random.default_rng(0).standard_normal(shape), **labels)
    for name in MODULES:
        (here / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write(__name__)\n")
    (here / "matplotlibrc").write_text("text.usetex: True\nbackend: module://random\n")
    before = sorted(here.iterdir())
    given = [
        "score",
        tmp_path / "model.npz",
        "--data",
        session,
        "--resamples",
        "20",
        "--metrics",
        "procrustes",
        "--jobs",
        "2",
    ]
    done = typed(*given, "--out", tmp_path / "out", cwd=here, data=data)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "ran").exists()
    assert sorted(here.iterdir()) == before
    assert (tmp_path / "out" / "report.html").is_file()


@pytest.mark.parametrize("settings", [b"\x1b]0;title\x07: 1\n", b"\xff\xfe"], ids=["escapes", "no text"])
def test_settings_of_matplotlib_in_the_working_folder_are_not_even_read(tmp_path, settings):
    """What matplotlib says of them goes to the terminal as it is."""
    here, data = tmp_path / "here", tmp_path / "data"
    here.mkdir()
    data.mkdir()
    (here / "matplotlibrc").write_bytes(settings)
    done = typed("datasets", "synthetic", cwd=here, data=data)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def theirs(tmp_path):
    """A folder of another user with a zoo, which one may read and not write."""
    folder = tmp_path / "theirs"
    save_task(oscillation(), folder / "task.nc")
    make_zoo(oscillation(), Family(n_units=12), folder, ZooPlan((0.0,), members=2, chains=2), workers=Workers(1))
    paths = [folder, *folder.rglob("*")]
    for path in paths:
        if os.getuid() == 0:
            os.chown(path, 12345, 12345)
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in paths:
        path.chmod(0o755)


def test_what_others_own_is_read_and_not_changed(tmp_path, theirs):
    def seen():
        return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in [theirs, *theirs.rglob("*")]}

    before, data = seen(), tmp_path / "data"
    data.mkdir()
    commands = [
        ["dynamics", str(theirs), "--out", str(tmp_path / "mine"), "--jobs", "1"],
        ["dynamics", str(theirs)],
        ["zoo", "oscillation", "--out", str(theirs)],
        ["run", "--quick", "--out", str(theirs)],
    ]
    program = (sys.executable, "-P", "-c", ONE_AFTER_THE_OTHER)
    done = typed(json.dumps(commands), cwd=tmp_path, data=data, program=program)
    _, *refusals, rest = done.stderr.split("ended with ")
    assert (done.returncode, rest) == (0, "2\n"), done.stderr
    assert [each[0] for each in refusals] == ["0", "2", "2"], done.stderr
    assert (tmp_path / "mine" / "dynamics.json").is_file()
    for each in refusals:
        (line,) = [line for line in each.splitlines() if line.startswith("neurocompare:")]
        assert "cannot write" in line
        assert "--out" in line or "choose" in line
    assert seen() == before


def test_a_file_one_may_not_read_is_a_line(tmp_path):
    session = write_maze_nwb(make_session(n_conditions=2, n_repeats=2, n_units=3), tmp_path / "session.nwb")
    if os.getuid() == 0:
        os.chown(session, 12345, 12345)
    session.chmod(0o200)
    done = typed("inspect", session, cwd=tmp_path, data=tmp_path)
    assert done.returncode == 2
    assert "without permission" in done.stderr
