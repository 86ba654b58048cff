"""Infinite networks recorded like a recording: gammas far apart are told apart, and less so with less data."""

from __future__ import annotations

import numpy as np
import pytest

from neurocompare.models import Family
from neurocompare.recordings import trials_of
from neurocompare.streams import Purpose, stream
from neurocompare.tasks import ideal_reach, reach_task
from neurocompare.theory import mean_field
from neurocompare.workflows.as_recorded import as_recorded
from neurocompare.workflows.distinguishable import distinguishable
from neurocompare.workflows.synthetic import synthetic_recording
from neurocompare.workflows.theory_scores import candidate_of

GAMMAS = (0.0, 0.1, 0.8)


@pytest.fixture(scope="module")
def made():
    ideal = ideal_reach(directions=4, time_step=0.1)
    (planted,) = mean_field(ideal, Family(), [0.0])
    session = synthetic_recording(candidate_of(planted, ideal, units=200).responses, task=ideal, n_units=100, trials=20)
    task = reach_task(session, time_step=0.1)
    fields = mean_field(task, Family(), GAMMAS, population=200, trajectories=12, both_ways=False)
    return task, fields, trials_of(session)


def test_the_ends_of_the_grid_are_told_apart_and_the_truth_lies_in_its_interval(made):
    task, fields, trials = made
    placed = distinguishable(fields, task, trials, recordings=1)
    assert {each.metric for each in placed} == {"kernel-cka", "kernel-procrustes", "kernel-cca"}
    by = {each.gamma: each for each in placed if each.metric == "kernel-procrustes"}
    assert 0.8 in by[0.0].told_apart
    assert 0.0 in by[0.8].told_apart
    for gamma, each in by.items():
        assert gamma not in each.told_apart
        assert set(each.told_apart) == {other for other in GAMMAS if not each.low <= other <= each.high} - {gamma}


def test_with_hardly_any_data_less_is_told_apart(made):
    task, fields, trials = made
    source = candidate_of(fields[0], task, units=200).responses
    few = as_recorded(source, trials, units=6, repeats=np.full(4, 2), rng=stream(Purpose.AS_RECORDED, 3))
    counts = [
        sum(len(each.told_apart) for each in distinguishable(fields, task, recording, recordings=1))
        for recording in (few, trials)
    ]
    assert counts[0] < counts[1]
