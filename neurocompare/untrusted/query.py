"""Queries on a table of trials, such as ``result == 'R' and delay >= 0.2``: read as data, never run.

A query can come from anyone, with a run folder, so this is the whole language:

| part        | examples                                                                            |
|-------------|-------------------------------------------------------------------------------------|
| columns     | ``result``; in backticks where the name is not one plain word: ```reaction time```  |
| constants   | ``3``, ``-0.5``, ``1e3``, ``'R'``, ``"R"``, ``True``, ``False``                     |
| comparisons | ``==  !=  <  <=  >  >=``, also chained: ``0.2 <= delay < 1``                        |
| lists       | ``result in ['R', 'A']``, ``result not in ['A']``                                   |
| missing     | ``delay is missing``, ``delay is not missing``                                      |
| flags       | ``success``: a column of booleans, of 0 and 1, or of texts such as ``yes``          |
| combined    | ``and``, ``or``, ``not`` (or ``&  |  ~``, which bind as these words) and parentheses |

A missing value (NaN, None) satisfies no comparison, list or flag, and no opposite of one: where x is missing, neither
``x == 1`` nor ``x != 1`` nor ``not x == 1`` holds, as in SQL.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from neurocompare.errors import InputError
from neurocompare.untrusted.printable import printable

LONGEST = 1000
"""Characters of a query."""

DEEPEST = 30
"""Parentheses and negations inside one another."""

COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
_WORDS = {"and", "or", "not", "in", "is", "missing", "True", "False", "None"}
_SAME = {"&": "and", "|": "or", "~": "not", "&&": "and", "||": "or"}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]))|(?P<word>[^\W\d]\w*)|`(?P<name>[^`]+)`"
    r"|(?P<text>'[^']*'|\"[^\"]*\")|(?P<sign>[=!<>]=|&&|\|\||[<>=()\[\],&|~-]))"
)


@dataclass(frozen=True)
class Column:
    """The values of a column."""

    name: str


@dataclass(frozen=True)
class Constant:
    """One number, text or truth."""

    value: bool | float | str


Operand = Column | Constant


@dataclass(frozen=True)
class Flag:
    """Where a column is true."""

    column: Column


@dataclass(frozen=True)
class Missing:
    """Where a column has no value."""

    column: Column


@dataclass(frozen=True)
class Comparison:
    """Where one operand compares to another; one of the two is a column."""

    left: Operand
    comparison: str
    right: Operand


@dataclass(frozen=True)
class Not:
    """Where another query fails."""

    query: Query


@dataclass(frozen=True)
class Every:
    """Where all of several queries hold."""

    queries: tuple[Query, ...]


@dataclass(frozen=True)
class Some:
    """Where one or more of several queries hold."""

    queries: tuple[Query, ...]


Query = Flag | Missing | Comparison | Not | Every | Some


def parse(text: str) -> Query:
    """Read a query.

    Raises
    ------
    InputError
        If it is not one; the line shows where.

    Examples
    --------
    >>> parse("result == 'R'")
    Comparison(left=Column(name='result'), comparison='==', right=Constant(value='R'))
    >>> parse("result = 'R'")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a query such as result == 'R', found "=" at character 8 of
        "result = 'R'"; write == to compare
    """
    return _Parser(text).parsed()


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    place: int


class _Parser:
    """Reads a query from left to right, a function for each rule of the grammar.

    query   : each ("or" each)*
    each    : one ("and" one)*
    one     : "not" one | "(" query ")" | compared
    compared: operand (comparison operand)* | column ["not"] "in" "[" constant, ... "]" | column "is" ["not"] "missing"
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at, self._depth = 0, 0
        if not text.strip():
            raise InputError(
                "expected a query such as result == 'R', found an empty one; leave it out to use every valid trial"
            )
        if len(text) > LONGEST:
            message = f"expected a query of at most {LONGEST:,} characters, found {len(text):,}; make it shorter"
            raise InputError(message)
        if printable(text) != text:
            raise InputError(
                f"expected a query of visible characters, found hidden ones in {printable(text, 200)!r}; remove them"
            )
        self._tokens = self._split()

    def parsed(self) -> Query:
        query = self._query()
        if self._next.kind != "end":
            self._refuse("put and, or between comparisons")
        return query

    def _split(self) -> list[_Token]:
        tokens, place, text = [], 0, self._text.rstrip()
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                place += len(text[place:]) - len(text[place:].lstrip())
                quote = text[place] in "'\"`"
                self._refuse_at(place, text[place], "close the quote" if quote else "nothing else may stand in a query")
            kind = match.lastgroup or ""
            token = match[kind]
            if kind == "sign" or (kind == "word" and token in _WORDS):
                kind, token = "sign", _SAME.get(token, token)
            tokens.append(_Token(kind, token, match.start(match.lastgroup or 0)))
            place = match.end()
        return [*tokens, _Token("end", "the end", len(text))]

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, *signs: str) -> str | None:
        token = self._next
        if token.kind == "sign" and token.text in signs:
            self._at += 1
            return token.text
        return None

    def _query(self) -> Query:
        return self._joined("or", lambda: self._joined("and", self._one, Every), Some)

    def _joined(self, word: str, rule: Callable[[], Query], join: type[Every] | type[Some]) -> Query:
        queries = [rule()]
        while self._take(word):
            queries.append(rule())
        return queries[0] if len(queries) == 1 else join(tuple(queries))

    def _one(self) -> Query:
        if self._next.text not in ("not", "(") or self._next.kind != "sign":
            return self._compared()
        self._depth += 1
        if self._depth > DEEPEST:
            self._refuse(f"at most {DEEPEST} parentheses and negations can be inside one another")
        if self._take("not"):
            query: Query = Not(self._one())
        else:
            self._take("(")
            query = self._query()
            if not self._take(")"):
                self._refuse("close the parenthesis")
        self._depth -= 1
        return query

    def _compared(self) -> Query:
        begun, left = self._at, self._operand()
        comparisons: list[Query] = []
        operand = left
        while comparison := self._take(*COMPARISONS):
            right = self._operand()
            if isinstance(operand, Constant) and isinstance(right, Constant):
                self._at = begun
                self._refuse("one side of a comparison is a column")
            comparisons.append(Comparison(operand, comparison, right))
            operand = right
        if comparisons:
            return comparisons[0] if len(comparisons) == 1 else Every(tuple(comparisons))
        if self._next.text == "=" and self._next.kind == "sign":
            self._refuse("write == to compare")
        if isinstance(left, Constant):
            self._at = begun
            self._refuse("begin with a column")
        if self._take("is"):
            return self._missing(left)
        opposite = bool(self._take("not"))
        if self._take("in"):
            some = Some(tuple(Comparison(left, "==", one) for one in self._list()))
            return Not(some) if opposite else some
        if opposite:
            self._refuse("write not in, or not in front of the comparison")
        return Flag(left)

    def _missing(self, column: Column) -> Query:
        opposite = bool(self._take("not"))
        if not self._take("missing", "None"):
            self._refuse("write is missing, is not missing, or == to compare")
        return Not(Missing(column)) if opposite else Missing(column)

    def _list(self) -> list[Constant]:
        closing = {"[": "]", "(": ")"}.get(self._take("[", "(") or "")
        if closing is None:
            self._refuse("write the list as ['a', 'b'] or [1, 2]")
        constants = []
        while True:
            place, one = self._at, self._operand()
            if isinstance(one, Column):
                self._at = place
                self._refuse("a list holds numbers and texts in quotes")
            constants.append(one)
            comma = self._take(",")
            if self._take(closing):
                return constants
            if not comma:
                self._refuse(f"close the list with {closing}")

    def _operand(self) -> Operand:
        token = self._next
        if token.kind in ("word", "name"):
            self._at += 1
            if self._next.text in ("(", "[") and self._next.kind == "sign":
                self._refuse("nothing can be called or looked up in a query")
            return Column(token.text)
        if token.kind == "text":
            self._at += 1
            return Constant(token.text[1:-1])
        if truth := self._take("True", "False"):
            return Constant(truth == "True")
        sign = -1 if self._take("-") else 1
        token = self._next
        if token.kind != "number":
            self._refuse(
                "write is missing to ask for missing values"
                if token.text in ("None", "missing")
                else "write == to compare"
                if token.text == "="
                else "a column or a constant belongs here"
            )
        self._at += 1
        return Constant(sign * self._number(token))

    def _number(self, token: _Token) -> float:
        value = float(token.text)
        if not math.isfinite(value):
            self._refuse_at(token.place, token.text, "give a smaller number")
        return int(token.text) if token.text.isdecimal() and value < 2**63 else value

    def _refuse(self, advice: str) -> NoReturn:
        self._refuse_at(self._next.place, self._next.text, advice)

    def _refuse_at(self, place: int, fragment: str, advice: str) -> NoReturn:
        shown = fragment if fragment == "the end" else f'"{printable(fragment, 40)}"'
        raise InputError(
            f"expected a query such as result == 'R', found {shown} at character {place + 1} of "
            f'"{printable(self._text, 200)}"; {advice}'
        )
