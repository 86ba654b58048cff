from dataclasses import replace

import numpy as np
import pytest

from neurocompare.ranking.ceiling import Ceiling
from neurocompare.ranking.contrast import Contrast, differences
from neurocompare.ranking.null import Null
from neurocompare.ranking.verdict import NO_BOUNDS, Bounds, bounds_of, verdict_of

GRID = [0.0, 0.1, 0.4, 1.6, 6.4]
LOW, HIGH = Null(0.1, 0.2, 0.012), Null(0.1, 0.2, 0.3)


@pytest.mark.parametrize(
    ("best", "interval", "nulls", "ceiling", "expected", "words"),
    [
        (0.4, (0.1, 1.6), (LOW, LOW), (0.6, 0.9), "resolved", "leaves out both ends"),
        (0.4, (0.4, 0.4), (LOW, LOW), (0.6, 0.9), "resolved", "p = 0.012"),
        (0.4, (0.0, 1.6), (LOW, LOW), (0.6, 0.9), "tied", "reaches the low end"),
        (0.4, (0.1, 6.4), (LOW, LOW), (0.6, 0.9), "tied", "reaches the high end"),
        (0.4, (0.0, 6.4), (LOW, LOW), (0.6, 0.9), "tied", "the low end and the high end"),
        (6.4, (1.6, 6.4), (LOW, LOW), (0.6, 0.9), "edge", "is the high end"),
        (6.4, (6.4, 6.4), (LOW, LOW), (0.6, 0.9), "edge", "is the high end"),
        (6.4, (0.0, 6.4), (LOW, LOW), (0.6, 0.9), "tied", "the low end and the high end"),
        (0.0, (0.0, 1.6), (LOW, LOW), (0.6, 0.9), "edge", "is the low end"),
        (0.4, (0.1, 1.6), (HIGH, LOW), (0.6, 0.9), "tied", "null 'conditions'"),
        (0.4, (0.1, 1.6), (LOW, HIGH), (0.6, 0.9), "tied", "null 'time-shift'"),
        (0.4, (0.1, 1.6), (LOW, Null(0.1, 0.2, 0.05)), (0.6, 0.9), "tied", "0.05"),
        (6.4, (6.4, 6.4), (LOW, HIGH), (0.6, 0.9), "tied", "p = 0.3"),
        (0.4, (0.1, 1.6), (LOW, LOW), (0.05, 0.9), "unreliable", "0.05 to 0.9"),
        (0.4, (0.1, 1.6), (LOW, LOW), (-0.1, 0.05), "unreliable", "reaches down to the null"),
        (6.4, (0.0, 6.4), (HIGH, HIGH), (0.1, 0.9), "unreliable", "null 'conditions' at 0.1"),
    ],
)
def test_verdicts(best, interval, nulls, ceiling, expected, words):
    named = dict(zip(("conditions", "time-shift"), nulls, strict=True))
    assert judged(best=best, interval=interval, nulls=named, ceiling=ceiling)[0] == expected
    assert words in judged(best=best, interval=interval, nulls=named, ceiling=ceiling)[1]


def judged(
    *, gammas=GRID, best=0.4, interval=(0.1, 1.6), nulls=None, ceiling=(0.6, 0.9), contrasts=(), bounds=NO_BOUNDS
):
    return verdict_of(
        gammas=gammas,
        best=best,
        interval=interval,
        nulls=nulls or {"conditions": LOW},
        ceiling=Ceiling(*ceiling),
        contrasts=contrasts,
        bounds=bounds,
    )


SURE, UNSURE = Contrast("largest", 0.2, 0.1, 0.3, 0.01), Contrast("kinematic", 0.1, -0.1, 0.3, 0.2)


@pytest.mark.parametrize(
    ("contrasts", "expected", "words"),
    [
        ((SURE,), "resolved", "the largest gamma (largest p = 0.01)"),
        ((SURE, UNSURE), "tied", "does not score significantly higher than units that only follow the movement"),
        ((replace(UNSURE, p=0.05),), "tied", "(corrected p = 0.05)"),
        ((replace(SURE, against="reservoir", p=0.3),), "tied", "higher than the reservoir"),
        ((replace(SURE, against="smallest", p=0.3),), "tied", "the smallest gamma"),
        (
            (replace(SURE, against="kinematic", difference=-0.2),),
            "tied",
            "scores no higher than units that only follow",
        ),
    ],
)
def test_nothing_is_named_that_does_not_beat_its_rivals(contrasts, expected, words):
    verdict, why = judged(contrasts=contrasts)
    assert verdict == expected
    assert words in why
    at_end, _ = judged(best=6.4, interval=(1.6, 6.4), contrasts=contrasts)
    assert at_end == {"resolved": "edge"}.get(expected, expected)


def test_a_null_that_says_nothing_neither_binds_nor_frees():
    silent = replace(HIGH, says=False)
    assert judged(nulls={"conditions": silent, "time-shift": LOW})[0] == "resolved"
    assert judged(nulls={"conditions": silent, "time-shift": HIGH})[0] == "tied"
    assert judged(nulls={"conditions": replace(silent, mean=0.95), "time-shift": LOW})[0] == "resolved"
    verdict, why = judged(nulls={"conditions": silent})
    assert verdict == "unreliable"
    assert "no null says anything" in why


@pytest.mark.parametrize("grid", [[0.4], [0.0, 0.4]])
def test_a_grid_too_short_to_leave_a_point_out_is_tied(grid):
    assert judged(gammas=grid, interval=(grid[0], 0.4))[0] == "tied"


LOWER = " score significantly lower than 0.4"
WELL, HARDLY = (0.2, 0.1, 0.3, 0.001), (0.01, -0.1, 0.12, 0.4)


@pytest.mark.parametrize(
    ("lowest", "largest", "kinematic", "bounds", "expected", "words"),
    [
        (HARDLY, WELL, WELL, Bounds(high=0.4, above=1.6), "at most", "gamma 1.6 and above" + LOWER),
        (WELL, HARDLY, WELL, Bounds(low=0.1, below=0.0), "at least", "networks at gamma 0" + LOWER),
        (HARDLY, HARDLY, WELL, Bounds(), "tied", "the reservoir"),
        # what only follows the movement does as well: nothing is said of gamma
        (HARDLY, WELL, HARDLY, Bounds(high=0.4, above=1.6), "tied", "the reservoir"),
        (WELL, WELL, HARDLY, Bounds(0.1, 1.6, 0.0, 6.4), "tied", "units that only follow the movement"),
        (WELL, WELL, WELL, Bounds(0.1, 1.6, 0.0, 6.4), "resolved", "leaves out both ends"),
    ],
)
def test_one_side_is_said_where_one_side_is_sure(lowest, largest, kinematic, bounds, expected, words):
    named = (("reservoir", lowest), ("largest", largest), ("kinematic", kinematic))
    contrasts = [Contrast(name, *numbers) for name, numbers in named]
    verdict, why = judged(contrasts=contrasts, bounds=bounds)
    assert verdict == expected
    assert words in why


def test_a_null_that_is_not_beaten_leaves_no_bound():
    contrasts = [Contrast("reservoir", *HARDLY), Contrast("largest", *WELL)]
    bounds = Bounds(high=0.4, above=1.6)
    assert judged(nulls={"conditions": HIGH}, contrasts=contrasts, bounds=bounds)[0] == "tied"


def test_bounds_leave_out_the_truth_as_seldom_as_they_promise():
    """400 experiments whose scores differ by as much as their errors, the second one being best: Wilson to 7 %."""
    truth = np.array([0.9, 1.0, 0.8, 0.0, -1.0, -2.0])
    gammas, wrong, said = [0.0, 0.1, 0.2, 0.4, 0.8, 1.6], 0, 0
    for seed in range(400):
        generator = np.random.default_rng(seed)
        shared = generator.standard_normal((6, 6)) * 0.3
        error = shared @ generator.standard_normal(6)
        deviations = generator.standard_normal((1000, 6)) @ shared.T
        mean = truth + error
        found = bounds_of(gammas, int(mean.argmax()), differences(mean, deviations))
        low, high = found.low or gammas[0], gammas[-1] if found.high is None else found.high
        wrong += not low <= 0.1 <= high
        said += found.high is not None
    assert wrong <= 0.05 * 400 + 2 * np.sqrt(400 * 0.05 * 0.95)
    assert said > 200  # and they do say something


def test_where_nothing_differs_a_bound_is_as_rare_as_five_percent():
    said = 0
    for seed in range(400):
        generator = np.random.default_rng(seed)
        found = differences(generator.standard_normal(8), generator.standard_normal((1000, 8)))
        bounds = bounds_of(range(8), int(found.difference.sum(axis=1).argmax()), found)
        said += bounds.low is not None or bounds.high is not None
    assert said <= 0.05 * 400 + 2 * np.sqrt(400 * 0.05 * 0.95)
