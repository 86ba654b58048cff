"""Metrics: how alike two populations are.

A metric reads two `Responses` with the same conditions, times and number of units and returns one number, higher for
more similar. What is fitted (Procrustes, CCA) is judged on conditions left out of the fit; every metric declares its
range, what it is blind to, and what it needs. Centring is the caller's choice and is repeated inside every fold.
"""

from neurocompare.metrics.cca import CCA
from neurocompare.metrics.centring import Centring, centre
from neurocompare.metrics.cka import CKA
from neurocompare.metrics.metric import METRICS, Metric, get_metric
from neurocompare.metrics.procrustes import Procrustes
from neurocompare.metrics.single_unit import SingleUnit

__all__ = ["CCA", "CKA", "METRICS", "Centring", "Metric", "Procrustes", "SingleUnit", "centre", "get_metric"]
