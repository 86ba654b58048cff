"""Names of networks: what determines them is in them, what is added later is not, and literal ones hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from neurocompare.models.job import Job
from neurocompare.models.samplers import SAMPLERS, Descent, Draw, Langevin, Reservoir
from neurocompare.models.sampling import Sampling
from neurocompare.models.training import Training
from neurocompare.settings import Family, digest_of, setting
from neurocompare.streams import Purpose

FAMILY = Family(n_units=12, beta=60.0)
OF_KIND = {
    "draw": Draw(Sampling(ramp=1)),
    "langevin": Langevin(Training(steps=100)),
    "reservoir": Reservoir(),
    "gradient-descent": Descent(Training(steps=100)),
}


def job(task, sampler, **changes):
    return replace(Job(task, FAMILY, 0.5, sampler, 3, 1, 2, 2, "float32", "cpu", Path()), **changes)


@pytest.mark.parametrize("name", list(SAMPLERS))
def test_what_is_random_follows_from_all_that_determines_a_network(task, name):
    mine = job(task, OF_KIND[name])
    others = [replace(mine, chain=mine.chain + 1), replace(mine, seed=mine.seed + 1), replace(mine, gamma=0.7)]
    seeds = [each.generator("cpu").initial_seed() for each in (mine, *others)]
    assert len({*seeds, mine.generator("cpu", Purpose.READOUT).initial_seed()}) == 5
    assert job(task, OF_KIND[name]).generator("cpu").initial_seed() == seeds[0]


NAMES = {
    "draw": ["6a3ee463c71c6156", "aac8dcd1ba4cac54"],
    "langevin": ["ffb5ed3ec7ba5ea0", "97683f26b2d186d6"],
    "reservoir": ["a39ed1fa8bdccb2e", "28f4b5e3d53ecae7"],
    "gradient-descent": ["9a09ec6525a70857", "bb47ffa2e15ae02b"],
}


@pytest.mark.parametrize("name", list(SAMPLERS))
def test_names_do_not_change_unawares(task, name):
    """They may change with the recipe: every network is made again then."""
    assert job(task, OF_KIND[name]).names() == NAMES[name]


def test_the_digest_of_the_default_family_does_not_change_unawares():
    assert digest_of(Family()) == "7674a781fc38e94c22b2431124029ad5b9a9f7004f5e6a812b55243a5cf79e62"
    assert digest_of(Family(g=1.8)) == "de465cff798afea77b777d0cd66c078ebf99ba2f133a977560436eef75d98f84"


def test_a_setting_added_later_leaves_names_as_they_were(task):
    @dataclass(frozen=True)
    class Later(Family):
        delay: float = setting(0.0, "Of transmission.", unit="s", least=0)

    @dataclass(frozen=True)
    class LaterSampling(Sampling):
        mass: float = setting(1.0, "Of momenta.", above=0)

    now = job(task, Draw(Sampling(ramp=1)))
    later = job(task, Draw(LaterSampling(ramp=1)), family=Later(n_units=12, beta=60.0))
    assert later.names() == now.names()
    assert replace(later, family=Later(n_units=12, beta=60.0, delay=0.01)).names() != now.names()
    assert replace(later, sampler=Draw(LaterSampling(ramp=1, mass=2.0))).names() != now.names()


def test_whatever_determines_networks_is_in_their_names(task):
    base = job(task, OF_KIND["draw"])
    others = [
        replace(base, family=replace(FAMILY, g=1.2)),
        replace(base, gamma=0.6),
        replace(base, seed=4),
        replace(base, chain=0),
        replace(base, chains=3),
        replace(base, members=1),
        replace(base, dtype="float64"),
        *(replace(base, sampler=sampler) for name, sampler in OF_KIND.items() if name != "draw"),
        replace(base, sampler=Draw()),
    ]
    names = [each.names()[0] for each in (base, *others)]
    assert len(set(names)) == len(names)
    assert replace(base, device="cuda", folder=Path("elsewhere")).names() == base.names()
    # What makes no difference to a sampler makes none to its names.
    alone = job(task, OF_KIND["reservoir"])
    assert replace(alone, chains=3, dtype="float64").names() == alone.names()
    assert {each.group for each in (base, replace(base, seed=4), replace(base, chain=0))} == {base.group}


def test_samplers_are_what_they_are_registered_as():
    for name, kind in SAMPLERS.items():
        assert kind().name == name
        assert kind().at(0.0) == Reservoir()
