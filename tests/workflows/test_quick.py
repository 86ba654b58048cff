"""What is quick settles for less in what stands at its default, and in nothing that somebody chose."""

from __future__ import annotations

import pytest

from neurocompare.account import Comparison
from neurocompare.models import Draw
from neurocompare.settings import Exploring, Family, Networks, Planting, Scoring
from neurocompare.workflows.explore import check_explorable
from neurocompare.workflows.one_family import sampler_of
from neurocompare.workflows.recovery.recover import _in_haste
from neurocompare.workflows.run import hurried

CHOSEN = Comparison(
    "mine.nwb",
    family=Family(n_units=300),
    networks=Networks(gammas=(0.0, 1.0), trajectories=60, chains=3, members=3),
    scoring=Scoring(metrics=("cka",), resamples=120),
    exploring=Exploring(points=100, steps=3),
)


def test_nothing_is_changed_that_somebody_chose():
    less = hurried(CHOSEN)
    for name in ("family", "networks", "scoring", "exploring"):
        assert getattr(less, name) == getattr(CHOSEN, name)
    assert less.quick


def test_what_stands_at_its_default_is_settled_for_less():
    less = hurried(Comparison("mine.nwb", scoring=Scoring().over(), exploring=Exploring()))
    assert (less.family.n_units, less.networks.trajectories, less.scoring.draws) == (160, 12, 24)
    assert (less.exploring.points, less.exploring.steps) == (32, 1)
    assert len(hurried(Comparison("mine.nwb")).networks.gammas) == 4
    assert (less.networks.chains, less.networks.members) == (2, 2)


@pytest.mark.parametrize(("networks", "kept"), [(Networks(chains=8), (8, 1)), (Networks(members=3), (4, 3))])
def test_chains_and_members_are_fewer_together_or_not_at_all(networks, kept):
    less = hurried(Comparison("mine.nwb", networks=networks)).networks
    assert (less.chains, less.members) == kept


def test_a_quick_exploration_can_be_asked_for_again():
    """Its gammas are those of its design: others are refused."""
    check_explorable(hurried(Comparison("mine.nwb", exploring=Exploring())))


def test_chains_are_as_long_as_was_asked_and_go_on_no_further():
    for networks, trajectories in (CHOSEN.networks, 60), (hurried(Comparison("mine.nwb")).networks, 12):
        sampler = sampler_of(networks, quick=True)
        assert isinstance(sampler, Draw)
        assert (sampler.sampling.trajectories, sampler.sampling.segments) == (trajectories, 1)


@pytest.mark.parametrize("method", ["langevin", "gradient-descent", "reservoir"])
def test_a_method_without_trajectories_is_not_given_any(method):
    assert hurried(Comparison("mine.nwb", networks=Networks(method=method))).networks.trajectories == 40


def test_a_quick_recovery_keeps_what_was_asked_of_it():
    settings, planting = _in_haste(CHOSEN, Planting(runs=7), quick=True)
    assert settings.scoring.draws == 120
    assert (planting.runs, planting.chains, planting.sizes) == (7, 2, (1.0,))
