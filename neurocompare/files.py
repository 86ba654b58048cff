"""Files that are either whole or absent: write to a temporary name, then rename; and the digest that tells."""

from __future__ import annotations

import contextlib
import errno
import glob
import hashlib
import io
import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from neurocompare.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

PARTIAL = ".partial"
"""How the name of everything unfinished ends; it starts with a dot, and no reader looks at it."""

ABANDONED = 24 * 3600.0
"""Age in s at which something unfinished counts as left behind, whoever made it."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def shipped(name: str) -> Path:
    """Return where a file lies that comes with the package.

    A wheel carries the folder ``data`` inside the package; a checkout has it beside.

    Examples
    --------
    >>> shipped("catalogue.toml").is_file()
    True
    """
    package = Path(__file__).parent
    return next((each for each in (package / "data", package.parent / "data") if each.is_dir()), package) / name


@contextlib.contextmanager
def atomic(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path`, renamed onto it only if the block succeeds.

    A kill at any moment leaves either the old file, the new file, or none: never half of one. A leftover
    temporary file starts with a dot and ends in ``.partial``; no reader looks at such names, and who writes the file
    again removes it.

    Parameters
    ----------
    path : path-like
        Where the finished file belongs. Missing parent folders are made.

    Raises
    ------
    InputError
        If the folder cannot be written to, or the disk is full.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> with atomic(folder / "note.txt") as temporary:
    ...     _ = temporary.write_text("whole")
    >>> (folder / "note.txt").read_text()
    'whole'
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=partial_prefix(path.name), suffix=PARTIAL, dir=path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error
    os.close(handle)
    temporary = Path(name)
    sweep(path.parent, path.name)
    try:
        yield temporary
        # mkstemp makes the file private; the finished file gets the permissions a plain open() would give.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        with open(temporary, "rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    except (OSError, RuntimeError) as error:
        full = disk_full(error)
        if full is not None:
            raise cannot_write(path, full) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def disk_full(error: BaseException | None) -> OSError | None:
    """Return the error, of this one and those it came from, that says that the disk or a quota on it is full.

    HDF5 can raise a second error of another type while it closes the file it could not write.

    Examples
    --------
    >>> disk_full(OSError(errno.ENOSPC, "No space left on device"))
    OSError(28, 'No space left on device')
    >>> disk_full(FileNotFoundError()) is None
    True
    """
    while error is not None and not (isinstance(error, OSError) and error.errno in _FULL):
        error = error.__cause__ or error.__context__
    return error


def check_writable(folder: str | os.PathLike[str]) -> None:
    """Refuse a folder that could not be made or written to, before anything is computed for it.

    Raises
    ------
    InputError
        If the folder, or the nearest one above it that exists, is not a folder one can write to.

    Examples
    --------
    >>> check_writable(tempfile.gettempdir())
    """
    if not os.fspath(folder):
        raise InputError("expected the name of a folder, found an empty text")
    folder = Path(folder)
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK)):
        message = f"cannot write {folder}: {nearest} is not a folder you can write to; choose another with --out"
        raise InputError(message)


def check_new(folder: str | os.PathLike[str]) -> None:
    """Refuse a folder that holds something, or that could not be made.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_new(tempfile.mkdtemp())
    """
    check_writable(folder)
    if Path(folder).exists() and any(Path(folder).iterdir()):
        raise InputError(f"expected a new folder, found {os.fspath(folder)} with something in it; choose another")


def cannot_write(path: str | os.PathLike[str], error: OSError) -> InputError:
    """Return the line a user reads when `path` could not be written, and what to do about it."""
    if error.errno in _FULL:
        advice = "nothing was left half-written; free some space and run the same again: it continues"
        return InputError(f"cannot write {path}: {os.strerror(error.errno)}; {advice}")
    return InputError(f"cannot write {path}: {error.strerror or error}; choose a folder you can write to")


def reserve(folder: str | os.PathLike[str], size: float) -> None:
    """Refuse to begin writing `size` bytes into a folder whose disk has not that much room, and a megabyte more.

    A write that fails half way is undone too, but HDF5 then adds complaints of its own to the one line.

    Raises
    ------
    OSError
        As the system would for a full disk.

    Examples
    --------
    >>> reserve(".", 1e30)
    Traceback (most recent call last):
    ...
    OSError: [Errno 28] No space left on device
    """
    if shutil.disk_usage(folder).free < size + 1e6:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def write_text(text: str, path: str | os.PathLike[str]) -> None:
    """Write text that is whole or absent, see `atomic`."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_table(table: pd.DataFrame, path: str | os.PathLike[str], *, index: str = "") -> None:
    """Write a table as CSV that is whole or absent, see `atomic`; with a column of its index if that has a name."""
    with atomic(path) as temporary:
        table.to_csv(temporary, index=bool(index), index_label=index or None)


def write_netcdf(dataset: xr.Dataset, path: str | os.PathLike[str]) -> None:
    """Write a netCDF file (version 4) that is whole or absent.

    It is made in memory: a process in which the HDF5 library could not finish a file, as on a full disk, crashes when
    it ends.

    Parameters
    ----------
    dataset : xarray.Dataset
    path : path-like

    Raises
    ------
    InputError
        As `atomic` does.

    Examples
    --------
    >>> import tempfile, xarray
    >>> path = Path(tempfile.mkdtemp()) / "numbers.nc"
    >>> write_netcdf(xarray.Dataset({"x": ("time", [1.0, 2.0])}), path)
    >>> xarray.load_dataset(path, engine="h5netcdf")["x"].values
    array([1., 2.])
    """
    import h5netcdf
    from xarray.backends import H5NetCDFStore

    from neurocompare.untrusted.opened_once import OpenedOnce

    made = io.BytesIO()
    with OpenedOnce(made, "w", track_order=True) as inner, h5netcdf.File(inner, "w") as file:
        dataset.dump_to_store(H5NetCDFStore(file))
    with atomic(path) as temporary:
        temporary.write_bytes(made.getbuffer())


def partial_prefix(name: str) -> str:
    """Return how the name of something unfinished begins: hidden, and saying which process on which computer made it.

    Examples
    --------
    >>> partial_prefix("zoo.csv").endswith(f".{os.getpid()}.")
    True
    """
    return f".{name}.{_host()}.{os.getpid()}."


def sweep(folder: str | os.PathLike[str], name: str | None = None) -> tuple[str, ...]:
    """Remove what killed processes left unfinished in `folder`, where that is safe; return the names.

    It is safe where the process that made it ran on this computer and has ended, or where it is older than a day.
    Where a `name` is given, what was to get another is left.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / (partial_prefix("mine") + "x.partial")).touch()
    >>> sweep(folder)
    ()
    """
    swept = []
    for path in Path(folder).glob(f".{'*' if name is None else glob.escape(name) + '.*'}{PARTIAL}"):
        maker = re.fullmatch(r"\..*\.([^.]+)\.(\d+)\.[^.]*" + re.escape(PARTIAL), path.name)
        ended = maker is not None and maker[1] == _host() and not is_alive(int(maker[2]))
        with contextlib.suppress(OSError):  # swept by another process meanwhile, or not ours to remove
            if ended or time.time() - path.stat().st_mtime > ABANDONED:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                swept.append(path.name)
    return tuple(swept)


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", platform.node()) or "unknown"


def is_alive(pid: int) -> bool:
    """Whether a process of this machine runs, whoever's it is.

    Examples
    --------
    >>> is_alive(os.getpid())
    True
    """
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):  # no process has such a number
        return False
    except OSError:
        return True  # someone else's
    return True


def sha256_of(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
