"""Recovery: networks of known gamma, recorded like a recording and ranked like it.

Would the truth be named? `recover` plants networks (`plants`), records them (`recorder`), ranks each (`runs`), and says
how often which metric named the right gamma (`rates`), and how much data it takes (`needed`).
"""

from neurocompare.workflows.recovery.recover import recover, recover_run

__all__ = ["recover", "recover_run"]
