"""What a layout makes of a table of trials: which count, what a condition is, which windows are compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from neurocompare.recordings.flags import exclude, flag
from neurocompare.recordings.segment import DELAYED, Segment


@dataclass(frozen=True)
class Rule:
    """Trials count whose `column` has one of the values; a file without the column has no such rule.

    Attributes
    ----------
    column : str
    values : tuple
        Text, numbers, or one boolean (a missing value is false); any value but a missing one where empty.
    reason : str
        Why a trial that does not count is left out.
    """

    column: str
    values: tuple[str, ...] | tuple[int, ...] | tuple[bool]
    reason: str

    def __str__(self) -> str:
        if self.values in ((True,), (False,)):
            return self.column if self.values[0] else f"not {self.column}"
        return f"{self.column} {' or '.join(map(str, self.values)) or 'there'}"

    def fails(self, trials: pd.DataFrame) -> np.ndarray:
        """Where a trial does not count, shape (trial,)."""
        if not self.values:
            return trials[self.column].isna().to_numpy()
        if isinstance(self.values[0], bool):
            return flag(trials, self.column) != self.values[0]
        return ~trials[self.column].isin(self.values).to_numpy()


@dataclass(frozen=True)
class Conventions:
    """What the files of a layout have in common beside their columns.

    Attributes
    ----------
    condition : tuple of tuple of str
        Trial columns whose values together are the condition: the first of these that a file has. Empty where a
        condition is not stored.
    meaning : str
        What a condition is where its columns do not say.
    rules : tuple of Rule
        Which trials count, in the order in which they are looked at.
    length : tuple of float, optional
        Shortest and longest trial that counts, s.
    windows : tuple of tuple of Segment
        The windows compared; where there are two sets, the second is for files whose delay is too short for the first.
    task : str
        Which of a layout's tasks this is about, where there are several.
    """

    condition: tuple[tuple[str, ...], ...] = ()
    meaning: str = ""
    rules: tuple[Rule, ...] = ()
    length: tuple[float, float] | None = None
    windows: tuple[tuple[Segment, ...], ...] = DELAYED
    task: str = ""

    def columns(self, trials: pd.DataFrame) -> tuple[str, ...]:
        """Return the columns that make a condition in a file; empty where it has none of them."""
        return next((names for names in self.condition if set(names) <= set(trials)), ())

    def sorted_out(self, trials: pd.DataFrame) -> pd.DataFrame:
        """Exclude the trials that do not count, each for its first reason.

        Examples
        --------
        >>> trials = pd.DataFrame({"result": ["R", "A"], "start_time": [0.0, 1.0], "stop_time": [0.2, 2.0]})
        >>> rewarded = Conventions(rules=(Rule("result", ("R",), "not rewarded"),), length=(0.5, 6.0))
        >>> rewarded.sorted_out(trials)["excluded"].tolist()
        ['shorter than 0.5 s or longer than 6 s', 'not rewarded']
        """
        trials = exclude(trials, np.zeros(len(trials), dtype=bool), "")
        for rule in self.rules:
            if rule.column in trials:
                trials = exclude(trials, rule.fails(trials), rule.reason)
        if self.length is None:
            return trials
        shortest, longest = self.length
        length = trials["stop_time"] - trials["start_time"]
        reason = f"shorter than {shortest:g} s or longer than {longest:g} s"
        return exclude(trials, ~((length > shortest) & (length < longest)), reason)

    def described(self) -> tuple[tuple[str, str], ...]:
        """Windows, conditions and valid trials, each as a title and a text for people.

        Examples
        --------
        >>> mazes = Conventions(condition=(("maze", "version"), ("maze",)), rules=(Rule("success", (True,), "failed"),))
        >>> mazes.described()[1:]
        (('condition', 'maze with version, or maze'), ('valid', 'success'))
        """
        windows = ", or, where the delay is too short, ".join(" and ".join(map(str, each)) for each in self.windows)
        condition = self.meaning or ", or ".join(" with ".join(names) for names in self.condition)
        valid = ["{:g} to {:g} s long".format(*self.length)] if self.length else []
        rows = (("windows", windows), ("condition", condition), ("valid", ", ".join([*map(str, self.rules), *valid])))
        return tuple((title, f"{self.task}: {text}" if self.task else text) for title, text in rows if text)


def with_directions(trials: pd.DataFrame, degrees: np.ndarray) -> pd.DataFrame:
    """Label trials by the direction of their target, in whole degrees; those without one have no condition."""
    rounded = np.round(degrees) % 360
    labels = [f"{each:03.0f}" if np.isfinite(each) else None for each in rounded]
    return trials.assign(
        condition=np.array(labels, dtype=object), target_angle=np.angle(np.exp(1j * np.radians(rounded)))
    )
