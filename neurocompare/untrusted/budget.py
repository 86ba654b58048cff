"""How much memory what is read from one file, or from one server, may take; whatever its headers say."""

from __future__ import annotations

from neurocompare.errors import InputError
from neurocompare.untrusted.printable import printable

MOST_BYTES = 4 * 2**30
"""In bytes: what may be read of one file. A session of hours with its movement takes less than a tenth of it."""


class Budget:
    """What is still to be read of one file.

    Parameters
    ----------
    most : int, optional
        In bytes.

    Examples
    --------
    >>> budget = Budget(2 * 2**30)
    >>> budget.take(2**30, "units/spike_times")
    >>> budget.take(2**31, "acquisition/voltage/data")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected at most 2 GB to be read of a file, found more with
        acquisition/voltage/data (2.0 GB); give a file with less in it
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self.most, self.left = most, most

    def take(self, size: float, what: str) -> None:
        """Count `size` bytes that are about to be read.

        Raises
        ------
        InputError
            If they are more than are left.
        """
        if size > self.left:
            raise InputError(
                f"expected at most {self.most / 2**30:.2g} GB to be read of a file, found more with "
                f"{printable(what, 100)} ({size / 2**30:.1f} GB); give a file with less in it"
            )
        self.left -= int(size)
