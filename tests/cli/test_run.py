"""neurocompare run: what reaches the pipeline, and what is printed at the end."""

import inspect
import json
import sys
import types
from pathlib import Path

import pytest
from typer.testing import CliRunner

from neurocompare.cli.main import app

CHOICES = {"layout", "area", "target", "behavior", "condition", "event", "window", "valid"}
"""Options that reach the pipeline together."""

RANKING = {
    "schema": 1,
    "summary": {"sentence": "The recording is most like networks at gamma 0.4 [bold](0.2 to 0.8)[/bold] " + "x " * 60},
    "metrics": {
        "procrustes": {"best_gamma": 0.4, "gamma_interval": [0.2, 0.8], "verdict": "resolved"},
        "cka[red]": {"best_gamma": None, "gamma_interval": None, "verdict": "unreliable"},
    },
}


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """Keyword arguments of each call of a pipeline that only writes a ranking."""
    seen = []

    def run(recording="synthetic", **settings):
        seen.append({"recording": recording, **settings})
        settings["progress"]("networks", 0, 4)
        settings["progress"]("networks", 4, 4)
        (tmp_path / "ranking.json").write_text(json.dumps(RANKING))
        return tmp_path / "report.html"

    fake = types.ModuleType("neurocompare.pipeline")
    fake.run = run
    monkeypatch.setitem(sys.modules, "neurocompare.pipeline", fake)
    return seen


def test_defaults_reach_the_pipeline(calls):
    assert CliRunner().invoke(app, ["run"]).exit_code == 0
    (settings,) = calls
    del settings["progress"]
    assert settings == {
        "recording": "synthetic",
        "out": Path("neurocompare-run"),
        "gammas": None,
        "g": 1.5,
        "tau": 0.1,
        "beta": 400.0,
        "units": 400,
        "chains": 2,
        "members": 2,
        "trajectories": 40,
        "draws": 80,
        "planted": 0.4,
        "seed": 0,
        "jobs": None,
        "quick": False,
        "time_step": 0.05,
        "lead": None,
        "bin_width": None,
        "smoothing": None,
        "min_rate": 1.0,
        "choices": None,
        "stream": False,
        "match": None,
        "nuisance": None,
        "protocol": None,
    }


def test_defaults_are_those_of_the_pipeline():
    """The command line repeats the pipeline's defaults to print them; this keeps the two from drifting apart."""
    pipeline = pytest.importorskip("neurocompare.pipeline", exc_type=ModuleNotFoundError)
    from neurocompare.cli.run import run

    there = {name: given.default for name, given in inspect.signature(pipeline.run).parameters.items()}
    here = {name: given.default for name, given in inspect.signature(run).parameters.items()}
    assert set(here) - {"debug"} - CHOICES == set(there) - {"progress", "choices", "dask"}
    for name in set(here) - {"debug"} - CHOICES:
        same = Path(here[name]) == Path(there[name]) if name == "out" else here[name] == there[name]
        assert same, name


def test_every_option_reaches_the_pipeline(calls):
    options = {
        "--out": ("elsewhere", "out", Path("elsewhere")),
        "--gammas": ("0, 0.1,3e-1", "gammas", (0.0, 0.1, 0.3)),
        "--g": ("1.2", "g", 1.2),
        "--tau": ("0.05", "tau", 0.05),
        "--beta": ("100", "beta", 100.0),
        "--units": ("50", "units", 50),
        "--chains": ("3", "chains", 3),
        "--members": ("4", "members", 4),
        "--trajectories": ("60", "trajectories", 60),
        "--draws": ("10", "draws", 10),
        "--planted": ("1.6", "planted", 1.6),
        "--seed": ("7", "seed", 7),
        "--jobs": ("1", "jobs", 1),
        "--time-step": ("0.02", "time_step", 0.02),
        "--lead": ("-0.02", "lead", -0.02),
        "--bin-width": ("0.01", "bin_width", 0.01),
        "--smoothing": ("0.03", "smoothing", 0.03),
        "--min-rate": ("2", "min_rate", 2.0),
        "--match": ("fit", "match", "fit"),
        "--nuisance": ("g, input-scale", "nuisance", ["g", "input_scale"]),
        "--protocol": ("paper", "protocol", "paper"),
    }
    arguments = ["run", "monkey.nwb", "--quick"]
    for name, (text, _, _) in options.items():
        arguments += [name, text]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    (settings,) = calls
    assert settings["recording"] == "monkey.nwb"
    assert settings["quick"] is True
    assert {key: settings[key] for _, key, _ in options.values()} == {key: value for _, key, value in options.values()}


def test_choices_about_the_recording_reach_the_pipeline(calls):
    from neurocompare.recordings.choices import Choices

    arguments = ["--event", "target_on_time", "--window", "0,0.3", "--event", "lift", "--window", "-0.2,0.3"]
    arguments += ["--condition", "thing", "--condition", "place", "--area", "M1", "--target", "emg", "--stream"]
    arguments += ["--valid", "result == 'R'", "--layout", "falcon"]
    assert CliRunner().invoke(app, ["run", "https://archive.org/a.nwb", *arguments]).exit_code == 0
    (settings,) = calls
    assert settings["stream"] is True
    assert settings["choices"] == Choices(
        layout="falcon",
        area="M1",
        target="emg",
        condition=("thing", "place"),
        event=("target_on_time", "lift"),
        window=((0.0, 0.3), (-0.2, 0.3)),
        valid="result == 'R'",
    )


@pytest.mark.parametrize("window", ["0.1", "0,1,2", "now,then"])
def test_windows_that_are_not_two_numbers(calls, window):
    result = CliRunner().invoke(app, ["run", "a.nwb", "--window", window])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert calls == []


def test_numbers_are_judged_by_the_pipeline_not_here(calls):
    """A negative gamma parses: what values are allowed is said in one place, behind this door."""
    assert CliRunner().invoke(app, ["run", "--gammas", "-0.1,nan"]).exit_code == 0
    first, second = calls[0]["gammas"]
    assert first == -0.1
    assert second != second


@pytest.mark.parametrize("text", ["0,x", ",", "0.1;0.2", "0,,1"])
def test_gammas_that_are_not_numbers_never_reach_the_pipeline(calls, text):
    result = CliRunner().invoke(app, ["run", "--gammas", text])
    assert result.exit_code == 2
    assert result.stderr.startswith("neurocompare: expected gammas as numbers separated by commas")
    assert calls == []


def test_the_end_shows_sentence_table_and_path(calls, tmp_path):
    result = CliRunner().invoke(app, ["run"])
    lines = result.stdout.splitlines()
    # one line however long, and brackets are text
    assert lines[0] == RANKING["summary"]["sentence"]
    assert lines[-1] == f"Report: {tmp_path / 'report.html'}"
    table = [line.split() for line in lines if line.startswith(("procrustes", "cka"))]
    assert table == [
        ["procrustes", "0.4", "0.2", "to", "0.8", "resolved"],
        ["cka[red]", "-", "-", "unreliable"],
    ]


def test_progress_goes_to_stderr(calls):
    result = CliRunner().invoke(app, ["run"])
    assert "Drawing networks: 100 %" in result.stderr
    assert "Drawing" not in result.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--nuisance", "gain"], "expected nuisances 'star', or some of g, tau, input_scale, beta, lag"),
        (["--nuisance", "g,,lag"], "expected nuisances"),
        (["--nuisance", "star", "--tau", "0.06"], "room for a step of tau down"),
        (["--match", "loss"], "--match"),
        (["--protocol", "mine"], "--protocol"),
    ],
)
def test_what_cannot_be_repeated_is_one_line_and_nothing_is_written(tmp_path, options, said):
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["run", *options, "--out", str(out)])
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert not out.exists()
