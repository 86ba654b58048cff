"""Continuation: what a task asks for after its last sample, so that a network can be judged beyond what it learned."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import xarray as xr

from neurocompare.errors import InputError

if TYPE_CHECKING:
    from neurocompare.tasks.task import Task

KINDS = ("zero", "hold", "repeat")


@dataclass(frozen=True)
class Continuation:
    """How targets go on after the last sample; inputs keep their last value.

    Attributes
    ----------
    kind : str
        ``"zero"``: the movement is over. ``"hold"``: the last value is kept. ``"repeat"``: the target at time t is that
        at t - period.
    period : float, optional
        For ``"repeat"``, in s.

    Raises
    ------
    InputError
        If the kind is unknown, or a period is missing or out of place.

    Examples
    --------
    >>> str(Continuation("repeat", 0.3)), Continuation.read("zero")
    ('repeat 0.3', Continuation(kind='zero', period=None))
    """

    kind: str
    period: float | None = None

    def __post_init__(self) -> None:
        periodic = self.period is not None and math.isfinite(self.period) and self.period > 0
        if self.kind not in KINDS or (periodic if self.kind != "repeat" else not periodic):
            raise InputError(f"expected targets that go on as zero, hold, or repeat with a period in s, found {self}")

    def __str__(self) -> str:
        return self.kind if self.period is None else f"{self.kind} {self.period!r}"

    @classmethod
    def read(cls, text: str) -> Continuation:
        """Read what `str` wrote: ``"zero"``, ``"hold"`` or ``"repeat 0.3"``.

        Raises
        ------
        InputError
        """
        kind, *rest = text.split()
        try:
            period = float(rest[0]) if rest else None
        except ValueError:
            period = math.nan
        return cls(kind, period)


def continued(task: Task, n_times: int, *, continuation: Continuation | None = None) -> Task:
    """Return the task with samples after its last one: what it would ask of a network that runs on.

    Parameters
    ----------
    task : Task
    n_times : int
        Samples in all, at least the task's own.
    continuation : Continuation, optional
        The task's own where None.

    Returns
    -------
    Task
        On a longer grid of the same step. Inputs keep their last value, targets go on as the continuation says and at
        the same scale; the new samples are not trained.

    Raises
    ------
    InputError
        If nothing says how the targets go on, the period is no whole number of time steps or longer than the task, or
        `n_times` is too small.

    Examples
    --------
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> longer = continued(oscillation(), 120)
    >>> wave = longer.targets.sel(condition="plus", output="wave").values
    >>> longer.n_samples, bool(np.allclose(wave[100:], wave[60:80]))
    (240, True)
    """
    continuation = continuation or task.continuation
    if continuation is None:
        message = f"task {task.name!r} does not say how its targets go on; give a continuation: zero, hold or repeat"
        raise InputError(message)
    trained = task.targets.sizes["time"]
    if n_times < trained:
        raise InputError(f"expected at least the task's own {trained} samples, found {n_times}")
    source = _sources(continuation, trained, n_times, task.time_step)
    time = np.round(task.targets["time"].values[0] + task.time_step * np.arange(n_times), 9)
    time[:trained] = task.targets["time"].values
    inputs = task.inputs.isel(time=np.minimum(np.arange(n_times), trained - 1)).assign_coords(time=time)
    targets = task.targets.isel(time=np.maximum(source, 0)).assign_coords(time=time)
    return replace(
        task,
        inputs=inputs,
        targets=targets * xr.DataArray(np.where(source < 0, 0.0, 1.0), dims="time"),
        trained=task.trained.reindex(time=time, fill_value=cast(Any, False)),
        continuation=continuation,
    )


def _sources(continuation: Continuation, trained: int, n_times: int, time_step: float) -> np.ndarray:
    """Return which trained sample each sample's target is that of; -1 where it is zero."""
    source = np.arange(n_times)
    if continuation.kind == "zero":
        return np.where(source < trained, source, -1)
    if continuation.kind == "hold":
        return np.minimum(source, trained - 1)
    period = continuation.period or 0.0
    steps = round(period / time_step)
    if not (1 <= steps <= trained and math.isclose(steps * time_step, period, rel_tol=1e-6)):
        raise InputError(
            f"expected a period of a whole number of time steps of {time_step:g} s, no longer than the task of "
            f"{trained} steps, found {period:g} s"
        )
    return np.where(source < trained, source, trained - steps + (source - trained) % steps)
