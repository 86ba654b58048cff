"""neurocompare dynamics: what is left in the folder, what is printed, and how it ends."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from neurocompare.cli.main import app

QUICK = ["--duration", "100", "--transient", "50", "--repeats", "2", "--jobs", "1"]


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "zoo"
    arguments = ["zoo", "oscillation", "--method", "reservoir", "--gammas", "0,0.3", "--units", "40", "--jobs", "1"]
    done = CliRunner().invoke(app, [*arguments, "--tau", "0.05", "--chains", "2", "--out", str(folder)])
    assert done.exit_code == 0, done.stderr
    return folder


def test_a_zoo_from_end_to_end_and_again(zoo):
    first = CliRunner().invoke(app, ["dynamics", str(zoo), *QUICK])
    assert first.exit_code == 0, first.stderr
    lines = first.stdout.splitlines()
    assert lines[0].split()[:3] == ["gamma", "n", "exponent"]
    assert lines[-1] == f"Dynamics: {zoo / 'dynamics'}"
    found = json.loads((zoo / "dynamics" / "dynamics.json").read_text())
    assert found["schema"] == 1
    assert found["continuation"] == "repeat 0.3"
    assert [each["networks"] for each in found["verdicts"]] == [2, 2]
    table = pd.read_csv(zoo / "dynamics" / "dynamics.csv")
    assert {"hash", "gamma", "seed", "chain", "quantity", "value", "error", "unit"} <= set(table.columns)
    assert table["hash"].nunique() == 4
    for name in ("dynamics", "spectra"):
        assert (zoo / "dynamics" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert "<svg" in (zoo / "dynamics" / f"{name}.svg").read_text()
    # The zoo is still a zoo: what was left in it is no network.
    again = CliRunner().invoke(app, ["dynamics", str(zoo), *QUICK])
    assert again.exit_code == 0
    assert again.stdout == first.stdout


def test_a_folder_of_a_run_is_understood(zoo, tmp_path):
    (tmp_path / "zoo").symlink_to(zoo)
    (tmp_path / "task.nc").write_bytes((zoo / "task.nc").read_bytes())
    done = CliRunner().invoke(app, ["dynamics", str(tmp_path), *QUICK, "--goes-on", "zero"])
    assert done.exit_code == 0, done.stderr
    assert json.loads((tmp_path / "dynamics" / "dynamics.json").read_text())["continuation"] == "zero"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "expected networks in nowhere, found none"),
        (["."], "expected networks in ., found none"),
        (["ZOO", "--goes-on", "for ever"], "zero, hold, or repeat"),
        (["ZOO", "--duration", "1"], "duration to be a number at least 100"),
        (["ZOO", "--task", "nowhere.nc"], "expected a task in netCDF"),
        (["ZOO", "--inputs", "none"], "'none'"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_exit_code_2(zoo, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["dynamics", *(str(zoo) if each == "ZOO" else each for each in arguments)])
    assert done.exit_code == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
