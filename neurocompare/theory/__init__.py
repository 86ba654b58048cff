"""Infinite networks: what the family does as the number of units grows without bound.

`mean_field` solves the theory over gammas; `root_of`, `population_root` and `kernel_of` go between a kernel and
populations that have it, and `cka` compares two of them.
"""

from neurocompare.theory.kernels import cka, kernel_of, population_root, root_of
from neurocompare.theory.mean_field import MeanField, mean_field
from neurocompare.theory.single_unit import UnitLaw

__all__ = ["MeanField", "UnitLaw", "cka", "kernel_of", "mean_field", "population_root", "root_of"]
