import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurocompare.errors import InputError
from neurocompare.metrics import CKA
from neurocompare.ranking.axis import GAMMA, Axis, Context, axis_of
from neurocompare.ranking.curve import Curve
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.metric_ranking import rank_metric
from neurocompare.ranking.ranking import Ranking, rank
from neurocompare.records import load_record, plain, save_record

SIZES = Sampling(60, 30, (20, 20), (10, 10))


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0.0, 1e-4, 1e-3, 1e-2], "log"),
        ([100, 200, 400, 800], "log"),
        ([0.0, 0.1, 0.2, 0.3], "linear"),
        ([1.0, 2.0, 3.0], "linear"),
        ([-1.0, 1.0, 10.0, 100.0], "linear"),
        ([0.0, 5.0], "linear"),
        ([1.0, 3.0], "linear"),
    ],
)
def test_the_scale_is_the_one_on_which_steps_are_more_even(values, scale):
    assert axis_of("setting", values).scale == scale
    assert axis_of("setting", values, scale="linear").scale == "linear"


def test_a_scale_that_cannot_be_is_refused():
    with pytest.raises(InputError, match="expected values of at least 0 on a logarithmic scale, found bias -1"):
        axis_of("bias", [-1.0, 2.0], scale="log")
    with pytest.raises(InputError, match="expected a scale of log or linear"):
        axis_of("bias", [1.0, 2.0], scale="cubic")


def test_a_curve_over_values_is_the_curve_over_gamma_of_their_powers_of_two():
    grid = [0.05, 0.1, 0.25, 0.4, 0.8, 1.6, 3.2]
    scores = np.random.default_rng(0).normal(size=(50, len(grid)))
    linear, log = Curve(np.log2(grid), "linear"), Curve(grid)
    assert np.allclose(linear.spline, log.spline)
    assert np.allclose(linear.peaks(scores), np.log2(log.peaks(scores)))


@pytest.mark.parametrize("grid", [[-2.0, -1.0, 0.0, 1.0, 2.0, 3.0], [0.0, 10.0, 20.0, 40.0]])
def test_a_linear_axis_finds_a_top_between_its_values(grid):
    top = grid[1] + 0.4 * (grid[2] - grid[1])
    (peak,) = Curve(grid, "linear").peaks(-((np.array(grid) - top) ** 2)[None])
    # A natural spline through four points bends a parabola at its ends.
    assert peak == pytest.approx(top, abs=0.2 * (grid[2] - grid[1]))


def table_on(make_table, grid, best):
    peak = np.where(np.array(grid) == best, 0.6, 0.4)[:, None]
    return make_table(peak + 0.01 * np.random.default_rng(0).normal(size=(30, len(grid), 4)), grid, metric="cka")


def test_contrasts_are_against_the_smallest_value_where_zero_is_nothing_special(make_table):
    table = table_on(make_table, [0.0, 1.0, 2.0, 3.0, 4.0], 2.0)
    of_gamma, along = (
        rank_metric(table, CKA(), "unit", sampling=SIZES, axis=axis) for axis in (GAMMA, axis_of("size", range(5)))
    )
    assert [one.against for one in of_gamma.contrasts] == ["reservoir", "largest"]
    assert [one.against for one in along.contrasts] == ["smallest", "largest"]
    assert [one.difference for one in along.contrasts] == [one.difference for one in of_gamma.contrasts]
    assert along.verdict == "resolved"
    assert "the best value of size beats the smallest value of size and the largest value of size" in along.why
    assert "gamma" not in along.why


def ranked(table, axis):
    return rank(
        table,
        metrics=[CKA()],
        sampling=SIZES,
        context=Context(["r"], {"gamma": 3, "tau": 0.1}, fit={0.0: 0.1}, axis=axis),
    )


def test_a_ranking_of_values_is_read_back_as_one_of_gamma(make_table, tmp_path):
    table = table_on(make_table, [0.0, 1.0, 2.0, 3.0, 4.0], 4.0)
    axis = Axis("size", "size", "log")
    found, of_gamma = ranked(table, axis), ranked(table, GAMMA)
    assert found.summary.sentence == (
        "By cka, networks at size = 4 (95 % interval 4 to 4), the largest tried, are most similar to the recording r, "
        "and the best may lie beyond, at tau = 100 ms."
    )
    save_record(found, tmp_path / "ranking.json")
    read = load_record(Ranking, tmp_path / "ranking.json")
    assert read == found
    assert read.axis == axis
    assert read.settings["gamma"] == 3  # what the user set is the user's
    # Whatever the axis, its values are called gamma.
    assert read.metrics["cka"].scores == of_gamma.metrics["cka"].scores
    assert read.gammas == of_gamma.gammas


def former(record):
    """A ranking as schema 1 laid it out: along another axis keys spoke of values, and ceilings were four fields."""
    document = plain(record)
    for block in ("metrics", "centred"):
        for entry in document[block].values():
            del entry["metric"]
            ceiling = entry["ceiling"]
            entry["direction"] = "higher is more similar"
            entry["ceiling"] = {"low": ceiling["low"], "high": ceiling["high"]}
            for now, then in (("whole", "ceiling_whole"), ("limit", "ceiling_limit"), ("reliability", "reliability")):
                entry[then] = ceiling[now] and dict(zip(("low", "high"), ceiling[now], strict=True))
    del document["pooled"]

    def renamed(tree):
        names = {"gamma": "value", "gammas": "values", "best_gamma": "best_value", "gamma_interval": "value_interval",
                 "gamma_star": "value_star", "planted_gamma": "planted_value"}  # fmt: skip
        if isinstance(tree, dict):
            return {names.get(key, key): tree[key] if key == "settings" else renamed(tree[key]) for key in tree}
        return [renamed(item) for item in tree] if isinstance(tree, list) else tree

    document = renamed(document) if record.axis != GAMMA else document
    if record.axis == GAMMA:
        del document["axis"]
    return {"schema": 1, **document}


def test_a_ranking_that_says_where_it_was_repeated_is_read(make_table, tmp_path):
    found = ranked(table_on(make_table, [0.0, 0.4, 1.6], 0.4), GAMMA)
    files = {"matched": "matched/ranking.json", "nuisance": "nuisance.json"}
    (tmp_path / "ranking.json").write_text(json.dumps({"schema": 2, "confounds": files, **plain(found)}))
    assert load_record(Ranking, tmp_path / "ranking.json") == found


@pytest.mark.parametrize("axis", [GAMMA, Axis("size", "size", "log")])
def test_rankings_of_the_former_schema_are_read(make_table, tmp_path, axis):
    table = table_on(make_table, [0.0, 1.0, 2.0, 3.0, 4.0], 4.0)
    limits = table[table["kind"] == "ceiling"]
    more = [limits.assign(kind=kind, score=0.7) for kind in ("reliability", "ceiling:units", "ceiling:trials")]
    found = ranked(pd.concat([table, *more]), axis)
    (tmp_path / "ranking.json").write_text(json.dumps(former(found)))
    read = load_record(Ranking, tmp_path / "ranking.json")

    def without_mean(metrics):
        return {name: replace(each, ceiling=replace(each.ceiling, mean=None)) for name, each in metrics.items()}

    assert read == replace(found, metrics=without_mean(found.metrics), centred=without_mean(found.centred))
    assert read.metrics["cka"].ceiling.whole is not None


def test_the_smallest_value_at_zero_is_no_reservoir(make_table):
    sentence = ranked(table_on(make_table, [0.0, 1.0, 2.0, 3.0, 4.0], 0.0), axis_of("size", range(5))).summary.sentence
    assert "at size = 0 (95 % interval 0 to 0), the smallest tried" in sentence
    assert "reservoir" not in sentence


def test_what_is_no_ranking_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"expected a readable ranking.json .*found no ranking.json; rerun"):
        load_record(Ranking, tmp_path / "ranking.json")
    (tmp_path / "ranking.json").write_text("[1]")
    with pytest.raises(InputError, match=r"found a list in place of an object"):
        load_record(Ranking, tmp_path / "ranking.json")
    (tmp_path / "ranking.json").write_text('{"schema": 9}')
    with pytest.raises(InputError, match=r"schema 9, which this version .* cannot read"):
        load_record(Ranking, tmp_path / "ranking.json")
