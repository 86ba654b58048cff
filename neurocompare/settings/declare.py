"""Settings: fields of frozen records that say what they are, and are checked where the record is made.

A setting is declared once, with `setting`: its default, its unit, its bounds and a line of help. The record checks it
(`check`), the command line makes an option of it, ``run.json`` keeps it, and digests are taken of it (`canonical`).
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeVar

from neurocompare.errors import InputError

CANONICAL = 1
"""Version of the canonical form: raise it when the form itself changes, and everything made before is made again."""

R = TypeVar("R", bound=Any)

_UNSET: Any = object()

_LARGEST = 1e300
"""Of a number: whole ones of a file may have any number of digits."""


@dataclass(frozen=True)
class About:
    """What is known of a setting beside its name, type and default.

    Attributes
    ----------
    help : str
        One line, for people.
    unit : str
        Of a number, such as ``"s"``; empty where it has none.
    least, most : float or None
        Bounds that are allowed themselves.
    above, below : float or None
        Bounds that are not.
    metavar : str
        What stands for the value in a command's help; made from the type where empty.
    absent : object
        The value that leaves no trace in a digest, see `canonical`.
    option : str
        What the command line calls it, where that is not the field's name.

    Examples
    --------
    >>> About("Bins' width.", unit="s", above=0).bounds
    'above 0 s'
    """

    help: str
    unit: str = ""
    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    metavar: str = ""
    absent: Any = None
    option: str = ""

    @property
    def bounds(self) -> str:
        """In words; empty where there are none.

        Examples
        --------
        >>> About("", unit="s", above=0, most=10).bounds
        'above 0 and at most 10 s'
        """
        named = (("above", self.above), ("at least", self.least), ("below", self.below), ("at most", self.most))
        words = " and ".join(f"{word} {bound:g}" for word, bound in named if bound is not None)
        return f"{words} {self.unit}".strip() if words else ""


def setting(
    default: Any,
    help: str,
    *,
    unit: str = "",
    least: float | None = None,
    most: float | None = None,
    above: float | None = None,
    below: float | None = None,
    metavar: str = "",
    absent: Any = _UNSET,
    option: str = "",
) -> Any:
    """Declare a field of a record of settings.

    Parameters
    ----------
    default : object
        Immutable; of a mapping, which the record copies, an empty one.
    help : str
        One line, for people; without the default, which is added where it is shown.
    unit, least, most, above, below, metavar, option
        See `About`. Bounds hold for every number in a tuple or mapping.
    absent : object, optional
        The default, where not given. Whoever changes a default gives the former one here: digests of before stay
        true, and new ones differ from them.

    Returns
    -------
    object
        For the right side of the field's declaration.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Pace(Checked):
    ...     tau: float = setting(0.1, "Membrane time constant.", unit="s", above=0)
    >>> Pace(tau=1)
    Pace(tau=1.0)
    >>> Pace(tau=0)
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected tau to be a number above 0 s, found 0
    """
    absent = default if absent is _UNSET else absent
    about = About(help, unit, least, most, above, below, metavar, absent, option)
    if isinstance(default, dict):
        return dataclasses.field(default_factory=default.copy, metadata={"about": about})
    return dataclasses.field(default=default, metadata={"about": about})


def kind(name: str) -> Any:
    """Declare the field by which a record of one of several kinds says which it is: always in its file and its digest.

    Parameters
    ----------
    name : str
        What this kind is called.

    Returns
    -------
    object
        For the right side of ``name: str = kind(...)``.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Walk(Checked):
    ...     steps: int = setting(8, "How many.", least=1)
    ...     name: str = kind("walk")
    >>> canonical(Walk())
    {'name': 'walk'}
    """
    return dataclasses.field(default=name, kw_only=True, repr=False, metadata={"kind": name})


class Checked:
    """A frozen dataclass whose settings are checked as it is made: each field is a `setting`.

    Attributes
    ----------
    PANEL : str
        What its settings are called together, in a command's help.
    PREFIX : str
        What its options begin with, on the command line.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Kernel(Checked):
    ...     width: float = setting(0.04, "Standard deviation.", unit="s", least=0)
    >>> Kernel().width
    0.04
    >>> Kernel(width=-1.0)
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected width to be a number at least 0 s, found -1.0
    """

    PANEL: ClassVar[str] = "Options"
    PREFIX: ClassVar[str] = ""

    def __post_init__(self) -> None:
        check(self)


def check(record: Any) -> None:
    """Check every setting of a record; whole numbers are made floats, lists tuples and mappings copied where declared.

    Parameters
    ----------
    record : object
        Of settings; changed in place where a value is brought into its declared form.

    Raises
    ------
    InputError
        Saying which setting, what was expected of it, and what was found.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Pace:
    ...     tau: float = setting(0.1, "Membrane time constant.", unit="s", above=0)
    >>> check(Pace(0.2))
    >>> check(Pace(-1.0))
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected tau to be a number above 0 s, found -1.0
    """
    for field in dataclasses.fields(record):
        if "kind" in field.metadata and getattr(record, field.name) != field.metadata["kind"]:
            raise InputError(f"expected {field.name} to be {field.metadata['kind']}; it is not set")
    for name, (declared_type, about) in declared(type(record)).items():
        value = getattr(record, name)
        taken = _taken(value, declared_type, about)
        if taken is _UNSET:
            called = f"{name} (--{about.option})" if about.option else name
            words = _in_words(declared_type, about)
            several = isinstance(value, str) and value and words.startswith("a sequence of values, each text")
            alone = f"; put it into a tuple, ({_shown(value)},)" if several else ""
            raise InputError(f"expected {called} to be {words}, found {_shown(value)}{alone}")
        object.__setattr__(record, name, taken)


@functools.cache
def declared(record: type) -> Mapping[str, tuple[Any, About]]:
    """Return type and `About` of every setting of a class of records, by name.

    Parameters
    ----------
    record : type
        A class of records.

    Returns
    -------
    mapping of str to (type, About)

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Pace(Checked):
    ...     tau: float = setting(0.1, "Membrane time constant.", unit="s", above=0)
    >>> kind_of, about = declared(Pace)["tau"]
    >>> kind_of.__name__, about.unit, about.above
    ('float', 's', 0)
    """
    hints, prefix, settings = typing.get_type_hints(record), getattr(record, "PREFIX", ""), {}
    for field in dataclasses.fields(record):
        if about := field.metadata.get("about"):
            option = prefix + field.name.replace("_", "-") if prefix else about.option
            settings[field.name] = (hints[field.name], dataclasses.replace(about, option=option))
    return settings


def changed(record: Any) -> dict[str, Any]:
    """Return the settings of a record that do not stand at their default, by name.

    Parameters
    ----------
    record : object
        Of settings.

    Returns
    -------
    dict of str to object

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Pace(Checked):
    ...     tau: float = setting(0.1, "Membrane time constant.", unit="s", above=0)
    >>> changed(Pace()), changed(Pace(tau=0.2))
    ({}, {'tau': 0.2})
    """
    values = {field.name: (getattr(record, field.name), field.default) for field in dataclasses.fields(record)}
    return {name: value for name, (value, default) in values.items() if value != default}


def where_default(record: R, values: Mapping[str, Any]) -> R:
    """Return a record with other values of those settings that stand at their default.

    Parameters
    ----------
    record : object
        Of settings.
    values : mapping of str to object
        By name.

    Returns
    -------
    object
        Of the same class.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Pace(Checked):
    ...     tau: float = setting(0.1, "Membrane time constant.", unit="s", above=0)
    ...     g: float = setting(1.5, "Strength of the disorder.", above=0)
    >>> where_default(Pace(g=1.8), {"tau": 0.2, "g": 1.2})
    Pace(tau=0.2, g=1.8)
    """
    given = changed(record)
    return dataclasses.replace(record, **{name: value for name, value in values.items() if name not in given})


def canonical(record: Any) -> Any:
    """Return what a digest is taken of: nested mappings without the fields that stand at their `About.absent`.

    So a setting that is added later, with a default that means what was done before, leaves every digest as it was.

    Parameters
    ----------
    record : object
        A record, or a mapping, sequence, number or text that may hold records.

    Returns
    -------
    object
        Mappings, lists, numbers and text.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Pace(Checked):
    ...     tau: float = setting(0.1, "Membrane time constant.", unit="s", above=0)
    ...     g: float = setting(1.5, "Strength of the disorder.", above=0)
    >>> canonical(Pace(g=1.8))
    {'g': 1.8}
    """
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        fields = {}
        for field in dataclasses.fields(record):
            value, about = getattr(record, field.name), field.metadata.get("about")
            absent = about.absent if about else field.default
            if "kind" in field.metadata or not (type(value) is type(absent) and value == absent):
                fields[field.name] = canonical(value)
        return fields
    if isinstance(record, Mapping):
        return {str(key): canonical(value) for key, value in record.items()}
    return [canonical(value) for value in record] if isinstance(record, (tuple, list)) else record


def digest_of(content: Any) -> str:
    """SHA-256 of the canonical form of records, mappings, sequences, numbers and text.

    Parameters
    ----------
    content : object
        Whatever `canonical` takes.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> digest_of({"gamma": 0.4})[:16] == digest_of({"gamma": 0.4})[:16] != digest_of({"gamma": 0.5})[:16]
    True
    """
    text = json.dumps([CANONICAL, canonical(content)], sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _taken(value: Any, kind: Any, about: About) -> Any:
    """Return the value as the record keeps it; `_UNSET` where it cannot."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        for one in arguments:
            taken = _taken(value, one, about)
            if taken is not _UNSET:
                return taken
        return _UNSET
    if origin is Literal:
        return value if value in arguments else _UNSET
    if origin is tuple:
        return _taken_tuple(value, arguments, about)
    if origin is not None and issubclass(origin, Mapping):
        return _taken_mapping(value, arguments, about)
    if kind in (int, float):
        return _taken_number(value, kind, about)
    if kind is str:
        return value if isinstance(value, str) and value.strip() else _UNSET
    return value if kind is Any or isinstance(value, kind) else _UNSET


def _taken_tuple(value: Any, kinds: tuple[Any, ...], about: About) -> Any:
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        return _UNSET
    items = tuple(value)
    each = (kinds[0],) * len(items) if kinds[-1] is ... else kinds
    if len(each) != len(items):
        return _UNSET
    taken = tuple(_taken(item, one, about) for item, one in zip(items, each, strict=True))
    return _UNSET if any(item is _UNSET for item in taken) else taken


def _taken_mapping(value: Any, kinds: tuple[Any, ...], about: About) -> Any:
    if not isinstance(value, Mapping):
        return _UNSET
    taken = {_taken(key, kinds[0], about): _taken(item, kinds[1], about) for key, item in value.items()}
    return _UNSET if any(each is _UNSET for pair in taken.items() for each in pair) else taken


def _taken_number(value: Any, kind: type, about: About) -> Any:
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()  # numpy's numbers count
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _UNSET
    if abs(value) > _LARGEST or not math.isfinite(value) or (kind is int and value != math.floor(value)):
        return _UNSET
    low = about.least is not None and value < about.least
    low |= about.above is not None and value <= about.above
    high = about.most is not None and value > about.most
    high |= about.below is not None and value >= about.below
    return _UNSET if low or high else kind(value)


def _in_words(kind: Any, about: About) -> str:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        # That it may be left out, who has given it knows.
        given = [one for one in arguments if one is not type(None)]
        return " or ".join(dict.fromkeys(_in_words(one, about) for one in given))
    if origin is Literal:
        return f"one of {', '.join(map(str, arguments))}"
    if origin is tuple:
        several = arguments[-1] is ...
        return f"a sequence of values, each {_in_words(arguments[0], about)}" if several else f"{len(arguments)} values"
    if origin is not None:
        return f"a mapping to {_in_words(arguments[1], about)}"
    if kind in (int, float):
        noun = "a whole number" if kind is int else "a number"
        return f"{noun} {about.bounds}" if about.bounds else f"{noun} of {about.unit}" if about.unit else noun
    names = {str: "text that is not empty", bool: "true or false", type(None): "nothing"}
    return names.get(kind, getattr(kind, "__name__", str(kind)))


def _shown(value: Any) -> str:
    """Return a value for a message of one line, cut where it is long."""
    shown = repr(value)
    return shown if len(shown) <= 100 else f"{shown[:97]}..."
