"""Adapter: metrics made elsewhere, netrep's objects and plain functions, in the place of ours."""

from __future__ import annotations

import copy
import hashlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, get_args

import numpy as np

from neurocompare.errors import InputError
from neurocompare.metrics.centring import leave_one_out_means
from neurocompare.metrics.components import LEAST_CONDITIONS
from neurocompare.metrics.matched import Axes, axes_of, check_matched
from neurocompare.responses import Responses

Direction = Literal["higher is more similar", "lower is more similar"]


@dataclass(frozen=True, eq=False)
class Samples:
    """A population as condition-time samples.

    Attributes
    ----------
    axes : Axes
    values : array, shape (condition, time, unit)
        Each unit's mean removed.
    means : array, shape (fold, time, unit), or None
        Of the conditions other than each, where conditions are left out.
    """

    axes: Axes
    values: np.ndarray
    means: np.ndarray | None


@dataclass(frozen=True)
class Adapted:
    """A metric made elsewhere, with what has to be said about it; `adapt` makes one.

    A distance is turned into a similarity by its sign, so that higher is more similar for every metric that is ranked.

    Attributes
    ----------
    name : str
    wrapped : object
        What was made elsewhere.
    made_of : str
        Identifies it, in place of `wrapped`, where metrics are compared.
    sign : float
        1, or -1 for a distance.
    held_out : bool
        Whether it judges its fit on conditions left out of it.
    range : tuple of (float, float) or None
        Of its scores, as far as is known.
    invariances : frozenset of str
        What it is blind to.
    citation : str
        Whom to cite.

    Examples
    --------
    >>> def gap(x, y):
    ...     return np.linalg.norm(x - y)
    >>> metric = adapt(gap, direction="lower is more similar", range=(0, 2))
    >>> metric.name, metric.direction, metric.range
    ('gap', 'higher is more similar', (-2.0, -0.0))
    """

    name: str
    wrapped: Any = field(repr=False, hash=False)
    made_of: str
    sign: float
    held_out: bool
    range: tuple[float, float] | None
    invariances: frozenset[str]
    citation: str

    direction: ClassVar[str] = "higher is more similar"
    symmetric: ClassVar[bool] = False

    @property
    def needs(self) -> str:
        """The least it can work with, as far as is known."""
        return (
            f"{LEAST_CONDITIONS if self.held_out else 2} conditions; equal unit counts; what {self.name} itself needs"
        )

    def score(self, x: Responses, y: Responses) -> float:
        """Score two populations with the same conditions, times and number of units.

        Raises
        ------
        InputError
            If conditions, times, unit counts or centring differ, or what is wrapped fails or gives no finite number.
        """
        return self.compare(self.prepare(x), self.prepare(y))

    def fit(self, x: Responses, y: Responses) -> Fitted:
        """Fit a copy of what is wrapped to all responses there are, where it can be fitted."""
        sides = self.prepare(x), self.prepare(y)
        check_matched(*(side.axes for side in sides))
        own = replace(self, wrapped=copy.deepcopy(self.wrapped))
        if own._fits:
            own._run(own.wrapped.fit, *(side.values.reshape(-1, side.axes.units) for side in sides))
        return Fitted(own, tuple(responses.values.mean(axis=(0, 1)) for responses in (x, y)))

    def prepare(self, responses: Responses) -> Samples:
        """Do once what depends on one population only."""
        axes = axes_of(responses, conditions=LEAST_CONDITIONS if self.held_out else 2)
        values = responses.values - responses.values.mean(axis=(0, 1))
        return Samples(axes, values, leave_one_out_means(values) if self.held_out else None)

    def compare(self, x: Samples, y: Samples) -> float:
        """Score two prepared populations; `score` does both steps."""
        check_matched(x.axes, y.axes)
        if self.held_out:
            return float(np.mean([self._left_out(x, y, c) for c in range(len(x.values))]))
        matrices = [side.values.reshape(-1, side.axes.units) for side in (x, y)]
        if self._fits:
            self._run(self.wrapped.fit, *matrices)
        return self.judge(*matrices)

    def judge(self, x: np.ndarray, y: np.ndarray) -> float:
        """Score two matrices by what is wrapped as it stands, higher for more similar.

        Parameters
        ----------
        x, y : array, shape (sample, unit)

        Returns
        -------
        float

        Raises
        ------
        InputError
            If what is wrapped fails, or gives anything but one finite number.
        """
        score = self._run(self.wrapped.score if self._fits else self.wrapped, x, y)
        try:
            number = float(score)
        except (TypeError, ValueError) as error:
            raise InputError(f"expected {self.name} to give one number, found {type(score).__name__}") from error
        if not np.isfinite(number):
            raise InputError(f"expected {self.name} to give a finite number, found {number}")
        return self.sign * number

    @property
    def _fits(self) -> bool:
        return hasattr(self.wrapped, "fit") and hasattr(self.wrapped, "score")

    def _left_out(self, x: Samples, y: Samples, condition: int) -> float:
        """Fit to all conditions but one, about their means; score that one."""
        training, left = [], []
        for side in (x, y):
            assert side.means is not None
            about = side.values - side.means[condition]
            training.append(np.delete(about, condition, axis=0).reshape(-1, side.axes.units))
            left.append(about[condition])
        self._run(self.wrapped.fit, *training)
        return self.judge(*left)

    def _run(self, function: Callable[..., Any], x: np.ndarray, y: np.ndarray) -> Any:
        # Whatever foreign code raises ends as one line that names it.
        try:
            return function(x, y)
        except Exception as error:
            message = f"{self.name} failed on matrices of shape {x.shape}: {type(error).__name__}: {error}"
            raise InputError(message) from error


@dataclass(frozen=True, eq=False)
class Fitted:
    """What `fit` of an adapted metric returns; `score` judges it on other responses of the same units."""

    metric: Adapted
    means: tuple[np.ndarray, np.ndarray]

    def score(self, x: Responses, y: Responses) -> float:
        """Score responses of the same units under what was fitted.

        Raises
        ------
        InputError
            If the two do not match each other, or the units fitted to.
        """
        check_matched(axes_of(x), axes_of(y))
        if x.sizes["unit"] != len(self.means[0]):
            message = f"expected the {len(self.means[0])} units fitted to, found {x.sizes['unit']}; select the same"
            raise InputError(message)
        return self.metric.judge(
            *((side.values - mean).reshape(-1, len(mean)) for side, mean in zip((x, y), self.means, strict=True))
        )


def adapt(
    wrapped: Any,
    *,
    direction: Direction | None = None,
    name: str | None = None,
    held_out: bool | None = None,
    range: tuple[float, float] | None = None,
    invariances: frozenset[str] = frozenset(),
    citation: str = "",
) -> Adapted:
    """Use a metric made elsewhere in the place of ours.

    Parameters
    ----------
    wrapped : object or callable
        A function ``f(X, Y) -> float`` of two matrices (samples x units), each unit's mean removed; or an object with
        ``fit(X, Y)`` and ``score(X, Y)``, such as netrep's ``LinearMetric``, ``PermutationMetric`` and ``LinearCKA``.
    direction : {"higher is more similar", "lower is more similar"}, optional
        Of what `wrapped` gives. It has to be said, save for netrep's objects, which are distances. A distance is
        returned with a minus.
    name : str, optional
        The function's or the class's where None. Stored scores are found again by it, by a function's code, and by an
        object's settings: give another name when anything else changes what is computed.
    held_out : bool, optional
        Fit to all conditions but one and score that one, each in turn. Where None: for objects whose fit learns an
        alignment, that is all objects with a ``transform``.
    range : tuple of float, optional
        Lowest and highest number `wrapped` gives, where bounded.
    invariances : frozenset of str
        As far as known; see `Metric`.
    citation : str

    Returns
    -------
    Adapted

    Raises
    ------
    InputError
        If `wrapped` is neither, the direction is not said, or a function is to be held out.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> values = np.random.default_rng(0).normal(size=(4, 10, 6))
    >>> x = make_responses(values, condition=range(4), time=np.arange(10.0))
    >>> def gap(x, y):
    ...     return np.linalg.norm(x - y)
    >>> adapt(gap, direction="lower is more similar").score(x, x + 3.0) > -1e-9
    True
    """
    fits = hasattr(wrapped, "fit") and hasattr(wrapped, "score")
    if not fits and not callable(wrapped):
        raise InputError(f"expected a function f(X, Y) or an object with fit and score, found {type(wrapped).__name__}")
    own: str = type(wrapped).__name__ if fits else getattr(wrapped, "__name__", type(wrapped).__name__)
    name = name or own
    if direction is None and type(wrapped).__module__.split(".")[0] == "netrep":
        direction = "lower is more similar"
    if direction not in get_args(Direction):
        raise InputError(
            f"expected the direction of {name}, {' or '.join(map(repr, get_args(Direction)))}, found {direction!r}"
        )
    if held_out and not fits:
        raise InputError(f"expected an object with fit and score to hold conditions out, found the function {name}")
    sign = 1.0 if direction == "higher is more similar" else -1.0
    return Adapted(
        name=name,
        wrapped=wrapped,
        made_of=_identity(wrapped, fits),
        sign=sign,
        held_out=fits and hasattr(wrapped, "transform") if held_out is None else held_out,
        range=None if range is None else (min(sign * end for end in range), max(sign * end for end in range)),
        invariances=frozenset(invariances),
        citation=citation or f"{name} is not part of neurocompare; cite its source",
    )


def _identity(wrapped: Any, fits: bool) -> str:
    """Say what is wrapped, the same in every process: stored scores are named by it."""
    if fits:
        settings = sorted((key, value) for key, value in vars(wrapped).items() if not key.endswith("_"))
        return f"{type(wrapped).__module__}.{type(wrapped).__qualname__}({settings})"
    try:
        source = inspect.getsource(wrapped)
    except (OSError, TypeError):
        source = ""
    code = getattr(wrapped, "__code__", None)
    if code is not None:
        constants = [constant for constant in code.co_consts if not inspect.iscode(constant)]
        source += f"{code.co_code.hex()}{code.co_names}{constants}"
    owner = getattr(wrapped, "__self__", None if code is not None else wrapped)
    qualified = getattr(wrapped, "__qualname__", type(wrapped).__qualname__)
    return f"{qualified}({'' if owner is None else owner!r}):{hashlib.sha256(source.encode()).hexdigest()[:16]}"
