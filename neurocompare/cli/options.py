"""Options made of records: a command declares the records it takes, and every setting of theirs is an option."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import keyword
import types
import typing
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, cast

import typer

from neurocompare.errors import InputError
from neurocompare.settings import About, Checked, declared

F = TypeVar("F", bound=Callable[..., Any])

Out = Annotated[Path, typer.Option("--out", help="Folder for everything that is left behind.", metavar="DIR")]
Seed = Annotated[int, typer.Option(help="Seed of everything random. Same seed, same result.", min=0, metavar="N")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


RECORDING_OR_TASK = (
    "A recording as `run` takes it ('synthetic', a catalogue name, an NWB file), a task by name "
    "('oscillation', 'ideal_reach', 'muscles'), or a task.nc file."
)
"""Help of what networks or the theory are made for."""


def option(help: str, metavar: str | None = None, *, panel: str | None = None, name: str | None = None) -> Any:
    """Return what is said of an option whose help tells its default."""
    names = () if name is None else (name,)
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=panel, show_default=False)


def argument(help: str, metavar: str) -> Any:
    """Return what is said of an argument."""
    return typer.Argument(help=help, metavar=metavar, show_default=False)


def with_options(command: F) -> F:
    """Return a command whose records are options: what typer sees is one parameter for every setting.

    Parameters
    ----------
    command : callable
        Its parameters are typer's, or are annotated with a class of records (`Checked`), perhaps as
        ``Annotated[Choices, Without("stream")]``; it is called with the records, checked.

    Examples
    --------
    >>> from neurocompare.settings import Scoring
    >>> @with_options
    ... def show(scoring: Scoring) -> None:
    ...     print(scoring)
    >>> list(inspect.signature(show).parameters)
    ['metrics', 'resamples', 'noise_free']
    >>> show(metrics=["cka,rsa"], resamples=None, noise_free=False)
    Scoring(metrics=('cka', 'rsa'), resamples=None, noise_free=False)
    """
    hints = typing.get_type_hints(command, include_extras=True)
    parameters: list[inspect.Parameter] = []
    records: dict[str, tuple[type[Checked], tuple[str, ...]]] = {}
    for parameter in inspect.signature(command).parameters.values():
        kind, without = _record_in(hints[parameter.name])
        if kind is None:
            parameters.append(parameter.replace(annotation=hints[parameter.name]))
            continue
        shown = {name: each for name, each in declared(kind).items() if name not in without}
        records[parameter.name] = (kind, tuple(shown))
        parameters += [_parameter(kind, name, *each) for name, each in shown.items()]

    @functools.wraps(command)
    def flat(**given: Any) -> Any:
        made = {
            place: _made(kind, {name: given.pop(argument_of(kind, name)) for name in names})
            for place, (kind, names) in records.items()
        }
        return command(**given, **made)

    vars(flat)["__signature__"] = inspect.Signature(
        [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    )
    flat.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return typing.cast(F, flat)


class Without:
    """Settings of a record that a command does not take."""

    def __init__(self, *names: str) -> None:
        self.names = names


def option_of(kind: type[Checked], name: str) -> str:
    """Return what the command line calls a setting.

    Examples
    --------
    >>> from neurocompare.settings import Choices, Scoring
    >>> option_of(Choices, "bin_width"), option_of(Scoring, "resamples")
    ('--bin-width', '--resamples')
    """
    _, about = declared(kind)[name]
    return f"--{(about.option or name).replace('_', '-')}"


def argument_of(record: type[Checked], name: str) -> str:
    """Name a setting's parameter by its option: two records of a command may each have a field of one name."""
    called = option_of(record, name)[2:].replace("-", "_")
    return f"{called}_" if keyword.iskeyword(called) else called


def numbers(text: str, what: str) -> tuple[float, ...]:
    """Turn ``"0,0.1,0.4"`` into numbers.

    Raises
    ------
    InputError

    Examples
    --------
    >>> numbers("0, 0.1", "gammas")
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


def axes(texts: Iterable[str], option: str) -> dict[str, tuple[float, ...]]:
    """Turn ``["g=1.2,1.5", "input-scale=1,2"]`` into values by name.

    Raises
    ------
    InputError

    Examples
    --------
    >>> axes(["g=1.2,1.5", "input-scale=1,2"], "--grid")
    {'g': (1.2, 1.5), 'input_scale': (1.0, 2.0)}
    """
    by_name: dict[str, tuple[float, ...]] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or not name or name in by_name:
            raise InputError(f"expected each {option} once, as NAME=VALUE,VALUE such as g=1.2,1.5; found {text!r}")
        by_name[name] = numbers(values, f"values of {name}")
    return by_name


def _record_in(annotation: Any) -> tuple[type[Checked] | None, tuple[str, ...]]:
    kind, extras = annotation, ()
    if typing.get_origin(annotation) is Annotated:
        kind, *extras = typing.get_args(annotation)
    if not (isinstance(kind, type) and issubclass(kind, Checked)):
        return None, ()
    return kind, tuple(name for each in extras if isinstance(each, Without) for name in each.names)


def _parameter(record: type[Checked], name: str, kind: Any, about: About) -> inspect.Parameter:
    default = next(field.default for field in dataclasses.fields(cast(Any, record)) if field.name == name)
    called = option_of(record, name)
    option = typer.Option(
        f"{called}/--no-{called[2:]}" if default is True else called,
        help=_help(kind, about, default),
        rich_help_panel=record.PANEL,
        metavar=about.metavar or _metavar(kind),
        show_default=False,
    )
    given: Any = {bool: bool}.get(kind, list[str] | None if _is_list(kind) else _plain(kind) | None)
    return inspect.Parameter(
        argument_of(record, name),
        inspect.Parameter.KEYWORD_ONLY,
        default=default if kind is bool else None,
        annotation=Annotated[given, option],
    )


def _help(kind: Any, about: About, default: Any) -> str:
    """Return what is said of a setting: its line, its unit, and the default where the line does not say it."""
    unit = f" In {about.unit}." if about.unit and _plain(kind) in (int, float) else ""
    implied = default is None or default == () or isinstance(default, bool)
    return about.help + unit + ("" if implied else f" Default: {_text(default)}.")


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(map(_text, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _metavar(kind: Any) -> str | None:
    """Return the words there are to choose from, or the form of a range."""
    for one in _alternatives(kind):
        if typing.get_origin(one) is Literal:
            return "|".join(map(str, typing.get_args(one)))
        if typing.get_args(one) == (float, float):
            return "LOW,HIGH"
    return None


def _alternatives(kind: Any) -> tuple[Any, ...]:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return tuple(one for one in typing.get_args(kind) if one is not type(None))
    return (kind,)


def _is_list(kind: Any) -> bool:
    return any(typing.get_origin(one) is tuple for one in _alternatives(kind))


def _plain(kind: Any) -> type:
    (one,) = _alternatives(kind)[:1]
    return one if one in (int, float) else str


def _made(record: type[Checked], given: dict[str, Any]) -> Checked:
    """Make a record of what was typed; None and an empty list are what was not."""
    kinds = declared(record)
    typed = {name: value for name, value in given.items() if value is not None and value != []}
    return record(**{name: _read(record, name, kinds[name][0], value) for name, value in typed.items()})


def _read(record: type[Checked], name: str, kind: Any, value: Any) -> Any:
    if not isinstance(value, list):
        return value
    (tuple_of,) = (one for one in _alternatives(kind) if typing.get_origin(one) is tuple)
    item = typing.get_args(tuple_of)[0]
    if typing.get_origin(item) is tuple:
        return tuple(_pair(record, name, text) for text in value)
    if item in (int, float):
        return tuple(number for text in value for number in numbers(text, name.replace("_", " ")))
    commas = "," in declared(record)[name][1].metavar
    return tuple(_words(value)) if commas else tuple(value)


def _words(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (word.strip() for word in text.split(","))


def _pair(record: type[Checked], name: str, text: str) -> tuple[float, ...]:
    values = numbers(text, name)
    if len(values) != 2:
        form = declared(record)[name][1].metavar
        raise InputError(f"expected a {name} as {form} in s, found {text!r}")
    return values
