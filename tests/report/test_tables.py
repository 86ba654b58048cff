"""Numbers as a person reads them; nothing lost on the way."""

from dataclasses import replace

import pytest

from neurocompare.ranking import Ceiling, Contrast, MetricRanking, Null, Ranking
from neurocompare.ranking.verdict import Bounds
from neurocompare.records import load_record
from neurocompare.report.tables import ABSENT, flat, number, verdict_rows


@pytest.fixture(scope="module")
def ranking(run_folder):
    return load_record(Ranking, run_folder / "ranking.json")


def test_every_number_of_a_metric_is_in_its_row(ranking):
    rows = verdict_rows(ranking.metrics)
    assert [row.metric for row in rows] == list(ranking.metrics)
    row, result = rows[0], ranking.metrics["procrustes"]
    best = next(each for each in result.scores if each.gamma == 0.4)
    assert row.score == number(best.mean)
    assert row.score_interval == f"{number(best.low)} to {number(best.high)}"
    assert row.ceiling == "0.86 to 0.91"
    assert row.nulls == ("conditions 0.3 to 0.42, p = 0.012", "time-shift 0.35 to 0.47, p = 0.012")
    assert row.contrasts == ("above the reservoir by 0.15 (0.1 to 0.2), p = 0.004",)
    ceilings = ("whole recording: 0.91 to 0.95", "infinitely many units: 0.96 to 1", "same units: 0.93 to 0.94")
    assert row.ceilings == ceilings
    assert row.calibrated.startswith(f"{number(best.mean)} (")
    assert row.meaning == "higher is more similar; -1 to 1"
    assert rows[2].meaning == "higher is more similar; no fixed range"


def test_a_metric_that_could_not_be_computed_has_dashes_and_its_reason():
    (row,) = verdict_rows({"cca": MetricRanking("cca", None, 0, 80, "unreliable", "too few conditions")})
    assert (row.best_gamma, row.interval, row.score, row.score_interval, row.ceiling) == (ABSENT,) * 5
    assert row.why == "too few conditions"


def test_what_an_older_run_did_not_write_is_left_out(ranking):
    result = replace(ranking.metrics["cca"], calibrated=(), curve=(), ceiling=Ceiling(0.8, 0.9), above_ceiling=())
    (row,) = verdict_rows({"cca": result})
    assert (row.calibrated, row.ceilings) == (ABSENT, ())


def test_a_null_that_says_nothing_and_a_rival_that_wins_are_told(ranking):
    result = replace(
        ranking.metrics["cca"],
        nulls={"conditions": Null(0.3, 0.42, 0.5, says=False)},
        contrasts=(Contrast("kinematic", -0.1, -0.2, 0.0, 0.05),),
    )
    (row,) = verdict_rows({"cca": result})
    assert row.nulls == ("conditions: says nothing here",)
    assert row.contrasts == ("below kinematic tuning by 0.1 (-0.2 to 0), p = 0.05",)


def test_flat_keeps_every_leaf():
    tree = {"a": {"b": [1, {"c": True}], "d": 0.1 + 0.2}, "e": [], "f": ""}
    assert list(flat(tree)) == [("a: b: 1", "1"), ("a: b: 2: c", "True"), ("a: d", "0.3"), ("e", ABSENT), ("f", ABSENT)]


def test_a_verdict_that_bounds_one_side_says_where():
    bounds = Bounds(low=0.1, below=0.05)
    (row,) = verdict_rows({"cka": MetricRanking("cka", None, 80, 0, "at least", "", bounds=bounds)})
    assert (row.verdict, row.side) == ("at least", "above 0.05")
    (row,) = verdict_rows({"cka": MetricRanking("cka", None, 80, 0, "tied", "", bounds=bounds)})
    assert row.side == ""
