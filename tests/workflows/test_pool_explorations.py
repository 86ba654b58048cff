"""neurocompare rank EXPLORATION EXPLORATION: two sessions of one network, explored with one design and pooled."""

import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from typer.testing import CliRunner

import neurocompare as nc
from neurocompare.cli.main import app
from neurocompare.errors import InputError
from neurocompare.records import save_record
from neurocompare.settings import Exploring, Family, Networks, Scoring, Workers
from neurocompare.tasks import ideal_reach
from neurocompare.workflows import synthetic_file
from neurocompare.workflows.explore import explore
from neurocompare.workflows.planted import planted_responses


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Explorations one and two by reservoirs, which take no time; again, a copy of one; other, of another design."""
    folder, family = tmp_path_factory.mktemp("explorations"), Family(n_units=80)
    sessions = [
        synthetic_file(
            lambda task: planted_responses(task, family, 0.0, seed=5), task=ideal_reach(directions=4),
            planted=(("gamma", 0.0),), folder=folder, n_units=40, trials=8, seed=seed,
        )
        for seed in (0, 1)
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("neurocompare.workflows.explore.check_explorable", lambda settings: None)
        for name, session in zip(("one", "two"), sessions, strict=True):
            explore(
                session, out=folder / name, family=Family(n_units=80), quick=True, workers=Workers(1),
                exploring=Exploring(points=16, only=("g", "tau")), networks=Networks(chains=2, method="reservoir"),
                scoring=Scoring(metrics=("cka",), resamples=20), progress=False,
            )  # fmt: skip
    shutil.copytree(folder / "one", folder / "again")
    shutil.copytree(folder / "two", folder / "other")
    path = folder / "other" / "exploration" / "exploration.json"
    first, *points = nc.open_exploration(folder / "two").points
    save_record(replace(nc.open_exploration(folder / "two"), points=(replace(first, tau=0.1234), *points)), path)
    return folder


@pytest.fixture(scope="module")
def pooled(made):
    typed = ["rank", str(made / "one"), str(made / "two" / "exploration"), "--out", str(made / "both")]
    result = CliRunner().invoke(app, typed)
    assert result.exit_code == 0, result.output
    return result


def test_explorations_are_pooled_and_held_against_each_other(made, pooled):
    left = made / "both" / "exploration"
    found, apart = nc.open_exploration(made / "both"), [nc.open_exploration(made / name) for name in ("one", "two")]
    assert f"Report: {left / 'report.html'}" in pooled.stdout
    quick, _, headline, *_ = pooled.stdout.splitlines()
    assert quick.startswith("A quick run: ")
    assert "A quick run" in (left / "report.html").read_text()
    assert headline == f"{found.headline}."
    names = [each.recording for each in apart]
    assert found.recording == " and ".join(names)
    assert found.planted_gamma == 0.0
    assert [each.recording for each in found.pooled.by_recording] == names
    assert [each.headline for each in found.pooled.by_recording] == [each.headline for each in apart]
    own = [each.metrics["cka"].points for each in apart]
    means = [sum(pair) / 2 for pair in zip(*own, strict=True)]
    assert found.metrics["cka"].points == pytest.approx(means)
    (shift,) = found.pooled.shifts
    assert (shift.recording, shift.against) == (names[1], names[0])
    assert shift.low <= 0 <= shift.high  # the sessions are of one network
    assert shift.p > 0.05
    assert set(pd.read_csv(left / "scores.csv")["recording"]) == set(names)
    account = json.loads((left / "run.json").read_text())
    assert account["rankings"] == [str(made / "one"), str(made / "two" / "exploration")]
    page = (left / "report.html").read_text()
    assert "Differences at shared settings" in page
    assert all(each.headline in page for each in found.pooled.by_recording)


@pytest.mark.parametrize(
    ("folders", "refused"),
    [
        (("one",), "expected at least two finished explorations to pool, found 1"),
        (("one", "again"), "expected every recording once, found .* counted twice it would look surer than it is"),
        (("one", "other"), "expected explorations of one design, found other points in"),
        (("one", "both"), "expected an exploration of one recording, found one of several in"),
        (("one", "nothing"), "expected a readable exploration.json in"),
    ],
)
def test_what_cannot_be_pooled_is_refused_before_anything_is_written(made, pooled, tmp_path, folders, refused):
    with pytest.raises(InputError, match=refused):
        nc.pool_explorations([made / name for name in folders], out=tmp_path / "out", progress=False)
    assert not (tmp_path / "out").exists() or not any((tmp_path / "out").rglob("*.json"))


def test_what_explorations_have_settled_is_refused(made, tmp_path):
    typed = ["rank", str(made / "one"), str(made / "two"), "--resamples", "40", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, typed)
    assert result.exit_code == 2
    assert "expected no --resamples to pool explorations" in result.output
    assert not (tmp_path / "out").exists()
