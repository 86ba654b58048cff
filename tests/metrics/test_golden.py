"""Ten pairs whose values were computed by netrep and rsatoolbox; golden.json says with which versions."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

from neurocompare.metrics import CCA, CKA, RSA, Procrustes
from neurocompare.responses import make_responses

HERE = Path(__file__).parent
MAKER = runpy.run_path(str(HERE / "make_golden.py"))
GOLDEN = json.loads((HERE / "golden.json").read_text(encoding="utf-8"))
EACH_PAIR = pytest.mark.parametrize(
    ("pair", "golden"),
    [(MAKER["golden_pair"](index), golden) for index, golden in enumerate(GOLDEN["pairs"])],
    ids=["x".join(map(str, pair[:3])) for pair in MAKER["PAIRS"]],
)


def test_there_are_ten_pairs_and_the_versions_that_made_them():
    assert len(GOLDEN["pairs"]) == len(MAKER["PAIRS"]) == 10
    assert set(GOLDEN["made_with"]) == {"netrep", "rsatoolbox", "numpy", "scipy", "scikit-learn"}


@EACH_PAIR
def test_the_procrustes_distances_of_netrep(pair, golden):
    assert Procrustes().angle(*pair) == pytest.approx(golden["procrustes_angle"], abs=1e-7)
    assert Procrustes().distance(*pair) == pytest.approx(golden["procrustes_distance"], abs=1e-7)


@EACH_PAIR
def test_the_cca_distance_of_netrep(pair, golden):
    """It divides the sum of correlations by the geometric mean of the widths, not by the smaller one."""
    widths = [matrix.shape[1] for matrix in pair]
    correlations = CCA().correlations(*pair)
    assert np.arccos(correlations.sum() / np.sqrt(np.prod(widths))) == pytest.approx(golden["cca_angle"], abs=1e-7)
    assert CCA().raw(*pair) == pytest.approx(correlations.sum() / min(widths), abs=1e-12)
    assert Procrustes(alpha=0.0).angle(*pair) == pytest.approx(golden["cca_angle"], abs=1e-7)


@EACH_PAIR
def test_partial_whitening_on_the_stated_scale(pair, golden):
    """Ours does not depend on the unit of activity or the number of samples; netrep was given that scale."""
    for alpha, angle in golden["alpha_angles"].items():
        assert Procrustes(alpha=float(alpha)).angle(*pair) == pytest.approx(angle, abs=1e-7)
        twice = 7 * np.vstack([pair[0]] * 2), np.vstack([pair[1]] * 2)
        assert Procrustes(alpha=float(alpha)).angle(*twice) == pytest.approx(angle, abs=1e-7)


@EACH_PAIR
def test_the_bures_similarity_of_netrep_and_rsatoolbox(pair, golden):
    """rsatoolbox leaves the root of a rounding error in its value, netrep was given kernels without zeros."""
    pair = MAKER["few_rows"](*pair)
    assert Procrustes().raw(*pair) == pytest.approx(golden["bures"], abs=1e-9)
    assert Procrustes().raw(*pair) == pytest.approx(golden["rdm_bures"], abs=1e-8)


@EACH_PAIR
def test_the_biased_cka_of_netrep(pair, golden):
    assert CKA("biased").raw(*pair) == pytest.approx(np.cos(golden["cka_angle"]), abs=1e-9)


@EACH_PAIR
def test_the_comparisons_of_distances_of_rsatoolbox(pair, golden):
    for comparison, method in (("cosine", "cosine"), ("correlation", "corr"), ("spearman", "spearman")):
        assert RSA(comparison).raw(*pair) == pytest.approx(golden[f"rdm_{method}"], abs=1e-9)


@EACH_PAIR
def test_the_iterative_cca_of_scikit_learn(pair, golden):
    assert CCA().raw(*pair) == pytest.approx(golden["cca_sklearn"], abs=1e-4)


def test_the_cross_validated_distances_of_rsatoolbox():
    halves = tuple(
        make_responses(half, condition=range(6), time=0.1 * np.arange(5)) for half in MAKER["golden_halves"]()
    )
    assert RSA().distances(halves) == pytest.approx(GOLDEN["crossnobis"], abs=1e-9)
