import numpy as np
import pytest
from scipy.linalg import expm
from scipy.stats import ortho_group

from neurocompare.errors import InputError
from neurocompare.metrics import Flow
from neurocompare.metrics.delay_modes import delay_operator, operator_cosine
from neurocompare.metrics.trajectories import Trajectories, rotation_share, tangling, trajectories_of
from neurocompare.responses import Responses, make_responses

TIMES = 0.02 * np.arange(40)


def linear_system(generator: np.ndarray, seed: int, conditions: int = 6, units: int = 12) -> Responses:
    """Solutions of dx/dt = x M from random starts, seen through random orthonormal readouts."""
    rng = np.random.default_rng(seed)
    size = len(generator)
    starts = rng.normal(size=(conditions, size))
    states = np.stack([starts @ expm(time * generator) for time in TIMES], axis=1)
    readout = ortho_group.rvs(units, random_state=rng)[:size]
    return make_responses(states @ readout, condition=range(conditions), time=TIMES)


def turning(*speeds: float, decay: float = 0.0) -> np.ndarray:
    generator = -decay * np.eye(2 * len(speeds))
    for index, speed in enumerate(speeds):
        generator[2 * index, 2 * index + 1], generator[2 * index + 1, 2 * index] = speed, -speed
    return generator


def test_the_skew_symmetric_fit_is_the_least_squares_fit_in_a_basis_of_skew_matrices(related):
    x, _ = related(0, share=0.5)
    states, velocities = (paths := trajectories_of(x.values, TIMES[:20], dimensions=4)).states_and_velocities()
    basis = []
    for i in range(4):
        for j in range(i):
            basis.append(np.zeros((4, 4)))
            basis[-1][i, j], basis[-1][j, i] = 1, -1
    design = np.stack([(states @ one).ravel() for one in basis], axis=1)
    left = np.linalg.lstsq(design, velocities.ravel(), rcond=None)[1][0]
    unconstrained = np.linalg.lstsq(states, velocities, rcond=None)[1].sum()
    total = (velocities**2).sum()
    assert rotation_share(paths) == pytest.approx((total - left) / (total - unconstrained), abs=1e-9)


def test_pure_rotation_and_pure_decay_are_the_ends_of_the_share():
    rotating, decaying = linear_system(turning(5.0, 9.0), 0), linear_system(-np.diag([1.0, 2, 3, 4]), 1)
    share = [rotation_share(trajectories_of(one.values, TIMES, dimensions=4)) for one in (rotating, decaying)]
    assert share[0] == pytest.approx(1, abs=0.01)
    assert share[1] < 0.1


def test_tangling_by_two_loops(related):
    x, _ = related(1, share=0.5)
    paths = trajectories_of(x.values[:3, :8], TIMES[:8], dimensions=3)
    states, velocities = paths.states_and_velocities()
    softening = 0.1 * np.mean(np.sum((states - states.mean(axis=0)) ** 2, axis=1))
    expected = [
        max(np.sum((v - w) ** 2) / (np.sum((a - b) ** 2) + softening) for b, w in zip(states, velocities, strict=True))
        for a, v in zip(states, velocities, strict=True)
    ]
    assert tangling(paths) == pytest.approx(expected, rel=1e-6)


def test_no_step_is_taken_across_a_gap():
    values = np.random.default_rng(2).normal(size=(3, 9, 4))
    times = np.concatenate([0.02 * np.arange(5), 1 + 0.02 * np.arange(4)])
    paths = trajectories_of(values, times, dimensions=4)
    states, velocities = paths.states_and_velocities()
    assert len(states) == len(velocities) == 3 * (4 + 3)
    assert [piece.shape[1] for piece in paths.segments] == [5, 4]
    assert len(trajectories_of(values, times, dimensions=4, least=5).segments) == 1


def test_delay_coordinates_find_the_modes_of_a_linear_system():
    """Two rotations seen through their first coordinate only: delays make up for what is not recorded."""
    paths = np.stack([np.cos(5 * TIMES + phase) + np.cos(11 * TIMES + 2 * phase) for phase in range(6)])
    segment = paths[:, :, None] - paths.mean()
    operator = delay_operator(Trajectories(0.02, (segment,)), delays=8, rank=4)
    found = np.sort(np.abs(np.angle(np.linalg.eigvals(operator)))) / 0.02
    assert found == pytest.approx([5, 5, 11, 11], rel=0.02)


def test_the_best_rotation_is_found_for_rotated_copies():
    rng = np.random.default_rng(3)
    for size in (2, 4, 6):
        matrix, turn = rng.normal(size=(size, size)), ortho_group.rvs(size, random_state=rng)
        assert operator_cosine(matrix, turn @ matrix @ turn.T) == pytest.approx(1, abs=1e-9)


def test_two_dimensional_operators_against_every_angle():
    rng = np.random.default_rng(4)
    for _ in range(5):
        a, b = rng.normal(size=(2, 2, 2))
        angles = np.linspace(0, 2 * np.pi, 20001)
        turns = np.array([[np.cos(angles), -np.sin(angles)], [np.sin(angles), np.cos(angles)]]).transpose(2, 0, 1)
        frames = np.concatenate([turns, turns @ np.diag([1, -1])])
        values = np.einsum("ij,nij->n", a, frames @ b @ frames.transpose(0, 2, 1))
        expected = values.max() / np.linalg.norm(a) / np.linalg.norm(b)
        assert operator_cosine(a, b) == pytest.approx(expected, abs=1e-6)


def test_the_search_reaches_the_bound_for_symmetric_operators():
    """For symmetric A and B the best pairing is that of sorted eigenvalues."""
    rng = np.random.default_rng(5)
    a, b = ((m + m.T) / 2 for m in rng.normal(size=(2, 6, 6)))
    best = np.linalg.eigvalsh(a) @ np.linalg.eigvalsh(b) / np.linalg.norm(a) / np.linalg.norm(b)
    assert operator_cosine(a, b) == pytest.approx(best, abs=1e-8)


def test_flow_tells_kinds_of_motion_apart_and_not_where_states_lie():
    same = [linear_system(turning(4.0, 7.0, 10.0), seed) for seed in (6, 7)]
    other = linear_system(-np.diag([2.0, 3, 4, 5, 6, 8]), 8)
    metric = Flow(delays=1)
    assert metric.score(*same) > 0.95
    assert metric.score(same[0], other) < 0.5
    assert Flow("rotation").score(*same) > 0.95
    assert Flow("rotation").score(same[0], other) < 0.2
    assert Flow("tangling").score(*same) > Flow("tangling").score(same[0], other)


def test_a_summary_of_one_population_is_what_the_scores_compare():
    slow, fast = linear_system(turning(4.0, 4.0), 9), linear_system(turning(8.0, 8.0), 9)
    found = [Flow().summary(one) for one in (slow, fast)]
    assert found[0]["rotation"] == pytest.approx(1, abs=0.01)
    # Twice as fast is four times as tangled.
    assert found[1]["tangling"] / found[0]["tangling"] == pytest.approx(4, rel=0.3)
    expected = found[0]["tangling"] / found[1]["tangling"]
    assert Flow("tangling").score(slow, fast) == pytest.approx(expected, abs=1e-9)


def test_what_has_no_flow_is_refused(related):
    x, y = related(10, share=0.5)
    for part, found in ((slice(4), 4), ([0, 2, 4], 3)):
        with pytest.raises(InputError, match=f"at least 5 times without a gap, found {found}"):
            Flow().score(x.isel(time=part), y.isel(time=part))
    still = x.copy(data=np.broadcast_to(x.values[:, :1], x.shape))
    with pytest.raises(InputError, match="activity that changes in time for its flow, found none"):
        Flow("tangling").score(still, y)
    short = [side.isel(condition=slice(2), time=slice(5)) for side in (x, y)]
    with pytest.raises(InputError, match="at least 12 steps of 4 delays for 6 modes, found 2"):
        Flow(components=2).score(*short)
    planar = x.copy(data=np.outer(np.sin(np.arange(160.0)), np.ones(30)).reshape(x.shape))
    with pytest.raises(InputError, match="delay coordinates that span 6 dimensions, found"):
        Flow().score(planar, y)
    with pytest.raises(InputError, match="an aspect among modes, rotation, tangling, found 'spin'"):
        Flow("spin")
    with pytest.raises(InputError, match="at least 1 of rank, found 0"):
        Flow(rank=0)
