"""Metric: what every measure of similarity between two populations offers and declares."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, Protocol

import pandas as pd

from neurocompare.errors import InputError
from neurocompare.metrics.cca import CCA
from neurocompare.metrics.cka import CKA
from neurocompare.metrics.flow import Flow
from neurocompare.metrics.predictivity import Predictivity
from neurocompare.metrics.procrustes import Procrustes
from neurocompare.metrics.rsa import RSA
from neurocompare.metrics.single_unit import SingleUnit
from neurocompare.responses import Responses


class Fitted(Protocol):
    """What a metric has learned from two populations: alignments, weights, or nothing.

    Examples
    --------
    An alignment learned from some conditions is judged on others:

    >>> import numpy as np
    >>> from neurocompare.responses import make_responses
    >>> values = np.random.default_rng(0).normal(size=(6, 10, 5))
    >>> x = make_responses(values, condition=range(6), time=np.arange(10.0))
    >>> fitted = get_metric("procrustes").fit(x[:4], x[:4][..., ::-1])
    >>> round(fitted.score(x[4:], x[4:][..., ::-1]), 6)
    1.0
    """

    def score(self, x: Responses, y: Responses) -> float:
        """Score responses of the same units, to other conditions say, without learning anew."""
        ...


class Metric(Protocol):
    """A measure of similarity, and what has to be said with every number it gives.

    Attributes
    ----------
    name : str
    direction : str
        ``"higher is more similar"``.
    range : tuple of float, or None
        Lowest and highest score, where bounded.
    invariances : frozenset of str
        Changes of one population that `score` cannot see: ``"translation"`` (a constant added to each unit),
        ``"rotation"`` (an orthogonal map of the units), ``"scale"`` (one positive factor), ``"affine"``
        (any invertible linear map, and a translation), ``"permutation"`` (of the units).
    symmetric : bool
        Whether the order of the two populations does not matter.
    needs : str
        The least it can work with; less is an `InputError`.
    citation : str

    Examples
    --------
    >>> import numpy as np
    >>> from neurocompare.responses import make_responses
    >>> values = np.random.default_rng(0).normal(size=(4, 10, 6))
    >>> x = make_responses(values, condition=range(4), time=np.arange(10.0))
    >>> cka = get_metric("cka")
    >>> round(cka.score(x, x), 6), cka.symmetric, cka.direction
    (1.0, True, 'higher is more similar')
    """

    name: str
    direction: str
    range: tuple[float, float] | None
    invariances: frozenset[str]
    symmetric: bool
    needs: str
    citation: str

    def score(self, x: Responses, y: Responses) -> float:
        """Similarity of two populations with the same conditions, times and number of units."""
        ...

    def fit(self, x: Responses, y: Responses) -> Fitted:
        """Learn from all of two populations whatever the metric learns; the result is judged on other responses."""
        ...

    def prepare(self, responses: Responses) -> Any:
        """Do once what depends on one population only, for populations that are compared with many."""
        ...

    def compare(self, x: Any, y: Any) -> float:
        """Similarity of two prepared populations: ``score(x, y) == compare(prepare(x), prepare(y))``."""
        ...


METRICS: tuple[Metric, ...] = (Procrustes(), CCA(), CKA(), SingleUnit())  # pyright: ignore[reportAssignmentType]
"""The four a comparison reports by default, with their default settings, in order."""

NAMED: tuple[Metric, ...] = (  # pyright: ignore[reportAssignmentType]: frozen fields are read-only
    *METRICS,
    RSA(),
    Predictivity(),
    Flow(),
    Procrustes(alpha=0.5),
    Procrustes(held_out=False),
    CCA(share=0.99, dimensions=None),
    CCA(weighting="projection"),
    CCA(held_out=False),
    CKA("biased"),
    CKA("lange"),
    CKA("conditions"),
    RSA("cosine"),
    RSA("spearman"),
    SingleUnit("energy"),
    Flow("rotation"),
    Flow("tangling"),
)
"""All that can be asked for by name: the seven, then their variants."""


def get_metric(name: str) -> Metric:
    """Return the metric of that name, with its default settings.

    Parameters
    ----------
    name : str
        One of `NAMED`'s.

    Returns
    -------
    Metric

    Raises
    ------
    InputError
        If there is none; the nearest names are given.

    Examples
    --------
    >>> get_metric("procrustes").invariances >= {"rotation", "translation"}
    True
    """
    named = {metric.name: metric for metric in NAMED}
    if name not in named:
        near = difflib.get_close_matches(name, named, n=2)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(named)}"
        raise InputError(f"expected the name of a metric, found {name!r}; {hint}")
    return named[name]


def declarations(metrics: Iterable[Metric] = NAMED) -> pd.DataFrame:
    """Say what has to be said with every number: one row a metric.

    Parameters
    ----------
    metrics : iterable of Metric
        All that have a name, where not given.

    Returns
    -------
    pandas.DataFrame
        Indexed by name; columns direction, range, blind to, needs, citation.

    Examples
    --------
    >>> declarations([get_metric("rsa")]).loc["rsa", "range"]
    '-1 to 1'
    """
    rows = {
        metric.name: (
            metric.direction,
            "unbounded" if metric.range is None else "{:g} to {:g}".format(*metric.range),
            ", ".join(sorted(metric.invariances)),
            metric.needs,
            metric.citation,
        )
        for metric in metrics
    }
    columns = ["direction", "range", "blind to", "needs", "citation"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("metric")
