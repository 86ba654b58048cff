"""A guest: a user's own code while it runs here. What it prints and how it ends is not for it to decide."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator

from neurocompare import worker
from neurocompare.errors import InputError


@contextlib.contextmanager
def guest(sentence: Callable[[str, str], str]) -> Iterator[None]:
    """Run a block that calls a user's code.

    What it prints goes to standard error: standard output holds the result, for programs to read. An exception of any
    kind is one line, and so is an attempt to end this program.

    Parameters
    ----------
    sentence : callable
        Makes the line from the kind of the exception and its message.

    Raises
    ------
    InputError

    Examples
    --------
    >>> with guest(lambda kind, message: f"the model raised {kind}: {message}"):
    ...     sys.exit(0)
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: the model raised SystemExit: 0
    """
    try:
        with _printing_to_stderr(), contextlib.redirect_stdout(sys.stderr):
            yield
    except InputError:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and not worker.serving:  # a user's, not the code's
            raise
        raise InputError(sentence(type(error).__name__, _text_of(error))) from error


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # that too is code of theirs
        return "no text"


@contextlib.contextmanager
def _printing_to_stderr() -> Iterator[None]:
    """Do so for what does not go through Python's own stream: compiled code and other programs."""
    try:
        sys.stdout.flush()
        kept = os.dup(1)
    except (OSError, ValueError, AttributeError):  # there is none
        yield
        return
    try:
        os.dup2(2, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
