from dataclasses import replace

import pytest

from neurocompare.ranking.ceiling import Ceiling
from neurocompare.ranking.contrast import Contrast
from neurocompare.ranking.null import Null
from neurocompare.ranking.verdict import verdict_of

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


def judged(*, gammas=GRID, best=0.4, interval=(0.1, 1.6), nulls=None, ceiling=(0.6, 0.9), contrasts=()):
    return verdict_of(
        gammas=gammas,
        best=best,
        interval=interval,
        nulls=nulls or {"conditions": LOW},
        ceiling=Ceiling(*ceiling),
        contrasts=contrasts,
    )


SURE, UNSURE = Contrast("largest", 0.2, 0.1, 0.3, 0.01), Contrast("kinematic", 0.1, -0.1, 0.3, 0.2)


@pytest.mark.parametrize(
    ("contrasts", "expected", "words"),
    [
        ((SURE,), "resolved", "the largest gamma (largest p = 0.01)"),
        ((SURE, UNSURE), "tied", "does not surely score higher than units that only follow the movement"),
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
