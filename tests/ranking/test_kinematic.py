import numpy as np
import pytest

from neurocompare.ranking.candidate import LAGS, Candidate, kinematic_candidates
from neurocompare.responses import make_responses
from neurocompare.tasks import ideal_reach


@pytest.fixture(scope="module")
def task():
    return ideal_reach()


def beside(task, chains=(0, 0, 1), units=30):
    shape = (*task.targets.shape[:2], units)
    responses = make_responses(
        np.zeros(shape), condition=task.targets["condition"].values, time=task.targets["time"].values
    )
    return [Candidate("x", 0.4, chain, member, responses) for member, chain in enumerate(chains)]


def test_one_population_a_chain_as_large_as_the_networks(task):
    made = kinematic_candidates(task, beside(task))
    assert [(one.chain, one.member) for one in made] == [(0, 0), (1, 0)]
    assert all(np.isnan(one.gamma) for one in made)
    assert made[0].responses.sizes == beside(task)[0].responses.sizes
    assert not np.allclose(made[0].responses, made[1].responses)
    again = kinematic_candidates(task, beside(task))
    assert all(one.responses.equals(two.responses) for one, two in zip(made, again, strict=True))
    assert not kinematic_candidates(task, beside(task), seed=1)[0].responses.equals(made[0].responses)


def test_of_one_chain_each_member_has_a_population(task):
    made = kinematic_candidates(task, beside(task, chains=(0, 0, 0)))
    assert [(one.chain, one.member) for one in made] == [(0, 0), (0, 1), (0, 2)]
    assert not np.allclose(made[0].responses, made[1].responses)
    # The first is what it was where there was one.
    assert made[0].responses.equals(kinematic_candidates(task, beside(task))[0].responses)


def test_units_are_linear_in_kinematics_of_one_lag_each(task):
    """Regression on finely lagged kinematics explains a unit at one lag within the range, and not at others."""
    (made,) = kinematic_candidates(task, beside(task, chains=(0,)))
    velocity, time = task.targets.values, task.targets["time"].values
    kinematics = np.concatenate([velocity, np.cumsum(velocity, axis=1), np.ones((*velocity.shape[:2], 1))], axis=2)
    lags = np.linspace(*LAGS, 81)
    unexplained = []
    for lag in lags:
        shifted = np.stack(
            [[np.interp(time - lag, time, column) for column in condition.T] for condition in kinematics]
        )
        design = np.moveaxis(shifted, 1, 2).reshape(-1, kinematics.shape[2])
        wanted = made.responses.values.reshape(len(design), -1)
        rest = wanted - design @ np.linalg.lstsq(design, wanted, rcond=None)[0]
        unexplained.append((rest**2).sum(axis=0) / ((wanted - wanted.mean(axis=0)) ** 2).sum(axis=0))
    unexplained = np.array(unexplained)
    assert unexplained.min(axis=0).max() < 1e-3
    assert np.median(unexplained.max(axis=0)) > 0.01
    assert np.ptp(lags[unexplained.argmin(axis=0)]) > 0.1


def test_before_the_movement_can_be_foreseen_nothing_happens(task):
    """What units that follow a movement cannot have is preparation: until the longest lag before go all are flat."""
    (made,) = kinematic_candidates(task, beside(task, chains=(0,)))
    early = made.responses.sel(time=slice(None, task.event("go") + LAGS[0] - 0.001)).values
    assert early.shape[1] > 3
    assert np.ptp(early, axis=(0, 1)).max() < 1e-12
    assert np.ptp(made.responses.values, axis=(0, 1)).min() > 0.1
