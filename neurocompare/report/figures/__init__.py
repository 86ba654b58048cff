"""One function a figure: each takes what is to be shown, draws it in ``axes`` of yours or its own, and returns them.

`save` writes a figure as files, `svg` turns one into an element of a page.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
