"""Where recordings lie on this computer, and which of them are there."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import platformdirs

from neurocompare.errors import InputError
from neurocompare.files import shipped
from neurocompare.recordings.entry import CatalogueEntry


def data_folder() -> Path:
    """Return where recordings are kept: the environment's ``NEUROCOMPARE_DATA``, or else the user's cache."""
    chosen = os.environ.get("NEUROCOMPARE_DATA")
    return Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("neurocompare", appauthor=False)


def place(entry: CatalogueEntry, folder: str | os.PathLike[str] | None = None) -> Path:
    """Return where a recording's file belongs: ``FOLDER/DANDISET/VERSION/ASSET-PATH``, or in the package.

    Parameters
    ----------
    entry : CatalogueEntry
    folder : path-like, optional
        `data_folder` where None.

    Raises
    ------
    InputError
        If the place would lie outside `folder`, see `confined`.
    """
    if entry.shipped:
        return shipped(entry.path)
    base = Path(folder) if folder is not None else data_folder()
    return confined(base, f"{entry.dandiset}/{entry.version}/{entry.path}")


def cached(entry: CatalogueEntry, folder: str | os.PathLike[str] | None = None) -> Path | None:
    """Return a recording's file if it is here, else None; nothing is read but its size, and no network.

    One that comes with the package always is. A fetched file gets its name only once it is whole and verified, so it is
    enough that it is there. A size other than the catalogue's (where that is certain) means that someone changed it
    since.

    Parameters
    ----------
    entry : CatalogueEntry
    folder : path-like, optional
        Where recordings are kept; ``NEUROCOMPARE_DATA`` or the user's cache where None.

    Returns
    -------
    pathlib.Path or None

    Raises
    ------
    InputError
        As `place` does, if the file has been changed, and if one is missing that comes with the package.

    Examples
    --------
    >>> from neurocompare.recordings import find
    >>> cached(find("synthetic")).name
    'synthetic-2.nwb'
    """
    path = place(entry, folder)
    if not path.is_file():
        if not entry.shipped:
            return None
        raise InputError(f"expected {entry.name} at {path}, found nothing there; {_RENEWED[True]}")
    check_same(entry, "bytes", path.stat().st_size, where=str(path))
    return path


_RENEWED = {False: "delete it and fetch it again", True: "it comes with neurocompare: install that again"}


def check_same(entry: CatalogueEntry, name: str, actual: object, *, where: str = "this file") -> None:
    """Refuse a file whose ``bytes`` or ``sha256`` is not what the catalogue is certain of.

    Raises
    ------
    InputError
    """
    expected = entry.certain(name)
    if expected not in (None, actual):
        shown = (f"{expected:,} bytes in", f"{actual:,}") if name == "bytes" else (f"SHA-256 {expected} of", actual)
        raise InputError(f"expected {shown[0]} {where}, found {shown[1]}; it was changed: {_RENEWED[entry.shipped]}")


def confined(folder: Path, path: str) -> Path:
    """Join a path that came from elsewhere to a folder, refusing whatever would lead out of it.

    Parameters
    ----------
    folder : pathlib.Path
        May itself be a link: that is its owner's choice.
    path : str
        With forward slashes, as the archive writes asset paths.

    Raises
    ------
    InputError
        If `path` is absolute or empty, has ``..``, a backslash, colon or control character in it, or crosses a link.

    Examples
    --------
    >>> confined(Path("data"), "sub-A/a.nwb").as_posix()
    'data/sub-A/a.nwb'
    >>> confined(Path("data"), "../a.nwb")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected an asset path inside the folder, found '../a.nwb'; it was refused
    """
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts) or not path.isprintable() or set(path) & set("\\:"):
        raise InputError(f"expected an asset path inside the folder, found {path[:200]!r}; it was refused")
    joined = folder
    for part in PurePosixPath(path).parts:
        joined = joined / part
        if joined.is_symlink():
            raise InputError(
                f"expected a file or folder at {joined}, found a link; nothing is written through links: remove it"
            )
    return joined
