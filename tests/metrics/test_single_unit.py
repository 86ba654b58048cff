import numpy as np
import pytest
from scipy.stats import energy_distance, wasserstein_distance

from neurocompare.errors import InputError
from neurocompare.metrics import SingleUnit, centre
from neurocompare.responses import make_responses

ANGLES = ("condition", np.arange(8) * np.pi / 4)


def test_each_feature_is_compared_by_its_normalised_wasserstein_distance(related):
    x, y = related(0, share=0.5)
    metric = SingleUnit()
    likeness = metric.by_feature(x, y)
    first, second = metric.features(x), metric.features(y)
    assert list(first.columns) == list(likeness)
    for name, value in likeness.items():
        pooled = np.concatenate([first[name], second[name]]).std()
        assert value == pytest.approx(1 - wasserstein_distance(first[name], second[name]) / (2 * pooled), abs=1e-9)
    assert metric.score(x, y) == pytest.approx(np.mean(list(likeness.values())))


def test_features_are_labelled_by_unit(related):
    x, _ = related(1, share=0.5)
    table = SingleUnit().features(x.assign_coords(unit=[f"u{index}" for index in range(30)]))
    assert table.index.name == "unit"
    assert table.index[3] == "u3"


def test_one_kind_of_unit_against_another_scores_zero_in_that_feature(related):
    """All units of one population turn at 1 Hz, all of the other at 3 Hz."""
    times = np.arange(0, 2, 0.02)
    slow, fast = (
        make_responses(
            np.sin(2 * np.pi * rate * times + np.arange(4)[:, None])[:, :, None] * np.arange(1, 6),
            condition=list("abcd"),
            time=times,
        )
        for rate in (1, 3)
    )
    likeness = SingleUnit().by_feature(slow, fast)
    assert likeness["temporal_frequency"] == pytest.approx(0, abs=1e-6)
    assert likeness["autocorrelation_time"] == pytest.approx(0, abs=1e-6)


def test_gains_and_baselines_of_single_units_do_not_show(related):
    x, y = related(2, share=0.5)
    rng = np.random.default_rng(0)
    scaled = x * rng.lognormal(size=30) + rng.normal(size=30)
    assert SingleUnit().score(scaled, y) == pytest.approx(SingleUnit().score(x, y), abs=1e-9)


def test_two_samples_of_one_kind_of_population_score_as_stated(unrelated):
    """About 0.9 at 60 units, and the shortfall goes as one over the square root of their number."""
    shortfall = [np.mean([1 - SingleUnit().score(*unrelated(seed, units=n)) for seed in range(15)]) for n in (60, 240)]
    assert shortfall[0] == pytest.approx(0.1, abs=0.015)
    assert shortfall[0] / shortfall[1] == pytest.approx(2, abs=0.25)


def test_populations_of_other_kinds_score_lower(unrelated):
    alike = [SingleUnit().score(*unrelated(seed)) for seed in range(8)]
    apart = [SingleUnit().score(unrelated(seed)[0], unrelated(seed, width=1.0)[1]) for seed in range(8)]
    assert max(apart) < min(alike)


def test_directions_known_to_either_population_are_used_for_both(related):
    x, y = related(3, share=0.5)
    turning = x.assign_coords(target_angle=ANGLES)
    metric = SingleUnit()
    both = metric.by_feature(turning, y.assign_coords(target_angle=ANGLES))
    assert set(both) - set(metric.by_feature(x, y)) == {"preferred_direction", "tuning_width", "direction_tuning"}
    assert metric.by_feature(turning, y) == both
    assert metric.by_feature(y, turning) == pytest.approx(both)
    assert "direction_tuning" not in metric.by_feature(x, y)


def test_three_directions_or_unknown_ones_say_nothing_of_tuning(related):
    x, y = related(4, share=0.5)
    for angles in (np.arange(8) % 3 * 1.0, np.where(np.arange(8) == 2, np.nan, ANGLES[1])):
        assert "direction_tuning" not in SingleUnit().by_feature(x.assign_coords(target_angle=("condition", angles)), y)


def test_the_condition_share_is_left_out_where_centring_fixes_it(related):
    x, y = related(5, share=0.5)
    assert "condition_share" in SingleUnit().by_feature(x, y)
    centred = (centre(population, "condition-mean") for population in (x, y))
    assert "condition_share" not in SingleUnit().by_feature(*centred)


def test_one_time_is_not_enough(related):
    x, y = (population.isel(time=[0]) for population in related(6, share=0.5))
    with pytest.raises(InputError, match="at least 2 times for the features of single units, found 1"):
        SingleUnit().score(x, y)


def test_the_table_shows_each_feature_with_both_distances(related):
    x, y = (side.assign_coords(target_angle=ANGLES) for side in related(7, share=0.5))
    table, first, second = SingleUnit().table(x, y), SingleUnit().features(x), SingleUnit().features(y)
    assert list(table.index) == list(first.columns)
    assert table["likeness"].to_dict() == SingleUnit().by_feature(x, y)
    assert table.loc["complexity", "x_median"] == pytest.approx(first["complexity"].median())
    assert table.loc["kurtosis", "y_high"] == pytest.approx(second["kurtosis"].quantile(0.75))
    for name in ("complexity", "tuning_width"):
        assert table.loc[name, "wasserstein"] == pytest.approx(wasserstein_distance(first[name], second[name]))
    gaps = np.abs(first["kurtosis"].to_numpy()[:, None] - second["kurtosis"].to_numpy()).mean()
    expected = energy_distance(first["kurtosis"], second["kurtosis"]) ** 2 / (2 * gaps)
    assert table.loc["kurtosis", "energy"] == pytest.approx(expected)
    by_energy = SingleUnit("energy").by_feature(x, y)
    assert by_energy == pytest.approx((1 - table["energy"]).to_dict())


def test_turning_all_directions_moves_preferred_directions_around_the_circle(related):
    x, _ = related(8, share=0.5)
    turned = x.assign_coords(target_angle=("condition", ANGLES[1] + 2.0))
    table = SingleUnit().features(x.assign_coords(target_angle=ANGLES))
    moved = SingleUnit().features(turned)
    gap = np.angle(np.exp(1j * (moved["preferred_direction"] - table["preferred_direction"])))
    assert gap == pytest.approx(np.full(30, 2.0), abs=1e-4)
    assert moved["tuning_width"].to_numpy() == pytest.approx(table["tuning_width"].to_numpy(), abs=1e-4)


def test_an_unknown_distance_is_refused():
    with pytest.raises(InputError, match="a distance among wasserstein, energy, found 'chi'"):
        SingleUnit("chi")
