"""Dynamics: what a finite network does, in its trial and when it runs on.

Every part stands alone (`lyapunov_spectrum` takes any map, `find_limit_cycle` and `participation_ratio` any array);
`describe` makes one record of all of it for a network, `describe_zoo` for many.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
