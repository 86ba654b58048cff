import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.metrics import CCA, CKA, Procrustes, pairwise
from neurocompare.metrics.pairwise import unit_subsets

WHOLE = (
    Procrustes(None, held_out=False),
    Procrustes(None, alpha=0.4, held_out=False),
    CCA(None, held_out=False),
)


@pytest.fixture
def populations(related):
    return [side for seed in range(2) for side in related(seed, share=0.7)]


@pytest.mark.parametrize(
    "metric",
    [*WHOLE, Procrustes(), CKA(), CCA(weighting="projection"), CCA(None, weighting="projection", held_out=False)],
    ids=lambda metric: f"{metric.name}-{metric.dimensions}" if hasattr(metric, "dimensions") else metric.name,
)
def test_every_pair_scores_as_it_does_alone(metric, populations):
    found = pairwise(metric, populations)
    for i, x in enumerate(populations):
        for j, y in enumerate(populations):
            assert found[i, j] == pytest.approx(metric.score(x, y), abs=1e-9)


@pytest.mark.parametrize("metric", [*WHOLE, Procrustes()], ids=["procrustes", "alpha", "cca", "held-out"])
def test_resamples_score_as_their_units_do_alone(metric, populations):
    found = pairwise(metric, populations, resamples=3, units=11, seed=4)
    subsets = unit_subsets(4, 30, 3, drawn=11, seed=4)
    for scores, chosen in zip(found, subsets, strict=True):
        x, y = (populations[k].isel(unit=chosen[k]) for k in (1, 2))
        assert scores[1, 2] == pytest.approx(metric.score(x, y), abs=1e-9)


def test_subsets_are_halves_without_repeats_that_depend_on_seed_and_index_only():
    subsets = unit_subsets(3, 9, 5)
    assert subsets.shape == (5, 3, 4)
    assert (np.diff(subsets) > 0).all()
    assert np.array_equal(unit_subsets(3, 9, 2), subsets[:2])
    assert not np.array_equal(unit_subsets(3, 9, 5, seed=1), subsets)


@pytest.mark.parametrize("metric", WHOLE[::2], ids=["procrustes", "cca"])
def test_repeated_units_do_not_spoil_the_roots(metric, populations):
    """Half of the singular values are zero: their squares are rounding, and the root of rounding is 1e-8."""
    repeated = [one.copy(data=np.tile(one.values[:, :, :15], 2)) for one in populations]
    expected = metric.raw(*(one.values.reshape(-1, 30) for one in repeated[:2]))
    assert pairwise(metric, repeated)[0, 1] == pytest.approx(expected, abs=1e-9)


def test_what_cannot_be_compared_is_refused(populations):
    with pytest.raises(InputError, match="at least 2 populations to compare, found 1"):
        pairwise(CKA(), populations[:1])
    with pytest.raises(InputError, match="as many units in both populations, found 30 and 20"):
        pairwise(CKA(), [populations[0], populations[1].isel(unit=slice(20))])
    with pytest.raises(InputError, match="resamples of 2 to 30 units, found 3 of 31"):
        pairwise(CKA(), populations, resamples=3, units=31)
    short = [one.isel(condition=slice(2), time=slice(15)) for one in populations]
    with pytest.raises(InputError, match="more than 31 samples for 30 units, found 30"):
        pairwise(CCA(None, held_out=False), short)
