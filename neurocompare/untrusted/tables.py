"""Tables (CSV) from anyone, of bounded size, before pandas reads them."""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Iterator

import pandas as pd

from neurocompare.errors import InputError
from neurocompare.untrusted.plain_file import open_plain
from neurocompare.untrusted.printable import printable

MOST_TABLE = 256 * 2**20
"""In bytes: a ranking of a hundred networks by ten metrics takes a tenth of it."""

MOST_COLUMNS = 1000

MOST_CELLS = 50_000_000
"""Values of a table: pandas takes up to 80 bytes for one that is a byte in the file."""


@contextlib.contextmanager
def open_table(path: str | os.PathLike[str], *, most: int = MOST_TABLE) -> Iterator[io.BytesIO]:
    r"""Open a table for ``pandas.read_csv``, which by itself would wait at a pipe, and unpack an archive.

    Parameters
    ----------
    path : path-like
    most : int
        Bytes that it may have.

    Yields
    ------
    binary file object
        What the table holds. That pandas leaves something of it out is an error.

    Raises
    ------
    OSError
        If there is no plain file, or it is larger.
    InputError
        If pandas would leave something out, a line has more than `MOST_COLUMNS` commas (thousands of columns take it
        minutes), or there are more than `MOST_CELLS` values.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_text("file,x\na.npy,1\n")
    >>> with open_table(path) as held:
    ...     pd.read_csv(held)["x"].tolist()
    [1]
    """
    with open_plain(path, most=most) as opened:
        content = opened.read(most)
    held = io.BytesIO(content)
    widest = max((line.count(b",") for line in held), default=0)
    cells = content.count(b",") + content.count(b"\n") + content.count(b"\r")
    if cells > MOST_CELLS:
        raise InputError(
            f"expected a table of at most {MOST_CELLS:,} values in {printable(os.fspath(path), 300)}, found {cells:,}; "
            "make it smaller"
        )
    if widest > MOST_COLUMNS:
        raise InputError(
            f"expected a table of at most {MOST_COLUMNS:,} columns in {printable(os.fspath(path), 300)}, found a line "
            f"with {widest:,} commas; make it narrower"
        )
    held.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        try:
            yield held
        except pd.errors.ParserWarning as error:
            raise InputError(
                f"expected as many values a line as names in {printable(os.fspath(path), 300)}, found more; check it"
            ) from error
