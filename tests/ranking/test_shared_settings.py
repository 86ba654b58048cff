"""Gammas of several recordings that were explored with one design: surfaces that are written down."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from explorations import SAMPLING, TOY, table_of, tried_of
from scipy.stats import binom

from neurocompare.ranking.design_places import gamma_grid, gamma_places, places_of
from neurocompare.ranking.exploration import Exploration
from neurocompare.ranking.explored import explored
from neurocompare.ranking.pool import Scored, put_together
from neurocompare.ranking.shared_settings import shifts_at_shared_settings
from neurocompare.records import load_record, save_record
from neurocompare.settings import Exploring

DESIGN = Exploring(points=32, only=("g",))
POINTS = tried_of(DESIGN)
LOW, HIGH = DESIGN.g


def ridge(offset):
    """A recording that is as like at any g, given a gamma that goes up with it: neither is known by itself."""
    return lambda place, point: 0.8 - 2 * (place - offset - 0.5 * (point.g - LOW) / (HIGH - LOW)) ** 2


def recorded(offset, seed):
    table = table_of(POINTS, DESIGN, ridge(offset), np.random.default_rng(seed), chains=0.01, units=0.01)
    return Scored(f"recording {seed}", table, SAMPLING)


def shift(one, other, seed=0):
    grid = gamma_grid(DESIGN)
    parts = put_together([one, other], TOY, "unit", seed=seed).parts
    (found,) = shifts_at_shared_settings(
        "toy", [one.name, other.name], [part.judged for part in parts], places=places_of(POINTS, DESIGN),
        gammas=grid, at=gamma_places(grid, DESIGN), seed=seed,
    )  # fmt: skip
    return found


RECORDINGS = (recorded(0.1, 3), recorded(0.3, 4))


@cache
def alone(place):
    return explored([RECORDINGS[place]], POINTS, DESIGN, metrics=[TOY])


@cache
def pooled():
    return explored(RECORDINGS, POINTS, DESIGN, metrics=[TOY])


def test_gammas_that_hang_on_a_setting_are_told_apart_where_it_is_shared():
    one, other = (alone(place).metrics["toy"].ranking.gamma_interval for place in (0, 1))
    assert one[1] > other[0]  # by themselves they overlap
    (found,) = pooled().pooled.shifts
    assert (found.recording, found.against) == ("recording 4", "recording 3")
    assert found.sure
    assert found.low > 0


def test_recordings_of_one_gamma_are_rarely_told_apart():
    told = sum(shift(recorded(0.2, 2 * seed), recorded(0.2, 2 * seed + 1), seed).sure for seed in range(16))
    assert told <= binom.ppf(0.999, 16, 0.05)


def test_pooled_recordings_are_explored_as_one_and_told_apart():
    found = pooled()
    assert found.recording == "recording 3 and recording 4"
    assert found.sampling.units == 2 * SAMPLING.units
    assert [each.recording for each in found.pooled.by_recording] == ["recording 3", "recording 4"]
    assert "of two recordings nothing is known about others" in found.pooled.rule
    assert alone(0).pooled is None
    scores = [alone(place).metrics["toy"].points for place in (0, 1)]
    assert found.metrics["toy"].points == pytest.approx(np.mean(scores, axis=0))


def test_a_file_gives_back_what_was_found(tmp_path):
    save_record(pooled(), tmp_path / "exploration.json")
    assert load_record(Exploration, tmp_path / "exploration.json") == pooled()
