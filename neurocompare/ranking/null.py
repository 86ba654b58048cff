"""Nulls: what a network scores when the recording's conditions or times no longer match its own, or never did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurocompare.records import Share
from neurocompare.responses import Responses

NULLS = ("conditions", "time-shift", "surrogates")
"""Names, as they follow ``"null:"`` in the score table."""

UNMOVED = 0.1
"""A null says nothing where it moves scores by less than this share of their spread over draws and gammas."""

SMALLEST_EIGENVALUE = 1e-9
"""As a share of the largest: directions with less than this are rounding, and surrogates stay out of them."""


def permute_conditions(responses: Responses, permutation: np.ndarray) -> Responses:
    """Give each condition's activity to another condition; tuning, smoothness and shared time course stay.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> rates = make_responses(np.arange(4.0).reshape(2, 1, 2), condition=["left", "right"], time=[0.0])
    >>> permute_conditions(rates, np.array([1, 0])).values.tolist()
    [[[2.0, 3.0]], [[0.0, 1.0]]]
    """
    return responses.copy(data=responses.values[permutation])


def shift_time(responses: Responses, shift: int) -> Responses:
    """Shift activity by `shift` bins along the whole time axis, the end returning at the start.

    Unlike a permutation of time bins, which would leave no autocorrelation and make anything smooth look special.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> rates = make_responses(np.arange(12.0).reshape(2, 3, 2), condition=["left", "right"], time=[0.0, 0.1, 0.2])
    >>> shift_time(rates, 1).values[0, :, 0].tolist()
    [4.0, 0.0, 2.0]
    """
    return responses.copy(data=np.roll(responses.values, shift, axis=1))


@dataclass(frozen=True)
class Null:
    """A null distribution of the best score on the grid, and where the observed best score stands in it.

    Attributes
    ----------
    mean, high : float
        Mean and 95 % quantile over draws of the largest null score over gammas.
    p : float
        Share of draws, the observed one counted among them, in which that reaches the observed best score.
    says : bool
        False where the metric cannot see what the null has broken (a comparison of dynamics does not care which
        condition is which): scores are the same with and without, within a tenth of their spread.

    Examples
    --------
    >>> found = max_corrected(np.array([[0.1, 0.2], [0.3, 0.0], [0.1, 0.1]]), best=0.9)
    >>> found.p, round(found.mean, 6)  # no draw of three comes near: 1 of 4, the observed one counted
    (0.25, 0.2)
    """

    mean: float
    high: float
    p: Share
    says: bool = True


def max_corrected(null: np.ndarray, best: float, *, intact: np.ndarray | None = None) -> Null:
    r"""Compare the best of many scores with the best of as many null scores.

    .. math:: p = \frac{1 + \#\{r : \max_\gamma n_{r\gamma} \ge s\}}{1 + R}

    for null scores n in R draws and observed best score s. Taking the maximum on both sides pays for having
    picked the best gamma. As s is a mean over draws and networks while every :math:`n_{r\gamma}` is one network in one
    draw, the null spreads wider than s would under it: the test errs on the careful side.

    Parameters
    ----------
    null : array, shape (draw, gamma)
    best : float
    intact : array, shape (draw, gamma), optional
        Scores of the same networks in the same draws with nothing broken: where they hardly differ, `Null.says` is
        False.

    Returns
    -------
    Null

    Examples
    --------
    >>> max_corrected(np.array([[0.1, 0.2], [0.3, 0.0], [0.1, 0.1]]), best=0.25).p
    0.5
    """
    largest = null.max(axis=1)
    return Null(
        mean=float(largest.mean()),
        high=float(np.quantile(largest, 0.95)),
        p=float((1 + (largest >= best).sum()) / (1 + len(largest))),
        says=intact is None or _moves(null, intact),
    )


def _moves(null: np.ndarray, intact: np.ndarray) -> bool:
    """Say whether breaking the match changes scores, root mean square, beyond rounding and a tenth of their spread."""
    return bool(np.sqrt(((null - intact) ** 2).mean()) > max(UNMOVED * intact.std(), 1e-9))


def surrogate(responses: Responses, generator: np.random.Generator) -> Responses:
    r"""Draw from the maximum entropy distribution with the covariances of `responses` across each of its axes.

    Of all distributions of tensors x (condition, time, unit) with zero mean and given covariances across conditions,
    across times and across units, each summed over the other two axes, the one of maximum entropy is normal, its
    covariance has Kronecker products of the three sets of eigenvectors as eigenvectors, and the eigenvalues

    .. math:: \Lambda_{ijk} = \frac{1}{\lambda_i + \mu_j + \nu_k}

    of `tensor_eigenvalues` [1]_. What resembles such a surrogate as it resembles the recording is explained by how
    smooth, how high-dimensional and how alike between conditions activity is.

    Parameters
    ----------
    responses : Responses
        Centred: covariances are taken about zero.
    generator : numpy.random.Generator

    Returns
    -------
    Responses
        Same labels. Centred in expectation only; centre it again.

    References
    ----------
    .. [1] Elsayed & Cunningham (2017). Structure in neural population recordings: an expected byproduct of simpler
       phenomena? Nature Neuroscience 20.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> values = np.random.default_rng(0).standard_normal((3, 5, 4))
    >>> data = make_responses(values, condition=["a", "b", "c"], time=np.arange(5.0))
    >>> surrogate(data, np.random.default_rng(1)).sizes == data.sizes
    True
    """
    values = responses.values
    spectra = [_spectrum(np.moveaxis(values, axis, 0)) for axis in range(3)]
    eigenvalues = tensor_eigenvalues(*(marginal for marginal, _ in spectra))
    drawn = np.sqrt(eigenvalues) * generator.standard_normal(eigenvalues.shape)
    for axis, (_, vectors) in enumerate(spectra):
        drawn = np.moveaxis(np.tensordot(vectors, drawn, axes=(1, axis)), 0, axis)
    return responses.copy(data=drawn)


def tensor_eigenvalues(*marginals: np.ndarray, tolerance: float = 1e-6, most_steps: int = 200) -> np.ndarray:
    r"""Return eigenvalues of maximum entropy whose sums over all axes but one are given.

    Minimises the dual, :math:`-\sum_{ijk} \log(\lambda_i + \mu_j + \nu_k) + \lambda^T a + \mu^T b + \nu^T c`, which is
    convex, by Newton's method; its gradient is the difference between the sums wanted and found.

    Parameters
    ----------
    *marginals : three arrays of positive numbers with one sum
        a, b and c.
    tolerance : float
        Largest relative error of a sum.
    most_steps : int
        Newton steps; with these spectra some 20 are needed.

    Returns
    -------
    array, shape (len(a), len(b), len(c))

    Raises
    ------
    numpy.linalg.LinAlgError
        If the sums are not reached.

    Examples
    --------
    >>> found = tensor_eigenvalues(np.array([3.0, 1.0]), np.array([2.0, 2.0]), np.array([4.0]))
    >>> found.sum(axis=(1, 2)).round(6)
    array([3., 1.])
    """
    sizes = [len(marginal) for marginal in marginals]
    wanted = np.concatenate(marginals)
    cells = np.prod(sizes)
    duals = np.concatenate([cells / size / marginal / 3 for size, marginal in zip(sizes, marginals, strict=True)])
    splits = np.cumsum(sizes)[:-1]

    def eigenvalues_at(duals: np.ndarray) -> np.ndarray:
        one, two, three = np.split(duals, splits)
        sums = one[:, None, None] + two[:, None] + three
        return 1.0 / sums if sums.min() > 0 else np.full(sums.shape, np.nan)

    def objective(duals: np.ndarray, eigenvalues: np.ndarray) -> float:
        return float(np.log(eigenvalues).sum() + duals @ wanted)

    eigenvalues = eigenvalues_at(duals)
    for _ in range(most_steps):
        gradient = wanted - _sums(eigenvalues)
        if np.abs(gradient / wanted).max() < tolerance:
            return eigenvalues
        scale = 1.0 / np.sqrt(_sums(eigenvalues**2))
        hessian = scale[:, None] * _hessian(eigenvalues**2, sizes) * scale
        # Adding a constant to one set of duals and taking it from another changes nothing: two flat directions.
        step = -scale * np.linalg.lstsq(hessian, scale * gradient, rcond=1e-13)[0]
        before, slope, size = objective(duals, eigenvalues), float(gradient @ step), 1.0
        while True:
            tried = eigenvalues_at(duals + size * step)
            # False for NaN as well: the step has left the domain. Rounding may hide the last, smallest descents.
            if objective(duals + size * step, tried) <= before + 0.1 * size * slope + 1e-12 * abs(before):
                break
            size *= 0.5
            if size < 1e-12:
                raise np.linalg.LinAlgError("the eigenvalues of a surrogate did not reach their sums")
        duals, eigenvalues = duals + size * step, tried
    raise np.linalg.LinAlgError(f"the eigenvalues of a surrogate did not reach their sums in {most_steps} steps")


def _spectrum(unfolded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues of the covariance across the first axis, summed over the others, and its eigenvectors (columns)."""
    matrix = unfolded.reshape(len(unfolded), -1)
    eigenvalues, vectors = np.linalg.eigh(matrix @ matrix.T)
    kept = eigenvalues > SMALLEST_EIGENVALUE * eigenvalues[-1]
    total = float((matrix**2).sum())
    return eigenvalues[kept] * (total / eigenvalues[kept].sum()), vectors[:, kept]


def _sums(cells: np.ndarray) -> np.ndarray:
    return np.concatenate([cells.sum(axis=(1, 2)), cells.sum(axis=(0, 2)), cells.sum(axis=(0, 1))])


def _hessian(squares: np.ndarray, sizes: list[int]) -> np.ndarray:
    first, second = sizes[0], sizes[0] + sizes[1]
    hessian = np.diag(_sums(squares))
    hessian[:first, first:second] = squares.sum(axis=2)
    hessian[:first, second:] = squares.sum(axis=1)
    hessian[first:second, second:] = squares.sum(axis=0)
    return np.triu(hessian) + np.triu(hessian, 1).T
