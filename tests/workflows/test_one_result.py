"""A folder holds one result: another command's page and tables are not written over."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

import neurocompare as nc
from neurocompare.account import account_of
from neurocompare.errors import InputError
from neurocompare.records import save_record
from neurocompare.run_folder import RunFolder
from neurocompare.tasks import save_task
from neurocompare.workflows.session import asked


def activity():
    return np.zeros((8, 20, 40))


VERBS = {
    "run": (lambda out: nc.run("synthetic", out=out, progress=False), "ranking.json"),
    "pool": (lambda out: nc.pool_rankings(["a", "b"], out=out, progress=False), "ranking.json"),
    "rank zoo": (lambda out: nc.rank_zoo("zoo", "synthetic", out=out, progress=False), "ranking.json"),
    "rank family": (
        lambda out: nc.rank_family("models", "synthetic", axis="n", out=out, progress=False),
        "ranking.json",
    ),
    "score": (lambda out: nc.score(activity(), "synthetic", out=out, progress=False), "score.json"),
    "compare": (
        lambda out: nc.score({"a": activity(), "b": activity()}, "synthetic", out=out, progress=False),
        "comparison.json",
    ),
}
RESULTS = ("ranking.json", "score.json", "comparison.json", "hypotheses.json")


@pytest.mark.parametrize("verb", VERBS)
def test_the_result_of_another_command_is_not_written_over(verb, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "models.csv").write_text("file,n\na.npy,1\n")
    called, own = VERBS[verb]
    for result in RESULTS:
        if result == own:
            continue
        folder = tmp_path / result.replace(".", "-")
        folder.mkdir()
        (folder / result).write_text("theirs")
        (folder / "report.html").write_text("theirs")
        with pytest.raises(InputError, match=rf"found {result} in .*choose another with --out"):
            called(folder)
        assert {path.name: path.read_text() for path in folder.iterdir()} == {result: "theirs", "report.html": "theirs"}


def test_a_command_goes_on_in_a_folder_of_its_own(tmp_path):
    (tmp_path / "ranking.json").write_text("own")
    RunFolder(tmp_path).check_result("ranking")


OF_RECORDING = {
    "run": lambda out: nc.run("synthetic", out=out, progress=False),
    "rank zoo": lambda out: nc.rank_zoo("zoo", "synthetic", out=out, progress=False),
    "rank family": lambda out: nc.rank_family("models", "synthetic", axis="n", out=out, progress=False),
    "explore": lambda out: nc.explore("synthetic", out=out.parent, progress=False),
}


@pytest.mark.parametrize("verb", OF_RECORDING)
def test_the_result_of_another_recording_is_not_written_over(verb, tmp_path, monkeypatch, small):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "models.csv").write_text("file,n\na.npy,1\nb.npy,1\nc.npy,2\nd.npy,2\n")
    for name in "abcd":
        np.save(tmp_path / "models" / f"{name}.npy", activity())
    shutil.copytree(small.zoo.folder, tmp_path / "zoo")
    save_task(small.task, tmp_path / "zoo" / "task.nc")
    folder = tmp_path / "exploration"
    folder.mkdir()
    monkey = replace(nc.open_recording("synthetic"), name="monkey")
    account = account_of(asked("monkey", None, None, 0), monkey, nc.trials_of(monkey), nc.reach_task(monkey))
    save_record(account, folder / "run.json")
    (folder / "report.html").write_text("theirs")
    with pytest.raises(InputError, match=r"found that of monkey in .*exploration; choose another with --out"):
        OF_RECORDING[verb](folder)
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "run.json"]
    assert (folder / "report.html").read_text() == "theirs"
