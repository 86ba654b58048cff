"""When things happen in a synthetic session: trials whose delays and reaction times differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurocompare.errors import InputError
from neurocompare.tasks.task import Task

BEFORE = 250
"""Start of a trial before its target appears, ms."""

AFTER = 650
"""End of a trial after movement onset, ms."""

GAP = (200, 800)
"""Shortest and longest time between trials, ms."""


@dataclass(frozen=True)
class Schedule:
    """Trials of a session in time order; everything on a 1 ms grid.

    Attributes
    ----------
    condition : array of int, shape (trial,)
        Row of the task's conditions.
    start, target_on, go, move, stop : arrays of int, shape (trial,)
        Time on the session's clock, ms.
    median_go, median_move : float
        Time of go and of movement onset in the task, s from target on: the medians of the trials.
    """

    condition: np.ndarray
    start: np.ndarray
    target_on: np.ndarray
    go: np.ndarray
    move: np.ndarray
    stop: np.ndarray
    median_go: float
    median_move: float

    def task_time(self, time: np.ndarray, trial: np.ndarray) -> np.ndarray:
        """Where in the task a trial is: its hold period and reaction time are stretched to the task's.

        Piecewise linear: target on to go, go to movement onset, and one to one from movement onset on (and before
        target on, where it is negative).

        Parameters
        ----------
        time : array
            On the session's clock, s.
        trial : array of int, same shape
            Which trial each time belongs to.

        Returns
        -------
        array
            In s from target on, on the task's clock.
        """
        target_on, go, move = (event[trial] / 1000 for event in (self.target_on, self.go, self.move))
        held = (time - target_on) * self.median_go / (go - target_on)
        reacting = self.median_go + (time - go) * (self.median_move - self.median_go) / (move - go)
        moving = self.median_move + time - move
        return np.select([time < target_on, time < go, time < move], [time - target_on, held, reacting], moving)


def draw_schedule(
    task: Task,
    *,
    rng: np.random.Generator,
    trials: int = 20,
    delay_spread: float = 0.1,
    reaction_spread: float = 0.05,
    onset_spread: float = 0.05,
) -> Schedule:
    """Draw a session: every condition equally often, in random order.

    A trial's delay and reaction time are the task's plus whole milliseconds, drawn together, uniform over all pairs
    within the spreads. Trials come in mirrored pairs (+d, +r) and (-d, -r) within each condition (an odd one is at the
    median), so that the session's medians are exactly the task's times.

    Parameters
    ----------
    task : Task
        With the events target_on, go and move.
    rng : numpy.random.Generator
    trials : int
        Trials a condition.
    delay_spread, reaction_spread : float
        Largest departure of a delay and of a reaction time from the task's, s.
    onset_spread : float
        Largest departure of their sum, s: a long delay goes with a short reaction time, as it does in animals, and
        windows around target on and movement onset that do not overlap in the median trial overlap in none.

    Returns
    -------
    Schedule

    Raises
    ------
    InputError
        If there are no trials, or a delay or reaction time could reach zero.

    Examples
    --------
    >>> from neurocompare.tasks.ideal import ideal_reach
    >>> schedule = draw_schedule(ideal_reach(), rng=np.random.default_rng(0))
    >>> len(schedule.condition), float(np.median(schedule.go - schedule.target_on))
    (160, 350.0)
    """
    delay = round(1000 * (task.event("go") - task.event("target_on")))
    reaction = round(1000 * (task.event("move") - task.event("go")))
    spreads = [round(1000 * spread) for spread in (delay_spread, reaction_spread, onset_spread)]
    if trials < 1 or min(spreads) < 0 or spreads[0] >= delay or spreads[1] >= reaction:
        raise InputError(
            f"expected trials, and spreads of delay and reaction time below {delay} ms and {reaction} ms, "
            f"found {trials} trials and spreads of {spreads[0]} ms and {spreads[1]} ms"
        )
    pairs = np.stack(np.meshgrid(*(np.arange(-s, s + 1) for s in spreads[:2]), indexing="ij"), axis=-1).reshape(-1, 2)
    pairs = pairs[np.abs(pairs.sum(axis=1)) <= spreads[2]]
    n_conditions = task.inputs.sizes["condition"]
    half = pairs[rng.integers(len(pairs), size=(n_conditions, trials // 2))]
    odd = np.zeros((n_conditions, trials % 2, 2), int)
    jitter = np.concatenate([half, -half, odd], axis=1).reshape(-1, 2)
    order = rng.permutation(n_conditions * trials)
    to_go = delay + jitter[order, 0]
    to_move = to_go + reaction + jitter[order, 1]
    gaps = rng.integers(*GAP, size=len(order), endpoint=True)
    lengths = BEFORE + to_move + AFTER
    start = np.cumsum(gaps + lengths) - lengths
    target_on = start + BEFORE
    return Schedule(
        condition=order // trials,
        start=start,
        target_on=target_on,
        go=target_on + to_go,
        move=target_on + to_move,
        stop=start + lengths,
        median_go=task.event("go") - task.event("target_on"),
        median_move=task.event("move") - task.event("target_on"),
    )
