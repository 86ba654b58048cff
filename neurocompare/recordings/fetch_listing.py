"""Which sessions of an experiment the archive has."""

from __future__ import annotations

import os
from dataclasses import dataclass

from neurocompare.errors import InputError
from neurocompare.recordings.cache import cached
from neurocompare.recordings.entry import Experiment
from neurocompare.recordings.fetch import DEFAULT_ARCHIVE
from neurocompare.recordings.fetch_retry import Patience


@dataclass(frozen=True)
class Listed:
    """A session as the archive has it.

    Attributes
    ----------
    session : str
    bytes : int
    path : str
        In the dandiset.
    here : bool
        Whether it has been fetched.
    """

    session: str
    bytes: int
    path: str
    here: bool


def listing(
    experiment: Experiment,
    *,
    folder: str | os.PathLike[str] | None = None,
    url: str = DEFAULT_ARCHIVE,
    patience: Patience | None = None,
) -> tuple[Listed, ...]:
    """Ask the archive which sessions of an experiment it has.

    Parameters
    ----------
    experiment : Experiment
    folder, url, patience
        As in `fetch`.

    Returns
    -------
    tuple of Listed
        In the order of their paths. Files whose path is no session's are left out.

    Raises
    ------
    InputError
        As in `fetch`.
    """
    from neurocompare.recordings.fetch_archive import Archive  # takes a second

    first = experiment.entries[0]
    if first.shipped:
        raise InputError(f"{first.name} comes with this package, it is not in the archive; run it by name")
    with Archive(url, patience or Patience()) as archive:
        files = archive.listing(first.dandiset or "", first.version)
    listed = []
    for path, size in sorted(files):
        entry = experiment.at(path)
        if entry is not None:
            listed.append(Listed(entry.session, size, path, cached(entry, folder) is not None))
    return tuple(listed)
