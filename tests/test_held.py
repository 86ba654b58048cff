"""What results hold at: results of different families or readings are never taken for alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from neurocompare.ranking.recovery import settings_apart
from neurocompare.settings import HELD, LAG, Choices, Family, declared, of_family, of_reading

OTHER = {"nonlinearity": "relu", "n_units": 3}


@pytest.mark.parametrize("name", list(declared(Family)))
def test_families_that_differ_anywhere_are_apart(name):
    own = of_family(Family())
    assert settings_apart(own, own) == ""
    assert settings_apart(own, of_family(replace(Family(), **{name: OTHER.get(name, 0.7)})))


@pytest.mark.parametrize("name", list(of_reading(Choices())))
def test_recordings_read_otherwise_are_apart(name):
    one, other = (of_reading(Choices(**{name: value})) for value in (0.1, 0.2))
    assert settings_apart(one, other)


def test_names_are_those_of_both_and_the_lag():
    assert len(set(HELD)) == len(HELD) == len(of_family(Family())) + len(of_reading(Choices())) + 1
    assert settings_apart({LAG.name: 0.1}, {LAG.name: 0.2})
