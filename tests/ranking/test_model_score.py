"""What is said of a scored model claims no more than the metric it is said by."""

from __future__ import annotations

from dataclasses import replace

from neurocompare.ranking.ceiling import Ceiling
from neurocompare.ranking.model_score import Compared, MetricScore, Nearest, model_sentence
from neurocompare.ranking.null import Null

NAMED = Nearest(0.4, (0.2, 0.8), "resolved", "")
OPEN = Nearest(0.1, (0.0, 0.2), "tied", "")


def metric(name, p, nearest):
    nulls = {"conditions": Null(0.1, 0.2, 0.01), "surrogates": Null(0.3, 0.5, p)}
    return MetricScore(name, (0, 1), 80, 0, 0.6, 0.5, 0.7, Ceiling(0.8, 0.9), nulls, nearest=nearest)


def test_a_metric_that_stands_out_speaks_before_one_that_names_a_gamma_and_does_not():
    said = model_sentence("gru", "a", [metric("cka", 0.04, OPEN), metric("single_unit", 0.5, NAMED)])
    assert said == (
        "By cka, gru scores 0.600 [0.500, 0.700] against a, where the hardest null (surrogates) reaches 0.500 and two "
        "halves of the recording score 0.800 to 0.900; which gamma it is nearest to is not settled. Of 2 metrics, cka "
        "tells it from chance; single_unit does not."
    )


def test_of_those_that_stand_out_the_first_that_names_a_gamma_speaks():
    said = model_sentence("gru", "a", [metric("cca", 0.04, OPEN), metric("cka", 0.04, NAMED)])
    assert said.startswith("By cka")
    assert "its activity is nearest to that of networks at gamma = 0.4 [0.2, 0.8]." in said
    assert said.endswith(" All of 2 metrics tell it from chance.")


def test_where_none_stands_out_it_is_said():
    said = model_sentence("gru", "a", [metric("cca", 0.3, OPEN), metric("cka", 0.5, NAMED)])
    assert said.startswith("By cka")
    assert "(surrogates) reaches 0.500" in said
    assert "this does not stand out from the null (p = 0.5); which gamma it is nearest to is not settled." in said
    assert said.endswith(" None of 2 metrics tells it from chance.")


def test_of_nulls_of_one_p_the_highest_is_the_hardest():
    nulls = {
        "conditions": Null(0.1, 0.39, 0.0123),
        "time": Null(0.3, 0.657, 0.0123),
        "surrogates": Null(0.2, 0.5, 0.0123),
    }
    assert replace(metric("cka", 0.5, OPEN), nulls=nulls).hardest_null[0] == "time"
    weak = nulls | {"conditions": Null(0.1, 0.39, 0.2)}
    assert replace(metric("cka", 0.5, OPEN), nulls=weak).hardest_null[0] == "conditions"


def test_it_is_said_how_a_model_does_beside_the_baselines():
    moves = Compared("kinematic", None, 0.6, 0.5, 0.7, 0.011, -0.037, 0.058)
    random = Compared("reservoir", 0.0, 0.6, 0.5, 0.7, -0.076, -0.147, -0.006)
    said = model_sentence("gru", "a", [replace(metric("cka", 0.04, OPEN), baselines=(moves, random))])
    assert said.endswith(
        " It is not told from units that only follow the movement and significantly below untrained networks."
    )
    alike = (moves, replace(random, difference_high=0.01))
    said = model_sentence("gru", "a", [replace(metric("cka", 0.04, OPEN), baselines=alike)])
    assert said.endswith(" It is not told from units that only follow the movement or untrained networks.")
    better = (replace(moves, difference_low=0.002), replace(random, difference_low=0.01, difference_high=0.1))
    said = model_sentence("gru", "a", [replace(metric("cka", 0.04, OPEN), baselines=better)])
    assert said.endswith(" It is significantly above units that only follow the movement and untrained networks.")


def test_of_one_metric_there_is_no_tally_and_what_is_unreliable_tells_nothing():
    assert "metrics" not in model_sentence("gru", "a", [metric("cca", 0.04, OPEN)])
    unreliable = replace(metric("rsa", 0.04, NAMED), reliable=False, why="too few conditions")
    said = model_sentence("gru", "a", [unreliable, metric("cca", 0.04, OPEN), metric("cka", 0.01, OPEN)])
    assert said.startswith("By cca")
    assert said.endswith(" Of 3 metrics, cca and cka tell it from chance; rsa does not.")
