"""The star of nuisance settings, against what its steps are said to be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from neurocompare.errors import InputError
from neurocompare.models import Family
from neurocompare.settings import Checks
from neurocompare.settings.nuisance import STEPPED
from neurocompare.workflows.star import star

FAMILY = Family(g=1.5, tau=0.1, beta=400.0)
CENTRE = {"g": 1.5, "tau": 0.1, "input_scale": 1.0, "beta": 400.0, "lag": 0.1}
DOWN_AND_UP = {
    "g": (1.2, 1.8),
    "tau": (0.1 / 2**0.5, 0.1 * 2**0.5),
    "input_scale": (0.5**0.5, 2**0.5),
    "beta": (200, 800),
    "lag": (0.05, 0.15),
}


def test_each_nuisance_goes_one_step_down_and_up_alone():
    arms = star(FAMILY, 0.1, STEPPED, time_step=0.05)
    assert len(arms) == 10
    expected = [CENTRE | {name: value} for name in STEPPED for value in DOWN_AND_UP[name]]
    for arm, values in zip(arms, expected, strict=True):
        assert arm.values == pytest.approx(values, rel=1e-3)  # steps are rounded to four digits
        assert replace(arm.family, g=1.5, tau=0.1, beta=400.0, input_scale=1.0) == FAMILY
    assert len({arm.folder for arm in arms}) == 10


@pytest.mark.parametrize(
    ("family", "lag", "name"),
    [
        (replace(FAMILY, tau=0.06), 0.1, "tau"),  # 0.042 s is shorter than the time step
        (replace(FAMILY, g=0.3), 0.1, "g"),
    ],
)
def test_no_room_for_a_step_is_said(family, lag, name):
    with pytest.raises(InputError, match=f"room for a step of {name} down"):
        star(family, lag, [name], time_step=0.05)


def test_a_lag_may_step_below_zero():
    assert [arm.lag for arm in star(FAMILY, 0.02, ["lag"], time_step=0.05)] == [-0.03, 0.07]


@pytest.mark.parametrize("names", [["gain"], ["g", "g"], ["star", "g"]])
def test_names_that_make_no_sense(names):
    with pytest.raises(InputError, match="expected nuisances 'star'"):
        Checks(nuisance=tuple(names))


def test_the_star_is_all_of_them_and_no_name_is_no_star():
    assert Checks(nuisance=("star",)).nuisance == tuple(STEPPED)
    assert star(FAMILY, 0.1, Checks().nuisance, time_step=0.05) == ()
