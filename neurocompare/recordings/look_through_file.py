"""Touch all that the reader of NWB files touches, in a process that may crash: ``python look_through_file.py ...``.

A program, given a file, how many seconds it has of a processor and of the clock, and who asks; not imported: it must
start fast, so it loads no more than `hdf5`, for ``-`` also remfile, see `remote_file`. Small datasets are read whole;
of large ones, where their chunks lie is read, and the first and last row.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import re
import signal
import socket
import sys
from collections.abc import Iterator

if __name__ == "__main__":
    # The system ends this process in time, and with the one that started it: no thread of it could, while the HDF5
    # library waits for a disk.
    if hasattr(signal, "alarm"):
        signal.alarm(int(sys.argv[3]))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG of linux/prctl.h
    if os.getppid() != int(sys.argv[4]):  # it has ended before
        sys.exit(1)
    # The package this program is part of, found behind everything else; the folder of the program holds its modules,
    # which are to be no one's ``import copy``.
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [
        *(path for path in sys.path if os.path.abspath(path) != here),
        os.path.dirname(os.path.dirname(here)),
    ]

from neurocompare.errors import InputError
from neurocompare.untrusted.hdf5 import Dataset, Group, open_hdf5
from neurocompare.untrusted.printable import printable

PLACES = ("units", "intervals", "processing", "acquisition", "analysis", "scratch", "general")
"""What the reader opens; everything below is looked at."""

TEXTS = ("nwb_version", "identifier", "session_description")
"""What it reads beside them."""

BEHAVIOUR = ("processing", "acquisition", "analysis")
"""In these, the reader opens no electrical series."""

VOLTAGES = ("data", "timestamps")
"""Of an electrical series, what is large, and not read."""

SMALL = 1_000_000
"""In bytes: datasets up to it are read whole."""

MEMORY = 3 * 2**30
"""In bytes: more address space is not needed to look through any file."""

MOST_NAMES = 20_000
DEEPEST = 8


class Look:
    """Looks through groups, at each object once.

    Parameters
    ----------
    voltages : bool
        Whether to look at the values of electrical series too.
    """

    def __init__(self, *, voltages: bool) -> None:
        self._voltages = voltages
        self._seen: set[int] = set()
        self._names = 0

    def through(self, group: Group) -> None:
        """Open everything below a group that lies in its file, level by level: what has several paths, by its shortest.

        Else what is at the end of a long path, and not gone through there, would not be at the end of a short one.
        """
        level = [group]
        for _ in range(DEEPEST + 1):
            level = [below for each in level for below in self._one(each)]

    def _one(self, group: Group) -> Iterator[Group]:
        """Look at one group, and yield the groups in it that have not been seen."""
        self._names += len(group) + len(group.attrs)
        if self._names > MOST_NAMES:
            raise InputError(f"expected at most {MOST_NAMES:,} names in a part of a file, found more in {group.name}")
        dict(group.attrs)
        voltage = is_voltage(group) and not self._voltages
        for name in group:
            item = group.get(name)
            if item is None or item.address in self._seen:
                continue
            self._seen.add(item.address)
            if isinstance(item, Group):
                yield item
            elif voltage and name in VOLTAGES:
                dict(item.attrs)
            else:
                look_at(item)


def is_voltage(group: Group) -> bool:
    """Whether a group is an electrical series, which nothing of the package reads."""
    return "Electrical" in printable(group.attrs.get("neurodata_type", ""))


def is_looked_through(path: str) -> bool:
    """Whether what is below a path is opened here, and may be by the reader.

    Examples
    --------
    >>> is_looked_through("intervals/reaches"), is_looked_through("elsewhere/reaches")
    (True, False)
    """
    place, *steps = path.split("/")
    return place in PLACES and len(steps) < DEEPEST


def look_at(dataset: Dataset) -> None:
    """Look at how a dataset is stored; read a small one whole, and the ends of a large one."""
    dict(dataset.attrs)
    if not dataset.size or not (dataset.is_text or dataset.is_number):
        return
    dataset.check()
    if dataset.ndim == 0 or dataset.size * dataset.dtype.itemsize <= SMALL:
        dataset[()]
        return
    for row in (0, len(dataset) - 1):
        dataset[row]


def look_through(file: Group) -> None:
    """Open all that the reader may open of a file."""
    dict(file.attrs)
    for name in TEXTS:
        item = file.dataset(name)
        if item is not None:
            look_at(item)
    for place in PLACES:
        item = file.group(place)
        if item is not None:
            Look(voltages=place not in BEHAVIOUR).through(item)


def remote_file() -> object:
    """Open the file whose address, patience in s, block in bytes and cache folder stand on stdin, a line each.

    What is fetched stays in the folder, so that the reader need not fetch it again.
    """
    import remfile

    address, patience, block, folder = sys.stdin.read().splitlines()
    socket.setdefaulttimeout(float(patience))
    return remfile.File(address, disk_cache=remfile.DiskCache(folder), _min_chunk_size=int(block))


def main(path: str, seconds: int, copy_to: str = "") -> int:
    """Look through one file, or copy a Zarr store; what is wrong goes to stderr, without what follows ``?`` in it.

    Parameters
    ----------
    path : str
    seconds : int
        Of processor time, after which the system ends the process; no limit where 0.
    copy_to : str
        Where the HDF5 file goes that a Zarr store is copied into.

    Returns
    -------
    int
        0 for a file that can be read, 2 for one that is whole but cannot be used, 1 for one that is damaged.
    """
    faulthandler.disable()
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if seconds:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    except (ImportError, ValueError, OSError):
        pass  # a system without such limits still has the limit on time
    try:
        if copy_to:
            from neurocompare.untrusted.zarr_store import copy_store

            copy_store(path, copy_to)
            return 0
        with open_hdf5(remote_file() if path == "-" else path, looked_through=True) as file:
            look_through(file)
    except MemoryError:
        sys.stderr.write(
            f"expected a file that takes at most {MEMORY / 2**30:.0f} GB to look through, found a larger one"
        )
        return 2
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except Exception as error:
        sys.stderr.write(re.sub(r"\?\S*", "", f"{error}\n"))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), *sys.argv[5:]))
