"""The one kind of error a user can mend."""

from __future__ import annotations

from collections.abc import Collection, Sequence

LONGEST = 5000
"""Characters of a message: it may repeat a thousand names."""


class InputError(ValueError):
    """What was given cannot be used; the message says what was expected, what was found, and what to do.

    Every check at a door raises it, and the command line prints it as one line and exits with code 2. It may repeat
    what a file says: characters that are not seen, which could clear a screen or fake a line, become spaces.

    Examples
    --------
    >>> raise InputError("expected at least 2 conditions, found 1; give a recording with more conditions")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected at least 2 conditions, found 1; give a recording with more conditions
    """

    def __init__(self, message: object = "") -> None:
        text = str(message)
        if not text.isprintable():
            text = "".join(letter if letter.isprintable() else " " for letter in text)
        super().__init__(text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}...")


def first_few(names: Sequence[str], most: int) -> str:
    """Name the first of many, and how many more there are.

    Examples
    --------
    >>> first_few(["a", "b"], 3), first_few(list("abcde"), 3)
    ('a, b', 'a, b, c and 2 more')
    """
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def check_among(what: str, value: object, choices: Collection[str]) -> None:
    """Refuse what is none of a few names.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_among("a weighting", "none", ("equal", "projection"))
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a weighting among equal, projection, found 'none'
    """
    if value not in choices:
        raise InputError(f"expected {what} among {', '.join(choices)}, found {value!r}")
