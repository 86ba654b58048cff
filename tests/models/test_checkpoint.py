from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from neurocompare.errors import InputError
from neurocompare.models.card import Card, Digests
from neurocompare.models.card_file import load_card
from neurocompare.models.checkpoint import load_network, save_network
from neurocompare.models.rate_rnn import respond
from neurocompare.models.samplers import Draw
from neurocompare.models.sampling import Sampling
from neurocompare.models.zoo import make_zoo
from neurocompare.models.zoo_plan import ZooPlan
from neurocompare.records import save_record
from neurocompare.settings import Family, Workers

FAMILY = Family(n_units=12, beta=60.0, tau=0.1)
SHORT = Sampling(ramp=1, adaptation=4, trajectories=8, segments=1, max_leapfrogs=5)


@pytest.fixture
def zoo(task, tmp_path):
    return make_zoo(
        task,
        FAMILY,
        tmp_path / "zoo",
        ZooPlan((0.0, 0.5), sampler=Draw(SHORT), chains=2, members=2),
        workers=Workers(1),
    )


def test_a_network_comes_back_to_the_bit(zoo, task):
    for card in zoo.cards:
        network, responses, again = load_network(zoo.folder / card.hash)
        assert again == card
        simulated, loss = respond(network, task)
        np.testing.assert_array_equal(simulated.values, responses.values)
        assert loss == card.result.loss


@pytest.mark.parametrize("name", ["weights.safetensors", "responses.nc", "card.json"])
def test_a_damaged_network_is_named_refused_and_made_again(zoo, task, name):
    folder = zoo.folder / zoo.cards[-1].hash
    path = folder / name
    before = path.read_bytes()
    path.write_bytes(before[: len(before) // 2])
    with pytest.raises(InputError, match=folder.name):
        load_card(folder)
    again = make_zoo(
        task, FAMILY, zoo.folder, ZooPlan((0.0, 0.5), sampler=Draw(SHORT), chains=2, members=2), workers=Workers(1)
    )
    assert again.cards == zoo.cards
    assert path.read_bytes() == before


def test_a_card_moved_to_another_folder_is_refused(zoo):
    first, second = (zoo.folder / card.hash for card in zoo.cards[:2])
    (second / "card.json").write_text((first / "card.json").read_text())
    with pytest.raises(InputError):
        load_card(second)


def test_weights_are_never_pickled(zoo):
    for card in zoo.cards:
        names = {path.name for path in (zoo.folder / card.hash).iterdir()}
        assert names == {"weights.safetensors", "responses.nc", "card.json"}
        assert isinstance(json.loads((zoo.folder / card.hash / "card.json").read_text()), dict)


def test_a_reservoir_has_random_weights(task):
    from neurocompare.models.posterior import draw_reservoir

    network = draw_reservoir(task, Family(n_units=200, tau=0.1), generator=torch.Generator().manual_seed(0))
    J = network.J.detach().numpy().ravel()
    assert abs(J.mean()) < 4 / len(J) ** 0.5
    assert abs(J.var() - 1) < 4 * (2 / len(J)) ** 0.5


def test_a_network_made_meanwhile_by_another_process_is_kept(zoo):
    folder = zoo.folder / zoo.cards[0].hash
    network, responses, card = load_network(folder)
    stamp = (folder / "card.json").stat().st_mtime_ns
    assert save_network(network, responses, card, zoo.folder) == folder
    assert (folder / "card.json").stat().st_mtime_ns == stamp
    assert not list(zoo.folder.glob(".*"))


@pytest.mark.parametrize("kind", ["pipe", "linked"])
def test_files_a_card_vouches_for_are_plain_ones(tmp_path, kind):
    """A device has no end, and a pipe is waited for."""
    import os

    from neurocompare.models.card import RESPONSES, WEIGHTS

    folder = tmp_path / "hash"
    folder.mkdir()
    if kind == "linked":
        (folder / WEIGHTS).symlink_to("/dev/zero")
    else:
        os.mkfifo(folder / WEIGHTS)
    (folder / RESPONSES).write_bytes(b"")
    card = Card("hash", "group", "task", method="reservoir", sha256=Digests("0" * 64, "0" * 64))
    save_record(card, folder / "card.json")
    with pytest.raises(
        InputError, match="expected a network in .*" + ("link" if kind == "linked" else "not a plain file")
    ):
        load_card(folder)


@pytest.mark.parametrize("name", ["../../dev/zero", "/dev/zero", "pipe"])
def test_a_card_of_0_1_vouches_for_its_own_two_files_alone(tmp_path, name):
    """Nothing that a card names besides is opened: a device has no end, and a pipe is waited for."""
    import os

    folder = tmp_path / "hash"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    numbers = ("gamma", "seed", "chain", "member", "loss", "expected_loss", "acceptance", "step", "segments")
    card = dict.fromkeys((*numbers, "gradients", "input_scale", "private_noise"), 0)
    card |= {"hash": "hash", "group": "group", "task": "task", "members": 1, "method": "reservoir", "why": "exact"}
    card |= {"g": 1.5, "tau": 0.1, "beta": 1.0, "n_units": 4, "nonlinearity": "tanh", "input_scale": 1.0}
    card |= {"zero_loss": 1.0, "converged": True, "dtype": "float64", "step_fraction": 0.5, "trace": []}
    named = [[name, "0" * 64], ["weights.safetensors", "0" * 64]]
    (folder / "card.json").write_text(json.dumps(card | {"sha256": named}))
    with pytest.raises(InputError, match=r"expected a readable card\.json in .* found 'responses\.nc'"):
        load_card(folder)
    (folder / "card.json").write_text(json.dumps(card | {"sha256": [*named, ["responses.nc", "0" * 64]]}))
    with pytest.raises(InputError, match=r"expected a network in .*weights\.safetensors"):
        load_card(folder)


def test_cards_that_are_no_plain_files_of_bounded_size(tmp_path):
    import os

    for number, content in enumerate(("[" * 10**6, "{}", "[]")):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "card.json").write_text(content)
        with pytest.raises(InputError, match=r"expected a readable card\.json in"):
            load_card(folder)
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / "card.json")
    with pytest.raises(InputError, match="found not a plain file"):
        load_card(tmp_path / "pipe")
