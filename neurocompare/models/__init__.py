"""Finite networks: the family across gamma, drawn from its exact posterior and kept in a zoo on disk."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
