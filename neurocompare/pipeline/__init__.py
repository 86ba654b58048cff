"""The whole comparison: from a recording to a ranked gamma, a folder that holds every step, and a report.

`run` is all of it. `Settings` are what it depends on; where asked for, it is repeated with what else could explain the
answer taken into account (`confounds`).
"""

from neurocompare.pipeline.account import account
from neurocompare.pipeline.comparison import STAGES, run
from neurocompare.pipeline.settings import QUICK, Settings

__all__ = ["QUICK", "STAGES", "Settings", "account", "run"]
