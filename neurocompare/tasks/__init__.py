"""What a network must do: inputs and targets over conditions and time.

A `Task` comes from a recording (`reach_task`), from arrays or muscles (`task_from_arrays`, `task_from_muscles`), from
muscles that come with the package (`muscles`), or is made up (`ideal_reach`, `oscillation`); the last three are known
by name (`BUILT_IN`). All are made by `make_task`, which scales targets to unit mean square: values of gamma compare
only under this convention.
"""

from neurocompare.tasks.arrays import task_from_arrays
from neurocompare.tasks.built_in import BUILT_IN
from neurocompare.tasks.continuation import Continuation, continued
from neurocompare.tasks.export import export_task
from neurocompare.tasks.ideal import ideal_reach
from neurocompare.tasks.muscles import muscles, task_from_muscles
from neurocompare.tasks.oscillation import oscillation
from neurocompare.tasks.reach import reach_task
from neurocompare.tasks.task import Task, check_task, load_task, make_task, save_task
from neurocompare.tasks.thinning import thin_task

__all__ = [
    "BUILT_IN",
    "Continuation",
    "Task",
    "check_task",
    "continued",
    "export_task",
    "ideal_reach",
    "load_task",
    "make_task",
    "muscles",
    "oscillation",
    "reach_task",
    "save_task",
    "task_from_arrays",
    "task_from_muscles",
    "thin_task",
]
