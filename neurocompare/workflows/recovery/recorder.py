"""Recorder: planted networks seen as an experimenter would have, straight to spike counts, with no file between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurocompare.ranking import sampling_of
from neurocompare.recordings import Trials, trials_of
from neurocompare.responses import Responses
from neurocompare.streams import Purpose, one_seed, stream
from neurocompare.tasks import Task, ideal_reach
from neurocompare.workflows.as_recorded import as_recorded
from neurocompare.workflows.synthetic import synthetic_recording

LEAST_TRIALS = 2
"""Of a condition: fewer cannot be halved."""


@dataclass(frozen=True)
class DataSize:
    """How much is recorded.

    Attributes
    ----------
    factor : float
        Of the recording's units and of its trials.
    units : int
    repeats : tuple of int
        Trials of each condition, in the recording's order.
    """

    factor: float
    units: int
    repeats: tuple[int, ...]

    def __str__(self) -> str:
        fewest, most = min(self.repeats), max(self.repeats)
        return f"{self.units} units and {fewest}{'' if fewest == most else f' to {most}'} trials a condition"


@dataclass(frozen=True)
class Recorder:
    """What planted networks are recorded like.

    Attributes
    ----------
    trials : Trials
        The recording: its rates, times and conditions.
    task : Task or None
        The delayed reach of the built-in recording, which then makes whole sessions as `synthetic_recording` does:
        delays, reaction times and all. None for any other recording: networks get its units' rates and modulations and
        Poisson spikes, see `as_recorded`.
    min_rate : float
        Units firing less are left out, spikes/s.
    """

    trials: Trials
    task: Task | None = None
    min_rate: float = 1.0

    def size(self, factor: float, *, most: int, units: int | None = None, repeats: int | None = None) -> DataSize:
        """Return the size that is `factor` times the recording's, or times what is given, of at most `most` units."""
        counts = self.trials.trials_per_condition if repeats is None else np.full(len(self.trials.conditions), repeats)
        all_units = sampling_of(self.trials).units if units is None else units
        scaled = np.maximum(LEAST_TRIALS, np.rint(factor * counts).astype(int))
        return DataSize(float(factor), int(np.clip(round(factor * all_units), 4, most)), tuple(scaled.tolist()))

    def record(self, responses: Responses, size: DataSize, *, seed: int) -> Trials:
        """Record a network: other units, spikes and trials for every seed.

        Parameters
        ----------
        responses : Responses
            On the conditions and times of the ranked networks' task.
        size : DataSize
        seed : int

        Returns
        -------
        Trials
        """
        if self.task is None:
            repeats, rng = np.array(size.repeats), stream(Purpose.PLANTED_RECORDING, seed)
            return as_recorded(responses, self.trials, units=size.units, repeats=repeats, rng=rng)
        inputs = self.task.inputs
        # The task of the session has the session's names for its conditions, in one order with the built-in's.
        named = responses.assign_coords(condition=inputs["condition"].values, time=inputs["time"].values)
        own = one_seed(Purpose.PLANTED_RECORDING, seed)
        session = synthetic_recording(named, task=self.task, n_units=size.units, trials=max(size.repeats), seed=own)
        return trials_of(
            session, bin_width=self.trials.bin_width, smoothing=self.trials.smoothing, min_rate=self.min_rate
        )


def built_in_reach(task: Task, trials: Trials, *, lag: float) -> Task | None:
    """Return the delayed reach that the built-in recording is of; None where `task` is not made from such a session.

    It has the task's directions and times, in the session's order of conditions.
    """
    directions = task.inputs.sizes["condition"]
    reach = ideal_reach(directions=directions, time_step=task.time_step, lag=lag)
    if "target_angle" not in task.inputs.coords or reach.inputs.sizes["time"] != task.inputs.sizes["time"]:
        return None
    turned = task.inputs["target_angle"].values - reach.inputs["target_angle"].values
    apart = abs(task.inputs["time"].values - reach.inputs["time"].values).max()
    ordered = list(task.inputs["condition"].values) == list(trials.conditions.index)
    same = ordered and apart < task.time_step / 2 and np.allclose(np.exp(1j * turned), 1, atol=1e-3)
    return reach if same else None
