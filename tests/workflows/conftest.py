"""A small session recorded from a network of gamma 0.8, and a small zoo for its task."""

from __future__ import annotations

import types

import pytest
from drawing import drawn_once

from neurocompare.models import Draw, Family, Sampling, ZooPlan, make_zoo
from neurocompare.settings import Workers
from neurocompare.tasks import ideal_reach, reach_task
from neurocompare.workflows import synthetic_recording
from neurocompare.workflows.planted import planted_responses

__all__ = ["drawn_once"]

SHORT = Sampling(ramp=2, adaptation=4, trajectories=8, segments=1, max_leapfrogs=20)


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """Attributes: recording (24 units, 4 directions, 8 trials each), task, zoo (gammas 0 and 1.6, 40 units)."""
    ideal, family = ideal_reach(directions=4), Family(n_units=40)
    phi = planted_responses(ideal, family, 0.8, seed=0, sampling=SHORT)
    recording = synthetic_recording(phi, task=ideal, n_units=24, trials=8, planted=(("gamma", 0.8),))
    task = reach_task(recording)
    zoo = make_zoo(
        task,
        family,
        tmp_path_factory.mktemp("zoo"),
        ZooPlan((0.0, 1.6), sampler=Draw(SHORT), chains=2),
        workers=Workers(1),
    )
    return types.SimpleNamespace(recording=recording, task=task, zoo=zoo)
