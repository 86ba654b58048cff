import numpy as np
import pandas as pd
import pytest

from neurocompare.metrics import CKA, Procrustes
from neurocompare.parallel import Workers
from neurocompare.ranking.across import across
from neurocompare.ranking.batches import read_scores
from neurocompare.recordings.trials import Trials

METRICS = [CKA(), Procrustes(dimensions=4)]


def circuit(seed):
    """Return what makes rates (condition, time, unit) of units that mix six smooth signals of one circuit."""
    time = np.arange(40) / 40
    phase = np.random.default_rng(seed).uniform(0, 2 * np.pi, size=(4, 1, 6))
    signals = np.cos(2 * np.pi * time[:, None] * np.arange(1, 7) / 3 + phase)

    def rates(units, seed):
        weights = np.random.default_rng(seed).standard_normal((6, units))
        return np.maximum(200 + 60 * signals @ weights / np.sqrt(6), 0)

    return rates


@pytest.fixture
def recordings(make_trials):
    """Two sessions of one circuit, other units and other trials, and a session of another circuit."""
    one, other = circuit(0), circuit(1)
    made = {"first": one(40, 10), "second": one(40, 11), "foreign": other(40, 12)}
    return {
        name: make_trials(each, repeats=40, seed=place, smoothing=0.04)
        for place, (name, each) in enumerate(made.items())
    }


def test_a_session_of_the_same_circuit_reaches_the_ceiling_and_a_foreign_one_does_not(recordings, tmp_path):
    found = across(recordings, METRICS, tmp_path, draws=4, workers=Workers(1))
    assert len(found) == 6 * 2 * 2
    by_pair = {(one.model, one.recording, one.metric): one.mean for one in found if one.centring == "unit"}
    table = pd.concat([read_scores(path) for path in tmp_path.glob("*/*.csv")])
    ceilings = table[(table["kind"] == "ceiling") & (table["centring"] == "unit")].groupby("metric")["score"].mean()
    for metric in ("cka", "procrustes"):
        same = [by_pair["first", "second", metric], by_pair["second", "first", metric]]
        foreign = [by_pair["foreign", name, metric] for name in ("first", "second")]
        # Units of one circuit, whichever session they are from: what half of a session scores against the other half.
        assert np.mean(same) == pytest.approx(ceilings[metric], abs=0.08)
        assert min(same) > max(foreign) + 0.2
    again = across(recordings, METRICS, tmp_path, draws=4, workers=Workers(1))
    assert again == found


def test_other_conditions_are_no_pair_and_small_recordings_say_why(recordings, make_trials, tmp_path):
    first = recordings["first"]
    renamed = {f"c{i}": f"d{i}" for i in range(4)}
    counts = first.counts.assign_coords(condition=("trial", [renamed[one] for one in first.counts["condition"].values]))
    other = Trials(counts, pd.DataFrame(index=list(renamed.values())), bin_width=0.02, smoothing=0.04)
    assert across({"first": first, "other": other}, METRICS, tmp_path) == ()
    small = make_trials(circuit(0)(6, 13), repeats=40, seed=9, smoothing=0.04)
    found = {
        (one.model, one.why)
        for one in across({"first": first, "small": small}, [CKA()], tmp_path, draws=2, workers=Workers(1))
    }
    assert ("small", "expected a network of at least 20 units, found 6; use a larger network") in found
    assert ("first", "") in found
