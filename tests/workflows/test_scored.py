"""Scored models as objects: drawn by the functions that draw their pages, saved, and opened again."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import neurocompare as nc
from neurocompare.errors import InputError
from neurocompare.ranking.model_score import ModelScore
from neurocompare.records import in_json, load_record

FAST = {"scoring": nc.Scoring(("cka", "rsa"), 20), "workers": nc.Workers(jobs=1), "progress": False}


@pytest.fixture(scope="module")
def models(small):
    """A network of the zoo and noise of its shape."""
    network = nc.load_responses(small.zoo.folder / small.zoo.cards[0].hash / "responses.nc")
    return {"network": network, "noise": np.random.default_rng(0).standard_normal(network.shape)}


@pytest.fixture(scope="module")
def one(small, models):
    return nc.score(models["network"], small.recording, run=small.zoo.folder, **FAST)


@pytest.fixture(scope="module")
def two(small, models):
    return nc.score(models, small.recording, run=small.zoo.folder, **FAST)


def drawn_in_my_axes(method, count, *given):
    """Draw once in axes of its own and once in mine; returns its own."""
    own, mine = method(*given), Figure().subplots(1, count, squeeze=False)
    assert own.size == count
    drawn = method(*given, axes=mine)
    assert [each is other for each, other in zip(drawn.flat, mine.flat, strict=True)] == [True] * count
    return own


@pytest.mark.parametrize(
    ("draw", "count", "given"),
    [
        ("strip", 1, ()), ("strip", 1, ("rsa",)), ("nearest", 2, ()), ("key", 1, ()), ("trajectories", 2, ()),
        ("units", 6, ()), ("units", 6, (1,)), ("variance", 1, ()),
    ],
)  # fmt: skip
def test_each_figure_of_the_page_is_a_method_that_draws_in_axes_of_its_own_or_mine(one, draw, count, given):
    drawn_in_my_axes(getattr(one.plot, draw), count, *given)


@pytest.mark.parametrize(
    ("draw", "count"), [("strip", 1), ("differences", 1), ("key", 1), ("trajectories", 3), ("variance", 1)]
)
def test_so_is_each_figure_of_several_models(two, draw, count):
    drawn_in_my_axes(getattr(two.plot, draw), count)


def test_a_strip_is_of_its_metric_and_shows_the_scores(one, two):
    points = [line.get_xdata()[0] for line in one.plot.strip("rsa").flat[0].lines if line.get_marker() == "D"]
    assert points == [one.metrics["rsa"].mean]
    both = [line.get_xdata()[0] for line in two.plot.strip("rsa").flat[0].lines if line.get_marker() == "D"]
    assert both == [two.scores[name].metrics["rsa"].mean for name in two.metrics["rsa"].order]
    for plot in (one.plot, two.plot):
        with pytest.raises(InputError, match=r"expected a metric among cka, rsa, found 'ccka'"):
            plot.strip(metric="ccka")


def test_a_lag_that_was_called_lead_is_read(one, two, tmp_path):
    def of_before(score):
        score["settings"]["lead"] = score["settings"].pop("lag")
        return score

    document = of_before(json.loads(in_json(one))) | {"schema": 2}
    (tmp_path / "score.json").write_text(json.dumps(document))
    assert load_record(nc.ScoredModel, tmp_path / "score.json") == one
    document = json.loads(in_json(two)) | {"schema": 1}
    document["scores"] = {name: of_before(score) for name, score in document["scores"].items()}
    (tmp_path / "comparison.json").write_text(json.dumps(document))
    assert load_record(nc.ComparedModels, tmp_path / "comparison.json") == two


def test_without_a_zoo_nothing_is_nearest(one):
    apart = replace(one, metrics={name: replace(each, nearest=None) for name, each in one.metrics.items()})
    with pytest.raises(InputError, match="score it again with the folder of a run"):
        apart.plot.nearest()


def test_a_saved_score_is_opened_as_it_was(one, tmp_path):
    with pytest.raises(InputError, match=r"\.save\(folder\) writes it"):
        one.report  # noqa: B018
    kept = one.save(tmp_path / "kept")
    again = nc.open_score(kept.folder)
    assert again == one
    pd.testing.assert_frame_equal(again.table, one.table, check_dtype=False)
    np.testing.assert_array_equal(again.activity, one.activity)
    np.testing.assert_array_equal(again.averages, one.averages)
    assert again.report.is_file()
    assert again.plot.strip().flat[0].get_title(loc="left") == "cka"
    with pytest.raises(InputError, match="expected a new folder, found"):
        one.save(kept.folder)


def test_a_saved_comparison_is_opened_as_it_was(two, tmp_path):
    kept = two.save(tmp_path / "kept")
    again = nc.open_score(kept.folder)
    assert again == two
    assert again.report.is_file()
    pd.testing.assert_frame_equal(again.differences, two.differences)
    assert [one.report.is_file() for one in again.scores.values()] == [True, True]
    assert "table" not in in_json(two)


def test_the_table_of_differences_is_that_of_every_pair_metric_and_centring(two):
    table = two.differences
    assert len(table) == 1 * 2 * 2
    for row in table.itertuples():
        found = (two.metrics if row.centring == "unit" else two.centred)[row.metric].between(row.model, row.against)
        assert (row.difference, row.low, row.high, row.p, row.sure) == (
            found.difference,
            found.low,
            found.high,
            found.p,
            found.sure,
        )


def test_what_was_read_alone_says_how_to_draw_it(one, tmp_path):
    kept = one.save(tmp_path / "kept")
    alone = load_record(nc.ScoredModel, kept.folder / "score.json")
    with pytest.raises(InputError, match="open it with open_score"):
        alone.plot  # noqa: B018
    assert load_record(ModelScore, kept.folder / "score.json").metrics == one.metrics


@pytest.mark.parametrize("name", ["model.nc", "recording.nc", "scores.csv"])
def test_a_missing_file_is_one_line(one, tmp_path, name):
    (one.save(tmp_path / "kept").folder / name).unlink()
    with pytest.raises(InputError, match=name):
        nc.open_score(tmp_path / "kept")


def test_a_folder_of_a_run_is_named_as_such(tmp_path):
    (tmp_path / "ranking.json").write_text("{}")
    with pytest.raises(InputError, match=r"found that of a run \(ranking\.json\); open it with open_run"):
        nc.open_score(tmp_path)


def test_one_model_in_the_folder_of_several_takes_their_place(one, two, tmp_path):
    two.write(tmp_path)
    one.write(tmp_path)
    assert nc.open_score(tmp_path) == one
    two.write(tmp_path)
    assert nc.open_score(tmp_path) == two
