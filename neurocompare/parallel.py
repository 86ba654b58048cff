"""Placeholder until the one door to parallel work is merged."""

from neurocompare.models.threads import one_thread
from neurocompare.settings import Workers

__all__ = ["Workers", "one_thread"]
