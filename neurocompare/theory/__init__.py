"""Infinite networks: what the family does as the number of units grows without bound."""

from neurocompare.theory.mean_field import MeanField, mean_field
from neurocompare.theory.single_unit import UnitLaw

__all__ = ["MeanField", "UnitLaw", "mean_field"]
