"""Lists of numbers as they are typed: ``0,0.1,0.4`` and ``g=1.2,1.5``."""

from __future__ import annotations

from collections.abc import Iterable

from neurocompare.errors import InputError


def numbers(text: str, what: str = "gammas") -> tuple[float, ...]:
    """Turn ``"0,0.1,0.4"`` into numbers; what they may be is for the models room to say.

    Examples
    --------
    >>> numbers("0, 0.1")
    (0.0, 0.1)
    """
    values = []
    for piece in text.split(","):
        try:
            values.append(float(piece))
        except ValueError:
            message = f"expected {what} as numbers separated by commas, such as 0,0.1,0.4; found {piece.strip()!r}"
            raise InputError(message) from None
    return tuple(values)


def whole_numbers(text: str, what: str) -> tuple[int, ...]:
    """Turn ``"0,1,2"`` into whole numbers.

    Examples
    --------
    >>> whole_numbers("0,1", "seeds")
    (0, 1)
    """
    values = numbers(text, what)
    for value in values:
        if not value.is_integer():
            message = f"expected {what} as whole numbers separated by commas, such as 0,1,2; found {value:g}"
            raise InputError(message)
    return tuple(map(int, values))


def axes(texts: Iterable[str], option: str = "--grid") -> dict[str, tuple[float, ...]]:
    """Turn ``["g=1.2,1.5", "input-scale=1,2"]`` into the axes of a grid.

    Examples
    --------
    >>> axes(["g=1.2,1.5", "input-scale=1,2"])
    {'g': (1.2, 1.5), 'input_scale': (1.0, 2.0)}
    """
    found: dict[str, tuple[float, ...]] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or name in found:
            message = f"expected each {option} once, as NAME=VALUE,VALUE such as g=1.2,1.5; found {text!r}"
            raise InputError(message)
        found[name] = numbers(values, f"values of {name}")
    return found
