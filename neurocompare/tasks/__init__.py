"""What a network must do: inputs and targets over conditions and time.

A `Task` comes from a recording (`reach_task`), from arrays or muscles (`task_from_arrays`, `task_from_muscles`), from
muscles that come with the package (`muscles`), or is made up (`ideal_reach`, `oscillation`); the last three are known
by name (`BUILT_IN`). All are made by `make_task`, which scales targets to unit mean square: values of gamma compare
only under this convention.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
