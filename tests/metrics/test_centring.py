import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.metrics.centring import centre, lacks_condition_mean, leave_one_out_means


def test_centring_removes_exactly_the_mean_it_names(related):
    x, _ = related(0, share=0.5)
    shifted = x + np.arange(30.0)
    by_unit, by_time = centre(shifted, "unit"), centre(shifted, "condition-mean")
    assert np.abs(by_unit.mean(("condition", "time"))).max() < 1e-12
    assert np.abs(by_unit.mean("condition")).max() > 0.1
    assert np.abs(by_time.mean("condition")).max() < 1e-12
    assert by_unit.coords.equals(x.coords)


def test_centring_twice_changes_nothing(related):
    x, _ = related(1, share=0.5)
    once = centre(x, "condition-mean")
    assert np.allclose(centre(centre(once, "unit"), "condition-mean"), once, atol=1e-12)


def test_an_unknown_centring_is_refused(related):
    with pytest.raises(InputError, match="expected a centring among unit, condition-mean, found 'time'"):
        centre(related(2, share=0.5)[0], "time")


def test_a_removed_mean_is_seen_whatever_the_baseline(related):
    x, _ = related(3, share=0.5)
    assert not lacks_condition_mean(x.values)
    assert not lacks_condition_mean(centre(x, "unit").values)
    assert lacks_condition_mean(centre(x, "condition-mean").values + 100 * np.arange(30.0))


@pytest.mark.parametrize("centring", ["unit", "condition-mean"])
def test_fold_means_come_from_the_other_conditions_as_if_nothing_had_been_removed(centring, related):
    values = related(4, share=0.5)[0].values
    centred = values - values.mean(axis=0 if centring == "condition-mean" else (0, 1))
    for fold, mean in enumerate(leave_one_out_means(centred)):
        others = np.delete(values, fold, axis=0)
        expected = values - others.mean(axis=0 if centring == "condition-mean" else (0, 1))
        assert np.allclose(centred - mean, expected, atol=1e-12)
