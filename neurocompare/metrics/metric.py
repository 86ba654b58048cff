"""Metric: what every measure of similarity between two populations offers and declares."""

from __future__ import annotations

import difflib
from typing import Any, Protocol

from neurocompare.errors import InputError
from neurocompare.metrics.cca import CCA
from neurocompare.metrics.cka import CKA
from neurocompare.metrics.procrustes import Procrustes
from neurocompare.metrics.single_unit import SingleUnit
from neurocompare.responses import Responses


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
    needs : str
        The least it can work with; less is an `InputError`.
    citation : str
    """

    name: str
    direction: str
    range: tuple[float, float] | None
    invariances: frozenset[str]
    needs: str
    citation: str

    def score(self, x: Responses, y: Responses) -> float:
        """Similarity of two populations with the same conditions, times and number of units."""
        ...

    def prepare(self, responses: Responses) -> Any:
        """Do once what depends on one population only, for populations that are compared with many."""
        ...

    def compare(self, x: Any, y: Any) -> float:
        """Similarity of two prepared populations: ``score(x, y) == compare(prepare(x), prepare(y))``."""
        ...


METRICS: tuple[Metric, ...] = (Procrustes(), CCA(), CKA(), SingleUnit())
"""The four a comparison reports by default, with their default settings, in order."""


def get_metric(name: str) -> Metric:
    """Return the metric of that name, with its default settings.

    Raises
    ------
    InputError
        If there is none; the nearest names are given.

    Examples
    --------
    >>> get_metric("procrustes").invariances >= {"rotation", "translation"}
    True
    """
    named = {metric.name: metric for metric in METRICS}
    if name not in named:
        near = difflib.get_close_matches(name, named, n=2) or list(named)
        message = f"expected the name of a metric, found {name!r}; did you mean {' or '.join(near)}?"
        raise InputError(message)
    return named[name]
