"""Pairwise: every two of many populations, what depends on one of them done once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from neurocompare.errors import InputError
from neurocompare.metrics.cca import CCA
from neurocompare.metrics.matched import axes_of, check_matched
from neurocompare.metrics.metric import Metric
from neurocompare.metrics.procrustes import Procrustes
from neurocompare.responses import Responses
from neurocompare.streams import Purpose, stream


def pairwise(
    metric: Metric,
    populations: Sequence[Responses],
    *,
    resamples: int | None = None,
    units: int | None = None,
    seed: int = 0,
) -> np.ndarray:
    """Score every two populations, for all their units or for random subsets of them.

    Each population is prepared once (a resample). In-sample Procrustes and CCA of all dimensions need even less: they
    are functions of the products :math:`X_i^T X_j`, of which a subset of units is a block, so the samples are gone
    through once for all resamples. Singular values are then had as roots of eigenvalues: scores agree with
    ``metric.score`` to 1e-9 where X has a condition number below 1000 or so.

    Parameters
    ----------
    metric : Metric
    populations : sequence of Responses
        With the same conditions, times and number of units.
    resamples : int, optional
        How many subsets of units each population is drawn, without replacement; all units, once, where None.
    units : int, optional
        In a subset; half of them where None.
    seed : int
        Of the subsets; a resample depends on `seed` and its own index only.

    Returns
    -------
    array, shape (population, population), or (resample, population, population)
        Row: the first population given to the metric.

    Raises
    ------
    InputError
        If there are fewer than two populations, they do not match, or the metric cannot be computed.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> rng = np.random.default_rng(0)
    >>> base = make_responses(rng.normal(size=(5, 20, 8)), condition=range(5), time=np.arange(20.0))
    >>> turned = base.copy(data=base.values @ np.linalg.qr(rng.normal(size=(8, 8)))[0])
    >>> pairwise(Procrustes(), [base, turned]).round(6).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    axes = [axes_of(population) for population in populations]
    if len(axes) < 2:
        raise InputError(f"expected at least 2 populations to compare, found {len(axes)}")
    for other in axes[1:]:
        check_matched(axes[0], other)
    count, recorded = len(axes), axes[0].units
    if resamples is None:
        subsets = np.broadcast_to(np.arange(recorded), (1, count, recorded))
    else:
        subsets = unit_subsets(count, recorded, resamples, drawn=units, seed=seed)
    if isinstance(metric, Procrustes | CCA) and _by_products(metric):
        scores = np.stack(list(_from_products(metric, populations, subsets)))
    else:
        scores = np.stack([_one_by_one(metric, populations, chosen) for chosen in subsets])
    return scores[0] if resamples is None else scores


def unit_subsets(
    populations: int, units: int, resamples: int, *, drawn: int | None = None, seed: int = 0
) -> np.ndarray:
    """Draw units of every population for every resample, without replacement.

    Returns
    -------
    array, shape (resample, population, drawn)
        Positions, ascending; half of the units where `drawn` is None.

    Raises
    ------
    InputError
        If there would be no resample, or not between 2 and all units in it.
    """
    drawn = units // 2 if drawn is None else drawn
    if resamples < 1 or not 2 <= drawn <= units:
        raise InputError(f"expected 1 or more resamples of 2 to {units} units, found {resamples} of {drawn}")
    return np.array(
        [
            [np.sort(rng.permutation(units)[:drawn]) for _ in range(populations)]
            for rng in (stream(Purpose.PAIRS, seed, index) for index in range(resamples))
        ]
    )


def _one_by_one(metric: Metric, populations: Sequence[Responses], chosen: np.ndarray) -> np.ndarray:
    prepared = [metric.prepare(one.isel(unit=index)) for one, index in zip(populations, chosen, strict=True)]
    scores = np.empty((len(prepared), len(prepared)))
    for i, x in enumerate(prepared):
        for j, y in enumerate(prepared):
            scores[i, j] = scores[j, i] if metric.symmetric and j < i else metric.compare(x, y)
    return scores


def _by_products(metric: Procrustes | CCA) -> bool:
    unrestricted = metric.dimensions is None and not metric.held_out
    return unrestricted and (isinstance(metric, Procrustes) or (metric.share is None and metric.symmetric))


def _from_products(
    metric: Procrustes | CCA, populations: Sequence[Responses], subsets: np.ndarray
) -> Iterator[np.ndarray]:
    count, units = len(populations), populations[0].sizes["unit"]
    samples = [population.values.reshape(-1, units) for population in populations]
    samples = np.stack([matrix - matrix.mean(axis=0) for matrix in samples], axis=1)
    if len(samples) - 1 <= subsets.shape[2] and (isinstance(metric, CCA) or metric.alpha < 1):
        raise InputError(
            f"expected more than {subsets.shape[2] + 1} samples for {subsets.shape[2]} units, found {len(samples)}; "
            "give more samples or fewer units"
        )
    # Row i: products of population i with itself and those after it, (unit, population, unit).
    rows = [
        (samples[:, i].T @ samples[:, i:].reshape(len(samples), -1)).reshape(units, count - i, units)
        for i in range(count)
    ]
    for chosen in subsets:
        grams = [row[:, 0][np.ix_(own, own)] for row, own in zip(rows, chosen, strict=True)]
        maps, sizes = _maps(metric, np.stack(grams))
        scores = np.empty((count, count))
        for i, row in enumerate(rows):
            together = row.transpose(1, 0, 2)
            if chosen.shape[1] < units:
                together = row[chosen[i, :, None], np.arange(count - i)[:, None, None], chosen[i:, None, :]]
            if maps is not None:
                together = maps[i].T @ (together @ maps[i:])
            nuclear = _nuclear_norms(together)
            most = np.minimum(sizes[i], sizes[i:]) if isinstance(metric, CCA) else sizes[i] * sizes[i:]
            scores[i, i:] = scores[i:, i] = np.minimum(nuclear / most, 1.0)
        yield scores


def _maps(metric: Procrustes | CCA, own: np.ndarray) -> tuple[np.ndarray | None, np.ndarray]:
    """Find what each population's units are multiplied by, (population, unit, dimension), and what to divide by."""
    if isinstance(metric, Procrustes) and metric.alpha == 1:
        return None, np.sqrt(own.trace(axis1=1, axis2=2))
    alpha = metric.alpha if isinstance(metric, Procrustes) else 0.0
    variances, vectors = np.linalg.eigh(own)
    spanned = variances > 1e-12 * variances[:, -1:]
    roots = np.sqrt(np.where(spanned, variances, 1.0))
    mean = np.sqrt((variances * spanned).sum(axis=1, keepdims=True) / spanned.sum(axis=1, keepdims=True))
    shaped = np.where(spanned, alpha * roots / mean + 1 - alpha, 0.0)
    size = spanned.sum(axis=1) if isinstance(metric, CCA) else np.linalg.norm(shaped, axis=1)
    return vectors * (shaped / roots)[:, None], size


def _nuclear_norms(matrices: np.ndarray) -> np.ndarray:
    """Sum of the singular values of each matrix, shape (matrix,)."""
    squared = np.linalg.eigvalsh(matrices.transpose(0, 2, 1) @ matrices)
    values = np.sqrt(np.maximum(squared, 0.0))
    norms = values.sum(axis=1)
    # Eigenvalues are wrong by about this much, their roots by up to its root: too much near zero, where the singular
    # values are had directly.
    wrong = 10 * np.finfo(float).eps * squared[:, -1:]
    poor = (wrong / (2 * np.maximum(values, np.sqrt(wrong)))).sum(axis=1) > 1e-9 * norms
    if poor.any():
        norms[poor] = np.linalg.svd(matrices[poor], compute_uv=False).sum(axis=1)
    return norms
