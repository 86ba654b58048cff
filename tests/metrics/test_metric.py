import numpy as np
import pytest
from scipy.stats import ortho_group

from neurocompare.errors import InputError
from neurocompare.metrics import CCA, CKA, METRICS, NAMED, Procrustes, centre, declarations, get_metric

EACH = pytest.mark.parametrize("metric", NAMED, ids=lambda metric: metric.name)

CHANGES = {
    "translation": lambda values, rng: values + rng.normal(size=values.shape[2]),
    "rotation": lambda values, rng: values @ ortho_group.rvs(values.shape[2], random_state=rng),
    "scale": lambda values, rng: 3.7 * values,
    "affine": lambda values, rng: values @ rng.normal(size=(values.shape[2],) * 2) + rng.normal(size=values.shape[2]),
    "permutation": lambda values, rng: values[:, :, rng.permutation(values.shape[2])],
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("centring", ["unit", "condition-mean"])
@EACH
def test_a_declared_invariance_holds_and_an_undeclared_one_fails(metric, centring, change, related):
    x, y = (centre(population, centring) for population in related(3, share=0.7))
    changed = x.copy(data=CHANGES[change](x.values, np.random.default_rng(4)))
    difference = abs(metric.score(changed, y) - metric.score(x, y))
    if change in metric.invariances:
        assert difference < 1e-9
    else:
        assert difference > 1e-3


def test_every_known_change_is_spoken_for():
    assert {change for metric in NAMED for change in metric.invariances} <= set(CHANGES)


@EACH
def test_a_population_is_most_like_itself(metric, related):
    x, _ = related(5, share=0.5)
    # Ridge regression shrinks even what it could predict without error.
    assert metric.score(x, x) == pytest.approx(1, abs=1e-6 if metric.name == "predictivity" else 1e-9)


@EACH
def test_the_order_of_the_two_matters_only_where_declared(metric, related):
    x, y = related(6, share=0.6)
    difference = abs(metric.score(x, y) - metric.score(y, x))
    assert difference < 1e-9 if metric.symmetric else difference > 1e-3


@EACH
def test_scores_lie_in_the_declared_range(metric, related, unrelated):
    low, high = metric.range
    for pair in (related(7, share=0.9), unrelated(7)):
        assert low <= metric.score(*pair) <= high


@EACH
def test_preparing_first_changes_nothing(metric, related):
    x, y = related(8, share=0.6)
    assert metric.compare(metric.prepare(x), metric.prepare(y)) == metric.score(x, y)


@EACH
def test_scoring_leaves_the_responses_alone(metric, related):
    x, y = related(9, share=0.6)
    before = x.values.copy()
    metric.score(x, y)
    assert np.array_equal(x.values, before)


@pytest.mark.parametrize("metric", [Procrustes(), CCA(), CKA()], ids=lambda metric: metric.name)
def test_the_score_rises_with_the_planted_share(metric, related):
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    scores = np.array([[metric.score(*related(seed, share)) for share in shares] for seed in range(12)])
    steps = np.diff(scores, axis=1)
    error = steps.std(axis=0, ddof=1) / np.sqrt(len(steps))
    assert (steps.mean(axis=0) > 3 * error).all()


def test_metrics_are_declared_in_order():
    assert [metric.name for metric in METRICS] == ["procrustes", "cca", "cka", "single_unit"]
    assert NAMED[:4] == METRICS
    assert [metric.name for metric in NAMED[4:7]] == ["rsa", "predictivity", "flow"]
    assert len({metric.name for metric in NAMED}) == len(NAMED)
    for metric in NAMED:
        assert metric.direction == "higher is more similar"
        assert metric.needs
        assert metric.citation


def test_every_declaration_is_in_the_table():
    table = declarations()
    assert list(table.index) == [metric.name for metric in NAMED]
    assert table.loc["cka-biased", "range"] == "0 to 1"
    assert table.loc["predictivity", "blind to"] == "permutation, scale, translation"


@EACH
def test_what_is_fitted_can_be_judged_on_responses_it_has_not_seen(metric, related):
    x, y = related(14, share=0.8)
    fitted = metric.fit(*(side.isel(condition=slice(4)) for side in (x, y)))
    left = [side.isel(condition=slice(4, 8)) for side in (x, y)]
    low, high = metric.range
    assert low <= fitted.score(*left) <= high
    same = metric.fit(x, x)
    assert same.score(left[0], left[0]) == pytest.approx(1, abs=1e-4)
    with pytest.raises(InputError, match="same conditions in the same order"):
        fitted.score(left[0], y.isel(condition=slice(4)))


def test_get_metric_finds_by_name_and_names_the_nearest():
    assert get_metric("cka") == CKA()
    with pytest.raises(InputError, match="found 'procrust'; did you mean procrustes"):
        get_metric("procrust")


@EACH
def test_populations_that_do_not_match_are_refused_by_name(metric, related):
    x, y = related(10, share=0.5)
    renamed = y.assign_coords(condition=[*y["condition"].values[:-1], "other"])
    with pytest.raises(InputError, match="same conditions in the same order, found c7 and other at position 7"):
        metric.score(x, renamed)
    with pytest.raises(InputError, match="same conditions in the same order, found c0 and c1 at position 0"):
        metric.score(x, y.isel(condition=[1, 0, 2, 3, 4, 5, 6, 7]))
    with pytest.raises(InputError, match=r"same times in s, found 0.0 and 0.01 at position 0"):
        metric.score(x, y.assign_coords(time=y["time"] + 0.01))
    with pytest.raises(InputError, match="same times in s, found 20 and 18 of them"):
        metric.score(x, y.isel(time=slice(18)))
    with pytest.raises(InputError, match="as many units in both populations, found 30 and 20; draw as many"):
        metric.score(x, y.isel(unit=slice(20)))
    with pytest.raises(InputError, match="both populations centred alike"):
        metric.score(x, centre(y, "condition-mean"))


@EACH
def test_times_that_differ_by_rounding_are_the_same(metric, related):
    x, y = related(11, share=0.5)
    assert metric.score(x, y.assign_coords(time=y["time"] + 1e-13)) == pytest.approx(metric.score(x, y), abs=1e-9)


@EACH
def test_values_that_no_metric_can_use_are_refused(metric, related):
    x, y = related(12, share=0.5)
    gap = x.copy(deep=True)
    gap[2, 3, 4] = np.nan
    with pytest.raises(InputError, match="finite activity, found 1 values that are not"):
        metric.score(gap, y)
    with pytest.raises(InputError, match="units that vary over conditions and times, found none"):
        metric.score(x, y.copy(data=np.ones(y.shape)))
    with pytest.raises(InputError, match="at least 2 along condition, found 1"):
        metric.score(x.isel(condition=[0]), y.isel(condition=[0]))


@EACH
def test_a_constant_unit_adds_nothing_or_is_refused(metric, related):
    x, y = related(13, share=0.5)
    silent_x, silent_y = (population.copy(deep=True) for population in (x, y))
    silent_x[:, :, 0] = 2.0
    silent_y[:, :, 0] = 0.0
    if metric.name.startswith(("single_unit", "predictivity")):
        with pytest.raises(InputError, match=r"units that vary .* found 1 that do not \(first: unit 0\); leave"):
            metric.score(silent_x, y)
        with pytest.raises(InputError, match=r"found 1 that do not \(first: unit 0, which is silent\); leave"):
            metric.score(x, silent_y)
    else:
        without = metric.score(x.isel(unit=slice(1, None)), y.isel(unit=slice(1, None)))
        assert metric.score(silent_x, silent_y) == pytest.approx(without, abs=1e-9)
