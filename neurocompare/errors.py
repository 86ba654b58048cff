"""The one kind of error a user can mend."""

from __future__ import annotations


class InputError(ValueError):
    """What was given cannot be used; the message says what was expected, what was found, and what to do.

    Every check at a door raises it, and the command line prints it as one line and exits with code 2.

    Examples
    --------
    >>> raise InputError("expected at least 2 conditions, found 1; give a recording with more conditions")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected at least 2 conditions, found 1; give a recording with more conditions
    """
