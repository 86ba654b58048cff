"""neurocompare zoo: what reaches the function beneath, what is printed, and how it ends."""

from __future__ import annotations

import inspect
import subprocess
import sys
import types
from pathlib import Path

import pytest
from typer.testing import CliRunner

from neurocompare.cli.main import app
from neurocompare.cli.options import argument_of
from neurocompare.settings import Choices, Family, Networks, Workers, changed, declared

TINY = ["--gammas", "0,0.3", "--units", "20", "--trajectories", "8", "--beta", "20", "--jobs", "1"]


class Made:
    """What a zoo is to the command."""

    damaged = ("the network in zoo/ab[c] is not what its card says",)
    notes = ("20 units are fewer [bold]than[/bold] " + "x " * 60,)
    folder = Path("somewhere")

    def summary(self):
        import pandas as pd

        row = {"g": 1.2, "gamma": 0.4, "networks": 4, "loss": 0.12345, "converged": 3, "why": "chains disagree"}
        return pd.DataFrame([row])


@pytest.fixture
def calls(monkeypatch):
    """Keyword arguments of each call of a builder that makes nothing."""
    seen = []

    def build_zoo(source, **settings):
        seen.append({"source": source, **settings})
        return Made()

    fake = types.ModuleType("neurocompare.workflows.zoo")
    fake.build_zoo = build_zoo
    monkeypatch.setitem(sys.modules, "neurocompare.workflows.zoo", fake)
    return seen


def test_defaults_are_those_of_the_function_beneath(calls):
    assert CliRunner().invoke(app, ["zoo", "oscillation"]).exit_code == 0
    (settings,) = calls
    monkeypatched = sys.modules.pop("neurocompare.workflows.zoo")
    from neurocompare.workflows.zoo import build_zoo

    sys.modules["neurocompare.workflows.zoo"] = monkeypatched
    from neurocompare.cli.zoo import zoo

    there = {name: given.default for name, given in inspect.signature(build_zoo).parameters.items()}
    records = {"choices": Choices, "family": Family, "networks": Networks, "workers": Workers}
    assert {argument_of(record, name) for record in records.values() for name in declared(record)} <= set(
        inspect.signature(zoo).parameters
    )
    assert all(there[name] is None for name in records)  # the record's own defaults
    del there["progress"]
    there |= {"source": "oscillation", "out": Path(there["out"]), "grid": {}}
    assert settings == there | {name: record() for name, record in records.items()}


def test_every_option_reaches_the_function_beneath(calls):
    options = {
        "--out": ("elsewhere", "out", Path("elsewhere")),
        "--gammas": ("0, 0.1", "gammas", (0.0, 0.1)),
        "--seeds": ("0,2", "seeds", (0, 2)),
        "--method": ("gradient-descent", "method", "gradient-descent"),
        "--units": ("50", "n_units", 50),
        "--g": ("1.2", "g", 1.2),
        "--tau": ("0.05", "tau", 0.05),
        "--beta": ("100", "beta", 100.0),
        "--input-scale": ("2", "input_scale", 2.0),
        "--noise": ("0.1", "private_noise", 0.1),
        "--nonlinearity": ("relu", "nonlinearity", "relu"),
        "--chains": ("3", "chains", 3),
        "--members": ("4", "members", 4),
        "--trajectories": ("60", "trajectories", 60),
        "--steps": ("100", "steps", 100),
        "--max-samples": ("200", "max_samples", 200),
        "--time-step": ("0.02", "time_step", 0.02),
        "--dask": ("tcp://127.0.0.1:8786", "dask", "tcp://127.0.0.1:8786"),
        "--device": ("cuda", "device", "cuda"),
        "--dtype": ("float64", "dtype", "float64"),
    }
    arguments = ["zoo", "task.nc", "--grid", "g=1.2,1.5", "--grid", "input-scale=1,2"]
    for name, (text, _, _) in options.items():
        arguments += [name, text]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    (settings,) = calls
    assert settings["source"] == "task.nc"
    assert settings["grid"] == {"g": (1.2, 1.5), "input_scale": (1.0, 2.0)}
    found = dict(settings)
    for name in ("choices", "family", "networks", "workers"):
        found |= changed(settings[name])
    assert {key: found[key] for _, key, _ in options.values()} == {key: value for _, key, value in options.values()}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--gammas", "0,x"], "expected gammas as numbers"),
        (["--seeds", "0,0.5"], "expected seeds as whole numbers"),
        (["--grid", "g"], "expected each --grid once, as NAME=VALUE,VALUE"),
        (["--grid", "g=1", "--grid", "g=2"], "expected each --grid once"),
        (["--grid", "g=1,b"], "expected values of g as numbers"),
        (["--jobs", "2", "--dask", "tcp://127.0.0.1:8786"], "--jobs or --dask"),
        (["--method", "magic"], "'magic'"),
    ],
)
def test_what_cannot_be_read_is_one_line(calls, arguments, said):
    result = CliRunner().invoke(app, ["zoo", "oscillation", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert calls == []


def test_the_end_shows_a_table_notes_and_the_folder(calls):
    result = CliRunner().invoke(app, ["zoo", "oscillation"])
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["g", "gamma", "networks", "loss", "/", "zero", "loss", "converged", "why"]
    assert lines[1].split() == ["1.2", "0.4", "4", "0.1235", "3", "of", "4", "chains", "disagree"]
    assert lines[-2] == f"Note: {Made.notes[0]}"
    assert lines[-1] == "Zoo: somewhere"
    assert f"neurocompare: made again: {Made.damaged[0]}" in result.stderr


def test_a_zoo_from_end_to_end_and_what_was_damaged_is_named(tmp_path):
    arguments = ["zoo", "oscillation", "--out", str(tmp_path), *TINY]
    first = CliRunner().invoke(app, arguments)
    assert first.exit_code == 0, first.stderr
    broken = next(tmp_path.glob("*/weights.safetensors"))
    broken.write_bytes(b"rubbish")
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 0
    assert again.stdout == first.stdout
    assert f"made again: the network in {broken.parent} is not what its card says" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["oscillation", "--dask", "tcp://127.0.0.1:9"], "expected a Dask scheduler at tcp://127.0.0.1:9"),
        (["oscillation", "--gammas", "0,-1"], "expected gammas to be a sequence of values, each a number at least 0"),
        (["oscillation", "--tau", "0.001"], "time step"),
        (["ideal_reach", "--max-samples", "3"], "can be thinned to 3 samples"),
        (["oscilation"], "did you mean"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_exit_code_2(tmp_path, arguments, said):
    tiny = [] if "--dask" in arguments else ["--jobs", "1"]
    result = CliRunner().invoke(app, ["zoo", *arguments, *tiny, "--out", str(tmp_path / "zoo")])
    assert result.exit_code == 2
    *before, line = result.stderr.splitlines()
    assert line.startswith("neurocompare: ")
    assert all(each.startswith(("Making", "Drawing")) for each in before)
    if said == "did you mean":
        assert "oscilation" in line
    else:
        assert said in line


INTERRUPTED = """
import os, signal, sys
from neurocompare.models import rounds

real = rounds.advance

def advance(order):
    if len(list(order[0].folder.glob(".*.unfinished"))) >= 2:
        os.kill(os.getpid(), signal.SIGINT)
    return real(order)

rounds.advance = advance
from neurocompare.cli.main import main
main()
"""
"""The command, interrupted as the third chain begins, however fast the machine is."""


def test_an_interrupt_is_130_and_the_rest_is_made_later(tmp_path):
    arguments = ["zoo", "oscillation", "--out", str(tmp_path), *TINY[:-2], "--seeds", "0,1", "--jobs", "1"]
    interrupted = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, *arguments], capture_output=True, text=True, check=False
    )
    err = interrupted.stderr
    assert interrupted.returncode == 130, err
    assert err.splitlines()[-1] == "neurocompare: interrupted; run the same command again to continue"
    assert "Traceback" not in err
    assert list(tmp_path.glob(".*.unfinished"))
    assert len(list(tmp_path.glob("[!.]*/card.json"))) < 16
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.stderr
    assert len(list(tmp_path.glob("[!.]*/card.json"))) == 16
    assert not list(tmp_path.glob(".*"))
