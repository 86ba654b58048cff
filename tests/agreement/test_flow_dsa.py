"""Our comparison of operators against dsa-metric's, which descends from two starts with a fixed number of steps."""

import numpy as np
import pytest

from neurocompare.metrics.delay_modes import operator_cosine

DSA = pytest.importorskip("DSA", reason="dsa-metric is not installed (pip install 'neurocompare[dsa]')")


def angle_of_dsa(a: np.ndarray, b: np.ndarray) -> float:
    import torch

    torch.manual_seed(0)
    found = DSA.SimilarityTransformDist(iters=2000, lr=1e-2, score_method="angular")
    return float(found.fit_score(*(torch.as_tensor(matrix).float() for matrix in (a, b))))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_ours_is_never_further_apart(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, 3, 3))
    ours, theirs = np.arccos(operator_cosine(a, b)), angle_of_dsa(a, b)
    assert theirs - 0.2 < ours <= theirs + 1e-3
