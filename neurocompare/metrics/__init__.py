"""Metrics: how alike two populations are.

A metric reads two `Responses` with the same conditions, times and number of units and returns one number, higher for
more similar. What is fitted (Procrustes, CCA, predictivity) is judged on conditions left out of the fit; every metric
declares its range, what it is blind to, and what it needs (`declarations`). Centring is the caller's choice and is
repeated inside every fold. `adapt` takes metrics made elsewhere; `pairwise` compares many populations at once.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
