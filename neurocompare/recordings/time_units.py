"""Units of time: what files call them, and which one explains times that cannot be seconds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from neurocompare.untrusted.hdf5 import Dataset
from neurocompare.untrusted.printable import printable

SECONDS = {
    1.0: ("s", "sec", "secs", "second", "seconds"),
    1e-3: ("ms", "msec", "msecs", "millisecond", "milliseconds"),
    1e-6: ("us", "µs", "μs", "usec", "microsecond", "microseconds"),
    1e-9: ("ns", "nsec", "nanosecond", "nanoseconds"),
    60.0: ("min", "mins", "minute", "minutes"),
    3600.0: ("h", "hr", "hour", "hours"),
}
"""What units are called, by their length in s."""

FACTOR = {name: factor for factor, names in SECONDS.items() for name in names}

MISTAKES = {
    1e-3: "ms",
    1e-6: "µs",
    1e-9: "ns",
    1 / 30_000: "samples at 30 kHz",
    1 / 24_414.0625: "samples at 24.4 kHz",
    1 / 25_000: "samples at 25 kHz",
    1 / 20_000: "samples at 20 kHz",
    1 / 40_000: "samples at 40 kHz",
    1e-2: "steps of 10 ms",
    60.0: "minutes",
}
"""What times that are not in s are likely in, by their unit's length in s; the likelier first."""


def seconds_in(unit: str) -> float | None:
    """Length of a named unit of time in s; None where the name is none.

    Examples
    --------
    >>> seconds_in("milliseconds"), seconds_in(" S "), seconds_in("n.a.")
    (0.001, 1.0, None)
    """
    return FACTOR.get(unit.strip().casefold())


def declared_factor(dataset: Dataset) -> float:
    """Length in s of the unit of time that a dataset declares; 1 where it declares none."""
    unit = np.ravel(dataset.attrs.get("unit", ""))
    factor = seconds_in(printable(unit[0])) if unit.size == 1 else None
    return 1.0 if factor is None else factor


def likely_unit(fits: Callable[[float], bool]) -> str | None:
    """Name the unit in which times would make sense, the likelier first; None where none would.

    Parameters
    ----------
    fits : callable
        Whether times multiplied by a factor would be seconds that make sense.

    Examples
    --------
    >>> likely_unit(lambda factor: 0.5 < 800 * factor < 2)
    'ms'
    """
    return next((name for factor, name in MISTAKES.items() if fits(factor)), None)
