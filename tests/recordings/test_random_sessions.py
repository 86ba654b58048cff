"""Random valid sessions give the condition averages and targets they were made from."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from random_sessions import BIN, MILLIMETRES, sessions, write_session

from neurocompare.errors import InputError
from neurocompare.recordings import average, trials_of
from neurocompare.recordings.nwb import read_recording
from neurocompare.tasks import reach_task

COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None, "derandomize": True}


def check(session, path):
    """Compare what is read of a session with what it was made from."""
    truth, choices = write_session(session, path)
    recording = read_recording(path, choices)
    trials = trials_of(recording, bin_width=BIN, smoothing=0.0, min_rate=0.0)
    np.testing.assert_array_equal(trials.counts["trial"].values, np.nonzero(truth.used)[0])
    labels, true = trials.counts["condition"].values, truth.condition[truth.used]
    pairs = set(zip(labels.tolist(), true.tolist(), strict=True))
    assert len(pairs) == len(set(labels.tolist())) == session.n_conditions
    own = dict(pairs)
    counts = truth.counts()
    found = average(trials)
    assert found["unit"].values.tolist() == [7 * u + 3 for u in range(session.n_units)]
    for row, label in enumerate(found["condition"].values.tolist()):
        rows = truth.used & (truth.condition == own[label])
        np.testing.assert_allclose(found.values[row], counts[rows].mean(axis=0) / BIN, atol=1e-9)
    check_targets(session, truth, reach_task(recording), own)


def check_targets(session, truth, task, own):
    """Targets are the mean velocity 0.1 s later, from movement onset on; quantised, or computed from positions."""
    time = task.targets["time"].values
    moving = time >= -1e-9
    scale = task.target_scale * MILLIMETRES[session.unit]
    # A Gaussian of 10 ms lowers and widens one of 80 ms by less than 2 %; 16 bits make positions rougher.
    tolerance = 300 * ({"velocity": 2e-3, "position": 0.05}[session.kind])
    for row, label in enumerate(task.targets["condition"].values.tolist()):
        rows = np.nonzero(truth.used & (truth.condition == own[label]))[0]
        expected = np.mean([truth.movement(trial, time + 0.1) for trial in rows], axis=0)
        np.testing.assert_allclose(scale * task.targets.values[row][moving], expected[moving], atol=tolerance)


@given(sessions)
@settings(max_examples=12, **COMMON)
def test_a_few_random_sessions_are_read_as_they_were_made(tmp_path_factory, session):
    check(session, tmp_path_factory.getbasetemp() / "random.nwb")


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_five_hundred_random_sessions(tmp_path, block):
    """None is read wrongly, and few are refused; what is refused is printed."""
    refused, seen = [], []

    @seed(block)
    @given(sessions)
    @settings(max_examples=50, phases=[Phase.generate], **COMMON | {"derandomize": False})
    def one(session):
        seen.append(session)
        try:
            check(session, tmp_path / "random.nwb")
        except InputError as error:
            refused.append((session, str(error)))

    one()
    for session, why in refused:
        print(session, why)
    assert len(seen) >= 50
    assert len(refused) <= 0.02 * len(seen)
