import io
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from neurocompare.ranking.axis import Context
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.ranking import Ranking, rank
from neurocompare.records import in_json, load_record, save_record

GRID = [0.0, 0.1, 0.4, 1.6, 6.4]
METRICS = [SimpleNamespace(name=name, range=limits) for name, limits in (("first", (0.0, 1.0)), ("second", None))]


@pytest.fixture
def table(make_table):
    generator = np.random.default_rng(0)
    peak = np.array([0.3, 0.4, 0.6, 0.4, 0.2])[:, None]
    first, second = (
        make_table(
            peak + 0.02 * generator.normal(size=(30, 5, 4)),
            GRID,
            metric=metric.name,
            networks=[(0, 0), (0, 1), (1, 0), (1, 1)],
        )
        for metric in METRICS
    )
    second.loc[:, "score"] = np.nan
    second.loc[:, "note"] = "expected more, found less"
    # Under the other centring the first metric prefers another gamma.
    swap = (first["centring"] == "condition-mean") & (first["gamma"] == 1.6) & (first["kind"] == "model")
    first.loc[swap, "score"] += 0.3
    return pd.concat([first, second], ignore_index=True)


def ranked(table):
    return rank(
        table,
        metrics=METRICS,
        sampling=Sampling(61, 30, (19, 20), (9, 10)),
        context=Context(
            ["synthetic"],
            {"g": 1.5, "tau": 0.1, "beta": 400.0, "lag": 0.1, "target_scale": 250.0},
            planted_gamma=0.4,
            fit={0.4: 0.01, 0.0: 0.02},
        ),
    )


def test_both_centrings_are_ranked_and_the_first_speaks(table):
    found = ranked(table)
    assert list(found.metrics) == ["first", "second"]
    assert (found.metrics["first"].best_gamma, found.centred["first"].best_gamma) == (0.4, 1.6)
    assert [one.verdict for one in found.metrics.values()] == ["resolved", "unreliable"]
    assert found.summary.best_gamma == 0.4
    assert found.gammas == tuple(GRID)


def test_json_follows_the_schema(table):
    document = json.loads(in_json(ranked(table)))
    assert document["schema"] == 3
    assert set(document) >= {"recordings", "planted_gamma", "gammas", "settings", "fit", "metrics", "summary"}
    assert document["fit"] == [{"gamma": 0.0, "loss": 0.02}, {"gamma": 0.4, "loss": 0.01}]
    assert document["sampling"]["units_drawn"] == 30
    assert set(document["summary"]) == {"best_gamma", "gamma_interval", "sentence", "headline"}
    keys = {"metric", "range", "scores", "best_gamma", "p_best", "gamma_interval", "ceiling", "nulls", "contrasts"}
    for block in ("metrics", "centred"):
        for entry in document[block].values():
            assert set(entry) >= keys | {"verdict", "why"}
    first, second = document["metrics"]["first"], document["metrics"]["second"]
    assert set(first["scores"][0]) == {"gamma", "mean", "low", "high"}
    assert set(first["p_best"][0]) == {"gamma", "p"}
    assert set(first["ceiling"]) == {"low", "high", "mean", "whole", "limit", "reliability"}
    assert set(first["nulls"]["time-shift"]) == {"mean", "high", "p", "says"}
    assert set(first["contrasts"][0]) == {"against", "difference", "low", "high", "p"}
    assert len(first["differences"]) == 10
    assert set(first["curve"][0]) == {"gamma", "score"}
    assert [entry["gamma"] for entry in first["calibrated"]] == GRID
    assert (second["scores"], second["best_gamma"], second["ceiling"], second["range"]) == ([], None, None, None)
    assert "expected more, found less" in second["why"]


def test_a_table_read_back_from_csv_ranks_the_same(table):
    read = pd.read_csv(io.StringIO(table.to_csv(index=False)))
    assert ranked(read) == ranked(table)


def test_ranking_is_the_same_each_time_and_in_any_order(table):
    assert ranked(table.sample(frac=1, random_state=1)) == ranked(table)


def test_what_is_written_is_read_back(table, tmp_path):
    found = ranked(table)
    save_record(found, tmp_path / "ranking.json")
    assert load_record(Ranking, tmp_path / "ranking.json") == found
