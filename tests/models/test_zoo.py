from __future__ import annotations

import itertools
import os
import resource
import signal
import sys
import types
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from neurocompare.errors import InputError
from neurocompare.models.card_file import load_card
from neurocompare.models.checkpoint import load_network, load_noise
from neurocompare.models.langevin import HISTORY
from neurocompare.models.networks import load_zoo
from neurocompare.models.posterior import WeightPosterior
from neurocompare.models.samplers import Descent, Draw, Langevin, Reservoir
from neurocompare.models.sampling import Sampling
from neurocompare.models.zoo import make_zoo
from neurocompare.models.zoo_plan import ZooPlan
from neurocompare.settings import Family, Workers

FAMILY = Family(n_units=12, beta=60.0, tau=0.1)
SHORT = Sampling(ramp=1, adaptation=4, trajectories=8, segments=1, max_leapfrogs=5)
PLAN = ZooPlan(gammas=(0.0, 0.2, 0.5), sampler=Draw(SHORT), chains=2, members=2)


def test_a_second_run_makes_nothing_and_finds_the_same(task, tmp_path):
    first = make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(1))
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*")}
    second = make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(1))
    assert second.cards == first.cards
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*")} == stamps


def test_processes_do_not_change_the_networks(task, tmp_path):
    one = make_zoo(task, FAMILY, tmp_path / "one", PLAN, workers=Workers(1))
    two = make_zoo(task, FAMILY, tmp_path / "two", PLAN, workers=Workers(2))
    assert one.cards == two.cards


def test_every_setting_names_other_networks(task, tmp_path):
    base = {card.hash for card in make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(1)).cards}
    changes = [
        {"family": replace(FAMILY, g=1.2)},
        {"family": replace(FAMILY, beta=50.0)},
        {"task": replace(task, targets=1.01 * task.targets)},
        {"plan": replace(PLAN, seeds=(1,))},
        {"plan": replace(PLAN, sampler=Draw(replace(SHORT, trajectories=9)))},
        {"plan": replace(PLAN, dtype="float64")},
    ]
    for change in changes:
        arguments = {"task": task, "family": FAMILY, "folder": tmp_path, "plan": PLAN, "workers": Workers(1), **change}
        zoo = make_zoo(**arguments)
        drawn = {card.hash for card in zoo.cards if card.gamma > 0}
        assert not drawn & base


def test_progress_ends_complete_and_the_table_has_every_network(task, tmp_path):
    seen = []
    zoo = make_zoo(
        task, FAMILY, tmp_path, PLAN, workers=Workers(1), progress=lambda done, total: seen.append((done, total))
    )
    assert seen[0][0] == pytest.approx(0, abs=1e-9)
    assert seen[-1][0] == pytest.approx(seen[-1][1])
    assert seen == sorted(seen)
    table = pd.read_csv(tmp_path / "zoo.csv")
    assert len(table) == len(zoo.cards) == 12
    assert {"hash", "gamma", "seed", "chain", "method", "g", "tau", "beta", "input_scale", "loss", "converged"} <= set(
        table
    )
    assert set(table["method"]) == {"reservoir", "draw"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chains": 1}, "chains to be a whole number at least 2"),
        ({"members": 7}, "at most 6 members"),
        ({"gammas": (0.1, -1)}, "gamma"),
        ({"seeds": ()}, "seeds"),
        ({"seeds": (1, 1)}, "seeds"),
        ({"grid": {"gamma": (0.1,)}}, "grid over some of g"),
        ({"grid": {"tau": (0.1, 0.01)}}, "time step"),
        ({"grid": {"g": (1.5, 1.5)}}, "each once"),
        ({"grid": {"g": 1.5}}, "grid to be a mapping"),
        ({"sampler": "draw"}, "sampler"),
        ({"dtype": "float16"}, "float32, float64"),
    ],
)
def test_a_senseless_plan_is_refused_before_anything_is_written(task, tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        make_zoo(task, FAMILY, tmp_path / "zoo", replace(PLAN, **change), workers=Workers(1))
    assert not (tmp_path / "zoo").exists()


def test_a_place_that_is_not_there_is_refused_before_anything_is_written(task, tmp_path):
    with pytest.raises(InputError, match='"cpu" or "cuda"'):
        make_zoo(task, FAMILY, tmp_path / "zoo", PLAN, workers=Workers(1), device="abacus")
    assert not (tmp_path / "zoo").exists()


def test_one_gamma_is_a_zoo(task, tmp_path):
    assert make_zoo(task, FAMILY, tmp_path, replace(PLAN, gammas=(0.2,)), workers=Workers(1)).gammas == (0.2,)


def test_a_short_chain_comes_first_and_then_the_longest(task, tmp_path):
    order = []
    make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(1), progress=lambda done, total: order.append(done))
    costs = [later - earlier for earlier, later in itertools.pairwise(order) if later > earlier]
    assert len(costs) == 10  # 3 gammas x 2 chains, and of the 4 that are chains what is held until they are written
    costs = costs[:4] + costs[8:]
    assert costs[0] == pytest.approx(min(cost for cost in costs if cost > 0.2))  # the reservoir is no measure
    assert costs[1:] == sorted(costs[1:], reverse=True)


def test_seeds_and_nuisance_settings_make_a_grid_and_chains_of_equal_settings_are_judged_together(task, tmp_path):
    grid = {"g": (1.2, 1.5), "private_noise": (0.0, 0.1)}
    zoo = make_zoo(
        task, FAMILY, tmp_path, ZooPlan((0.0, 0.5), (0, 3), grid, Draw(SHORT), chains=2, members=2), workers=Workers(1)
    )
    table = zoo.table()
    assert len(table) == 2 * 2 * 4 * 2 * 2  # gammas, seeds, families, chains, members
    for group in table.groupby("group")["seed"].unique():
        assert sorted(group) == [0, 3]
    assert len(zoo.diagnoses) == 4
    verdicts = table[table["gamma"] > 0].groupby(["g", "private_noise"])["r_hat"].unique()
    assert len(verdicts) == 4
    assert all(len(values) == 1 for values in verdicts)
    part = zoo.select(g=1.2, gamma=0.5, private_noise=(0.1,))
    assert {(card.family.g, card.gamma, card.family.private_noise) for card in part.cards} == {(1.2, 0.5, 0.1)}
    assert len(part.cards) == 8
    assert len(part.diagnoses) == 1
    with pytest.raises(InputError, match=r"g 9, found only 1\.2, 1\.5"):
        zoo.select(g=9)
    rows = zoo.summary()
    assert list(rows.columns) == ["g", "private_noise", "gamma", "networks", "loss", "converged", "why"]
    assert len(rows) == 8


def test_more_of_a_grid_makes_only_what_is_new(task, tmp_path):
    first = make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(1))
    stamps = {card.hash: (tmp_path / card.hash / "card.json").stat().st_mtime_ns for card in first.cards}
    second = make_zoo(task, FAMILY, tmp_path, replace(PLAN, seeds=(0, 1), grid={"g": (1.5, 1.2)}), workers=Workers(1))
    assert set(stamps) <= {card.hash for card in second.cards}
    assert {name: (tmp_path / name / "card.json").stat().st_mtime_ns for name in stamps} == stamps


def test_a_folder_is_read_again_without_making_anything(task, tmp_path):
    made = make_zoo(task, FAMILY, tmp_path, replace(PLAN, seeds=(0, 1)), workers=Workers(1))
    (tmp_path / ".network.partial").mkdir()
    read = load_zoo(tmp_path)
    assert read.cards == made.cards
    assert read.diagnoses == made.diagnoses
    broken = made.cards[3].hash
    (tmp_path / broken / "responses.nc").unlink()
    again = load_zoo(tmp_path)
    assert len(again.cards) == len(made.cards) - 1
    assert len(again.damaged) == 1
    assert broken in again.damaged[0]
    with pytest.raises(InputError, match="expected networks in"):
        load_zoo(tmp_path / "nothing")


def test_a_damaged_network_is_named_as_it_is_made_again(task, tmp_path):
    zoo = make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(1))
    assert zoo.damaged == ()
    broken = tmp_path / zoo.cards[-1].hash
    (broken / "weights.safetensors").write_bytes(b"rubbish")
    again = make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(1))
    assert again.cards == zoo.cards
    assert len(again.damaged) == 1
    assert broken.name in again.damaged[0]
    assert make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(1)).damaged == ()


def test_private_noise_is_kept_and_replayed(task, tmp_path):
    noisy = replace(FAMILY, private_noise=0.3)
    zoo = make_zoo(task, noisy, tmp_path, PLAN, workers=Workers(1))
    for card in zoo.cards:
        network, responses, _ = load_network(tmp_path / card.hash)
        noise = load_noise(tmp_path / card.hash)
        rates, outputs = network(torch.from_numpy(task.inputs.values), noise)
        np.testing.assert_array_equal(rates.detach().numpy(), responses.values)
        error = (outputs.detach().numpy() - task.targets.values)[task.trained.values]
        assert 0.5 * (error**2).mean() == pytest.approx(card.result.loss, rel=1e-12)
        assert card.family.private_noise == 0.3
        # The last current drives nothing, so the posterior leaves its noise as it was drawn: N(0, sigma_0^2).
        assert float(noise[:, -1].std()) == pytest.approx(0.3, rel=0.5)
    noiseless = make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(1))
    assert load_noise(tmp_path / noiseless.cards[0].hash) is None


def test_a_reservoir_learns_only_its_readout(task, tmp_path):
    drawn = make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(1))
    frozen = make_zoo(task, FAMILY, tmp_path, replace(PLAN, sampler=Reservoir()), workers=Workers(1))
    assert drawn.select(gamma=0).cards == frozen.select(gamma=0).cards
    assert {card.method for card in frozen.cards} == {"reservoir"}
    assert all(frozen.table()["converged"])
    assert frozen.diagnoses == ()
    card = frozen.select(gamma=0.5).cards[0]
    network, _, _ = load_network(tmp_path / card.hash)
    assert abs(float(network.J.detach().var()) - 1) < 5 * (2 / 144) ** 0.5
    posterior = WeightPosterior(task, FAMILY, 0.5)
    expected = posterior.evaluate(posterior.join(network.J.detach(), network.U.detach()))[1].expected_loss
    assert card.result.expected_loss == pytest.approx(expected, rel=1e-12)


def test_fewer_units_than_samples_are_pointed_out(task, tmp_path):
    assert make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(1)).notes == ()  # 12 units, 8 samples
    (note,) = make_zoo(task, replace(FAMILY, n_units=6), tmp_path, PLAN, workers=Workers(1)).notes
    assert "6 units are fewer than the task's 8 samples" in note
    assert "32 units" in note


def test_workers_that_do_not_fit_are_not_started(task, tmp_path, monkeypatch):
    from neurocompare.models import memory

    monkeypatch.setattr(memory, "available_bytes", lambda: 1.5 * memory.draw_bytes(8, 12) / memory.SHARE)
    (note,) = make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(3)).notes
    assert note.startswith("Only 1 of 3 workers")
    monkeypatch.setattr(memory, "available_bytes", lambda: 1e6)
    with pytest.raises(InputError, match="fits into"):
        make_zoo(task, FAMILY, tmp_path / "none", PLAN, workers=Workers(1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda task: {"targets": task.targets * float("nan")}, "finite targets"),
        (lambda task: {"inputs": task.inputs * 0, "targets": task.targets * 0 + 1.0}, "nput"),
        (lambda task: {"trained": task.trained & False}, "nothing to learn"),
        (lambda task: {"inputs": task.inputs[:, :3]}, "same times"),
        (lambda task: {"inputs": task.inputs[[0, 0]].assign_coords(condition=[0, 1])}, "no network can do both"),
    ],
)
def test_a_task_made_by_hand_is_checked(task, tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        make_zoo(replace(task, **change(task)), FAMILY, tmp_path / "zoo", PLAN, workers=Workers(1))
    assert not (tmp_path / "zoo").exists()


@pytest.fixture
def trainings(monkeypatch):
    """Calls of a stand-in for training that only draws weights."""

    class Seen(list):
        interrupt = False

    seen = Seen()

    def train(task, family, gamma, *, generator, training, checkpoint, device, dtype):
        from neurocompare.models.posterior import draw_reservoir

        resumed = checkpoint.exists()
        seen.append((gamma, training, resumed, dtype))
        if resumed and checkpoint.read_text() == "rubbish":
            raise InputError("damaged")
        checkpoint.write_text("half way")
        if seen.interrupt:
            raise KeyboardInterrupt
        network = draw_reservoir(task, family, generator=generator, gamma=gamma)
        noise = None
        if family.private_noise > 0:
            noise = torch.full((*task.targets.shape[:2], family.n_units), 0.2)
        return types.SimpleNamespace(
            network=network, history=np.ones((5, 2)), step=0.01, curvature=2.0, equilibrated=training.noise,
            why="flat" if training.noise else "no equilibrium", private_noise=noise,
        )  # fmt: skip

    fake = types.ModuleType("neurocompare.models.langevin")
    fake.train, fake.HISTORY = train, HISTORY
    monkeypatch.setitem(sys.modules, "neurocompare.models.langevin", fake)
    return seen


@pytest.mark.parametrize("sampler", [Langevin, Descent])
def test_every_trained_network_is_a_run_of_its_own(task, tmp_path, trainings, sampler):
    method = sampler().name
    zoo = make_zoo(
        task, replace(FAMILY, private_noise=0.1), tmp_path, replace(PLAN, sampler=sampler()), workers=Workers(1)
    )
    assert len(trainings) == 2 * 4  # gammas above 0, chains x members
    assert {training.noise for _, training, _, _ in trainings} == {method == "langevin"}
    trained = zoo.select(gamma=(0.2, 0.5))
    assert {(card.method, card.result.converged, card.member, card.result.step) for card in trained.cards} == {
        (method, method == "langevin", 0, 0.01)
    }
    assert {card.chain for card in trained.cards} == {0, 1, 2, 3}
    assert set(zoo.table()["why"]) == {"drawn directly", "flat" if method == "langevin" else "no equilibrium"}
    assert float(load_noise(tmp_path / trained.cards[0].hash).std()) == pytest.approx(0, abs=1e-6)
    assert {card.method for card in zoo.select(gamma=0).cards} == {"reservoir"}
    assert not list(tmp_path.glob(".*"))
    make_zoo(task, replace(FAMILY, private_noise=0.1), tmp_path, replace(PLAN, sampler=sampler()), workers=Workers(1))
    assert len(trainings) == 8


@pytest.mark.parametrize(("left", "resumed"), [("half way", [True, False]), ("rubbish", [True, False, False])])
def test_a_training_cut_short_goes_on_and_a_damaged_one_starts_again(task, tmp_path, trainings, left, resumed):
    plan = ZooPlan((0.0, 0.5), sampler=Langevin(), chains=2)
    trainings.interrupt = True
    with pytest.raises(KeyboardInterrupt):
        make_zoo(task, FAMILY, tmp_path, plan, workers=Workers(1))
    trainings.interrupt = False
    (state,) = tmp_path.glob(".*.unfinished")
    state.write_text(left)
    trainings.clear()
    zoo = make_zoo(task, FAMILY, tmp_path, plan, workers=Workers(1))
    assert [each for _, _, each, _ in trainings] == resumed
    assert len(zoo.damaged) == (left == "rubbish")
    assert all(state.name in said for said in zoo.damaged)
    assert not list(tmp_path.glob(".*"))


def test_precision_names_other_networks_and_the_device_does_not(task, tmp_path, trainings, monkeypatch):
    plan = replace(PLAN, sampler=Langevin())
    single = make_zoo(task, FAMILY, tmp_path, plan, workers=Workers(1))
    double = make_zoo(task, FAMILY, tmp_path, replace(plan, dtype="float64"), workers=Workers(1))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    elsewhere = make_zoo(task, FAMILY, tmp_path, plan, workers=Workers(1), device="cuda")
    names = [{card.hash for card in zoo.cards if card.gamma > 0} for zoo in (single, double, elsewhere)]
    assert not names[0] & names[1]
    assert names[0] == names[2]
    assert trainings[-1][-1] is torch.float64
    assert {card.dtype for card in double.cards if card.gamma > 0} == {"float64"}


def test_a_full_disk_is_one_line_and_leaves_nothing_half_written(task, tmp_path):
    """In a process whose files may not grow: what the system says then is what it says of a full disk."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
            make_zoo(task, FAMILY, tmp_path / "zoo", PLAN, workers=Workers(1))
        except InputError as error:
            told = str(error)
            code = 0 if "cannot write" in told and "File too large" in told and "free some space" in told else 2
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    assert not os.WIFSIGNALED(status), signal.Signals(os.WTERMSIG(status))
    assert os.WEXITSTATUS(status) == 0
    assert not list((tmp_path / "zoo").glob("*"))
    whole = make_zoo(task, FAMILY, tmp_path / "zoo", PLAN, workers=Workers(1))
    assert all(load_card(tmp_path / "zoo" / card.hash) for card in whole.cards)


def test_a_zoo_says_what_it_is_and_which_family_it_has(task, tmp_path):
    zoo = make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(1))
    assert zoo.family == FAMILY
    assert repr(zoo).startswith(f"Zoo {str(tmp_path)!r}: networks 12, gamma 0, 0.2, 0.5")
    two = make_zoo(
        task,
        FAMILY,
        tmp_path,
        replace(PLAN, gammas=(0.0,), grid={"g": (1.2, 1.5), "beta": (30.0, 60.0)}),
        workers=Workers(1),
    )
    with pytest.raises(InputError, match="one family, found 4 that differ in g, beta"):
        _ = two.family
    with pytest.raises(InputError, match="found no networks"):
        _ = replace(zoo, cards=()).family
