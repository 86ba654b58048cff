"""Infinite networks: what the family does as the number of units grows without bound.

`mean_field` solves the theory over gammas; `root_of`, `population_root` and `kernel_of` go between a kernel and
populations that have it, and `cka` compares two of them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
