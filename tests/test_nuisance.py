"""Nuisance settings stand in one table, and all who vary them use it."""

from __future__ import annotations

from dataclasses import fields

import pytest

from neurocompare.errors import InputError
from neurocompare.settings import Family
from neurocompare.settings.nuisance import LAG, NUISANCES, STEPPED, families_of


def test_a_nuisance_is_a_number_of_the_family():
    settings = {field.name: field.type for field in fields(Family)}
    assert set(NUISANCES) < set(settings)
    assert {settings[name] for name in NUISANCES} == {"float"}
    assert [(name, each.unit) for name, each in NUISANCES.items() if each.unit] == [("tau", "s")]


def test_steps_are_known_of_all_but_noise_and_of_the_lag():
    assert set(STEPPED) == {*NUISANCES, "lag"} - {"private_noise"}
    assert NUISANCES["g"].around(1.5) == (1.2, 1.8)
    assert NUISANCES["beta"].around(400.0) == (200, 800)
    assert LAG.around(0.1) == (0.05, 0.15)
    assert NUISANCES["tau"].around(0.1) == (0.07071, 0.1414)
    assert LAG.around(0.02) == (-0.03, 0.07)
    with pytest.raises(InputError, match="private_noise"):
        NUISANCES["private_noise"].around(0.1)


@pytest.mark.parametrize("name", list(NUISANCES))
def test_a_grid_runs_over_each(name):
    assert [getattr(each, name) for each in families_of(Family(), {name: (0.5, 2.0)})] == [0.5, 2.0]
