"""Rankings of networks that are there already: a zoo, a family of the user's own, and several recordings together."""

from neurocompare.comparisons.family import rank_family
from neurocompare.comparisons.pooled import pool_rankings, rank_each
from neurocompare.comparisons.zoo import rank_zoo

__all__ = ["pool_rankings", "rank_each", "rank_family", "rank_zoo"]
