"""neurocompare rank: what reaches the ranking, and a ranking of a small zoo from end to end."""

import inspect
import json
import sys
import types
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rankings import leave_ranking
from typer.testing import CliRunner

from neurocompare.cli.main import app
from neurocompare.cli.options import argument_of
from neurocompare.models import Draw, Family, Sampling, ZooPlan, load_zoo, make_zoo
from neurocompare.ranking import Ranking
from neurocompare.recordings import open_recording
from neurocompare.records import load_record
from neurocompare.responses import load_responses
from neurocompare.settings import Choices, Scoring, Workers, declared
from neurocompare.tasks import ideal_reach, reach_task, save_task
from neurocompare.workflows import synthetic_file
from neurocompare.workflows.finished_run import open_run
from neurocompare.workflows.planted import planted_responses
from neurocompare.workflows.pool_explorations import holds_explorations

SENTENCE = "The recording is most like networks at gamma 0.4"
METRICS = {"rsa": (0.4, (0.2, 0.81234), "resolved")}


@pytest.fixture
def calls(monkeypatch, tmp_path):
    seen = []

    def rank_zoo(zoo, recording, **settings):
        seen.append({"zoo": zoo, "recording": recording, **settings})
        return leave_ranking(tmp_path, SENTENCE, METRICS)

    def rank_each(rank, recordings, *, out, **settings):
        for place, recording in enumerate(recordings, start=1):
            rank(recording, out=out / str(place))
        seen.append(settings)
        return open_run(tmp_path)

    def pool_rankings(folders, **settings):
        seen.append({"folders": folders, **settings})
        return leave_ranking(tmp_path, SENTENCE, METRICS)

    # In each function's place a module that holds it alone.
    verbs = {"rank_zoo": {"rank_zoo": rank_zoo}, "rank_family": {"rank_family": rank_zoo}}
    verbs["pool"] = {"rank_each": rank_each, "pool_rankings": pool_rankings}
    verbs["pool_explorations"] = {"holds_explorations": holds_explorations, "pool_explorations": None}
    for name, functions in verbs.items():
        fake = types.ModuleType(f"neurocompare.workflows.{name}")
        vars(fake).update(functions)
        monkeypatch.setitem(sys.modules, fake.__name__, fake)
    return seen


def test_options_reach_the_ranking_and_the_answer_is_shown(calls):
    arguments = ["rank", "zoo", "--data", "m.nwb", "--metrics", "procrustes, rsa", "--where", "g=1.5", "--where"]
    result = CliRunner().invoke(app, [*arguments, "noise=0", "--resamples", "40", "--seed", "3", "--jobs", "1"])
    assert result.exit_code == 0, result.output
    (settings,) = calls
    assert (settings["zoo"], settings["recording"]) == (Path("zoo"), "m.nwb")
    assert settings["scoring"] == Scoring(metrics=("procrustes", "rsa"), resamples=40)
    assert settings["where"] == {"g": 1.5, "private_noise": 0.0}
    assert (settings["seed"], settings["workers"]) == (3, Workers(jobs=1))
    assert result.stdout.splitlines()[0] == SENTENCE
    assert "0.2 to 0.812" in result.stdout


def test_defaults_are_those_of_the_functions():
    """Options are made of the records' fields; what is left has the functions' defaults."""
    from neurocompare.cli.rank import rank
    from neurocompare.workflows.rank_family import rank_family
    from neurocompare.workflows.rank_zoo import rank_zoo

    here = {name: given.default for name, given in inspect.signature(rank).parameters.items()}
    records = {"choices": Choices, "scoring": Scoring, "workers": Workers}
    settings = {argument_of(record, name) for record in records.values() for name in declared(record)}
    assert settings <= set(here)
    of_zoo, of_models = {"where"}, {"axis", "scale"}
    own = set(records)
    for function, others in ((rank_zoo, of_models), (rank_family, of_zoo)):
        there = {name: given.default for name, given in inspect.signature(function).parameters.items()}
        assert set(here) - settings - {"debug", "data", "models"} - others == (
            set(there) - own - {"progress", "recording", "zoo", "family"}
        )
        assert all(there[name] is None for name in own)  # the record's own defaults
        # What only one's own models need is left to the function where it is not given.
        for name in set(here) & set(there) - {"axis"}:
            assert here[name] == (Path(there[name]) if name == "out" else there[name]), name


def test_choices_of_the_recording_and_an_axis_reach_the_ranking(calls):
    arguments = ["rank", "models", "--axis", "decay", "--data", "m.nwb", "--area", "M1", "--event", "go", "--stream"]
    result = CliRunner().invoke(app, [*arguments, "--window=-0.1,0.3", "--scale", "linear", "--lag", "0.05"])
    assert result.exit_code == 0, result.output
    (settings,) = calls
    assert (settings["axis"], settings["scale"]) == ("decay", "linear")
    assert settings["choices"] == Choices(area="M1", event=("go",), window=((-0.1, 0.3),), lag=0.05, stream=True)


def test_several_recordings_are_ranked_one_by_one_and_pooled(calls):
    arguments = ["rank", "zoo", "--data", "m.nwb", "--data", "n.nwb", "--out", "both", "--seed", "3", "--jobs", "1"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    first, second, pooled = calls
    assert (first["recording"], first["out"]) == ("m.nwb", Path("both/1"))
    assert (second["recording"], second["out"]) == ("n.nwb", Path("both/2"))
    assert pooled == {"stream": False, "seed": 3, "workers": Workers(jobs=1)}


def test_rankings_without_a_recording_are_pooled(calls):
    result = CliRunner().invoke(app, ["rank", "one", "two", "--out", "both", "--resamples", "30", "--seed", "3"])
    assert result.exit_code == 0, result.output
    (pooled,) = calls
    assert pooled == {
        "folders": [Path("one"), Path("two")], "out": Path("both"), "resamples": 30, "seed": 3, "workers": Workers(),
    }  # fmt: skip


@pytest.mark.parametrize(
    "settled",
    [["--area", "M1"], ["--lag", "0.1"], ["--metrics", "cka"], ["--where", "g=1.5"]],
    ids=lambda given: given[0],
)
def test_what_rankings_to_pool_have_settled_is_refused(calls, settled):
    result = CliRunner().invoke(app, ["rank", "one", "two", *settled])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert calls == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--axis", "decay", "--where", "g=1.5"], "expected --where with a zoo"),
        (["--time-step", "0.02"], "expected --time-step with --axis only"),
        (["--lag", "0.02"], "expected --lag with --axis only"),
        (["--scale", "log"], "expected --scale with --axis only"),
    ],
)
def test_options_that_do_not_go_together(calls, arguments, words):
    result = CliRunner().invoke(app, ["rank", "zoo", "--data", "m.nwb", *arguments])
    assert result.exit_code == 2
    assert words in result.stderr
    assert calls == []


def test_one_value_a_setting(calls):
    result = CliRunner().invoke(app, ["rank", "zoo", "--data", "m.nwb", "--where", "g=1.5,1.8"])
    assert result.exit_code == 2
    assert "one value for each --where" in result.stderr
    assert calls == []


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A tiny zoo with its task, and a session recorded from one of its networks."""
    folder = tmp_path_factory.mktemp("rank")
    family, sampling = Family(n_units=40), Sampling(ramp=2, adaptation=2, trajectories=8, segments=1, max_leapfrogs=20)
    session = synthetic_file(
        lambda task: planted_responses(task, family, 0.0, seed=0), planted=(("gamma", 0.0),), folder=folder, n_units=24,
        trials=6,
    )  # fmt: skip
    task = reach_task(open_recording(session))
    save_task(task, folder / "zoo" / "task.nc")
    make_zoo(task, family, folder / "zoo", ZooPlan((0.0, 0.4), sampler=Draw(sampling), chains=2), workers=Workers(1))
    return folder, session


def typed(zoo, session, out, metrics):
    """What ranks a zoo by some metrics, quickly."""
    places = ["rank", str(zoo), "--data", str(session), "--out", str(out)]
    return [*places, "--resamples", "20", "--jobs", "1", "--metrics", metrics]


@pytest.fixture(scope="module")
def ranked(made):
    """The ranking of that zoo, and what was typed for it."""
    folder, session = made
    out = folder / "ranked"
    arguments = typed(folder / "zoo", session, out, "procrustes,flow-rotation")
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return out, arguments


def test_a_zoo_is_ranked_from_end_to_end_and_again_without_scoring(ranked):
    out, arguments = ranked
    expected = {"scores.csv", "ranking.json", "report.html", "run.json", "recording.nc", "task.nc", "zoo.csv"}
    assert expected <= {path.name for path in out.iterdir()}
    assert {"curve-1-flow-rotation.png", "curve-1-flow-rotation.svg"} <= {
        path.name for path in (out / "figures").iterdir()
    }
    ranking = json.loads((out / "ranking.json").read_text())
    assert list(ranking["metrics"]) == ["procrustes", "flow-rotation"]
    assert ranking["planted_gamma"] == 0.0
    assert ranking["settings"]["g"] == 1.5
    scores = pd.read_csv(out / "scores.csv")
    assert {"model", "kinematic", "ceiling", "null:surrogates"} <= set(scores["kind"])
    kept = {path: path.stat().st_mtime_ns for path in (out / "scores").glob("*/*")}
    before = (out / "ranking.json").read_bytes()
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in (out / "scores").glob("*/*")} == kept
    assert (out / "ranking.json").read_bytes() == before


def texts(tree):
    """Every text in a document that is not a key."""
    if isinstance(tree, str):
        return [tree]
    branches = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return [text for branch in branches for text in texts(branch)]


def test_networks_given_as_arrays_along_an_axis_get_the_numbers_of_their_gammas(made, ranked, tmp_path):
    folder, session = made
    family, out = tmp_path / "family", tmp_path / "out"
    family.mkdir()
    rows = ["file,decay,seed,loss"]
    for card in load_zoo(folder / "zoo").cards:
        responses = load_responses(folder / "zoo" / card.hash / "responses.nc")
        labels = {"condition": responses["condition"].values.astype(str), "time": responses["time"].values}
        np.savez(family / f"{card.hash}.npz", responses=responses.values, **labels)
        rows.append(f"{card.hash}.npz,{card.gamma!r},{card.chain},{card.result.loss / card.result.zero_loss!r}")
    (family / "models.csv").write_text("\n".join(rows))
    arguments = ["rank", str(family), "--axis", "decay", "--scale", "log", "--data", str(session), "--out", str(out)]
    arguments += ["--resamples", "20", "--jobs", "1", "--metrics", "procrustes,flow-rotation"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    of_gamma, along = (load_record(Ranking, folder / "ranking.json") for folder in (ranked[0], out))
    for expected, found in ((of_gamma.metrics, along.metrics), (of_gamma.centred, along.centred)):
        for name, of_name in expected.items():
            contrasts = tuple(
                replace(one, against={"reservoir": "smallest"}.get(one.against, one.against))
                for one in of_name.contrasts
            )
            assert found[name] == replace(of_name, contrasts=contrasts, why=found[name].why)
    assert along.fit == of_gamma.fit
    # The axis is named wherever a person looks; a script finds it under axis.
    written = json.loads((out / "ranking.json").read_text())
    assert written["axis"] == {"name": "decay", "label": "decay", "scale": "log", "zero": None}
    assert written["summary"]["sentence"].startswith("No metric settles on a value of decay for the recording")
    assert not [text for text in texts(written) if "gamma" in text]
    assert "best decay" in result.stdout
    assert "value" in pd.read_csv(out / "scores.csv").columns
    page = (out / "report.html").read_text()
    assert "γ" not in page
    assert "gamma" not in page.replace("planted: gamma", "")  # what the recording says of itself
    assert "Score against decay" in page


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("file,noise\na.npy,1\n", "expected a column 'decay'"),
        ("name,decay\na.npy,1\n", "expected a column 'file'"),
        ("file,decay\nb.npy,1\n", "b.npy of models.csv"),
        ("file,decay\n../../b.npy,1\n", "expected files inside"),
        ("file,decay\na.npy,0.1\nc.npy,much\n", "found 'much' in line 3"),
    ],
)
def test_a_family_that_cannot_be_ranked_is_one_line_and_leaves_nothing(made, tmp_path, table, words):
    family, out = tmp_path / "family", tmp_path / "out"
    family.mkdir()
    for name in ("a.npy", "c.npy"):
        np.save(family / name, np.zeros((8, 20, 30)))
    (family / "models.csv").write_text(table)
    result = CliRunner().invoke(
        app, ["rank", str(family), "--axis", "decay", "--data", str(made[1]), "--out", str(out), "--jobs", "1"]
    )
    assert result.exit_code == 2
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (["--metrics", "procustes"], "did you mean procrustes"),
        (["--resamples", "3"], "expected resamples to be a whole number at least 20"),
        (["--where", "g=9"], "networks with g 9"),
        (["--data", "nowhere.nwb"], "nowhere.nwb"),
        (["--data", "synthetic", "--data", "synthetic"], "found synthetic more than once"),
    ],
)
def test_what_cannot_be_ranked_is_one_line_and_leaves_nothing(made, tmp_path, change, words):
    folder, session = made
    out = tmp_path / "ranked"
    result = CliRunner().invoke(
        app, ["rank", str(folder / "zoo"), "--data", str(session), "--out", str(out), "--jobs", "1", *change]
    )
    assert result.exit_code == 2
    assert words in result.stderr
    assert not out.exists()


def test_a_zoo_without_its_task_is_refused(made, tmp_path):
    folder, session = made
    bare = tmp_path / "bare"
    bare.mkdir()
    for path in (folder / "zoo").iterdir():
        if path.is_dir():
            (bare / path.name).symlink_to(path)
    result = CliRunner().invoke(app, ["rank", str(bare), "--data", str(session), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "expected the task of these networks as task.nc" in result.stderr


def test_a_zoo_of_another_task_is_refused_before_anything_is_written(made, tmp_path):
    _, session = made
    task, out = ideal_reach(), tmp_path / "out"
    save_task(task, tmp_path / "zoo" / "task.nc")
    sampling = Sampling(ramp=2, adaptation=2, trajectories=8, segments=1, max_leapfrogs=20)
    family = Family(n_units=40)
    make_zoo(task, family, tmp_path / "zoo", ZooPlan((0.0, 0.4), sampler=Draw(sampling), chains=2), workers=Workers(1))
    result = CliRunner().invoke(app, ["rank", str(tmp_path / "zoo"), "--data", str(session), "--out", str(out)])
    assert result.exit_code == 2
    assert "expected a network with the recording's conditions" in result.stderr
    assert not out.exists()


def test_a_zoo_of_several_families_is_ranked_one_at_a_time(made, tmp_path):
    folder, session = made
    task = reach_task(open_recording(session))
    save_task(task, folder / "grid" / "task.nc")
    sampling = Sampling(ramp=2, adaptation=2, trajectories=8, segments=1, max_leapfrogs=20)
    plan = ZooPlan((0.0, 0.4), sampler=Draw(sampling), chains=2, grid={"g": (1.2, 1.5)})
    make_zoo(task, Family(n_units=40), folder / "grid", plan, workers=Workers(jobs=1))
    arguments = typed(folder / "grid", session, tmp_path / "out", "procrustes")
    refused = CliRunner().invoke(app, arguments)
    assert refused.exit_code == 2
    assert "differ in g; choose one value of each, as in --where g=1.2" in refused.stderr
    assert not (tmp_path / "out").exists()
    result = CliRunner().invoke(app, [*arguments, "--where", "g=1.2"])
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "out" / "ranking.json").read_text())["settings"]["g"] == 1.2
