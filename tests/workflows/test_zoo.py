"""A zoo for whatever a user names."""

from __future__ import annotations

import pytest

from neurocompare.errors import InputError
from neurocompare.models.networks import load_zoo
from neurocompare.settings import Choices, Family, Networks, Workers
from neurocompare.tasks import ideal_reach, load_task, save_task
from neurocompare.workflows.zoo import build_zoo, task_of

# What is asked here does not depend on how they learn.
NETWORKS = Networks(gammas=(0.0, 0.3), chains=2, members=2, method="reservoir")
TINY = {"family": Family(n_units=20), "networks": NETWORKS, "workers": Workers(jobs=1)}


def test_a_zoo_lies_beside_its_task_and_says_how_it_was_thinned(tmp_path):
    seen = []
    zoo = build_zoo(
        "ideal_reach", out=tmp_path, max_samples=40, grid={"noise": (0.0, 0.1)}, seeds=(0, 1),
        progress=lambda stage, done, total: seen.append(stage), **TINY,
    )  # fmt: skip
    task = load_task(tmp_path / "task.nc")
    assert task.n_samples == 40
    assert zoo.notes[0] == task.notes[-1]
    assert zoo.notes[0].startswith("Thinned from 160 to 40 samples")
    assert "20 units are fewer" in zoo.notes[1]
    assert {card.family.private_noise for card in zoo.cards} == {0.0, 0.1}
    assert {card.seed for card in zoo.cards} == {0, 1}
    assert list(dict.fromkeys(seen)) == ["task", "networks"]
    assert load_zoo(tmp_path).cards == zoo.cards


def test_thinning_leaves_the_shortest_time_constant_two_steps(tmp_path):
    path = save_task(ideal_reach(time_step=0.01), tmp_path / "fine.nc")
    grid = {"tau": (0.04, 0.1)}
    zoo = build_zoo(path, out=tmp_path / "zoo", max_samples=200, grid=grid, **TINY)
    assert load_task(tmp_path / "zoo" / "task.nc").time_step == pytest.approx(0.02)
    assert "of 0.02 s" in zoo.notes[0]


@pytest.mark.parametrize(
    ("source", "settings", "message"),
    [
        ("nowhere.nc", {}, "expected a task in netCDF"),
        ("task.nc", {"time_step": 0.1}, "no time step with a task's file"),
        ("task.nc", {"trigger": True}, "no choice of trigger with a task that has no recording, task.nc"),
        ("oscillation", {"cue": "pulse"}, "no choice of cue with a task that has no recording, oscillation"),
        ("ideal_reach", {"min_rate": 2.0, "time_step": 0.1}, "no choice of min rate with a task"),
        ("oscilation", {}, "found oscilation; did you mean oscillation"),
        ("mc_maze_small", {}, "not on this computer"),
        ("missing.nwb", {}, "found nothing there"),
    ],
)
def test_a_source_that_is_none_is_refused(tmp_path, monkeypatch, source, settings, message):
    monkeypatch.chdir(tmp_path)
    save_task(ideal_reach(), "task.nc")
    with pytest.raises(InputError, match=message):
        task_of(source, Choices(**settings))


def test_a_file_that_holds_no_task_is_refused_before_anything_is_written(tmp_path):
    path = tmp_path / "torn.nc"
    path.write_bytes(save_task(ideal_reach(), tmp_path / "task.nc").read_bytes()[:3000])
    with pytest.raises(InputError, match="expected a task in netCDF"):
        build_zoo(path, out=tmp_path / "zoo", **TINY)
    assert not (tmp_path / "zoo").exists()


@pytest.mark.parametrize(("word", "meant"), [("ocillation", "oscillation"), ("ideal-reach", "ideal_reach")])
def test_a_task_that_is_misspelt_is_offered(word, meant):
    with pytest.raises(InputError, match=f"found {word}; did you mean {meant}"):
        task_of(word)
