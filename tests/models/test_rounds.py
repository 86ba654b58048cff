"""Chains that do not agree go on, and how long they take depends on nothing but their settings."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
import torch

from neurocompare.errors import InputError
from neurocompare.models import heartbeat, rounds
from neurocompare.models.chain import Listener, sample_chain
from neurocompare.models.device import check_device
from neurocompare.models.samplers import Draw
from neurocompare.models.sampling import Sampling
from neurocompare.models.zoo import make_zoo
from neurocompare.models.zoo_plan import ZooPlan
from neurocompare.settings import Family, Workers

FAMILY = Family(n_units=12, beta=60.0, tau=0.1)
SHORT = Sampling(ramp=1, adaptation=4, trajectories=8, segments=3, max_leapfrogs=5)
PLAN = ZooPlan((0.2, 0.5), sampler=Draw(SHORT), chains=2, members=2)


@pytest.fixture
def verdicts(monkeypatch):
    """Chains are said to agree from the second time on that a gamma's are judged."""
    judged = []
    diagnose = rounds.diagnose

    def second(traces, **how):
        judged.append(traces)
        return replace(diagnose(traces, **how), converged=len(judged) > 2)

    monkeypatch.setattr(rounds, "diagnose", second)
    return judged


def test_chains_that_do_not_agree_go_on(task, tmp_path, verdicts):
    seen = []
    zoo = make_zoo(
        task, FAMILY, tmp_path, PLAN, workers=Workers(1), progress=lambda done, total: seen.append((done, total))
    )
    assert len(verdicts) == 4  # two gammas, twice
    assert {card.result.segments for card in zoo.cards} == {2}
    assert {len(card.result.trace) for card in zoo.cards} == {16}
    assert all(card.result.converged for card in zoo.cards)
    assert seen[-1][0] == seen[-1][1] > seen[0][1]
    assert all(done < total for done, total in seen[:-1])  # a chain that may have to go on is not done
    assert not list(tmp_path.glob(".*"))


def judged(card):
    return replace(card, result=replace(card.result, why="judged", converged=True))


def test_a_lost_chain_is_made_again_as_long_as_it_was(task, tmp_path, verdicts):
    zoo = make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(1))
    lost = [card for card in zoo.cards if (card.gamma, card.chain) == (0.5, 1)]
    for card in lost:
        shutil.rmtree(tmp_path / card.hash)
    again = make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(1))
    assert [judged(card) for card in again.cards] == [judged(card) for card in zoo.cards]


def test_there_is_an_end(task, tmp_path, monkeypatch):
    diagnose = rounds.diagnose
    monkeypatch.setattr(rounds, "diagnose", lambda *args, **kw: replace(diagnose(*args, **kw), converged=False))
    zoo = make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(1))
    assert {card.result.segments for card in zoo.cards} == {3}
    assert {len(card.result.trace) for card in zoo.cards} == {32}  # every segment doubles it
    assert not any(card.result.converged for card in zoo.cards)


def test_an_unfinished_chain_that_cannot_be_read_is_named_and_made_again(task, tmp_path):
    whole = make_zoo(task, FAMILY, tmp_path / "whole", PLAN, workers=Workers(1))
    folder = tmp_path / "killed"

    def interrupt(done, total):
        if done > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_zoo(task, FAMILY, folder, PLAN, workers=Workers(1), progress=interrupt)
    (left,) = folder.glob(".*.unfinished")
    left.write_bytes(b"rubbish")
    zoo = make_zoo(task, FAMILY, folder, PLAN, workers=Workers(1))
    assert len(zoo.damaged) == 1
    assert left.name in zoo.damaged[0]
    assert zoo.cards == whole.cards


@pytest.mark.parametrize("device", ["cuda:99", "abacus", "meta"])
def test_a_device_that_is_not_there_is_refused(device):
    with pytest.raises(InputError, match=r"device|GPU"):
        check_device(device)


def test_the_bar_moves_while_a_chain_runs_and_never_goes_back(tmp_path):
    seen = []
    tally = rounds.Tally(lambda done, total: seen.append(done), total=10.0, done=2.0)
    paths = {tmp_path / "one": (4.0, 100.0), tmp_path / "two": (4.0, 100.0)}
    shares = []
    watch = heartbeat.Watch(paths, shares.append)
    for beats in (0, 10, 100, 1000):
        (tmp_path / "one").write_text(str(beats))
        watch.look()
        tally.show(shares[-1])
    assert shares == sorted(set(shares))
    assert shares[0] == 0
    assert 3.9 < shares[-1] < 4.0
    (tmp_path / "one").unlink()  # done
    tally.add(4.0)
    watch.look()
    tally.show(shares[-1])
    assert seen == sorted(seen)
    assert seen[-1] == 6.0


def test_a_thread_that_is_interrupted_leaves_it_to_the_main_one():
    def interrupt(done, total):
        raise KeyboardInterrupt

    tally = rounds.Tally(None, total=10.0, done=2.0)
    tally._progress = interrupt
    tally.show(1.0)
    with pytest.raises(KeyboardInterrupt):
        tally.add(1.0)


def test_a_chain_tells_how_many_gradients_it_has_taken(task, tmp_path):
    with heartbeat.Heartbeat(tmp_path / "beats", period=0.0) as telling:
        chain = sample_chain(
            task, FAMILY, 0.5, members=1, sampling=SHORT, generator=torch.Generator().manual_seed(0),
            listener=Listener(beat=telling.beat),
        )  # fmt: skip
        # The members, networks drawn at the end, take none.
        assert heartbeat.read_beats(tmp_path / "beats") == chain.gradients
    assert not (tmp_path / "beats").exists()
