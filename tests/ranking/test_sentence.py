from dataclasses import replace
from typing import get_args

import pytest

from neurocompare.ranking.axis import Context
from neurocompare.ranking.metric_ranking import GammaShare, MetricRanking
from neurocompare.ranking.sentence import headline, summarise
from neurocompare.ranking.verdict import Bounds, Verdict

SETTINGS = {"g": 1.5, "tau": 0.1, "beta": 400.0, "lag": 0.1, "target_scale": 250.0}
AT = ", at g = 1.5, tau = 100 ms, beta = 400, lag = 100 ms."
PROCRUSTES = (
    "By procrustes, networks at gamma = 0.4 (95 % interval 0.1 to 1.6) are most similar to the recording synthetic"
)


def ranking(metric, verdict, best=0.4, interval=(0.1, 1.6), why="the null wins"):
    grid = tuple(GammaShare(gamma, 0.2) for gamma in (0.0, 0.1, 0.4, 1.6, 6.4))
    fields = {} if best is None else {"p_best": grid, "best_gamma": best, "gamma_interval": interval}
    bounds = Bounds(0.1, 0.4, 0.0, 1.6) if verdict in ("at most", "at least") else Bounds()
    return MetricRanking(metric, None, 80, 0, verdict, why, bounds=bounds, **fields)


def summary(*rankings):
    return summarise(rankings, Context(["synthetic"], SETTINGS))


@pytest.mark.parametrize(
    ("rankings", "gamma", "sentence"),
    [
        (
            [ranking("procrustes", "resolved"), ranking("cka", "resolved", 1.6, (0.4, 1.6))],
            0.4,
            PROCRUSTES,
        ),
        (
            [ranking("procrustes", "tied"), ranking("cca", "unreliable"), ranking("cka", "edge", 6.4, (1.6, 6.4))],
            6.4,
            "By cka (not by procrustes and cca), networks at gamma = 6.4 (95 % interval 1.6 to 6.4), the largest "
            "tried, are most similar to the recording synthetic, and the best may lie beyond",
        ),
        (
            [ranking("procrustes", "edge", 0.0, (0.0, 0.1))],
            0.0,
            "By procrustes, networks at gamma = 0 (95 % interval 0 to 0.1), the reservoir end of the grid, are most "
            "similar to the recording synthetic",
        ),
        (
            [
                ranking("procrustes", "resolved"),
                ranking("cca", "tied", 1.6, (1.6, 1.6)),
                ranking("cka", "edge", 6.4, (1.6, 6.4)),
            ],
            0.4,
            PROCRUSTES + ", while cka names gamma = 6.4",
        ),
        (
            [ranking("procrustes", "tied"), ranking("cca", "tied", 1.6)],
            0.4,
            "No metric settles on a gamma for the recording synthetic: procrustes scores highest at gamma = 0.4 (95 % "
            "interval 0.1 to 1.6), a tie, as the null wins",
        ),
        (
            [ranking("procrustes", "unreliable", None, why="it could not be computed"), ranking("cca", "tied")],
            None,
            "No metric settles on a gamma for the recording synthetic: procrustes is unreliable here, as it could not "
            "be computed",
        ),
    ],
)
def test_the_sentence_claims_what_the_verdict_allows(rankings, gamma, sentence):
    found = summary(*rankings)
    assert found.best_gamma == gamma
    assert found.sentence == sentence + AT


@pytest.mark.parametrize(
    ("centred", "words"),
    [
        (ranking("procrustes", "resolved", 1.6, (0.4, 3.0)), ""),
        (
            ranking("procrustes", "resolved", 6.4, (3.2, 6.4)),
            "; with the mean over conditions removed the answer is gamma = 6.4",
        ),
        (ranking("procrustes", "tied", 0.4), "; with the mean over conditions removed no gamma is named"),
        (ranking("procrustes", "unreliable", None), ""),
        (ranking("cka", "tied", 0.4), ""),
    ],
)
def test_centrings_that_disagree_are_told(centred, words):
    found = summarise([ranking("procrustes", "resolved")], Context(["synthetic"], SETTINGS), [centred])
    assert found.sentence == PROCRUSTES + AT.removesuffix(".") + words + "."


def test_only_known_settings_are_told():
    found = summarise([ranking("cka", "resolved")], Context(["one", "two"], {"tau": 0.05}))
    assert found.sentence.endswith("similar to the recordings one and two, at tau = 50 ms.")


@pytest.mark.parametrize("recordings", [["synthetic"], ["perich-C-CO-20131022", "mc_maze_small", "mine"]])
@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_a_headline_has_at_most_25_words_and_names_no_more_than_the_verdict(verdict, recordings):
    bounds = Bounds(0.1, 0.4, 0.0, 1.6)
    found = replace(ranking("procrustes-in-sample", verdict, interval=(0.1234, 1.678)), bounds=bounds)
    text = headline(found, recordings, agreeing=3)
    assert len(text.split()) <= 25, text
    said = {"resolved": "= 0.4", "edge": "= 0.4", "at most": "below 1.6", "at least": "above 0"}
    assert said.get(verdict, "No gamma is named") in text


def test_a_headline_counts_the_metrics_that_agree():
    beside, elsewhere = ranking("cca", "resolved", 0.8, (0.2, 1.6)), ranking("rsa", "edge", 1.6, (0.8, 1.6))
    found = summary(ranking("cka", "resolved"), beside, elsewhere, ranking("flow", "tied"))
    assert found.headline.endswith(", by cka and 1 other")
    assert summary(ranking("cka", "resolved"), elsewhere).headline.endswith(", by cka")


def test_a_bound_is_said_where_nothing_is_named():
    bound = replace(ranking("cka", "at most", 0.1, (0.0, 0.3)), bounds=Bounds(high=0.1, above=0.4))
    found = summary(ranking("procrustes", "tied"), bound)
    assert found.sentence == (
        "By cka, networks of gamma below 0.4 are most similar to the recording synthetic (highest score at 0.1, 95 % "
        "interval 0 to 0.3): those at 0.4 and above score significantly lower, and none on the other side does" + AT
    )
    assert summary(bound, ranking("cca", "resolved")).sentence.startswith(
        "By cca (not by cka), networks at gamma = 0.4"
    )
