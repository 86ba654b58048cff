"""Records on disk: frozen dataclasses written to JSON and read back, typed, whole, and with a schema number.

What a file holds is what its record declares: unknown keys are ignored, so that keys may be added, and everything else
is checked on the way in. msgspec does both, as it reads dataclasses as they are, is strict about types, and says where
in a document something is wrong; it has no dependencies.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol, TypeVar

import msgspec

from neurocompare.errors import InputError
from neurocompare.files import write_text
from neurocompare.untrusted.plain_file import MOST_JSON, read_plain
from neurocompare.untrusted.printable import printable

Former = Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]
"""How a document of an older schema becomes one of the next, by the older one."""

Count = Annotated[int, msgspec.Meta(ge=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(ge=-1e-9, le=1 + 1e-9)]
"""Numbers within bounds, which reading a record checks; of others rounding may be beyond the end."""

_UNREADABLE = (
    OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, msgspec.MsgspecError,
)  # fmt: skip
"""What reading a file of anything may raise; the former readers go by what a document should hold."""

LONGEST_TEXT = 100_000
"""Characters of one text of a record."""

_LONGEST = 500
"""Characters of what is said of a file that cannot be read: it may quote the file."""


class Kept(Protocol):
    """A frozen dataclass that is a file of its own.

    Attributes
    ----------
    SCHEMA : int
        Of the file's form. Keys may be added to a schema, not changed.
    FORMER : mapping of int to callable
        How a document of an older schema becomes one of the next; 0 where a file has no schema number at all.
    AGAIN : str
        What a user can do about a file that cannot be read.
    """

    SCHEMA: ClassVar[int]
    FORMER: ClassVar[Former]
    AGAIN: ClassVar[str]


NOT_KEPT = {"kept": False}
"""Metadata of a field that a record's file does not hold, a table say: it is None in a record that was read."""

K = TypeVar("K", bound=Kept)


def save_record(record: Kept, path: str | os.PathLike[str]) -> None:
    """Write a record as JSON, whole or not at all.

    Raises
    ------
    ValueError
        If a number is not finite: a result that could not be had is None, with its sentence.
    InputError
        If the file cannot be written.
    """
    text = in_json(record) + "\n"
    write_text(text, path)


def in_json(record: Kept) -> str:
    """Return what `save_record` writes.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    return json.dumps({"schema": record.SCHEMA} | plain(record), indent=1, allow_nan=False, ensure_ascii=False)


def load_record(kind: type[K], path: str | os.PathLike[str], *, most: int = MOST_JSON, links: bool = True) -> K:
    """Read a record, of this schema or an older one.

    Parameters
    ----------
    kind : type
    path : path-like
    most : int
        Bytes that the file may have.
    links : bool
        Whether the file may be a link to another.

    Raises
    ------
    InputError
        If there is no such file, or it is not what `kind` declares; it says what to do.
    """
    path = Path(path)
    try:
        content = read_plain(path, most=most, links=links)
        document = msgspec.json.decode(content)
        if not content.isascii() or b"\\" in content:
            document = _shown(document)
        if not isinstance(document, dict):
            raise ValueError(f"a {type(document).__name__} in place of an object")
        return from_plain(kind, _brought_up(kind, document))
    except _UNREADABLE as error:
        reason = f"no {path.name}" if isinstance(error, FileNotFoundError) else str(error) or type(error).__name__
        reason = " ".join(reason.split())[:_LONGEST]
        raise InputError(f"expected a readable {path.name} in {path.parent}, found {reason}; {kind.AGAIN}") from error


def plain(record: Any) -> dict[str, Any]:
    """Return a record as mappings, lists, numbers and text, without the fields that its file does not hold."""
    return msgspec.to_builtins(_held(record), enc_hook=_outward, builtin_types=())


def _held(value: Any) -> Any:
    """Return a record as a mapping of the fields that its file holds, and so those of records inside it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (field for field in dataclasses.fields(value) if field.metadata.get("kept") is not False)
        return {field.name: _held(getattr(value, field.name)) for field in fields}
    if isinstance(value, Mapping):
        return {name: _held(each) for name, each in value.items()}
    return [_held(each) for each in value] if isinstance(value, list | tuple) else value


def from_plain(kind: type[K] | type[Any], content: Any) -> Any:
    """Return what `plain` was made of, checked.

    Raises
    ------
    msgspec.ValidationError
        Saying where in `content` something else was expected.
    """
    return msgspec.convert(content, kind, dec_hook=_inward)


def expect(what: str, sound: bool) -> None:
    """Refuse a record whose fields do not go together; called where it is made, and so where it is read.

    Raises
    ------
    InputError

    Examples
    --------
    >>> expect("as many chances as gammas", 3 == 4)
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected as many chances as gammas
    """
    if not sound:
        raise InputError(f"expected {what}")


def _shown(value: Any) -> Any:
    """Return a document whose texts are fit to be shown; control characters are in none of ours."""
    if isinstance(value, str):
        if any(letter < " " and not letter.isspace() for letter in value):
            raise ValueError("control characters in a text")
        return printable(value, LONGEST_TEXT)
    if isinstance(value, list):
        return [_shown(each) for each in value]
    if isinstance(value, dict):
        return {printable(name): _shown(each) for name, each in value.items()}
    return value


def _brought_up(kind: type[Kept], document: dict[str, Any]) -> dict[str, Any]:
    schema = document.get("schema", 0)
    if not isinstance(schema, int) or schema > kind.SCHEMA:
        raise ValueError(f"schema {schema!r}, which this version (it knows up to {kind.SCHEMA}) cannot read")
    while schema < kind.SCHEMA:
        if schema not in kind.FORMER:
            raise ValueError(f"schema {schema}, which is read no more")
        document = kind.FORMER[schema](document)
        schema += 1
    return document


def _outward(value: Any) -> Any:
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:  # numpy's numbers
        return value.item()
    raise NotImplementedError(f"expected a value that JSON holds, found {type(value).__name__}")


class OneOf:
    """A record of which there are several kinds, told apart by `name`: abstract, each kind a frozen dataclass.

    A kind has the field ``name: str = kind("its name")``, see `settings.kind`.
    """

    @classmethod
    def kinds(cls) -> Mapping[str, type]:
        """Return every kind by its name."""
        raise NotImplementedError


def _inward(kind: type, value: Any) -> Any:
    if issubclass(kind, OneOf) and isinstance(value, dict):
        chosen = kind.kinds().get(value.get("name", ""))
        if chosen is None:
            raise ValueError(f"expected one of {', '.join(kind.kinds())}, found {str(value.get('name'))[:40]!r}")
        return from_plain(chosen, value)
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise ValueError(f"expected {kind.__name__}, found {type(value).__name__}")
