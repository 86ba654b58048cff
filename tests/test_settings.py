"""A setting is declared once, checked in its record, and leaves a trace in digests only where it is not the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.settings import Checked, canonical, declared, digest_of, kind, setting


@dataclass(frozen=True)
class Pace(Checked):
    tau: float = setting(0.1, "Membrane time constant.", unit="s", above=0)
    units: int = setting(400, "Units.", least=10, most=5000)
    rule: Literal["draw", "train"] = setting("draw", "How.")
    area: str | None = setting(None, "Brain area.")
    lag: float | None = setting(None, "Lag.", unit="s", least=-1, most=1)
    window: tuple[tuple[float, float], ...] = setting((), "Windows.", unit="s")
    share: float = setting(0.5, "Of something.", above=0, below=1)
    grid: Mapping[str, tuple[float, ...]] = setting({}, "Values to run over.")


@dataclass(frozen=True)
class Later(Pace):
    noise: float = setting(0.0, "Added by a later version.", least=0)
    steps: int = setting(8, "Whose default was 4 before.", absent=4)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tau": 0}, "expected tau to be a number above 0 s, found 0"),
        ({"tau": float("nan")}, "expected tau to be a number above 0 s, found nan"),
        ({"tau": float("inf")}, "found inf"),
        ({"tau": "0.1"}, "found '0.1'"),
        ({"tau": True}, "found True"),
        ({"units": 9}, "expected units to be a whole number at least 10 and at most 5000, found 9"),
        ({"units": 20.5}, "found 20.5"),
        ({"rule": "guess"}, "expected rule to be one of draw, train, found 'guess'"),
        ({"area": " "}, "expected area to be text that is not empty, found ' '"),
        ({"lag": 2}, "expected lag to be a number at least -1 and at most 1 s, found 2"),
        ({"window": [(0, 1, 2)]}, "expected window to be a sequence of values, each 2 values"),
        ({"window": "ab"}, "expected window"),
        ({"share": 1}, "expected share to be a number above 0 and below 1, found 1"),
        ({"units": 10**400}, "expected units to be a whole number"),
        (
            {"grid": {"g": 1.5}},
            "expected grid to be a mapping to a sequence of values, each a number, found {'g': 1.5}",
        ),
        ({"grid": [("g", (1.5,))]}, "expected grid to be a mapping"),
        ({"area": ["M1" * 1000]}, "..."),
    ],
)
def test_what_makes_no_sense_is_refused_where_the_record_is_made(given, said):
    with pytest.raises(InputError) as refused:
        Pace(**given)
    assert said in str(refused.value)
    assert len(str(refused.value)) < 300


def test_equal_settings_are_equal_records_however_they_are_written():
    plain = Pace(tau=1.0, units=100, window=((0.0, 1.0),))
    other = Pace(tau=np.float64(1), units=np.int64(100), window=[[0, 1]])
    assert plain == other
    assert digest_of(plain) == digest_of(other)
    assert isinstance(other.units, int)


def test_a_setting_added_later_leaves_digests_as_they_were():
    assert canonical(Later(tau=0.2, steps=4)) == canonical(Pace(tau=0.2)) == {"tau": 0.2}
    assert digest_of(Later(tau=0.2, steps=4)) == digest_of(Pace(tau=0.2))
    # The default that was changed must not pass for the former one.
    assert digest_of(Later(tau=0.2)) != digest_of(Pace(tau=0.2))
    assert digest_of(Later(tau=0.2, steps=4, noise=0.1)) != digest_of(Pace(tau=0.2))


@dataclass(frozen=True)
class Walk(Checked):
    name: str = kind("walk")


@dataclass(frozen=True)
class Run(Checked):
    name: str = kind("run")


def test_a_kind_of_record_is_always_in_its_digest_and_is_not_chosen():
    assert canonical(Walk()) == {"name": "walk"}
    assert digest_of([Walk()]) != digest_of([Run()])
    with pytest.raises(InputError, match="expected name to be walk"):
        Walk(name="run")


def test_a_mapping_is_the_records_own():
    grid = {"g": [1, 2]}
    pace = Pace(grid=grid)
    grid["g"].append(3)
    grid["tau"] = [1]
    assert pace.grid == {"g": (1.0, 2.0)}
    assert canonical(pace) == {"grid": {"g": [1.0, 2.0]}}
    assert Pace().grid is not Pace().grid


def test_one_and_true_are_not_the_same_setting():
    assert digest_of([1]) != digest_of([True])


def test_a_setting_says_what_it_is():
    kind, about = declared(Pace)["tau"]
    assert kind is float
    assert (about.help, about.unit, about.bounds) == ("Membrane time constant.", "s", "above 0 s")
