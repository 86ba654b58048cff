"""Nuisance settings stand in one table, and all who vary them use it."""

from __future__ import annotations

from dataclasses import fields

import pytest

from neurocompare.settings import Family
from neurocompare.settings.nuisance import NUISANCES, families_of


def test_a_nuisance_is_a_number_of_the_family():
    settings = {field.name: field.type for field in fields(Family)}
    assert set(NUISANCES) < set(settings)
    assert {settings[name] for name in NUISANCES} == {"float"}
    assert [(name, each.unit) for name, each in NUISANCES.items() if each.unit] == [("tau", "s")]


@pytest.mark.parametrize("name", list(NUISANCES))
def test_a_grid_runs_over_each(name):
    assert [getattr(each, name) for each in families_of(Family(), {name: (0.5, 2.0)})] == [0.5, 2.0]
