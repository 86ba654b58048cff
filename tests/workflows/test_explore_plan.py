"""What an exploration would take: counted by hand from steps and a pace that are given, and nothing written."""

from __future__ import annotations

import numpy as np
import pytest

from neurocompare.cli.plan import show_exploration_plan
from neurocompare.models import Sampling
from neurocompare.models.effort import Pace, chain_effort
from neurocompare.settings import Exploring, Family, Networks, Workers
from neurocompare.workflows import explore_plan
from neurocompare.workflows.explore_plan import plan_exploration

STEP = 0.1
"""Of every chain on the coarsest task; on finer ones it is a half."""


@pytest.fixture
def timed(monkeypatch):
    """Gradients of 1 ms a sample, whatever machine this is."""
    steps = iter([STEP, STEP / 2, STEP / 4])

    def fitting(task, family, gammas, **more):
        step = next(steps)
        return dict.fromkeys(gammas, step)

    monkeypatch.setattr(explore_plan, "steps_that_fit", fitting)
    monkeypatch.setattr(explore_plan, "pace_of", lambda task, family: Pace(task.n_samples / 1000, 0.0))


def test_the_time_of_a_design_is_that_of_its_points(small, timed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exploring = Exploring(points=16, reservoirs=0.25, gamma=(0.2, 1.6), tau=(0.1, 0.4))
    plan = plan_exploration(
        small.recording, exploring=exploring, family=Family(n_units=40), networks=Networks(chains=3),
        workers=Workers(1), progress=False,
    )  # fmt: skip
    assert (plan.points, plan.reservoirs, plan.networks, plan.network_units) == (16, 4, 48, 40)
    coarse, fine = plan.parts
    assert (coarse.time_step, fine.time_step) == pytest.approx((0.05, 0.025))
    assert fine.tau[1] < 0.2 <= coarse.tau[0]
    assert fine.samples == pytest.approx(2 * coarse.samples, abs=4)
    assert coarse.points + fine.points == 16
    seconds = [part.gradients * part.samples / 1000 for part in plan.parts]
    assert plan.hours == pytest.approx(sum(seconds) / 3600)
    assert [part.share for part in plan.parts] == pytest.approx(np.array(seconds) / sum(seconds))
    assert plan.least_hours < plan.hours < plan.most_hours
    chain = chain_effort(0.4, {0.4: STEP / 2}, Sampling(), Pace(0, 0), segments=explore_plan.SEGMENTS)[0]
    learned = fine.gradients / 3 / chain
    assert learned == round(learned)  # no reservoir takes a gradient, and all others as many
    assert any("tau" in sentence and f"{fine.samples} samples" in sentence for sentence in plan.sentences)
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_fit_into_memory_has_no_hours_and_says_so(small, timed, monkeypatch):
    monkeypatch.setattr(explore_plan, "available_bytes", lambda: 1e6)
    plan = plan_exploration(small.recording, exploring=Exploring(points=16), family=Family(n_units=40), progress=False)
    assert (plan.hours, plan.workers, plan.parts[0].share) == (None, 0, None)
    assert plan.sentences[0].startswith("Networks of this size do not fit into memory")


def test_a_quick_one_is_planned_as_it_would_be_made(small, timed):
    plan = plan_exploration(small.recording, quick=True, family=Family(n_units=60), progress=False)
    assert (plan.points, plan.network_units, len(plan.parts)) == (32, 60, 1)
    assert plan.least_hours == plan.hours == plan.most_hours  # its chains have one segment
    assert any("Chains take one segment." in sentence for sentence in plan.sentences)


def test_a_time_without_a_range_is_printed_without_one(small, timed, capsys):
    plan = plan_exploration(small.recording, quick=True, family=Family(n_units=60), workers=Workers(1), progress=False)
    show_exploration_plan(plan)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Networks take about")]
    assert line.endswith("with 1 worker.")
    assert " to " not in line
