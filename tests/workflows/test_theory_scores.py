"""Infinite networks against a recording whose network was itself infinite: planted, seen, and named again."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.metrics import get_metric
from neurocompare.models import Family
from neurocompare.ranking.axis import Context
from neurocompare.ranking.score import CENTRINGS
from neurocompare.recordings import trials_of
from neurocompare.tasks import ideal_reach, reach_task
from neurocompare.theory import mean_field
from neurocompare.workflows.kernel_scores import leading, name_of
from neurocompare.workflows.synthetic import synthetic_recording
from neurocompare.workflows.theory_scores import candidate_of, theory_scores

FAMILY = Family()
GAMMAS = (0.0, 0.1, 0.4, 0.8)
METRICS = (get_metric("procrustes"), get_metric("cka"))


@pytest.fixture(scope="module")
def recording():
    """Of 80 units of the infinite network at gamma 0.4."""
    task = ideal_reach(directions=4, time_step=0.1)
    planted = mean_field(task, FAMILY, [0.4], population=400, both_ways=False)[0]
    responses = candidate_of(planted, task, units=400, seed=5).responses
    return synthetic_recording(responses, task=task, n_units=80, trials=16)


@pytest.fixture(scope="module")
def task(recording):
    return reach_task(recording, time_step=0.1, lag=0.1)


@pytest.fixture(scope="module")
def trials(recording):
    return trials_of(recording)


@pytest.fixture(scope="module")
def fields(task):
    return mean_field(task, FAMILY, GAMMAS, population=400, both_ways=False)


@pytest.fixture(scope="module")
def scored(task, fields, trials):
    return theory_scores(fields, task, trials, context=Context(["tiny"], {"g": 1.5}, 0.4), metrics=METRICS, draws=20)


def test_the_planted_gamma_or_its_neighbour_is_named(scored):
    assert scored.ranking.gammas == GAMMAS
    named = {name: found.best_gamma for name, found in scored.ranking.metrics.items()}
    assert set(named.values()) <= {0.1, 0.4, 0.8}, named
    kernels = {found.metric: found.best_gamma for found in scored.kernel_rankings if found.centring == "unit"}
    assert kernels["kernel-cka"] in {0.1, 0.4, 0.8}
    assert {found.centring for found in scored.kernel_rankings} == set(CENTRINGS)


def test_intervals_hold_the_means(scored):
    for found in scored.kernel_rankings:
        for score in found.scores:
            assert score.low <= score.mean <= score.high
        assert found.gamma_interval[0] <= found.gamma_interval[1]


def test_kernel_cka_of_the_planted_network_is_near_one(scored):
    """The signal of recorded units is that of the planted population, up to rectification and gains."""
    found = next(each for each in scored.kernel_rankings if each.metric == "kernel-cka" and each.centring == "unit")
    planted = found.scores[2]
    assert planted.low - 0.1 < 1 < planted.high + 0.1


def test_fewer_units_score_lower_and_more_units_approach_the_kernel(task, fields):
    """What is called the finite-unit correction: Procrustes against the kernel rises with the units of one side."""
    from neurocompare.theory.kernels import population_root, procrustes, root_of

    root = root_of(fields[2].kernel)
    means = [
        np.mean(
            [
                procrustes(population_root(np.tanh(fields[2].unit.draw(units, seed=seed))), root)
                for seed in range(20)
            ]
        )
        for units in (20, 80, 320)
    ]  # fmt: skip
    assert means[0] < means[1] < means[2] < 1
    # Half the square of the distance falls as 1 / n.
    assert (1 - means[0]) / (1 - means[1]) == pytest.approx(4, rel=0.4)


def test_of_two_branches_the_one_of_lower_f_is_ranked_and_both_are_scored(task, fields, trials):
    lower = dataclasses.replace(fields[1], branch="from below")
    higher = dataclasses.replace(fields[1], branch="from above", free_energy=lower.free_energy + 1)
    both = (fields[0], higher, lower, fields[2])
    assert leading(both) == (fields[0], lower, fields[2])
    found = theory_scores(both, task, trials, context=Context(["tiny"]), metrics=METRICS[:1], draws=20)
    assert [score.gamma for score in next(iter(found.ranking.metrics.values())).scores] == [0.0, 0.1, 0.4]
    for table in (found.drawn, found.kernels):
        assert {name_of(field) for field in both} <= set(table["network"])


def test_a_recording_of_another_task_is_refused(fields, trials):
    other = ideal_reach(directions=3, time_step=0.1)
    field = mean_field(other, FAMILY, [0.0], population=64, trajectories=8)
    with pytest.raises(InputError, match="recording's conditions"):
        theory_scores(field, other, trials, context=Context(["tiny"]), metrics=METRICS[:1], draws=20)
