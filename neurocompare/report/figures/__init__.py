"""One function a figure: each takes what is to be shown and returns a matplotlib ``Figure``.

`svg` turns a figure into an element of the page, `save` writes one as files of its own.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
