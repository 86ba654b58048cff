"""Nuisance settings stand in one table, and all who vary them use it."""

from __future__ import annotations

from dataclasses import fields

import pytest

from neurocompare.errors import InputError
from neurocompare.settings import Checks, Family
from neurocompare.settings.nuisance import LAG, NUISANCES, families_of


def test_a_nuisance_is_a_number_of_the_family():
    settings = {field.name: field.type for field in fields(Family)}
    assert set(NUISANCES) < set(settings)
    assert {settings[name] for name in NUISANCES} == {"float"}
    assert [(name, each.unit) for name, each in NUISANCES.items() if each.unit] == [("tau", "s")]


def test_the_star_takes_those_with_a_step_and_the_lag():
    assert (*(name for name, each in NUISANCES.items() if each.step is not None), "lag") == Checks(
        nuisance=("star",)
    ).nuisance
    assert LAG.around(0.1) == (0.05, 0.15)
    assert NUISANCES["tau"].around(0.1) == (0.07071, 0.1414)
    assert NUISANCES["input_scale"].label == "input scale"
    with pytest.raises(InputError, match="private_noise"):
        NUISANCES["private_noise"].around(0.1)


@pytest.mark.parametrize("name", list(NUISANCES))
def test_a_grid_runs_over_each(name):
    assert [getattr(each, name) for each in families_of(Family(), {name: (0.5, 2.0)})] == [0.5, 2.0]
