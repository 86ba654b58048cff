"""neurocompare run: what reaches the pipeline, and what is printed at the end."""

import inspect
import json
import sys
import types
from pathlib import Path

import pytest
from rankings import leave_ranking
from typer.testing import CliRunner

from neurocompare.account import Account, Comparison, Recorded, Used
from neurocompare.cli.main import app
from neurocompare.cli.options import argument_of
from neurocompare.progress import shows_progress
from neurocompare.recordings import Provenance
from neurocompare.records import save_record
from neurocompare.settings import Choices, Exploring, Family, Networks, Scoring, Workers, changed, declared
from neurocompare.workflows.finished_run import open_run

SENTENCE = "The recording is most like networks at gamma 0.4 [bold](0.2 to 0.8)[/bold]" + " x" * 60
METRICS = {"procrustes": (0.4, (0.2, 0.8), "resolved"), "cka[red]": (None, None, "unreliable")}


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """Keyword arguments of each call of a pipeline that only writes a ranking."""
    seen = []

    @shows_progress()
    def run(recording="synthetic", *, progress, **settings):
        seen.append({"recording": recording, **settings})
        progress("networks", 0, 4)
        progress("networks", 4, 4)
        return leave_ranking(tmp_path, SENTENCE, METRICS)

    fake = types.ModuleType("neurocompare.workflows.run")
    fake.run = run
    monkeypatch.setitem(sys.modules, "neurocompare.workflows.run", fake)
    return seen


def test_defaults_reach_the_pipeline(calls):
    assert CliRunner().invoke(app, ["run"]).exit_code == 0
    (settings,) = calls
    assert settings == {
        "recording": "synthetic",
        "out": Path("neurocompare-run"),
        "seed": 0,
        "quick": False,
        "choices": Choices(),
        "family": Family(),
        "networks": Networks(),
        "scoring": Scoring(),
        "workers": Workers(),
    }


def test_an_earlier_run_is_repeated_from_its_account(calls, tmp_path):
    recording = Recorded("mine", Provenance())
    asked = Comparison(
        "mine.nwb", Choices(bin_width=0.03), Family(g=1.2), Networks(gammas=(0.0, 0.4)), Scoring(resamples=40),
        seed=7, quick=True,
    )  # fmt: skip
    save_record(Account(asked, recording, Used(10, (), (), {}, {}), "reach", 160), tmp_path / "run.json")
    for path in (tmp_path, tmp_path / "run.json"):
        result = CliRunner().invoke(app, ["run", "--from", str(path), "--out", "again", "--jobs", "1"])
        assert result.exit_code == 0, result.output
    for settings in calls:
        assert (settings["recording"], settings["seed"], settings["quick"]) == ("mine.nwb", 7, True)
        for name in ("choices", "family", "networks", "scoring"):
            assert settings[name] == getattr(asked, name)
        assert (settings["out"], settings["workers"]) == (Path("again"), Workers(jobs=1))


def test_what_an_earlier_version_ranked_once_more_is_not_repeated_and_that_is_said(calls, tmp_path):
    asked = Comparison("mine.nwb", family=Family(), networks=Networks())
    save_record(
        Account(asked, Recorded("mine", Provenance()), Used(1, (), (), {}, {}), "reach", 10), tmp_path / "run.json"
    )
    document = json.loads((tmp_path / "run.json").read_text()) | {"schema": 3}
    document["settings"]["checks"] = {"match": "fit", "nuisance": ["input_scale"]}
    (tmp_path / "run.json").write_text(json.dumps(document))
    result = CliRunner().invoke(app, ["run", "--from", str(tmp_path), "--json"])
    assert result.exit_code == 0, result.output
    assert "by --match or --nuisance, which are gone" in result.stderr.splitlines()[0]
    assert "run RECORDING --explore --explore-only beta,input-scale varies" in result.stderr.splitlines()[0]
    assert "gone" not in result.stdout
    assert len(calls) == 1


def test_what_is_repeated_takes_no_other_setting_and_is_a_run(calls, tmp_path):
    save_record(
        Account(
            Comparison("mine.nwb", models="zoo"), Recorded("mine", Provenance()), Used(10, (), (), {}, {}), "reach", 160
        ),
        tmp_path / "run.json",
    )
    for more, said in (["--g", "1.2"], "found a setting"), ([], "found one of `neurocompare rank`"):
        result = CliRunner().invoke(app, ["run", "--from", str(tmp_path), *more])
        assert result.exit_code == 2
        assert said in result.stderr
        assert len(result.stderr.splitlines()) == 1
    assert not calls


def test_the_records_stand_at_what_is_documented():
    """As README states them, written out: a default that changes is a decision, not an accident."""
    family, networks = Family(), Networks()
    assert (family.g, family.tau, family.beta, family.n_units) == (1.5, 0.1, 400.0, 400)
    assert (networks.chains, networks.members, networks.trajectories) == (4, 1, 40)
    assert (Scoring().over().metrics, Scoring().draws) == (("procrustes", "cca", "cka", "single_unit"), 80)
    assert (Scoring().noise_free, Workers().jobs) == (False, None)
    assert set(changed(Choices())) == set()


def test_defaults_are_those_of_the_pipeline():
    """Options are made of the records' fields; what is left has the pipeline's defaults."""
    from neurocompare.cli.run import run
    from neurocompare.workflows.run import run as pipeline

    there = {name: given.default for name, given in inspect.signature(pipeline).parameters.items()}
    here = {name: given.default for name, given in inspect.signature(run).parameters.items()}
    records = (Choices, Family, Networks, Scoring, Exploring, Workers)
    settings = {argument_of(record, name) for record in records for name in declared(record)}
    assert settings <= set(here)
    of_records = {"choices", "family", "networks", "scoring", "workers"}
    assert all(there[name] is None for name in of_records)  # the record's own defaults
    shared = set(here) - settings - {"debug", "dry_run", "json", "from_", "explore"}
    # The grid of gammas is a setting of how networks are made.
    assert shared == set(there) - of_records - {"progress", "gammas"}
    for name in shared:
        same = Path(here[name]) == Path(there[name]) if name == "out" else here[name] == there[name]
        assert same, name


def test_every_option_reaches_the_pipeline(calls):
    options = {
        "--out": ("elsewhere", "out", Path("elsewhere")),
        "--gammas": ("0, 0.1,3e-1", "gammas", (0.0, 0.1, 0.3)),
        "--g": ("1.2", "g", 1.2),
        "--tau": ("0.05", "tau", 0.05),
        "--beta": ("100", "beta", 100.0),
        "--units": ("50", "n_units", 50),
        "--input-scale": ("2", "input_scale", 2.0),
        "--noise": ("0.1", "private_noise", 0.1),
        "--nonlinearity": ("relu", "nonlinearity", "relu"),
        "--chains": ("3", "chains", 3),
        "--members": ("4", "members", 4),
        "--trajectories": ("60", "trajectories", 60),
        "--metrics": ("cka, rsa", "metrics", ("cka", "rsa")),
        "--resamples": ("30", "resamples", 30),
        "--seed": ("7", "seed", 7),
        "--jobs": ("1", "jobs", 1),
        "--time-step": ("0.02", "time_step", 0.02),
        "--lag": ("-0.02", "lag", -0.02),
        "--bin-width": ("0.01", "bin_width", 0.01),
        "--smoothing": ("0.03", "smoothing", 0.03),
        "--min-rate": ("2", "min_rate", 2.0),
    }
    arguments = ["run", "monkey.nwb", "--quick"]
    for name, (text, _, _) in options.items():
        arguments += [name, text]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    (settings,) = calls
    assert settings["recording"] == "monkey.nwb"
    assert settings["quick"] is True
    found = dict(settings)
    for name in ("choices", "family", "networks", "scoring", "workers"):
        found |= changed(settings[name])
    assert {key: found[key] for _, key, _ in options.values()} == {key: value for _, key, value in options.values()}


def test_choices_about_the_recording_reach_the_pipeline(calls):
    arguments = ["--event", "target_on_time", "--window", "0,0.3", "--event", "lift", "--window", "-0.2,0.3"]
    arguments += ["--condition", "thing", "--condition", "place", "--area", "M1", "--target", "emg", "--stream"]
    arguments += ["--valid", "result == 'R'", "--layout", "falcon"]
    assert CliRunner().invoke(app, ["run", "https://archive.org/a.nwb", *arguments]).exit_code == 0
    (settings,) = calls
    assert settings["choices"] == Choices(
        stream=True,
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


@pytest.mark.parametrize("gammas", ["-0.1,1", "nan,1", "0,1e9"])
def test_numbers_are_judged_by_the_record_not_here(calls, gammas):
    """A negative gamma parses: what values are allowed is said in one place, before anything is done."""
    result = CliRunner().invoke(app, ["run", "--gammas", gammas])
    assert result.exit_code == 2
    assert result.stderr.startswith(
        "neurocompare: expected gammas to be a sequence of values, each a number at least 0"
    )
    assert result.stderr.count("\n") == 1
    assert calls == []


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
    assert lines[0] == SENTENCE
    assert lines[-1] == f"Report: {tmp_path / 'report.html'}"
    table = [line.split() for line in lines if line.startswith(("procrustes", "cka"))]
    assert table == [
        ["procrustes", "0.4", "0.2", "to", "0.8", "-", "resolved"],
        ["cka[red]", "-", "-", "-", "unreliable"],
    ]


def test_the_end_says_where_earlier_results_are(calls, tmp_path):
    (tmp_path / "earlier").mkdir()
    assert CliRunner().invoke(app, ["run"]).stdout.endswith(f"Earlier results: {tmp_path / 'earlier'}\n")


def test_a_quick_run_says_first_that_it_is_no_result(calls, tmp_path):
    for quick in (True, False):
        account = Account(
            Comparison("m", quick=quick), Recorded("m", Provenance()), Used(10, (), (), {}, {}), "reach", 160
        )
        save_record(account, tmp_path / "run.json")
        printed = CliRunner().invoke(app, ["run"]).stdout
        assert printed.startswith("A quick run: ") == quick
        assert ("No number here is to be trusted." in printed) == quick
        assert repr(open_run(tmp_path)).startswith("Quick run, not to be trusted, " if quick else "Run ")


def test_progress_goes_to_stderr(calls):
    result = CliRunner().invoke(app, ["run"])
    assert "Drawing networks: 100 %" in result.stderr
    assert "Drawing" not in result.stdout
