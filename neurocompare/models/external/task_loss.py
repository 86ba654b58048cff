"""How well a model does the task itself, where it gives outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurocompare.tasks.task import Task, zero_loss


@dataclass(frozen=True)
class TaskLoss:
    """How well a model does the task itself, whatever its activity is like.

    Attributes
    ----------
    loss : float or None
        Mean square error of its outputs on the targets that are trained, divided by that of an output of zero: 0 is
        perfect, 1 no better than silence. None where it gave no outputs.
    why : str
        Of what outputs, or why there is no loss.

    Examples
    --------
    >>> print(TaskLoss(0.042, "of what it returned"))
    Loss on the task: 0.042 of that of a silent output (of what it returned).
    """

    loss: float | None = None
    why: str = "only its activity was given"

    def __str__(self) -> str:
        if self.loss is None:
            return f"Loss on the task: not known, as {self.why}."
        return f"Loss on the task: {self.loss:.3g} of that of a silent output ({self.why})."


def loss_of(outputs: np.ndarray | None, task: Task) -> TaskLoss:
    """Return the loss of outputs (condition, time, output), in the task's own units and order.

    Examples
    --------
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> task = oscillation()
    >>> round(loss_of(0.9 * task.targets.values, task).loss, 6)
    0.01
    >>> print(loss_of(None, task))
    Loss on the task: not known, as it returned no outputs of shape (condition, time, 1) beside its activity.
    """
    if outputs is None:
        wanted = f"(condition, time, {task.targets.sizes['output']})"
        return TaskLoss(None, f"it returned no outputs of shape {wanted} beside its activity")
    missed = (np.asarray(outputs, dtype=np.float64) - task.targets.values)[task.trained.values]
    loss = 0.5 * float((missed**2).mean()) / zero_loss(task)
    if not np.isfinite(loss):
        return TaskLoss(None, "its outputs are not finite")
    return TaskLoss(loss, "of the outputs it returned")
