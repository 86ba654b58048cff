"""Matched fit: the expected loss is what it is said to be, by chains that had no part in finding it."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from neurocompare.models.chain import OBSERVABLES, sample_chain
from neurocompare.models.equal_fit import load_matches, match_fit
from neurocompare.models.matching import Matching
from neurocompare.models.networks import load_zoo
from neurocompare.models.posterior import WeightPosterior
from neurocompare.models.reservoir import random_state
from neurocompare.models.samplers import Draw
from neurocompare.models.sampling import Sampling
from neurocompare.models.zoo import make_zoo
from neurocompare.models.zoo_plan import ZooPlan
from neurocompare.settings import Family, Workers

FAMILY = Family(n_units=30, beta=60.0, tau=0.1)
SHORT = Sampling(ramp=2, adaptation=10, trajectories=30, max_leapfrogs=40)
BRIEF = Matching(iterations=8, check=40)
GAMMAS = (0.0, 0.3, 1.0)
PLAN = ZooPlan(GAMMAS, sampler=Draw(SHORT), matching=BRIEF)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("matched")


@pytest.fixture(scope="module")
def matches(small, folder):
    return match_fit(small, FAMILY, folder, PLAN, workers=Workers(1))


def measured(task, match):
    """E[L] and its standard error, from two independent chains or thirty random networks."""
    generator = torch.Generator().manual_seed(99)
    if match.gamma == 0:
        posterior = WeightPosterior(task, match.family, 0.0)
        states = [random_state(posterior, generator=generator) for _ in range(60)]
        losses = np.array([posterior.evaluate(state)[1].expected_loss for state in states])
        return losses.mean(), losses.std(ddof=1) / math.sqrt(len(losses))
    means = []
    for _ in range(3):
        chain = sample_chain(task, match.family, match.gamma, members=1, generator=generator, sampling=SHORT)
        means.append(chain.trace[:, OBSERVABLES.index("expected_loss")].mean())
    return np.mean(means), np.std(means, ddof=1) / math.sqrt(3)


def test_all_gammas_solve_the_task_equally_well(small, matches):
    assert [match.gamma for match in matches] == list(GAMMAS)
    assert len({match.family.beta for match in matches}) == 3
    assert matches[1].family == FAMILY  # the middle gamma sets the level
    level = matches[1].expected_loss
    for match in matches:
        assert match.reached
        assert match.level == level
        loss, error = measured(small, match)
        miss = math.hypot(error, match.error, 0.05 * level)
        assert abs(loss - match.expected_loss) < 3 * miss, match


def test_what_was_found_is_on_disk_and_not_looked_for_again(small, folder, matches):
    path = folder / "match.json"
    stamp = path.stat().st_mtime_ns
    assert match_fit(small, FAMILY, folder, PLAN, workers=Workers(1)) == matches
    assert path.stat().st_mtime_ns == stamp
    held = json.loads(path.read_text())
    assert held["schema"] == 2
    assert {entry["match"]["gamma"] for entry in held["matches"]} == set(GAMMAS)
    assert set(held["matches"][0]) == {"key", "relative_level", "match"}
    former = {"schema": 1, "matches": [entry | entry["match"] for entry in held["matches"]]}
    path.write_text(json.dumps(former))
    assert {entry.match for entry in load_matches(folder).matches} == set(matches)
    path.write_text("rubbish")
    assert match_fit(small, FAMILY, folder, PLAN, workers=Workers(1)) == matches


def test_a_level_out_of_reach_is_a_result(small, folder):
    narrow = Matching(iterations=4, check=10, widest=1.5, corrections=0)
    found = match_fit(small, FAMILY, folder, replace(PLAN, matching=narrow, level=1e-4), workers=Workers(1))
    for match in found:
        assert not match.reached
        assert "not reached" in match.why
        assert "above it, the largest beta tried" in match.why
        assert match.family.beta == pytest.approx(1.5 * FAMILY.beta, rel=1e-3)


def test_a_zoo_uses_the_betas_and_says_which_gammas_miss(small, tmp_path):
    brief = Sampling(ramp=1, adaptation=4, trajectories=8, segments=1, max_leapfrogs=5)
    narrow = Matching(iterations=2, trajectories=8, adaptation=2, check=8, widest=1.5, corrections=0)
    plan = ZooPlan((0.0, 0.5), sampler=Draw(brief), match="fit", level=1e-4, matching=narrow)
    seen = []
    zoo = make_zoo(
        small, FAMILY, tmp_path, plan, workers=Workers(1), progress=lambda done, total: seen.append((done, total))
    )
    assert {card.family.beta for card in zoo.cards} == {1.5 * FAMILY.beta}
    assert [note[:16] for note in zoo.notes] == ["Fit of gamma 0: ", "Fit of gamma 0.5"]
    assert seen == sorted(seen)
    assert len({total for _, total in seen}) == 1
    assert seen[-1][0] == pytest.approx(seen[-1][1])
    assert load_zoo(tmp_path).cards == zoo.cards


def test_progress_ends_complete_where_the_level_is_that_of_the_middle_gamma(small, tmp_path):
    brief = Sampling(ramp=1, adaptation=4, trajectories=8, segments=1, max_leapfrogs=5)
    narrow = Matching(iterations=2, trajectories=8, adaptation=2, check=8, widest=1.5, corrections=0)
    seen = []
    plan = ZooPlan((0.0, 0.5, 1.0), sampler=Draw(brief), matching=narrow)
    match_fit(
        small, FAMILY, tmp_path, plan, workers=Workers(1), progress=lambda done, total: seen.append((done, total))
    )
    assert seen == sorted(seen)
    assert len({total for _, total in seen}) == 1
    assert seen[-1][0] == pytest.approx(seen[-1][1])
