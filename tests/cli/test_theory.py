"""neurocompare theory: what reaches the functions beneath, what is printed, and how it ends."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from neurocompare.cli.main import app
from neurocompare.cli.options import argument_of
from neurocompare.settings import Choices, Family, Solving, Workers, declared
from neurocompare.workflows import theory as maker

TINY = ["--population", "128", "--trajectories", "8", "--jobs", "1", "--tau", "0.05", "--beta", "100"]


@pytest.fixture
def calls(monkeypatch):
    """Name, source and keyword arguments of each call of functions that then refuse."""
    from neurocompare.errors import InputError

    seen = []

    def fake(name):
        def called(source, **settings):
            seen.append((name, source, settings))
            message = "stop here"
            raise InputError(message)

        return called

    for name in ("theory", "theory_of_run"):
        monkeypatch.setattr(maker, name, fake(name))
    return seen


def test_defaults_are_those_of_the_function_beneath(monkeypatch):
    """Options are made of the records' fields; what is left has the function's defaults."""
    from neurocompare.cli.theory import theory

    there = {name: given.default for name, given in inspect.signature(maker.theory).parameters.items()}
    seen = {}
    monkeypatch.setattr(maker, "theory", lambda source, **settings: seen.update(settings, source=source) or 1 / 0)
    CliRunner().invoke(app, ["theory"])
    records = {"choices": Choices, "family": Family, "solving": Solving, "workers": Workers}
    # Units are infinitely many.
    options = {argument_of(record, name) for record in records.values() for name in declared(record)} - {
        argument_of(Family, "n_units")
    }
    assert options <= set(inspect.signature(theory).parameters)
    assert all(there[name] is None for name in records)  # the record's own defaults
    del there["progress"], there["gammas"]  # the grid of gammas is a setting of solving
    assert seen == there | {name: record() for name, record in records.items()} | {"out": Path(there["out"])}


def test_options_reach_the_function_beneath(calls):
    result = CliRunner().invoke(
        app,
        ["theory", "oscillation", "--gammas", "0, 0.1", "--noise", "0.1", "--max-samples", "90", "--resamples=30"],
    )
    assert result.exit_code == 2
    (name, source, settings) = calls[0]
    assert (name, source) == ("theory", "oscillation")
    assert settings["solving"] == Solving(gammas=(0.0, 0.1), max_samples=90, resamples=30)
    assert settings["family"] == Family(private_noise=0.1)


def test_beside_a_run_only_what_the_run_has_not_settled(calls):
    assert CliRunner().invoke(app, ["theory", "--run", "there", "--population", "512", "--json"]).exit_code == 2
    (name, source, settings) = calls[0]
    assert (name, source, settings) == (
        "theory_of_run", Path("there"), {"solving": Solving(population=512), "workers": Workers()},
    )  # fmt: skip
    for given, shown in (
        (["oscillation"], "a recording or task"),
        (["--g", "2"], "a setting of the family"),
        (["--lag", "0.2"], "a choice about the recording"),
        (["--seed", "1"], "--seed"),
        (["--out", "x"], "--out"),
    ):
        result = CliRunner().invoke(app, ["theory", "--run", "there", *given])
        assert result.exit_code == 2
        assert f"found {shown}; drop it" in result.stderr
    assert len(calls) == 1


def test_a_table_a_verdict_and_where_to_look(tmp_path):
    result = CliRunner().invoke(
        app, ["theory", "oscillation", "--gammas", "0,0.3", *TINY, "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["gamma", "F", "KL", "loss", "activity", "PR", "kurtosis", "outliers", "verdict"]
    assert lines[1].split()[0] == "0"
    assert lines[1].split()[-1] == "converged"
    assert max(map(len, lines[:3])) <= 80
    assert any(line.startswith("Not converged at gamma 0.3: ") for line in lines)
    assert str(tmp_path / "out" / "theory.json") in lines[-1]
    assert "Solving the theory" in result.stderr


def test_json_is_the_file_and_nothing_else(tmp_path):
    result = CliRunner().invoke(
        app, ["theory", "oscillation", "--gammas", "0", *TINY, "--out", str(tmp_path), "--json"]
    )
    assert json.loads(result.stdout) == json.loads((tmp_path / "theory.json").read_text())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["nowhere.nwb"], "nowhere.nwb"),
        (["oscillation", "--gammas", "a"], "expected gammas as numbers"),
        (["oscillation", "--gammas", "-1"], "expected gammas to be a sequence of values, each a number at least 0"),
        (
            ["--run", "nowhere"],
            "run.json in nowhere, found no run.json; give the folder of a finished `neurocompare run`",
        ),
    ],
)
def test_bad_input_gets_one_line(given, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["theory", *given])
    assert result.exit_code == 2
    assert said in result.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []
