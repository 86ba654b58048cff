"""Cards are data from strangers: a network is read if its card makes sense and its files are what it says."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from neurocompare.errors import InputError
from neurocompare.models.card import Card, Result
from neurocompare.models.card_file import load_card
from neurocompare.models.checkpoint import load_network, load_noise
from neurocompare.models.networks import load_zoo, zoo_of
from neurocompare.responses import make_responses, save_responses
from neurocompare.untrusted.plain_file import MOST_JSON

UNITS = 5
NAME = "0f6b2a7c11d3e485"
# A card as version 0.1 wrote it: flat, and without a schema number.
FORMER = {
    "hash": NAME, "group": "9a8b7c6d5e4f3021", "task": "f2b2d9dbd26e1687", "gamma": 0.4, "seed": 3, "chain": 1,
    "member": 1, "members": 2, "method": "draw", "g": 1.2, "tau": 0.1, "beta": 60.0, "input_scale": 1.0,
    "private_noise": 0.1, "n_units": UNITS, "nonlinearity": "relu", "dtype": "float32", "step_fraction": 0.5,
    "loss": 0.02, "expected_loss": 0.03, "zero_loss": 0.5, "acceptance": 0.8, "step": 0.05, "segments": 2,
    "gradients": 4000, "converged": True, "why": "split R-hat 1.02, autocorrelation 2.1 trajectories, members 15 apart",
    "trace": [[0.1, 0.02, 0.03, 0.3, 4.0 + 0.01 * k] for k in range(16)],
}  # fmt: skip


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write(folder, *, card=None, weights=None, units=UNITS):
    """Write a network as version 0.1 did, with what is given in place of what it would have written."""
    generator = torch.Generator().manual_seed(0)
    shapes = {"J": (UNITS, UNITS), "U": (UNITS, 2), "R": (1, UNITS), "noise": (2, 4, UNITS)}
    tensors = {name: torch.randn(shape, generator=generator, dtype=torch.float64) for name, shape in shapes.items()}
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors | (weights or {}), folder / "weights.safetensors")
    values = np.random.default_rng(0).standard_normal((2, 4, units))
    save_responses(make_responses(values, condition=["a", "b"], time=0.05 * np.arange(4)), folder / "responses.nc")
    files = [[name, sha256(folder / name)] for name in ("weights.safetensors", "responses.nc")]
    (folder / "card.json").write_text(json.dumps(FORMER | {"sha256": files} | (card or {})))
    return folder


def test_a_network_of_version_0_1_is_read(tmp_path):
    network, responses, card = load_network(write(tmp_path / NAME))
    assert network.J.shape == (UNITS, UNITS)
    assert responses.shape == (2, 4, UNITS)
    assert load_noise(tmp_path / NAME).shape == (2, 4, UNITS)
    assert (card.gamma, card.seed, card.chain, card.member, card.members) == (0.4, 3, 1, 1, 2)
    assert (card.method, card.sampler, card.recipe) == ("draw", None, 4)
    assert (card.family.g, card.family.nonlinearity, card.family.private_noise) == (1.2, "relu", 0.1)
    assert (card.result.loss, card.result.converged, len(card.result.trace)) == (0.02, True, 16)
    zoo = load_zoo(tmp_path)
    assert zoo.cards == (card,)
    assert zoo.table()["beta"].tolist() == [60.0]


def test_of_a_chain_that_went_on_the_first_half_is_not_judged_where_it_doubled():
    card = Card("a", "b", "c", result=Result(segments=3, trace=((0.1, 0.02, 0.03, 0.3, 4.0),) * 240), recipe=7)
    once = replace(card.result, segments=1)
    assert (card.burn_in, replace(card, recipe=8).burn_in, replace(card, recipe=8, result=once).burn_in) == (
        0.25,
        0.5,
        0.25,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"beta": -1},
        {"beta": "60"},
        {"n_units": -5},
        {"n_units": 10**12},
        {"n_units": 10**400},
        {"n_units": 5.5},
        {"nonlinearity": "__import__"},
        {"private_noise": -0.1},
        {"gamma": -0.4},
        {"gamma": None},
        {"gamma": [0.4]},
        {"loss": -1.0},
        {"loss": float("nan")},
        {"loss": "small"},
        {"expected_loss": float("inf")},
        {"zero_loss": 0},
        {"acceptance": 2.0},
        {"step_fraction": 1.5},
        {"segments": 0},
        {"segments": 1e400},
        {"seed": -1},
        {"chain": 1.5},
        {"member": 2},
        {"members": 0},
        {"method": "magic"},
        {"dtype": "float16"},
        {"converged": "yes"},
        {"why": "\x1b[2Jall\nwell"},
        {"why": "well " * 10_000},
        {"group": "../../x"},
        {"task": "<b>"},
        {"trace": "[[1]]"},
        {"trace": []},
        {"trace": [[0.1, 0.2]] * 7},
        {"trace": [[0.1] * 5] * 15 + [[0.1] * 4]},
        {"trace": [[0.1] * 4 + [[0.1]]] * 16},
        {"trace": [[0.1] * 4 + ["0.1"]] * 16},
        {"trace": [[0.1] * 4 + [float("nan")]] * 16},
        {"trace": [[0.1] * 90] * 16},
        {"sha256": []},
        {"sha256": "ab"},
        {"sha256": {"weights": 1, "responses": 2}},
    ],
    ids=lambda change: f"{next(iter(change))}={next(iter(change.values()))!r}"[:40],
)
def test_a_card_that_makes_no_sense_is_refused_in_one_line(tmp_path, change):
    with pytest.raises(InputError) as refused:
        load_card(write(tmp_path / NAME, card=change))
    told = str(refused.value)
    assert "delete the folder" in told
    assert len(told) < 1000
    assert told.isprintable()


def test_a_card_names_no_files(tmp_path):
    """Files beside the network, with digests that hold, do not pass for its own."""
    folder = write(tmp_path / NAME)
    for name in ("weights.safetensors", "responses.nc"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
        (folder / name).unlink()
    files = [[f"../{name}", sha256(tmp_path / name)] for name in ("weights.safetensors", "responses.nc")]
    (folder / "card.json").write_text(json.dumps(FORMER | {"sha256": files}))
    with pytest.raises(InputError, match="card"):
        load_card(folder)


@pytest.mark.parametrize("name", ["weights.safetensors", "responses.nc", "card.json"])
def test_a_link_is_not_followed_out_of_the_folder(tmp_path, name):
    folder = write(tmp_path / NAME)
    (folder / name).rename(tmp_path / name)
    (folder / name).symlink_to(tmp_path / name)
    with pytest.raises(InputError, match="a link"):
        load_card(folder)


@pytest.mark.parametrize("name", ["weights.safetensors", "responses.nc", "card.json"])
def test_a_pipe_is_not_waited_for(tmp_path, name):
    folder = write(tmp_path / NAME)
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(InputError, match="not a plain file"):
        load_card(folder)


def test_sizes_are_bounded(tmp_path, monkeypatch):
    from neurocompare.models import card_file

    folder = write(tmp_path / NAME)
    monkeypatch.setattr(card_file, "LARGEST_FILE", 100)
    with pytest.raises(InputError, match="of which at most 100 are read"):
        load_card(folder)
    os.truncate(folder / "card.json", MOST_JSON + 1)  # sparse
    with pytest.raises(InputError, match=f"of which at most {MOST_JSON} are read"):
        load_card(folder)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"J": torch.zeros(4, 4, dtype=torch.float64)}, r"J of shape \(4, 4\)"),
        ({"J": torch.zeros(UNITS, dtype=torch.float64)}, "J of shape"),
        ({"U": torch.zeros(UNITS, 0, dtype=torch.float64)}, "U of shape"),
        ({"R": torch.zeros(UNITS, 1, dtype=torch.float64)}, "R of shape"),
        ({"J": torch.full((UNITS, UNITS), torch.nan, dtype=torch.float64)}, "finite weights"),
        ({"J": torch.zeros(UNITS, UNITS, dtype=torch.int64)}, "finite weights"),
    ],
)
def test_weights_that_are_not_the_cards_are_refused(tmp_path, weights, message):
    with pytest.raises(InputError, match=message):
        load_network(write(tmp_path / NAME, weights=weights))


def test_noise_and_responses_that_are_not_the_cards_are_refused(tmp_path):
    folder = write(tmp_path / NAME, weights={"noise": torch.zeros(2, 4, UNITS + 1, dtype=torch.float64)})
    with pytest.raises(InputError, match="noise of shape"):
        load_noise(folder)
    with pytest.raises(InputError, match="responses of 5 units"):
        load_network(write(tmp_path / NAME, units=UNITS + 1))


def test_todays_form_is_checked_as_well(tmp_path):
    from neurocompare.models.samplers import Draw
    from neurocompare.records import save_record

    folder = write(tmp_path / NAME)
    card = replace(load_card(folder), sampler=Draw())
    path = folder / "card.json"
    save_record(card, path)
    assert load_card(folder) == card
    kept = json.loads(path.read_text())
    assert kept["schema"] == 1
    assert kept["sampler"]["name"] == "draw"
    for change, message in [
        ({"family": kept["family"] | {"beta": -1}}, "beta"),
        ({"family": [1.5]}, "family"),
        ({"result": kept["result"] | {"trace": [[1.0], [1.0, 2.0]]}}, "equal length"),
        ({"sampler": {"name": "magic"}}, "expected one of draw"),
        ({"sampler": {"name": ["draw"]}}, "sampler"),
        ({"sampler": {"name": "langevin"}}, "method"),
        ({"sampler": {"name": "draw", "sampling": {"trajectories": 2}}}, "trajectories"),
        ({"sha256": {"weights": "../../dev/zero", "responses": "0"}}, "not what its card says"),
        ({"sha256": None}, "not what its card says"),
        ({"schema": 99}, "schema 99"),
        ({"schema": "x" * 10_000}, "schema 'x"),
    ]:
        path.write_text(json.dumps(kept | change))
        with pytest.raises(InputError, match=message) as refused:
            load_card(folder)
        assert len(str(refused.value)) < 1000
    path.write_text(json.dumps(kept | {"of a later version": {"a": [1]}}))
    assert load_card(folder) == card


def test_networks_that_were_made_again_by_a_later_version_are_read_once(tmp_path):
    from neurocompare.records import save_record

    former = load_card(write(tmp_path / NAME))
    later = replace(former, hash="1f6b2a7c11d3e485", group="1a8b7c6d5e4f3021", recipe=5)
    folder = write(tmp_path / later.hash)
    save_record(replace(later, sha256=load_card_digests(folder)), folder / "card.json")
    zoo = load_zoo(tmp_path)
    assert [card.hash for card in zoo.cards] == [later.hash]
    assert "1 networks of an earlier version were left out" in zoo.notes[0]


def load_card_digests(folder):
    from neurocompare.models.card import Digests

    return Digests(sha256(folder / "weights.safetensors"), sha256(folder / "responses.nc"))


def test_a_group_is_what_the_chains_of_its_worst_seed_are():
    """Seeds are sampled and judged one by one: chains of one may be longer, and of other numbers, than of another."""

    def chain(seed, number, length, segments, off):
        noise = np.random.default_rng([seed, number]).standard_normal((length, 5)) + off
        made = Result(segments=segments, trace=tuple(map(tuple, noise.tolist())))
        return Card("a", "b", "c", method="draw", gamma=0.4, seed=seed, chain=number, result=made, recipe=8)

    good = [chain(0, k, 40, 1, off=0.0) for k in range(4)]
    longer = [chain(1, k, 160, 3, off=2.0) for k in range(4)]
    apart = [chain(2, k, 40, 1, off=8.0 * (k % 2)) for k in range(4)]
    ((_, both),) = zoo_of(Path(), [*good, *longer]).diagnoses
    assert both.converged
    for seeds in ([*good, *apart], [*apart, *good]):
        ((_, worst),) = zoo_of(Path(), seeds).diagnoses
        assert not worst.converged
