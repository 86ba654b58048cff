"""Recoveries of which the answer is known before: laws that nothing confuses, laws that nothing tells apart."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from neurocompare.metrics import get_metric
from neurocompare.parallel import Workers
from neurocompare.ranking import Candidate, observation_of
from neurocompare.recordings.trials import Trials
from neurocompare.responses import make_responses
from neurocompare.streams import Purpose, stream
from neurocompare.tasks import ideal_reach
from neurocompare.workflows.as_recorded import as_recorded
from neurocompare.workflows.recovery.plants import gammas_to_plant
from neurocompare.workflows.recovery.rates import rates_of, share
from neurocompare.workflows.recovery.recorder import DataSize, Recorder
from neurocompare.workflows.recovery.runs import Ranked, Run, run_all
from neurocompare.workflows.recovery.summary import chance_of, needed, sentences_of, summary_of

GAMMAS = (0.0, 0.1, 0.4, 1.6)
CONDITIONS, BINS = 4, 30
TASK = ideal_reach(directions=CONDITIONS, time_step=0.05)
LABELS = TASK.inputs["condition"].values
METRICS = (get_metric("procrustes"), get_metric("cka"))
SIZE = DataSize(1.0, 40, (12,) * CONDITIONS)


def latents(law):
    """Smooth courses that every unit of a law mixes, shape (condition, time, latent): each law has its own."""
    generator = np.random.default_rng([7, law])
    time = TASK.inputs["time"].values
    smooth = np.exp(-0.5 * (np.subtract.outer(time, time) / 0.12) ** 2)
    return np.einsum("ts,csk->ctk", smooth, generator.standard_normal((CONDITIONS, len(time), 3)))


def population(law, seed, units=60):
    """Units of a law: other mixtures for every seed."""
    values = latents(law) @ np.random.default_rng([8, law, seed]).standard_normal((3, units))
    return make_responses(values / values.std(), condition=LABELS, time=TASK.inputs["time"].values, source="toy")


def networks(law_of):
    return tuple(
        Candidate(f"{gamma}-{chain}", gamma, chain, 0, population(law_of(index), 10 * index + chain))
        for index, gamma in enumerate(GAMMAS)
        for chain in (0, 1)
    )


@pytest.fixture(scope="module")
def recorder():
    """A recording of 40 busy units, 12 trials a condition, that planted populations are recorded like."""
    generator, labels = np.random.default_rng(0), np.repeat(LABELS, 12)
    rates = 40 + 15 * generator.standard_normal((CONDITIONS, BINS, 40))
    time = 0.02 + 0.03 * np.arange(BINS)
    counts = xr.DataArray(
        generator.poisson(np.repeat(np.maximum(rates, 1), 12, axis=0) * 0.03).astype(float),
        dims=("trial", "time", "unit"),
        coords={
            "condition": ("trial", labels), "time": time, "segment": ("time", ["go"] * BINS),
            "event_time": ("time", time), "unit": np.arange(40),
        },
    )  # fmt: skip
    return Recorder(Trials(counts, pd.DataFrame(index=LABELS), bin_width=0.03, smoothing=0.03))


def planned(law_of, *, repeats=1):
    return [
        Run(
            {"kind": "grid", "gamma": gamma, "network": "p", "chain": run, "size": 1.0, "run": run},
            partial(population, law_of(index), 1000 + 10 * index + run),
            SIZE,
            100 * index + run,
        )
        for index, gamma in enumerate(GAMMAS)
        for run in range(repeats)
    ]


def test_what_nothing_confuses_is_always_named(recorder, tmp_path):
    def law(index):
        return index

    ranked = Ranked(networks(law), TASK, METRICS, 20)
    found = run_all(planned(law), recorder, ranked, tmp_path, workers=Workers(1))
    assert len(found) == len(GAMMAS) * len(METRICS) * 2
    for _, rows in found.groupby(["metric", "centring"]):
        rates = rates_of(rows, GAMMAS)
        assert np.array_equal(rates.confusion, np.eye(4, dtype=int))
        assert rates.exact.share == rates.within_step.share == rates.coverage.share == 1.0
        assert {row.gamma: row.coverage.runs for row in rates.by_gamma} == dict.fromkeys(GAMMAS, 1)
        # Populations of a law differ in nothing but their units: the recorded one is as near as others of its gamma.
        nearer = rows["own_score"] - rows["score"]
        assert abs(nearer.mean()) < 3.2 * nearer.sem()  # Student's 95 % of four
        # Of four means in 95 % intervals of single draws two would be out once in 70, were they single draws.
        assert rates.own_in_ceiling.count >= 3


def test_what_nothing_tells_apart_is_never_resolved_and_its_intervals_are_wide(recorder, tmp_path):
    def law(_):
        return 0

    ranked = Ranked(networks(law), TASK, METRICS[:1], 20)
    found = run_all(planned(law), recorder, ranked, tmp_path, workers=Workers(1))
    assert "resolved" not in set(found["verdict"])
    widths = np.interp(found["high"], GAMMAS, range(4)) - np.interp(found["low"], GAMMAS, range(4))
    assert np.median(widths) > 1.5
    rates = rates_of(found[found["centring"] == "unit"], GAMMAS)
    # Of four intervals that hold the truth in 95 % of cases two would miss it once in 70.
    assert rates.coverage.count >= 3


def test_what_an_interruption_left_is_not_made_again(recorder, tmp_path):
    ranked = Ranked(networks(lambda index: index), TASK, METRICS[:1], 3)
    runs, made = planned(lambda index: index), []

    def counted(run):
        def load():
            if len(made) == 2:
                raise KeyboardInterrupt
            made.append(run)
            return run.load()

        return replace(run, load=load)

    with pytest.raises(KeyboardInterrupt):
        run_all([counted(run) for run in runs], recorder, ranked, tmp_path / "a", workers=Workers(1))
    left = {path: path.stat().st_mtime_ns for path in (tmp_path / "a").iterdir()}
    assert len(left) == 2
    assert all(path.suffix == ".csv" for path in left)
    seen = []
    resumed = run_all(
        runs, recorder, ranked, tmp_path / "a", workers=Workers(1), progress=lambda done, total: seen.append(done)
    )
    assert seen[0] == 2
    assert seen[-1] == 4
    assert {path: path.stat().st_mtime_ns for path in left} == left
    whole = run_all(runs, recorder, ranked, tmp_path / "b", workers=Workers(1))
    pd.testing.assert_frame_equal(resumed, whole)
    # Another number of draws is another outcome.
    run_all(runs[:1], recorder, replace(ranked, draws=2), tmp_path / "a", workers=Workers(1))
    assert len(list((tmp_path / "a").iterdir())) == 5


@pytest.mark.parametrize(("count", "runs"), [(0, 12), (3, 12), (19, 20), (200, 200)])
def test_intervals_of_shares_are_wilsons(count, runs):
    z = 1.959963984540054
    p = count / runs
    middle = (p + z**2 / (2 * runs)) / (1 + z**2 / runs)
    half = z / (1 + z**2 / runs) * np.sqrt(p * (1 - p) / runs + z**2 / (4 * runs**2))
    found = share([1.0] * count + [0.0] * (runs - count) + [np.nan] * 3)
    assert (found.count, found.runs) == (count, runs)
    assert found.low == pytest.approx(middle - half, abs=1e-12)
    assert found.high == pytest.approx(middle + half, abs=1e-12)
    assert share([np.nan]).share is None


def test_a_network_recorded_at_another_size_has_that_size_and_the_recordings_rates(recorder):
    trials = recorder.trials
    size = recorder.size(1.5, most=50)
    assert (size.units, size.repeats) == (50, (18,) * CONDITIONS)  # 60 wanted, 50 there
    assert recorder.size(1.0, most=999, units=30, repeats=5) == DataSize(1.0, 30, (5,) * CONDITIONS)
    found = recorder.record(population(0, 1), size, seed=1)
    assert found.counts.sizes["unit"] == 50
    assert found.trials_per_condition.tolist() == [18] * CONDITIONS
    like, seen = observation_of(trials), observation_of(found)
    # 50 units at rates of 40 units: each mean rate once, ten of them twice; noise is under 1 spike/s.
    apart = np.abs(seen.mean_rate[:, None] - like.mean_rate).min(axis=1)
    assert apart.max() < 1.0
    other = recorder.record(population(0, 1), size, seed=2)
    assert (found.counts.values != other.counts.values).any()
    again = as_recorded(
        population(0, 1), trials, units=50, repeats=np.full(CONDITIONS, 18), rng=stream(Purpose.PLANTED_RECORDING, 1)
    )
    np.testing.assert_array_equal(found.counts.values, again.counts.values)


def test_gammas_of_the_grid_are_planted_and_those_halfway_between():
    assert gammas_to_plant(GAMMAS) == pytest.approx((*GAMMAS, 0.2, 0.8))


def test_needs_are_read_off_the_sizes_tried():
    sizes = [DataSize(1.0, 100, (20,)), DataSize(0.5, 50, (10,)), DataSize(2.0, 200, (40,))]
    assert str(needed(sizes, [0.8, 0.6, 1.0])) == "about 141 units and 28 trials a condition"
    assert needed(sizes, [0.95, 0.92, 1.0]).relation == "at most"
    assert needed(sizes, [0.95, 0.92, 1.0]).units == 50
    assert needed(sizes, [0.5, 0.6, 0.7]).relation == "more than"
    # A dip by chance at the larger size does not undo what the smaller one reached.
    assert needed(sizes, [0.95, 0.5, 0.7]).factor < 1


def test_chance_is_the_share_of_neighbours():
    for count in (2, 3, 8):
        near = sum(abs(i - j) <= 1 for i in range(count) for j in range(count))
        assert chance_of(count) == pytest.approx(near / count**2)


def outcomes(steps_by_size):
    rows = []
    for size, steps in steps_by_size.items():
        for run, off in enumerate(steps):
            for centring in ("unit", "condition-mean"):
                rows.append(
                    {
                        "kind": "grid", "gamma": 0.4, "size": size, "run": run, "metric": "cka",
                        "centring": centring, "verdict": "tied", "best_gamma": 0.4, "steps": off, "covered": 1.0,
                        "in_ceiling": np.nan, "own_in_ceiling": np.nan,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def test_the_summary_says_what_the_numbers_say():
    sizes = [DataSize(1.0, 100, (20, 22)), DataSize(2.0, 200, (40, 44))]
    settings = {
        "gammas": GAMMAS, "sizes": sizes, "metrics": ["cka"], "recording": "toy", "conditions": 2, "family": {"g": 1.5},
        "draws": 20, "runs": 20, "seed": 0, "independent": 4,
    }  # fmt: skip
    found = summary_of(outcomes({1.0: [0.0] * 10 + [2.0] * 10, 2.0: [1.0] * 20}), **settings)
    assert found.metrics["cka"].needed.relation == "about"
    assert found.metrics["cka"].sizes[0].verdicts["tied"] == 20
    assert found.metrics["cka"].sizes[0].in_ceiling.share is None
    first, last = found.sentences
    assert first.startswith("cka does not tell gammas apart here: it names one within a grid step")
    assert "50 % (30 to 70 %)" in first
    assert "4 independent networks" in last
    assert "20 to 22 trials" in last
    few = summary_of(outcomes({1.0: [0.0], 2.0: [0.0]}), **settings)
    assert "too few runs" in sentences_of(few)[0]
