"""The recordings known by name: what they are, where they come from, how to cite them."""

from __future__ import annotations

import difflib
import functools
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from neurocompare.errors import InputError


@dataclass(frozen=True)
class CatalogueEntry:
    """A recording known by name.

    Attributes
    ----------
    name, title : str
    licence, citation : str
    dandiset, version, path, asset : str
        Where it lies in the DANDI archive: dandiset id, published version, asset path and asset id. Empty for the
        recording that the package makes itself.
    bytes : int
        File size.
    sha256 : str
        Of the file, in hexadecimal.
    """

    name: str
    title: str
    licence: str
    citation: str
    dandiset: str = ""
    version: str = ""
    path: str = ""
    asset: str = ""
    bytes: int = 0
    sha256: str = ""

    @property
    def url(self) -> str:
        """Address that downloads the file; empty for the recording that the package makes itself."""
        return f"https://api.dandiarchive.org/api/assets/{self.asset}/download/" if self.asset else ""


@functools.cache
def known_recordings() -> tuple[CatalogueEntry, ...]:
    """Read the catalogue that comes with the package.

    Returns
    -------
    tuple of CatalogueEntry

    Examples
    --------
    >>> [entry.name for entry in known_recordings()][:2]
    ['synthetic', 'mc_maze']
    """
    package = Path(__file__).parents[1]
    # A wheel carries the data folder inside the package; a checkout has it beside.
    folder = next(folder for folder in (package / "data", package.parent / "data") if folder.is_dir())
    with (folder / "catalogue.toml").open("rb") as opened:
        return tuple(CatalogueEntry(**entry) for entry in tomllib.load(opened)["recording"])


def find(name: str) -> CatalogueEntry:
    """Look a recording up by name.

    Raises
    ------
    InputError
        If no recording has that name; the message offers the nearest ones.

    Examples
    --------
    >>> find("mc_maze_small").dandiset
    '000140'
    >>> find("sinthetic")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a recording of the catalogue, found 'sinthetic'; did you mean synthetic?
    """
    names = [entry.name for entry in known_recordings()]
    if name in names:
        return known_recordings()[names.index(name)]
    near = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(names)}"
    message = f"expected a recording of the catalogue, found {name!r}; {hint}"
    raise InputError(message)


def recording_path(name: str | os.PathLike[str]) -> Path:
    """Find the file a user means, by path or by catalogue name.

    Parameters
    ----------
    name : str or path-like
        A path to an existing file, or a name of the catalogue.

    Returns
    -------
    pathlib.Path
        Of the existing file.

    Raises
    ------
    InputError
        If it is a known recording that has to be downloaded first (the message says from where), an unknown name, or
        a path where there is no file.

    Examples
    --------
    >>> recording_path("mc_maze_small")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: mc_maze_small is not on this computer; download ... and give its path
    """
    path = Path(name)
    if path.is_file():
        return path
    if path.name != str(name) or path.suffix:
        message = (
            f"expected an NWB file at {path}, found {'a folder' if path.is_dir() else 'nothing there'}; check the path"
        )
        raise InputError(message)
    entry = find(str(name))
    if entry.url:
        message = (
            f"{entry.name} is not on this computer; download {entry.url} ({entry.bytes:,} bytes, "
            f"SHA-256 {entry.sha256}) and give its path"
        )
    else:
        message = f"{entry.name} is made by this package, not kept in a file; run it by name"
    raise InputError(message)
