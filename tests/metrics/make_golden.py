"""Make golden.json: what netrep and rsatoolbox say of ten pairs of matrices.

The pairs are the same in every version of numpy: the legacy generator's streams are frozen.

Neither is needed to run the tests. To make the file again, in an environment that has both:

    git clone https://github.com/ahwillia/netrep && pip install ./netrep rsatoolbox scikit-learn
    python tests/metrics/make_golden.py COMMIT-OF-NETREP
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

PAIRS = (
    (30, 25, 25, 0.0), (40, 6, 6, 0.5), (60, 12, 12, 1.0), (60, 12, 5, 1.0), (60, 4, 15, 0.7),
    (80, 20, 20, 2.0), (80, 30, 10, 0.3), (120, 8, 8, 3.0), (200, 40, 40, 1.0), (200, 40, 25, 1.5),
)  # fmt: skip
"""Samples, units of each, and the size of the signal they share."""

ALPHAS = (0.1, 0.3, 0.5, 0.9)


def golden_pair(index: int) -> tuple[np.ndarray, np.ndarray]:
    """Units of unequal size and mean, that mix three shared signals with noise of their own."""
    samples, first, second, shared = PAIRS[index]
    state = np.random.RandomState(1000 + index)
    signal = shared * state.normal(size=(samples, 3))
    return tuple(
        (signal @ state.normal(size=(3, units)) + state.normal(size=(samples, units)))
        * state.uniform(0.5, 3, size=units)
        + state.normal(size=units)
        for units in (first, second)
    )


def on_unit_scale(matrix: np.ndarray) -> np.ndarray:
    """Centre and scale to a mean square singular value of 1: the scale that alpha is stated on."""
    centred = matrix - matrix.mean(axis=0)
    return centred * np.sqrt(min(matrix.shape)) / np.linalg.norm(centred)


def few_rows(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As many rows as either has columns, 10 at most: centred kernels with a single eigenvalue of zero.

    Peers take roots of the kernels' eigenvalues; where these are zero but for rounding, the root of rounding is left.
    """
    rows = min(x.shape[1], y.shape[1], 10)
    return x[:rows], y[:rows]


def golden_halves() -> tuple[np.ndarray, np.ndarray]:
    """Two noisy measurements (condition, time, unit) of one response."""
    state = np.random.RandomState(2000)
    signal = state.normal(size=(6, 5, 4))
    return tuple(signal + state.normal(size=signal.shape) for _ in range(2))


def netrep_values(x, y):
    from netrep.metrics import LinearCKA, LinearMetric

    def distance(x, y, **settings):
        return float(LinearMetric(center_columns=True, zero_pad=True, **settings).fit_score(x, y))

    scaled = [on_unit_scale(matrix) for matrix in (x, y)]
    return {
        "procrustes_angle": distance(x, y, alpha=1.0, score_method="angular"),
        "procrustes_distance": distance(x, y, alpha=1.0, score_method="euclidean"),
        "cca_angle": distance(x, y, alpha=0.0, score_method="angular"),
        "alpha_angles": {str(alpha): distance(*scaled, alpha=alpha, score_method="angular") for alpha in ALPHAS},
        "bures": bures_similarity(*few_rows(x, y)),
        "cka_angle": float(LinearCKA(center_columns=True).score(x, y)),
    }


def bures_similarity(x, y):
    """Without the constant vector, the one direction in which centred kernels are zero."""
    from netrep.utils import sq_bures_metric

    rows = len(x)
    contrasts = np.linalg.qr(np.eye(rows) - 1 / rows)[0][:, : rows - 1]
    first, second = (contrasts.T @ (matrix @ matrix.T) @ contrasts for matrix in (x, y))
    traces = np.trace(first), np.trace(second)
    return float((sum(traces) - sq_bures_metric(first, second)) / 2 / np.sqrt(np.prod(traces)))


def rsatoolbox_values(x, y):
    from rsatoolbox.data import Dataset
    from rsatoolbox.rdm import calc_rdm, compare

    def compared(method, *matrices):
        first, second = (calc_rdm(Dataset(matrix), method="euclidean") for matrix in matrices)
        return float(compare(first, second, method=method)[0, 0])

    found = {f"rdm_{method}": compared(method, x, y) for method in ("cosine", "corr", "spearman")}
    return found | {"rdm_bures": compared("bures", *few_rows(x, y))}


def crossnobis_values(halves):
    from rsatoolbox.data import Dataset
    from rsatoolbox.rdm import calc_rdm

    conditions = len(halves[0])
    data = Dataset(
        np.concatenate([half.reshape(conditions, -1) for half in halves]),
        obs_descriptors={"condition": [*range(conditions)] * 2, "half": np.repeat([0, 1], conditions)},
    )
    found = calc_rdm(data, method="crossnobis", descriptor="condition", cv_descriptor="half")
    return found.dissimilarities[0].tolist()


def sklearn_value(x, y):
    from sklearn.cross_decomposition import CCA

    k = min(x.shape[1], y.shape[1])
    u, v = CCA(n_components=k, max_iter=100_000, tol=1e-14).fit_transform(x, y)
    return float(np.mean([np.corrcoef(u[:, i], v[:, i])[0, 1] for i in range(k)]))


def main():
    made_with = {"netrep": sys.argv[1]} | {
        name: version(name) for name in ("numpy", "scipy", "rsatoolbox", "scikit-learn")
    }
    pairs = [
        netrep_values(*pair) | rsatoolbox_values(*pair) | {"cca_sklearn": sklearn_value(*pair)}
        for pair in map(golden_pair, range(len(PAIRS)))
    ]
    content = {"made_with": made_with, "pairs": pairs, "crossnobis": crossnobis_values(golden_halves())}
    Path(__file__).with_name("golden.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
