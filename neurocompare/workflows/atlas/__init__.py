"""The atlas: the paper's story from nothing, theory and networks side by side, on one page."""

from neurocompare.workflows.atlas.extent import QUICK, Extent
from neurocompare.workflows.atlas.make import atlas

__all__ = ["QUICK", "Extent", "atlas"]
