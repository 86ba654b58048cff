import numpy as np
import pandas as pd
import pytest

from neurocompare.recordings.recording import Recording
from neurocompare.recordings.unit_selection import shared_spikes, unit_selection


def recording_of(*trains):
    return Recording(
        "trains",
        np.concatenate(trains),
        np.cumsum([len(train) for train in trains]),
        pd.DataFrame(index=np.arange(len(trains)) + 1),
        pd.DataFrame(),
        (),
    )


def poisson(rng, rate, duration=200.0):
    return np.sort(rng.uniform(0, duration, rng.poisson(rate * duration)))


def test_shared_spikes_equal_a_count_by_sets():
    rng = np.random.default_rng(0)
    trains = [poisson(rng, rate) for rate in (5, 40, 100)]
    first = min(train[0] for train in trains)
    bins = [set(np.floor((train - first) / 0.002).astype(int)) for train in trains]
    expected = [[len(a & b) / min(len(a), len(b)) for b in bins] for a in bins]
    np.testing.assert_allclose(shared_spikes(recording_of(*trains)), expected, rtol=1e-14)


def test_a_cell_sorted_twice_is_kept_once():
    rng = np.random.default_rng(1)
    cell, other = poisson(rng, 20), poisson(rng, 20)
    # The second channel misses a fifth of the spikes and stamps the others up to 0.3 ms later.
    again = np.sort(cell[rng.random(len(cell)) < 0.8])
    again = again + rng.uniform(0, 3e-4, len(again))
    selection = unit_selection(recording_of(again, other, cell), np.full(3, 20.0))
    assert selection.kept == (2, 3)
    assert selection.duplicates == ((1, 3),)


def test_fast_independent_units_are_not_duplicates():
    rng = np.random.default_rng(2)
    selection = unit_selection(recording_of(*(poisson(rng, 100) for _ in range(6))), np.full(6, 100.0))
    assert selection.kept == (1, 2, 3, 4, 5, 6)
    assert selection.duplicates == ()


def test_three_copies_leave_one_and_equal_ones_leave_the_first():
    rng = np.random.default_rng(3)
    cell, other = poisson(rng, 20), poisson(rng, 20)
    selection = unit_selection(recording_of(other, cell, cell, cell), np.full(4, 20.0))
    assert selection.kept == (1, 2)
    assert selection.duplicates == ((3, 2), (4, 2))


@pytest.mark.parametrize("empty", [0, 1])
def test_units_without_spikes(empty):
    trains = [np.arange(0, 10, 0.1), np.arange(0.05, 10, 0.1)]
    trains.insert(empty, np.array([]))
    selection = unit_selection(recording_of(*trains), np.array([0.0 if i == empty else 10.0 for i in range(3)]))
    assert selection.low_rate == (empty + 1,)
    assert len(selection.kept) == 2
