"""Metrics: how alike two populations are.

A metric reads two `Responses` with the same conditions, times and number of units and returns one number, higher for
more similar. What is fitted (Procrustes, CCA, predictivity) is judged on conditions left out of the fit; every metric
declares its range, what it is blind to, and what it needs (`declarations`). Centring is the caller's choice and is
repeated inside every fold. `adapt` takes metrics made elsewhere; `pairwise` compares many populations at once.
"""

from neurocompare.metrics.adapter import Adapted, adapt
from neurocompare.metrics.cca import CCA
from neurocompare.metrics.centring import Centring, centre
from neurocompare.metrics.cka import CKA
from neurocompare.metrics.flow import Flow
from neurocompare.metrics.metric import METRICS, NAMED, Fitted, Metric, declarations, get_metric
from neurocompare.metrics.pairwise import pairwise
from neurocompare.metrics.predictivity import Predictivity
from neurocompare.metrics.procrustes import Procrustes
from neurocompare.metrics.rsa import RSA
from neurocompare.metrics.single_unit import SingleUnit

__all__ = [
    "CCA",
    "CKA",
    "METRICS",
    "NAMED",
    "RSA",
    "Adapted",
    "Centring",
    "Fitted",
    "Flow",
    "Metric",
    "Predictivity",
    "Procrustes",
    "SingleUnit",
    "adapt",
    "centre",
    "declarations",
    "get_metric",
    "pairwise",
]
