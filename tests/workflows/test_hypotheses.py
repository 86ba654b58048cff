"""Hypotheses side by side: the task that made a recording is the most alike, and what does not compare is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from neurocompare.account import Account, read_account
from neurocompare.cli.main import app
from neurocompare.errors import InputError
from neurocompare.models import Family
from neurocompare.ranking import Exploration
from neurocompare.ranking.hypotheses import Hypotheses, made_word
from neurocompare.records import load_record, save_record
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Choices, Exploring, Networks, Scoring, Workers
from neurocompare.tasks import ideal_reach
from neurocompare.workflows import synthetic_file
from neurocompare.workflows.explore import explore
from neurocompare.workflows.hypotheses import compare_hypotheses
from neurocompare.workflows.planted import planted_responses

RANGES = {"gamma": (0.2, 1.6), "g": (0.7, 0.9), "tau": (0.1, 0.15), "beta": (300, 500), "input_scale": (0.9, 1.1)}
TOLD = ("until-go", "pulse")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two explorations of a recording of a reservoir that was told its condition until go, each a hypothesis of that.

    With reservoirs, which take no time, and too weak to go on by themselves: what they are told makes all of what they
    do.
    """
    folder, family = tmp_path_factory.mktemp("hypotheses"), Family(g=0.8, n_units=200)
    session = synthetic_file(
        lambda task: planted_responses(task, family, 0.0, seed=5), task=ideal_reach(directions=4),
        planted=(("gamma", 0.0),), folder=folder, n_units=100, trials=20,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("neurocompare.workflows.explore.check_explorable", lambda settings: None)
        for told in TOLD:
            explore(
                session, out=folder / told, choices=Choices(cue=told), family=Family(n_units=200), quick=True,
                exploring=Exploring(points=16, reservoirs=0.25, lag=(0.05, 0.15), **RANGES), workers=Workers(1),
                networks=Networks(chains=2, method="reservoir"), scoring=Scoring(metrics=("cka",), resamples=20),
                progress=False,
            )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def result(made):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("neurocompare.workflows.hypotheses.TRAJECTORIES", 8)
        places = [made / told for told in TOLD]
        found = compare_hypotheses(places, out=made / "both", workers=Workers(1), progress=False)
    assert load_record(Hypotheses, made / "both" / "hypotheses.json") == found
    return found


def test_the_task_that_made_the_recording_is_the_most_alike(result):
    until_go, pulse = (each.metrics["cka"].adequacy for each in result.hypotheses)
    assert until_go.ceiling == pulse.ceiling
    (apart,) = result.differences
    assert apart.difference == pytest.approx(until_go.score - pulse.score)
    assert apart.significant
    assert apart.low > 0
    assert [made_word(each) for each in result.hypotheses] == ["one could have", "none did"]


def test_each_says_what_is_not_said_of_the_other(result):
    first, second = result.hypotheses
    assert first.says[0] == "hand_vel (told until go)"
    assert second.says[0] == "hand_vel (told as a pulse)"
    assert [len(each.says) for each in result.hypotheses] == [2, 2]
    assert "as a pulse of 0.1 s" in second.says[1]


def test_kl_is_that_of_the_most_alike_point(result, made):
    for each in result.hypotheses:
        explored = load_record(Exploration, RunFolder(made / each.folder.split("/")[-1]).explored.exploration)
        scores = explored.metrics["cka"].points
        assert each.best == explored.points[scores.index(max(scores))]
        assert (each.kl == 0) == (each.best.gamma == 0)
        assert each.kl >= 0


def test_the_page_has_both_and_says_why_gammas_do_not_compare(result, made):
    page = unescape((made / "both" / "report.html").read_text(encoding="utf-8")).replace("\u00a0", " ")
    for each in result.hypotheses:
        assert each.says[0] in page
        assert each.says[1] in page
    assert "By cka, hand_vel (told until go) is significantly more alike than every other hypothesis" in page
    assert "Gammas do not compare between hypotheses" in page
    assert "never averaged" in page
    assert "<script" not in page


def test_the_command_prints_a_row_a_hypothesis(made, tmp_path):
    typed = ["hypotheses", *(str(made / told) for told in TOLD), "--no-theory", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, typed)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("By cka, hand_vel (told until go) is significantly more alike than every other")
    assert done.stdout.count("hand_vel") == 3
    assert f"Report: {tmp_path / 'out' / 'report.html'}" in done.stdout
    printed = json.loads(CliRunner().invoke(app, [*typed, "--json"]).stdout)
    assert [each["kl"] for each in printed["hypotheses"]] == [None, None]


def changed(made, folder, *, told="pulse", called="other", **fields):
    """Another exploration, of which the account says something else."""
    source, target = (made / told / "exploration", folder / called / "exploration")
    target.mkdir(parents=True)
    for name in ("exploration.json", "scores.csv"):
        (target / name).write_bytes((source / name).read_bytes())
    account = read_account(source)
    save_record(replace(account, **{name: change(account) for name, change in fields.items()}), target / "run.json")
    return folder / called


def of_another_file(account: Account):
    return replace(account.recording, provenance=replace(account.recording.provenance, sha256="0" * 64))


def of_another_task(account: Account):
    return replace(account.settings, choices=replace(account.settings.choices, cue="until-go"))


def of_the_same_task_by_default(account: Account):
    return replace(account.settings, choices=replace(account.settings.choices, cue=None))


def of_other_bins(account: Account):
    return replace(account.settings, choices=replace(account.settings.choices, bin_width=0.03))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"recording": of_another_file}, "found another recording in"),
        ({"recording": lambda account: replace(account.recording, segments=("go +0 to +1 s",))}, "another window in"),
        ({"used": lambda account: replace(account.used, units=3)}, "another choice of units in"),
        ({"used": lambda account: replace(account.used, trials={"a": 2})}, "another choice of trials in"),
        ({"settings": of_other_bins}, "another bin width in"),
        ({"settings": of_another_task}, "expected a task of its own of each exploration"),
        ({"settings": of_the_same_task_by_default}, "expected a task of its own of each exploration"),
    ],
)
def test_what_does_not_compare_is_refused_and_nothing_written(made, tmp_path, fields, message):
    other = changed(made, tmp_path, **fields)
    with pytest.raises(InputError, match=message):
        compare_hypotheses([made / "until-go", other], out=tmp_path / "out", progress=False)
    assert not (tmp_path / "out").exists()


def test_one_is_none_and_a_folder_without_an_exploration_is_told(made, tmp_path):
    with pytest.raises(InputError, match="expected two finished explorations or more, found 1"):
        compare_hypotheses([made / "pulse"], out=tmp_path / "out", progress=False)
    with pytest.raises(InputError, match=r"found no exploration\.json"):
        compare_hypotheses([made / "pulse", tmp_path], out=tmp_path / "out", progress=False)


def test_theory_is_not_solved_for_a_file_that_is_another_by_now(made, tmp_path):
    folders = [changed(made, tmp_path, told=told, called=told, recording=of_another_file) for told in TOLD]
    result = compare_hypotheses(folders, out=tmp_path / "out", progress=False)
    assert [each.kl for each in result.hypotheses] == [None, None]
    assert {each.why for each in result.hypotheses} == {
        "the recording is no longer where it was, or is not read as it was"
    }


def test_no_gamma_is_named_and_it_is_said_why_where_chains_do_not_agree(made, tmp_path):
    """As the page of the exploration itself says."""
    folder = changed(made, tmp_path)
    path = RunFolder(folder).explored.exploration
    found = load_record(Exploration, path)
    save_record(replace(found, points=tuple(replace(point, converged=False) for point in found.points)), path)
    result = compare_hypotheses([made / "until-go", folder], theory=False, out=tmp_path / "out", progress=False)
    assert result.hypotheses[1].metrics["cka"].answer == ""
    assert result.hypotheses[1].metrics["cka"].verdict == "unreliable"
    assert result.hypotheses[1].made.startswith(
        "The chains of 16 of 16 points are too short, or differ: no gamma is named"
    )


def test_networks_that_differ_in_more_than_their_task_are_told(made, tmp_path):
    def larger(account):
        return replace(account.settings, family=replace(account.settings.family, n_units=300))

    folders = [made / "until-go", changed(made, tmp_path, settings=larger)]
    result = compare_hypotheses(folders, theory=False, out=tmp_path / "out", progress=False)
    assert "Networks differ in more than their task (units): so may" in result.sentences[-1]


def test_half_a_table_of_scores_is_refused(made, tmp_path):
    folder = changed(made, tmp_path)
    path = folder / "exploration" / "scores.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
    with pytest.raises(InputError, match=r"found others in scores\.csv"):
        compare_hypotheses([made / "until-go", folder], out=tmp_path / "out", progress=False)
    path.unlink()
    with pytest.raises(InputError, match=r"found no scores\.csv; run the same command again"):
        compare_hypotheses([made / "until-go", folder], out=tmp_path / "out", progress=False)
    assert not (tmp_path / "out").exists()


def test_likenesses_that_were_not_compared_are_said_to_be_so(made, tmp_path, monkeypatch):
    monkeypatch.setattr("neurocompare.workflows.hypotheses.likeness_differences", lambda *of, seed: ())
    folders = [made / told for told in TOLD]
    result = compare_hypotheses(folders, theory=False, out=tmp_path / "out", progress=False)
    assert result.headline == "By cka, likenesses of hypotheses were not compared"
    assert result.sentences[-1].startswith("Differences of likeness by cka are not known")


def test_a_kl_that_sampling_leaves_below_0_is_0(made, tmp_path, monkeypatch):
    """The kernel is known to a per cent, and so is what KL is the difference of."""
    field = SimpleNamespace(kl=-1e-6, converged=True)
    monkeypatch.setattr("neurocompare.workflows.hypotheses.mean_field", lambda *of, **how: (field,))
    result = compare_hypotheses([made / told for told in TOLD], out=tmp_path / "out", progress=False)
    assert [each.kl for each in result.hypotheses] == [0, 0]


def test_a_comparison_of_others_is_kept_aside(made, tmp_path):
    for order in (TOLD, TOLD, TOLD[::-1]):
        compare_hypotheses([made / each for each in order], theory=False, out=tmp_path, progress=False)
    (aside,) = (tmp_path / "earlier").iterdir()
    assert [Path(each.folder).name for each in load_record(Hypotheses, aside / "hypotheses.json").hypotheses] == [*TOLD]


def test_the_page_of_a_run_is_not_written_over(made):
    page = made / "pulse" / "exploration" / "report.html"
    before = page.read_bytes()
    with pytest.raises(InputError, match="expected a folder of their own for hypotheses, found a run in"):
        compare_hypotheses([made / told for told in TOLD], theory=False, out=page.parent, progress=False)
    assert page.read_bytes() == before
