import pytest

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
        (0.0, (0.1, 1.6), (LOW, LOW), (0.6, 0.9), "tied", "rarely best"),
        (0.4, (1.6, 1.6), (LOW, LOW), (0.6, 0.9), "tied", "rarely best"),
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
    verdict, why = verdict_of(gammas=GRID, best=best, interval=interval, ceiling=ceiling, nulls=named)
    assert verdict == expected
    assert words in why


@pytest.mark.parametrize("grid", [[0.4], [0.0, 0.4]])
def test_a_grid_too_short_to_leave_a_point_out_is_tied(grid):
    verdict, _ = verdict_of(
        gammas=grid, best=0.4, interval=(grid[0], 0.4), ceiling=(0.6, 0.9), nulls={"conditions": LOW}
    )
    assert verdict == "tied"
