"""Text from outside, fit to be shown: without what could move a cursor, clear a screen, fake a line or turn text."""

from __future__ import annotations

import unicodedata

LONGEST = 1000
"""Characters kept of one name, label or description."""

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode's categories of what is not seen: controls, formats (marks of direction among them), surrogates, private and
unassigned characters, separators of lines."""


def printable(text: object, longest: int = LONGEST) -> str:
    r"""Return text on one line without control characters, escape sequences and marks of direction.

    Everything that was written by others passes here where it is read: names, labels, descriptions, what a server
    answers. White space of any kind becomes a space; other hidden characters are left out; bytes are read as UTF-8.

    Parameters
    ----------
    text : object
        Text or bytes; anything else is turned into text first.
    longest : int, optional
        Characters kept; what is longer ends in "...".

    Returns
    -------
    str

    Examples
    --------
    >>> printable("M1\x1b[2J\nunits: 900")
    'M1[2J units: 900'
    >>> printable("\u202eabc"), printable(b"PMd"), printable("x" * 20, longest=8)
    ('abc', 'PMd', 'xxxxx...')
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", errors="replace")
    text = str(text)
    if text.isascii() and text.isprintable() and len(text) <= longest:  # nearly all there is
        return text
    text = text[: 4 * longest]
    seen = (" " if letter.isspace() else letter for letter in text)
    text = "".join(letter for letter in seen if unicodedata.category(letter) not in _HIDDEN)
    return text if len(text) <= longest else text[: longest - 3] + "..."
