"""neurocompare rank RANKING RANKING: planted recordings put together from end to end, and what is refused."""

import json
import shutil

import pandas as pd
import pytest
from typer.testing import CliRunner

from neurocompare.account import read_account
from neurocompare.cli.main import app
from neurocompare.errors import InputError
from neurocompare.models import Draw, Family, Sampling, ZooPlan, make_zoo
from neurocompare.recordings import open_recording
from neurocompare.settings import Choices, Scoring, Workers
from neurocompare.tasks import reach_task, save_task
from neurocompare.workflows import synthetic_file
from neurocompare.workflows.finished import finished_in, names_of
from neurocompare.workflows.planted import planted_responses
from neurocompare.workflows.pool import pool_rankings
from neurocompare.workflows.rank_zoo import rank_zoo

QUICK = {"scoring": Scoring(("procrustes",), 20), "workers": Workers(jobs=1)}


@pytest.fixture(scope="module")
def rankings(tmp_path_factory):
    """Two sessions of one planted network, each ranked against the same tiny zoo."""
    folder = tmp_path_factory.mktemp("pool")
    family, sampling = Family(n_units=40), Sampling(ramp=2, adaptation=2, trajectories=8, segments=1, max_leapfrogs=20)
    sessions = [
        synthetic_file(
            lambda task: planted_responses(task, family, 0.0, seed=0), planted=(("gamma", 0.0),), folder=folder,
            n_units=16, trials=4, seed=seed,
        )
        for seed in (0, 1)
    ]  # fmt: skip
    task = reach_task(open_recording(sessions[0]))
    save_task(task, folder / "zoo" / "task.nc")
    make_zoo(task, family, folder / "zoo", ZooPlan((0.0, 0.4), sampler=Draw(sampling), chains=2), workers=Workers(1))
    made = [folder / "one", folder / "two"]
    for session, out in zip(sessions, made, strict=True):
        rank_zoo(folder / "zoo", session, out=out, **QUICK)
    return made


def pool(*arguments):
    return CliRunner().invoke(app, ["rank", *map(str, arguments), "--resamples", "20", "--jobs", "1"])


@pytest.fixture(scope="module")
def pooled(rankings, tmp_path_factory):
    out = tmp_path_factory.mktemp("pooled") / "out"
    result = pool(*rankings, "--out", out)
    assert result.exit_code == 0, result.output
    return out, result


def test_pooled_recordings_are_ranked_together_and_apart(rankings, pooled):
    out, result = pooled
    document = json.loads((out / "ranking.json").read_text())
    alone = [json.loads((folder / "ranking.json").read_text()) for folder in rankings]
    names = [each["recordings"][0] for each in alone]
    assert document["recordings"] == names
    assert result.stdout.splitlines()[0] == document["summary"]["headline"] + "."
    assert result.stdout.splitlines()[2] == document["summary"]["sentence"]
    assert document["planted_gamma"] == 0.0
    means = [[score["mean"] for score in each["metrics"]["procrustes"]["scores"]] for each in (document, *alone)]
    assert means[0] == pytest.approx([sum(pair) / 2 for pair in zip(*means[1:], strict=True)])
    several = document["pooled"]
    for each, own in zip(several["by_recording"], alone, strict=True):
        assert each["metrics"] == own["metrics"]
        assert each["centred"] == own["centred"]
    assert "of two recordings nothing is known about others" in several["rule"]
    (shift,) = several["shifts"]
    assert (shift["recording"], shift["against"]) == (names[1], names[0])
    stars = [each["metrics"]["procrustes"]["gamma_star"] for each in alone]
    assert shift["difference"] == pytest.approx(stars[1] - stars[0])
    assert shift["low"] <= 0 <= shift["high"]  # the sessions are of one network
    pairs = {(one["model"], one["recording"]) for one in several["across"]}
    assert pairs == {tuple(names), tuple(reversed(names))}
    assert all(one["low"] <= one["mean"] <= one["high"] for one in several["across"])
    scores = pd.read_csv(out / "scores.csv")
    assert set(scores["recording"]) == set(names)
    page = (out / "report.html").read_text()
    assert "One recording as the model of another" in page
    assert "<script" not in page


def test_what_a_folder_says_is_escaped_in_the_page(rankings, tmp_path):
    bad = []
    for folder in rankings:
        shutil.copytree(folder, tmp_path / folder.name)
        bad.append(tmp_path / folder.name)
        text = (bad[-1] / "ranking.json").read_text()
        ranking = json.loads(text)
        ranking["recordings"] = [f"<script>{folder.name}</script>"]
        (bad[-1] / "ranking.json").write_text(json.dumps(ranking))
        run = json.loads((bad[-1] / "run.json").read_text())
        run["recording"]["provenance"]["path"] = str(tmp_path / "gone.nwb")
        (bad[-1] / "run.json").write_text(json.dumps(run))
    result = pool(*bad, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;one" in page
    # Without the recordings there is still a ranking, and a word on what is missing.
    notes = json.loads((tmp_path / "out" / "ranking.json").read_text())["pooled"]["notes"]
    assert len(notes) == 2
    assert "could not be read again" in notes[0]


def changed(folder, to, change):
    """Copy a ranking with a change of its ranking.json."""
    shutil.copytree(folder, to)
    ranking = json.loads((to / "ranking.json").read_text())
    change(ranking)
    (to / "ranking.json").write_text(json.dumps(ranking))
    return to


def test_what_cannot_be_pooled_is_one_line_and_leaves_nothing(rankings, pooled, tmp_path):
    one, two = rankings
    other_axis = changed(two, tmp_path / "axis", lambda ranking: ranking["axis"].update(name="decay"))
    other_metric = changed(
        two, tmp_path / "metric", lambda ranking: ranking.update(metrics={"rsa": ranking["metrics"]["procrustes"]})
    )
    unfinished = changed(two, tmp_path / "unfinished", lambda ranking: None)
    (unfinished / "run.json").unlink()
    for folders, words in (
        ([one], "or two finished rankings to pool, found neither"),
        ([one, tmp_path / "nowhere"], "expected a readable ranking.json"),
        ([one, one], "expected every recording once"),
        ([one, pooled[0]], "found one of several"),
        ([one, other_axis], "along one axis, found gamma, decay"),
        ([one, other_metric], "a metric in common, found none"),
        ([one, unfinished], "found no run.json; give the folder of a finished"),
    ):
        out = tmp_path / "out"
        result = pool(*folders, "--out", out)
        assert result.exit_code == 2, words
        assert words in result.stderr
        assert len([line for line in result.stderr.splitlines() if line.startswith("neurocompare:")]) == 1
        assert not out.exists()


def test_a_single_ranking_is_nothing_to_pool(rankings, tmp_path):
    with pytest.raises(InputError, match="at least two finished rankings"):
        pool_rankings(rankings[:1], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_one_recording_read_in_two_ways_counts_once_and_another_choice_of_it_as_another(rankings, tmp_path):
    """Another lag or bin width gives the same spikes again; another area would not."""
    account = read_account(rankings[0])
    session = account.recording.provenance.path
    assert account.settings.recording == session  # by which it is found again
    zoo = rankings[0].parent / "zoo"
    wider = rank_zoo(zoo, session, out=tmp_path / "wider", choices=Choices(bin_width=0.05), **QUICK).folder
    with pytest.raises(InputError, match="expected every recording once"):
        pool_rankings([rankings[0], wider], out=tmp_path / "out")
    run = json.loads((wider / "run.json").read_text())
    run["settings"]["choices"]["area"] = "M1"
    (wider / "run.json").write_text(json.dumps(run))
    assert names_of([finished_in(folder) for folder in (rankings[0], wider)])


def test_the_account_of_a_pool_names_its_rankings_and_what_they_were_made_of(rankings, pooled):
    account = json.loads((pooled[0] / "run.json").read_text())
    assert account["rankings"] == [str(folder) for folder in rankings]
    assert [each["provenance"]["sha256"] for each in account["recordings"]] == [
        json.loads((folder / "run.json").read_text())["recording"]["provenance"]["sha256"] for folder in rankings
    ]
    assert [stage["stage"] for stage in account["stages"]] == ["rankings", "across", "report"]
