import numpy as np
import pytest
from sklearn.linear_model import Ridge

from neurocompare.errors import InputError
from neurocompare.metrics import Predictivity, centre
from neurocompare.metrics.ridge import PENALTIES, predict_left_out


def ridge_by_the_book(x, y, centring, penalties):
    """One way, with scikit-learn: means, weights and penalty of each fold from the other conditions alone."""

    def fitted(train, penalty):
        mean_x, mean_y = (side[train].mean(axis=0 if centring == "condition-mean" else (0, 1)) for side in (x, y))
        rows, targets = ((side[train] - mean).reshape(-1, side.shape[2]) for side, mean in ((x, mean_x), (y, mean_y)))
        scale = np.trace(rows.T @ rows) / rows.shape[1]
        weights = Ridge(alpha=penalty * scale, fit_intercept=False).fit(rows, targets).coef_.T
        return lambda c: ((x[c] - mean_x) @ weights, y[c] - mean_y)

    conditions = list(range(len(x)))
    predicted, target = np.empty_like(y), np.empty_like(y)
    for c in conditions:
        others = [d for d in conditions if d != c]
        errors = []
        for penalty in penalties:
            folds = [fitted([e for e in others if e != d], penalty)(d) for d in others]
            errors.append(sum(np.sum((guess - truth) ** 2) for guess, truth in folds))
        predicted[c], target[c] = fitted(others, penalties[int(np.argmin(errors))])(c)
    return (predicted * target).sum((0, 1)) / np.sqrt((predicted**2).sum((0, 1)) * (target**2).sum((0, 1)))


@pytest.mark.parametrize("centring", ["unit", "condition-mean"])
def test_the_fast_folds_equal_the_folds_written_out(centring, related):
    x, y = (side.isel(condition=slice(5), unit=slice(7)) + 20.0 for side in related(0, share=0.7))
    penalties = PENALTIES[::2]
    metric = Predictivity(penalties)
    found = metric.by_unit(centre(x, centring), centre(y, centring))
    forward = ridge_by_the_book(x.values, y.values, centring, penalties)
    backward = ridge_by_the_book(y.values, x.values, centring, penalties)
    assert found == pytest.approx(forward, abs=1e-8)
    score = metric.score(centre(x, centring), centre(y, centring))
    assert score == pytest.approx((np.median(forward) + np.median(backward)) / 2, abs=1e-8)


def test_nothing_of_a_left_out_condition_reaches_its_prediction(unrelated):
    """At a fixed penalty, products of target and prediction of unrelated populations are zero on average."""
    products = []
    for seed in range(60):
        x, y = (Predictivity().prepare(centre(side, "condition-mean")) for side in unrelated(seed, width=5.0))
        predicted, target = predict_left_out(x, y, (0.1,))
        products.append(np.vdot(predicted, target) / np.vdot(target, target))
    assert abs(np.mean(products)) < 3 * np.std(products, ddof=1) / np.sqrt(len(products))


@pytest.mark.parametrize("centring", ["unit", "condition-mean"])
def test_unrelated_smooth_populations_predict_next_to_nothing(centring, unrelated):
    """Not exactly nothing, as the docstring says: where predictions are better by chance they are larger as well."""
    pairs = [unrelated(seed, width=5.0) for seed in range(25)]
    scores = [Predictivity().score(*(centre(side, centring) for side in pair)) for pair in pairs]
    assert abs(np.mean(scores)) < 0.1


def test_a_part_is_predicted_by_the_whole_better_than_the_whole_by_the_part(related):
    whole, _ = related(1, share=0.5)
    part = whole.copy(data=whole.values @ np.eye(30)[:, :3] @ np.random.default_rng(0).normal(size=(3, 30)))
    metric = Predictivity()
    assert np.median(metric.by_unit(whole, part)) > 0.99
    assert np.median(metric.by_unit(part, whole)) < 0.9
    both = [np.median(metric.by_unit(*pair)) for pair in ((whole, part), (part, whole))]
    assert metric.score(whole, part) == pytest.approx(np.mean(both), abs=1e-12)


def test_what_was_fitted_is_judged_on_other_conditions(related):
    x, y = related(2, share=0.9)
    parts = [[side.isel(condition=part) for side in (x, y)] for part in (slice(6), slice(6, 8))]
    fitted = Predictivity().fit(*parts[0])
    assert fitted.score(*parts[0]) > fitted.score(*parts[1]) > 0.3
    with pytest.raises(InputError, match="the 30 units fitted to, found 20"):
        fitted.score(*(side.isel(unit=slice(20)) for side in parts[1]))


def test_too_few_conditions_and_bad_penalties_are_refused(related):
    x, y = (side.isel(condition=slice(3)) for side in related(3, share=0.5))
    with pytest.raises(InputError, match="at least 4 conditions, found 3"):
        Predictivity().score(x, y)
    for penalties in ((), (0.0, 1.0)):
        with pytest.raises(InputError, match="expected positive penalties"):
            Predictivity(penalties)
