"""Models made elsewhere: arrays, files, torch modules and functions, as `Responses` on a recording's conditions.

`external_model` takes any of them; `wrap` says where the activity of a torch module's units is to be found.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
