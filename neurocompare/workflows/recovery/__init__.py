"""Recovery: networks of known gamma, recorded like a recording and ranked like it.

Would the truth be named? `recover` plants networks (`plants`), records them (`recorder`), ranks each (`runs`), and says
how often which metric named the right gamma (`rates`), and how much data it takes (`needed`).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
