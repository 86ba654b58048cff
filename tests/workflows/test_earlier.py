"""A result that another command left in a folder is kept aside; what the same command left is replaced."""

import logging
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import neurocompare as nc
from neurocompare.account import PooledAccount, account_of
from neurocompare.earlier import check_recording, keep_aside, make_way, make_way_for_pool
from neurocompare.errors import InputError
from neurocompare.recordings import write_maze_nwb
from neurocompare.records import load_record, save_record
from neurocompare.run_folder import RunFolder
from neurocompare.tasks import save_task
from neurocompare.workflows.session import asked

FEW = {"scoring": nc.Scoring(metrics=("cka",), resamples=20), "workers": nc.Workers(1), "progress": False}


@pytest.fixture(scope="module")
def recording():
    return nc.open_recording("synthetic")


@pytest.fixture
def account(recording):
    return account_of(asked("synthetic", None, None, 0), recording, nc.trials_of(recording), nc.reach_task(recording))


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "earlier").iterdir()) if (folder / "earlier").is_dir() else []


def contents(folder: Path, names: list[str]) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names}


def test_a_run_with_other_settings_keeps_what_was_there_and_the_same_one_keeps_nothing(tmp_path, small, caplog):
    session = write_maze_nwb(small.recording, tmp_path / "session.nwb")
    family = nc.Family(n_units=40)
    networks = nc.Networks(method="reservoir", gammas=(0, 0.4))
    first = nc.run(session, out=tmp_path, family=family, networks=networks, **FEW)
    names = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("*.*") if path.is_file())
    names += sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("figures/*"))
    before, zoo = contents(tmp_path, names), [card.hash for card in first.zoo.cards]
    assert {"ranking.json", "run.json", "scores.csv", "report.html", "recording.nc", "task.nc"} < set(names)
    assert kept(tmp_path) == []
    nc.run(session, out=tmp_path, family=family, networks=networks, **FEW)
    assert kept(tmp_path) == []
    with caplog.at_level(logging.WARNING, "neurocompare"):
        second = nc.run(session, out=tmp_path, family=family, networks=replace(networks, gammas=(0, 0.4, 1.6)), **FEW)
    (aside,) = kept(tmp_path)
    assert contents(aside, names) == before
    assert str(aside) in caplog.text
    earlier = nc.open_run(aside)
    assert earlier.ranking == first.ranking != second.ranking
    assert [card.hash for card in earlier.zoo.cards] == zoo
    assert earlier.plot.curve("cka")[0, 0].get_title(loc="left")
    assert [each.gamma for each in earlier.plot.contents.networks] == [0, 0.4]
    # Networks of both commands lie in one folder; each result has its own, and is ranked by them.
    assert [card.hash for card in nc.open_run(tmp_path).zoo.cards] == [card.hash for card in second.zoo.cards]
    assert set(zoo) < {card.hash for card in second.zoo.cards}
    nc.run(session, out=tmp_path, family=family, networks=networks, **FEW)
    assert len(kept(tmp_path)) == 2
    assert [card.hash for card in nc.open_run(tmp_path).zoo.cards] == zoo
    assert len(nc.load_zoo(tmp_path / "zoo").cards) > len(zoo)
    ranked = nc.rank_zoo(tmp_path, session, out=tmp_path / "again", **FEW)
    assert ranked.ranking.gammas == (0, 0.4)
    scored = nc.score(np.random.default_rng(0).standard_normal((4, 20, 24)), session, run=tmp_path, **FEW)
    (note,) = [each for each in scored.notes if "Placed among" in each]
    assert f"the run in {tmp_path} (gamma 0, 0.4), with 20 resamples" in note


def test_what_is_kept_is_whole_and_kept_once(tmp_path, account, monkeypatch):
    folder = RunFolder(tmp_path)
    save_record(account, folder.account)
    folder.ranking.write_text("{}")
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "curve.png").write_text("drawn")
    (tmp_path / "zoo").mkdir()
    (tmp_path / ".neurocompare-lock").write_text("held")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("shutil.copy2", full)
        with pytest.raises(InputError, match="free some space"):
            keep_aside(folder)
    assert kept(tmp_path) == []
    keep_aside(folder)
    keep_aside(folder)
    (aside,) = kept(tmp_path)
    assert sorted(path.relative_to(aside).as_posix() for path in aside.rglob("*") if path.is_file()) == [
        "figures/curve.png",
        "ranking.json",
        "run.json",
    ]


def test_settings_decide_and_not_how_the_recording_was_named(tmp_path, account):
    folder = RunFolder(tmp_path)
    save_record(account, folder.account)
    folder.ranking.write_text("{}")
    make_way(folder, replace(account.settings, recording="./synthetic.nwb"))
    assert kept(tmp_path) == []
    make_way(folder, replace(account.settings, quick=True))
    assert len(kept(tmp_path)) == 1


def test_of_two_recordings_of_one_name_the_file_tells(tmp_path, account, recording):
    def of(**fields: str) -> nc.Recording:
        return replace(recording, provenance=replace(recording.provenance, **fields))

    folder = RunFolder(tmp_path)
    save_record(account, folder.account)
    check_recording(folder, recording)
    check_recording(folder, of(path="moved.nwb"))
    check_recording(folder, of(sha256="0" * 64))  # the file itself was changed
    check_recording(folder, of(path="moved.nwb", sha256=""))  # its digest was not taken
    with pytest.raises(
        InputError, match=r"found that of another synthetic, .*synthetic-2\.nwb in .*another with --out"
    ):
        check_recording(folder, of(path="other.nwb", sha256="0" * 64))


def test_pooled_results_and_those_of_one_recording_do_not_replace_each_other(tmp_path, account, recording):
    folder = RunFolder(tmp_path)
    pooled = PooledAccount(("a", "b"), (account.recording,), 40, 0)
    save_record(pooled, folder.account)
    folder.ranking.write_text("{}")
    with pytest.raises(InputError, match="found that of several recordings"):
        check_recording(folder, recording)
    make_way_for_pool(folder, replace(pooled, made=replace(pooled.made, date="later")))
    assert kept(tmp_path) == []
    make_way_for_pool(folder, replace(pooled, rankings=("a", "b", "c")))
    assert len(kept(tmp_path)) == 1
    save_record(account, folder.account)
    with pytest.raises(InputError, match="found that of synthetic alone"):
        make_way_for_pool(folder, pooled)


def test_a_ranking_of_a_quick_runs_networks_is_quick_and_opens_from_anywhere(tmp_path, small, account, monkeypatch):
    shutil.copytree(small.zoo.folder, tmp_path / "run" / "zoo")
    save_task(small.task, tmp_path / "run" / "zoo" / "task.nc")
    for quick in (True, False):
        save_record(replace(account, settings=replace(account.settings, quick=quick)), tmp_path / "run" / "run.json")
        monkeypatch.chdir(tmp_path)
        ranked = nc.rank_zoo("run/zoo", small.recording, out=f"ranked-{quick}", **FEW)
        assert ranked.quick == quick
        assert ("A quick run, and no result" in ranked.report.read_text()) == quick
    monkeypatch.chdir("/")
    assert len(nc.open_run(tmp_path / "ranked-True").zoo.cards) == len(small.zoo.cards)


def test_a_score_of_another_model_is_kept_and_one_of_the_same_is_replaced(tmp_path, small):
    first, second = (np.random.default_rng(seed).standard_normal((4, 20, 24)) for seed in (0, 1))
    given = {"recording": small.recording, "out": tmp_path, **FEW}
    former = nc.score(first, name="a", **given)
    nc.score(second, name="a", **given)
    assert kept(tmp_path) == []
    latter = nc.score(first, name="b", **given)
    (aside,) = kept(tmp_path)
    assert nc.open_score(aside).model == former.model == "a"
    assert nc.open_score(tmp_path) == latter


def test_models_of_a_comparison_are_kept_with_it(tmp_path, small):
    a, b, c = (np.random.default_rng(seed).standard_normal((4, 20, 24)) for seed in (0, 1, 2))
    given = {"recording": small.recording, "out": tmp_path, **FEW}
    former = nc.score({"a": a, "b": b}, **given)
    nc.score({"a": a, "c": c}, **given)
    (aside,) = kept(tmp_path)
    again = nc.open_score(aside)
    assert again == former
    pd.testing.assert_frame_equal(again.differences, former.differences)
    assert load_record(nc.ScoredModel, aside / "models" / "1-a" / "score.json").model == "a"
