from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from neurocompare.errors import InputError
from neurocompare.metrics import NAMED, adapt, centre
from neurocompare.ranking.axis import Context
from neurocompare.ranking.candidate import Candidate
from neurocompare.ranking.draws import make_draws, sampling_of
from neurocompare.ranking.observe import observation_of, observe, soft_normalise
from neurocompare.ranking.ranking import rank
from neurocompare.ranking.score import CENTRINGS, COLUMNS, partners, score_draw
from neurocompare.responses import make_responses
from neurocompare.streams import Purpose, stream

GRID = [0.0, 0.1, 0.4, 1.6, 6.4]
NETWORKS = [(0, 0), (0, 1), (1, 0), (1, 1)]
CONDITIONS = [f"c{i}" for i in range(6)]


def toy(compare, name="toy", prepare=lambda responses: responses):
    return SimpleNamespace(name=name, range=None, compare=compare, prepare=prepare)


def linear_cka(x, y):
    """In-sample linear CKA: enough of a similarity to rank by."""
    x, y = (responses.values.reshape(-1, responses.sizes["unit"]) for responses in (x, y))
    return np.sum((x.T @ y) ** 2) / np.sqrt(np.sum((x.T @ x) ** 2) * np.sum((y.T @ y) ** 2))


def smooth_latents(generator, times):
    """Four sums of slow sinusoids a condition, shape (condition, time, 4)."""
    phase, speed = generator.uniform(0, 6.3, (6, 1, 4)), generator.uniform(4, 12, (6, 1, 4))
    return np.sqrt(2) * np.sin(phase + speed * times[:, None])


@pytest.fixture(scope="module")
def latents():
    return lambda times: smooth_latents(np.random.default_rng(0), times)


@pytest.fixture
def recorded(make_trials, latents):
    mixing = np.random.default_rng(1).normal(size=(4, 40))
    rates = np.maximum(20 + 5 * latents(0.01 + 0.02 * np.arange(20)) @ mixing, 0)
    return make_trials(rates, repeats=10, smoothing=0.04)


@pytest.fixture
def family(latents):
    """Networks that share the recording's latents at gamma 0.4 and turn away from them to either side."""
    times = np.arange(0.0, 0.41, 0.05)
    candidates = []
    for i, gamma in enumerate(GRID):
        angle = 0.7 * abs(i - GRID.index(0.4))
        own = smooth_latents(np.random.default_rng(10 + i), times)
        mixed = np.cos(angle) * latents(times) + np.sin(angle) * own
        for k, pair in enumerate(NETWORKS):
            activity = np.tanh(0.3 * mixed @ np.random.default_rng([i, k]).normal(size=(4, 60)))
            responses = make_responses(activity, condition=CONDITIONS, time=times)
            candidates.append(Candidate(f"{i}{k}", gamma, *pair, responses))
    return candidates


def test_the_planted_gamma_is_found(recorded, family):
    metrics = [toy(linear_cka)]
    tables = [score_draw(draw, recorded, family, metrics) for draw in make_draws(recorded, family, draws=25)]
    found = rank(pd.concat(tables), metrics=metrics, sampling=sampling_of(recorded), context=Context(["toy"]))
    for one in (found.metrics["toy"], found.centred["toy"]):
        assert (one.best_gamma, one.verdict) == (0.4, "resolved")
        assert one.p_best[GRID.index(0.4)].p > 0.8
        means = [score.mean for score in one.scores]
        assert means[0] < means[1] < means[2] > means[3] > means[4]
        assert one.ceiling.low > max(null.high for null in one.nulls.values())


def test_the_table_has_every_row_once(recorded, family):
    draw = make_draws(recorded, family, draws=4)[3]
    table = score_draw(draw, recorded, family, [toy(linear_cka), toy(linear_cka, "twin")])
    assert tuple(table.columns) == COLUMNS
    assert set(table["resample"]) == {3}
    assert np.isfinite(table["score"]).all()
    counts = table.groupby(["metric", "centring", "kind"]).size().unstack()
    assert (counts["model"] == 20).all()
    for kind in ("ceiling", "reliability", "ceiling:units", "ceiling:trials"):
        assert (counts[kind] == 1).all()
    for null in ("null:conditions", "null:time-shift", "null:surrogates"):
        rows = table[table["kind"] == null]
        assert (counts[null] == 5).all()
        assert set(zip(rows["chain"], rows["member"], strict=True)) == {draw.null_network}
    within = table[(table["kind"] == "within") & (table["metric"] == "toy") & (table["centring"] == "unit")]
    keys = [tuple(row) for row in within[["gamma", "chain", "member"]].to_numpy()]
    assert keys == [(gamma, 0, member) for gamma in within["gamma"].unique() for member in (0, 1)]
    assert within["gamma"].nunique() == 5
    assert set(within["partner"]) == {1}
    assert set(table.loc[table["kind"] != "within", "partner"]) == {-1}
    assert table.drop(columns="metric").duplicated().sum() == len(table) / 2  # twins agree


def test_scores_are_the_same_each_time_and_paired_across_gammas(recorded, family):
    (draw,) = make_draws(recorded, family, draws=1)
    metrics = [toy(linear_cka)]
    table = score_draw(draw, recorded, family, metrics)
    np.random.seed(1)  # noqa: NPY002
    assert table.equals(score_draw(draw, recorded, family, metrics))
    # One network under two gammas: same units, same rates, same spikes, so the same score.
    copies = [Candidate("", gamma, 0, 0, family[0].responses) for gamma in (0.0, 0.4)]
    (draw,) = make_draws(recorded, copies, draws=1)
    scores = score_draw(draw, recorded, copies, metrics).query("network == network and gamma == gamma")
    assert (scores.groupby(["kind", "centring"])["score"].nunique() == 1).all()
    # Two members of one gamma are seen independently.
    copies = [Candidate("", 0.0, 0, member, family[0].responses) for member in (0, 1)]
    scores = score_draw(draw, recorded, copies, metrics).query("kind == 'model'")
    assert (scores.groupby("centring")["score"].nunique() == 2).all()


def test_metrics_see_what_they_should(recorded, family):
    seen = []
    metric = toy(lambda x, y: float(len(seen.append((x, y)) or seen)))
    (draw,) = make_draws(recorded, family, draws=1)
    table = score_draw(draw, recorded, family, [metric])
    labels = recorded.counts["condition"].values
    for (x, y), row in zip(seen, table.itertuples(), strict=True):
        assert x.dims == y.dims
        assert x.sizes == y.sizes == {"condition": 6, "time": 20, "unit": 10 if row.kind == "ceiling:units" else 20}
        assert x["condition"].equals(y["condition"])
        assert np.array_equal(x["time"], y["time"])
        axes = (0, 1) if row.centring == "unit" else 0
        assert abs(x.values.mean(axis=axes)).max() < 1e-12
        assert abs(y.values.mean(axis=axes)).max() < 1e-12
        recording = seen[CENTRINGS.index(row.centring)][0].values
        disturbed = {
            "null:conditions": recording[draw.permutation],
            "null:time-shift": np.roll(recording, draw.shift, axis=1),
        }
        own = ("ceiling:units", "ceiling:trials", "null:surrogates", "within")
        assert np.array_equal(x, disturbed.get(row.kind, recording)) == (row.kind not in own)
        if row.kind == "reliability":
            assert np.array_equal(x["unit"], y["unit"])
    like = observation_of(recorded, draw.trials)
    pair, row = NETWORKS[1], family[1]
    view = observe(row.responses, like=like, units=20, seed=stream(Purpose.OBSERVED, draw.seed, draw.index, *pair))
    normalised = soft_normalise(view).values
    shown = seen[np.flatnonzero((table["network"] == row.network) & (table["kind"] == "model"))[0]][1]
    assert np.array_equal(shown["unit"], view["unit"])
    assert np.allclose(shown.values, normalised - normalised.mean(axis=(0, 1)), atol=1e-12)

    # Networks of one gamma meet as the recording would have seen either of them: the views that it is scored against.
    shown = {
        (row.gamma, row.chain, row.member, row.centring): y
        for (_, y), row in zip(seen, table.itertuples(), strict=True)
        if row.kind == "model"
    }
    for (x, y), row in zip(seen, table.itertuples(), strict=True):
        if row.kind == "within":
            assert x is shown[row.gamma, row.chain, row.member, row.centring]
            assert y is shown[row.gamma, 1 - row.chain, row.member, row.centring]

    ceiling = seen[0]
    assert not set(ceiling[0]["unit"].values) & set(ceiling[1]["unit"].values)

    for responses, trials, units in zip(
        ceiling, (draw.trials, draw.other_trials), (draw.units, draw.other_units), strict=True
    ):
        counts = np.stack([recorded.counts.values[trials & (labels == label)].mean(axis=0) for label in like.condition])
        rates = np.matmul(like.smoothing, counts[:, :, units] / 0.02)
        normalised = rates / (np.ptp(rates, axis=(0, 1)) + 5)
        assert np.allclose(responses.values, normalised - normalised.mean(axis=(0, 1)), atol=1e-12)


def test_a_metric_that_cannot_be_computed_says_why_and_the_others_go_on(recorded, family):
    def needy(x, y):
        message = "expected at least 9 conditions, found 6"
        raise InputError(message)

    def singular(x, y):
        raise np.linalg.LinAlgError("Singular matrix")

    def undefined(x, y):
        return np.nan

    def broken(x, y):
        raise KeyError("a bug")

    (draw,) = make_draws(recorded, family, draws=1)
    metrics = [
        toy(needy, "needy"),
        toy(linear_cka, "needy before", lambda responses: needy(responses, None)),
        toy(singular, "singular"),
        toy(undefined, "undefined"),
        toy(linear_cka),
    ]
    table = score_draw(draw, recorded, family, metrics).set_index("metric")
    assert np.isfinite(table.loc["toy", "score"]).all()
    assert set(table.loc["toy", "note"]) == {""}
    for name, note in (
        ("needy", "expected at least 9 conditions, found 6"),
        ("needy before", "expected at least 9 conditions, found 6"),
        ("singular", "Singular matrix"),
        ("undefined", "undefined gave nan"),
    ):
        assert table.loc[name, "score"].isna().all()
        assert set(table.loc[name, "note"]) == {note}
    with pytest.raises(KeyError, match="a bug"):
        score_draw(draw, recorded, family, [toy(broken)])


def test_every_named_metric_and_one_made_elsewhere_can_be_ranked_by(recorded, family):
    def gap(x, y):
        return np.linalg.norm(x.T @ y)

    metrics = [*NAMED, adapt(gap, direction="higher is more similar")]
    (draw,) = make_draws(recorded, family, draws=1)
    table = score_draw(draw, recorded, family[:2], metrics)
    assert set(table["metric"]) == {metric.name for metric in metrics}
    assert not table["note"].any()
    for metric in metrics:
        low, high = metric.range or (-np.inf, np.inf)
        assert table.loc[table["metric"] == metric.name, "score"].between(low - 1e-9, high + 1e-9).all()


def test_populations_of_the_baseline_are_scored_among_themselves(recorded, family):
    (draw,) = make_draws(recorded, family, draws=1)
    populations = [replace(family[k], network="", gamma=np.nan, chain=k, member=0) for k in range(3)]
    other = replace(family[3], network="recorded", gamma=np.nan, chain=3, member=0)
    table = score_draw(draw, recorded, family, [toy(linear_cka)], [*populations, other])
    own = table[(table["kind"] == "within") & table["gamma"].isna() & (table["centring"] == "unit")]
    assert list(zip(own["chain"], own["partner"], strict=True)) == [(0, 1), (1, 2), (0, 2)]
    # What is scored beside them under another name is no partner of theirs.
    assert (table["kind"] == "kinematic").sum() == 2 * 4
    views = [
        centre(soft_normalise(observe(
            each.responses, like=observation_of(recorded, draw.trials), units=20,
            seed=stream(Purpose.OBSERVED, draw.seed, draw.index, each.chain, 0),
        )))
        for each in populations
    ]  # fmt: skip
    assert own["score"].iloc[0] == pytest.approx(linear_cka(views[0], views[1]))


def test_chains_are_partners_of_the_next_three_around_a_circle():
    for count in (2, 5, 7):
        assert set(partners([(k, 0) for k in range(count)])) == {
            ((one, 0), (other, 0)) for other in range(count) for one in range(other)
        }
    many = partners([(k, 0) for k in range(10)])
    assert len(many) == len(set(many)) == 30
    for k in range(10):
        assert sum((k, 0) in pair for pair in many) == 6
