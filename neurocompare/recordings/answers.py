"""Where a query on a table of trials or units holds: comparisons of columns as numbers, as texts, or as flags."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.candidates import BOUNDS, scalar_columns
from neurocompare.recordings.flags import FALSE, TRUE
from neurocompare.untrusted.printable import printable
from neurocompare.untrusted.query import Column, Comparison, Constant, Every, Flag, Missing, Not, Operand, Query, parse

MISSING = ("", "nan", "n/a", "na", "none", "null")
"""Texts that stand for a missing value in a column of numbers or flags; in a column of texts they are texts."""

TRUTHS = {**dict.fromkeys(TRUE, 1), **dict.fromkeys(FALSE, 0)}
"""Texts that are flags, in small letters."""

_COMPARISONS: dict[str, Callable] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Answer:
    """Where a query holds and where it fails, shape (row,); neither where a value is missing."""

    holds: np.ndarray
    fails: np.ndarray


@dataclass(frozen=True)
class Values:
    """A column, or a constant as a column of one value.

    Attributes
    ----------
    values : array
        Numbers, texts or booleans.
    known : array of bool
        Where a value is not missing.
    label : str
        What to call it in messages.
    """

    values: np.ndarray
    known: np.ndarray
    label: str

    @property
    def kind(self) -> str:
        """``"flags"``, ``"numbers"`` or ``"texts"``."""
        return {"b": "flags", "O": "texts"}.get(self.values.dtype.kind, "numbers")


def answers(table: pd.DataFrame, query: str, *, row: str = "trial") -> np.ndarray:
    """Where a query on a table holds, shape (row,); see `query` for what one may say.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns with one value a row can be asked about.
    query : str
    row : str
        What a row is, in messages: a trial, a unit.

    Returns
    -------
    array of bool, shape (row,)

    Raises
    ------
    InputError
        If it is no query, or not on these columns.

    Examples
    --------
    >>> trials = pd.DataFrame({"result": ["R", "A", "R"], "delay": [0.1, 0.5, np.nan]})
    >>> answers(trials, "result == 'R'").tolist(), answers(trials, "not delay < 0.2").tolist()
    ([True, False, True], [False, True, False])
    """
    return _Asked(table, row).answer(parse(query)).holds


class _Asked:
    """Answers the parts of a query on one table."""

    def __init__(self, table: pd.DataFrame, row: str) -> None:
        self._table, self._row = table, row
        self._names = [*scalar_columns(table), *(name for name in BOUNDS if name in table)]
        self._read: dict[str, Values] = {}

    def answer(self, query: Query) -> Answer:
        if isinstance(query, Comparison):
            return self._compare(query)
        if isinstance(query, Flag):
            column = _as_flags(self._values(query.column))
            return Answer(column.values & column.known, ~column.values & column.known)
        if isinstance(query, Missing):
            known = self._values(query.column).known
            return Answer(~known, known)
        if isinstance(query, Not):
            inner = self.answer(query.query)
            return Answer(inner.fails, inner.holds)
        parts = [self.answer(each) for each in query.queries]
        both, one = (operator.and_, operator.or_) if isinstance(query, Every) else (operator.or_, operator.and_)
        return Answer(reduce(both, [part.holds for part in parts]), reduce(one, [part.fails for part in parts]))

    def _compare(self, asked: Comparison) -> Answer:
        left, right = self._values(asked.left), self._values(asked.right)
        if _is_truth(asked.left) or _is_truth(asked.right):
            if asked.comparison not in ("==", "!="):
                message = f"expected True and False after == or !=, found {left.label} {asked.comparison} {right.label}"
                raise InputError(message)
            left, right = _as_flags(left), _as_flags(right)
        elif left.kind != right.kind:
            left, right = _as_numbers(left, right), _as_numbers(right, left)
        known = np.broadcast_to(left.known & right.known, len(self._table))
        holds = np.asarray(_COMPARISONS[asked.comparison](left.values, right.values), dtype=bool)
        return Answer(holds & known, ~holds & known)

    def _values(self, operand: Operand) -> Values:
        if isinstance(operand, Constant):
            kind = object if isinstance(operand.value, str) else None
            return Values(np.array([operand.value], kind), np.ones(1, dtype=bool), repr(operand.value))
        if operand.name not in self._read:
            self._read[operand.name] = self._column(operand)
        return self._read[operand.name]

    def _column(self, column: Column) -> Values:
        name = column.name
        if name not in self._names:
            there = printable(", ".join(map(str, self._names)) or "none", 600)
            raise InputError(
                f"expected a query on the {self._row} columns {there}, found {printable(name, 80)!r}; check the name, "
                "and put texts in quotes"
            )
        stored = self._table[name]
        known = stored.notna().to_numpy(dtype=bool)
        label = printable(name, 80)
        if pd.api.types.is_bool_dtype(stored):
            return Values(stored.fillna(value=False).to_numpy(dtype=bool), known, label)
        if pd.api.types.is_numeric_dtype(stored):
            return Values(stored.to_numpy(dtype=None if known.all() else float), known, label)
        values = stored.to_numpy(dtype=object, copy=True)
        values[~known] = ""
        if not all(isinstance(value, str) for value in values):
            raise InputError(f"expected numbers or texts in {label}, found something else; ask about another column")
        return Values(values, known, label)


def _is_truth(operand: Operand) -> bool:
    return isinstance(operand, Constant) and isinstance(operand.value, bool)


def _as_flags(given: Values) -> Values:
    """Read 0 and 1, or texts that say yes or no, as booleans."""
    if given.kind == "flags":
        return given
    known, values = given.known, given.values
    if given.kind == "texts":
        small = pd.Series(values, dtype=object).str.strip().str.lower()
        known = known & ~small.isin(MISSING).to_numpy(dtype=bool)
        values = small.map(TRUTHS).to_numpy(dtype=float)
    wrong = known & ~np.isin(values, (0, 1))
    if wrong.any():
        shown = _shown(given, wrong)
        raise InputError(
            f"expected {given.label} as a flag (0 and 1, true and false, or yes and no), found {shown}; say which "
            f"values count, as in {given.label} == {shown}"
        )
    return Values(np.where(known, values, 0) == 1, known, given.label)


def _as_numbers(given: Values, other: Values) -> Values:
    """Read booleans as 0 and 1, and texts that are all numbers as such, to be compared with the other operand."""
    if given.kind != "texts":
        return Values(given.values * 1, given.known, given.label)
    texts = pd.Series(given.values, dtype=object).str.strip()
    known = given.known & ~texts.str.lower().isin(MISSING).to_numpy(dtype=bool)
    values = pd.to_numeric(texts.where(known), errors="coerce").to_numpy(dtype=float)
    wrong = known & ~np.isfinite(values)
    if wrong.any():
        raise InputError(
            f"expected {given.label} and {other.label} to be both numbers or both texts, found {_shown(given, wrong)} "
            f"beside {other.kind}; put texts in quotes, and numbers not"
        )
    return Values(values, known, given.label)


def _shown(given: Values, where: np.ndarray) -> str:
    value = given.values[where.argmax()]
    return printable(repr(value if isinstance(value, str) else value.item()), 40)
