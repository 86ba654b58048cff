"""Condition labels: equal values one label, different ones two, missing ones none."""

import numpy as np
import pandas as pd
import pytest

from neurocompare.recordings.condition_labels import condition_labels, equal_within_rounding

ANGLES = np.arange(8) * 2 * np.pi / 8


def n_labels(*columns, names=("x", "y")):
    return len(set(condition_labels(pd.DataFrame(dict(zip(names, columns, strict=False))), names[: len(columns)])))


@pytest.mark.parametrize(
    "numbers",
    [
        np.arange(8) + 1_000_001,  # to six digits they are two
        np.arange(8) * 1.0 + 20_240_101,
        np.arange(8) + 2**60,
        np.arange(8) * 1e-9,
        np.arange(8) * 0.01 + 1000,
        (np.arange(8) * 0.01 + 1000).astype(np.float32),
        -np.arange(8) - 0.5,
    ],
)
def test_different_numbers_have_different_labels(numbers):
    assert n_labels(np.tile(numbers, 3)) == 8


def test_labels_of_whole_numbers_say_them():
    assert condition_labels(pd.DataFrame({"a": [2**60, 2**60 + 1]}), ["a"]) == [str(2**60), str(2**60 + 1)]
    assert condition_labels(pd.DataFrame({"a": [5.0, 40.0, np.nan, -0.0]}), ["a"]) == ["05", "40", None, "00"]
    assert condition_labels(pd.DataFrame({"a": [True, False]}), ["a"]) == ["1", "0"]
    assert condition_labels(pd.DataFrame({"a": [0.5, -2.25]}), ["a"]) == ["0.5", "-2.25"]


@pytest.mark.parametrize(
    "noisy",
    [
        lambda x: np.concatenate([x, np.nextafter(x, 10)]),
        lambda x: np.concatenate([x, x.astype(np.float32)]),
        lambda x: np.concatenate([x, -0.0 + np.round(x, 12)]),
        lambda x: np.concatenate([x, x + 1e-9]),
    ],
)
def test_rounding_makes_no_condition(noisy):
    """Targets on a circle by two formulas, or in two precisions; cos(pi / 2) is 6e-17 or 0 or -0."""
    assert n_labels(noisy(8 * np.cos(ANGLES)), noisy(8 * np.sin(ANGLES))) == 8
    assert n_labels(noisy(ANGLES), names=("angle",)) == 8


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_a_coordinate_that_is_rounding_throughout_is_zero(kind):
    """Two targets on the x axis: 8 sin(pi) is 1e-15, or 7e-7 in single precision; a force of 0.1 mN is a number."""
    angles = kind(np.pi) * (np.arange(6) % 3 - 1).astype(kind)
    assert n_labels((8 * np.cos(angles)).astype(float), (8 * np.sin(angles)).astype(float)) == 2
    assert n_labels(np.full(6, 2000.0), 1e-4 * np.arange(6).round(1), names=("load", "force")) == 6
    assert n_labels(1e-13 * np.arange(6)) == 6


def test_angles_a_turn_apart_are_one():
    for turn, name in ((360, "target_dir"), (360.0, "angle_deg"), (2 * np.pi, "theta")):
        angles = np.arange(8) * turn / 8
        around = np.concatenate([angles, angles - turn, (angles + turn / 2) % turn - turn / 2])
        assert n_labels(around, names=(name,)) == 8
        assert n_labels(around, names=("depth",)) > 8
    assert condition_labels(pd.DataFrame({"dir": [-90, 270, 90]}), ["dir"]) == ["-90", "-90", "90"]


@pytest.mark.parametrize("kind", [int, float])
def test_numbers_beyond_all_angles_number_directions(kind):
    """Ids of nine digits are as far apart as the rounding of their size in single precision."""
    ids = (np.arange(8) + 100_000_001).astype(kind)
    assert n_labels(np.tile(ids, 3), names=("target_dir",)) == 8


def test_numbers_are_as_equal_as_brute_force_says():
    rng = np.random.default_rng(0)
    for _ in range(50):
        places = rng.uniform(-5, 5, rng.integers(1, 6))
        own = rng.permutation(np.tile(places, 3) + rng.uniform(-1e-9, 1e-9, 3 * len(places)))
        one = equal_within_rounding(own)
        np.testing.assert_allclose(one, own, atol=1e-8)
        close = np.abs(own[:, None] - own) < 1e-7
        np.testing.assert_array_equal(one[:, None] == one, close)


@pytest.mark.parametrize("word", ["", "nan", "NaN", "n/a", "N/A", "None", " ", None, np.nan, pd.NA])
def test_missing_is_missing(word):
    values = np.array(["left", word, "right"], dtype=object)
    assert condition_labels(pd.DataFrame({"target": values}), ["target"]) == ["left", None, "right"]


def test_none_may_be_a_condition():
    assert condition_labels(pd.DataFrame({"stimulation": ["none", "strong "]}), ["stimulation"]) == ["none", "strong"]
