"""A recording known by name, on this computer: whole, verified, and under its name only then."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from neurocompare.errors import InputError
from neurocompare.files import PARTIAL, cannot_write, disk_full, sha256_of
from neurocompare.recordings.cache import cached, check_same, confined, place
from neurocompare.recordings.catalogue import find_experiment, session_of
from neurocompare.recordings.entry import CatalogueEntry
from neurocompare.recordings.fetch_retry import Patience

if TYPE_CHECKING:  # the archive's client takes a second to import, and is not needed where a file is there already
    from neurocompare.recordings.fetch_archive import RemoteFile

DEFAULT_ARCHIVE = "https://api.dandiarchive.org/api"

_SPARE = 1_000_000
"""Bytes to leave free on the disk."""

_DIGEST_TRIES = 2
"""A file continued after a break may be made of two halves that do not fit: it is fetched anew once."""


@dataclass(frozen=True)
class Fetched:
    """A recording that is now on this computer.

    Attributes
    ----------
    path : pathlib.Path
    bytes : int
    sha256 : str
        Of the file as it is on the disk.
    downloaded : bool
        False if it was there already.
    notes : tuple of str
        What it was verified against, and what of the catalogue proved different.

    Examples
    --------
    >>> found = Fetched(Path("mc_maze_small.nwb"), 26_000_000, sha256="ab12", downloaded=False, notes=())
    >>> found.path.name, found.downloaded  # it was there already
    ('mc_maze_small.nwb', False)
    """

    path: Path
    bytes: int
    sha256: str
    downloaded: bool
    notes: tuple[str, ...]


def fetch(
    name: str,
    session: str | None = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    url: str = DEFAULT_ARCHIVE,
    progress: Callable[[str, float, float], None] | None = None,
    say: Callable[[str], None] | None = None,
    patience: Patience | None = None,
) -> Fetched:
    """Fetch a recording known by name from the DANDI archive, unless it is here.

    The file appears under its name only when its size and digest are right; an interrupted fetch continues where it
    stopped, and two processes that fetch the same file do it once. If it is here, no network is used.

    Parameters
    ----------
    name : str
        Of the catalogue: an experiment, or one recording of it such as ``"falcon_m1-20120924"``.
    session : str, optional
        Which one, where `name` is an experiment with several.
    folder : path-like, optional
        Where recordings are kept: `data_folder` where None. Only there are they found by name.
    url : str
        Address of the archive's API.
    progress : callable, optional
        Called as ``progress(name, bytes_here, bytes)``.
    say : callable, optional
        Called with a sentence whenever something has to be waited for: another process, or the archive.
    patience : Patience, optional
        How long to put up with failures that may pass.

    Returns
    -------
    Fetched

    Raises
    ------
    InputError
        If there is no such recording, no room, no way to reach the archive, or what it sends is not what it should be.

    Examples
    --------
    >>> fetch("synthetic")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: synthetic comes with this package: there is nothing to fetch; run it by name
    """
    experiment, _, session_in_name = name.partition("-")
    entry = session_of(find_experiment(experiment), session or session_in_name)
    if entry.shipped:
        raise InputError(f"{entry.name} comes with this package: there is nothing to fetch; run it by name")
    return fetch_entry(entry, folder=folder, url=url, progress=progress, say=say, patience=patience)


def fetch_entry(
    entry: CatalogueEntry,
    *,
    folder: str | os.PathLike[str] | None = None,
    url: str = DEFAULT_ARCHIVE,
    progress: Callable[[str, float, float], None] | None = None,
    say: Callable[[str], None] | None = None,
    patience: Patience | None = None,
) -> Fetched:
    """Fetch what a catalogue entry describes; see `fetch`."""
    here = _here(entry, folder)
    if here is not None:
        return here
    path = place(entry, folder)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path, say):
            here = _here(entry, folder)  # another process may have fetched it meanwhile
            patience = dataclasses.replace(patience or Patience(), say=say)
            return here or _download(entry, path, url, progress, patience)
    except OSError as error:
        full = disk_full(error)
        raise cannot_write(path, full or error) from error


def _here(entry: CatalogueEntry, folder: str | os.PathLike[str] | None) -> Fetched | None:
    """Return the file that is here already, checked against what the catalogue is sure of."""
    path = cached(entry, folder)
    if path is None:
        return None
    sha256 = sha256_of(path)
    check_same(entry, "sha256", sha256, where=str(path))
    certain = entry.certain("sha256")
    note = "here already; size and SHA-256 are the catalogue's" if certain else "here already; verified when it came"
    return Fetched(path, path.stat().st_size, sha256, False, (note,))


@contextlib.contextmanager
def _alone(path: Path, say: Callable[[str], None] | None) -> Iterator[None]:
    """Hold the right to write `path`; the system takes it back from a process that ends, however it ends."""
    from fasteners import InterProcessLock  # what the archive's client locks with

    lock = InterProcessLock(confined(path.parent, f".{path.name}.lock"))
    if not lock.acquire(blocking=False):
        if say is not None:
            say(f"another process is fetching {path.name}; waiting for it")
        lock.acquire(delay=0.05, max_delay=0.5)
    try:
        yield
    finally:
        lock.release()


def _download(
    entry: CatalogueEntry,
    path: Path,
    url: str,
    progress: Callable[[str, float, float], None] | None,
    patience: Patience,
) -> Fetched:
    """Ask the archive for the file, transfer it, verify it, and give it its name."""
    from neurocompare.recordings.fetch_archive import Archive, transfer

    with Archive(url, patience) as archive:
        refusal = archive.refusal()
        if refusal is not None:
            raise InputError(f"{refusal}; update it (pip install --upgrade dandi){_direct_line(entry, url)}")
        remote = archive.look_up(entry.dandiset or "", entry.version, entry.path)
        notes = _compare(entry, remote, archive.host)
        remote = dataclasses.replace(remote, sha256=remote.sha256 or entry.certain("sha256"))
        # Another content gets another name, so that what is left of one is not continued with the other.
        digest = remote.sha256 or remote.etag or ""
        partial = confined(path.parent, f".{path.name}.{digest[:12]}{PARTIAL}")

        def advance(done: float) -> None:
            if progress is not None:
                progress(entry.name, done, remote.bytes)

        def transfer_all() -> None:
            _check_room(path.parent, remote.bytes - (partial.stat().st_size if partial.exists() else 0))
            transfer(archive, remote, partial, advance=advance)

        sha256 = _until_right(transfer_all, partial, remote, archive.host)
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    os.replace(partial, path)
    for left in path.parent.glob(f".{path.name}.*{PARTIAL}"):  # of another content, before a draft changed
        left.unlink()
    return Fetched(path, remote.bytes, sha256, True, notes)


def _until_right(transfer_all: Callable[[], None], partial: Path, remote: RemoteFile, host: str) -> str:
    """Transfer a file, anew if its digest is not right; return its SHA-256.

    Raises
    ------
    InputError
        If the digest is wrong again; nothing of the file is kept.
    """
    for _ in range(_DIGEST_TRIES):
        transfer_all()
        sha256, wrong = _verify(partial, remote)
        if wrong is None:
            return sha256
        partial.unlink()
    raise InputError(f"{wrong}, {_DIGEST_TRIES} times; nothing was kept: something between here and {host} alters it")


def _compare(entry: CatalogueEntry, remote: RemoteFile, host: str) -> tuple[str, ...]:
    """Compare what the archive says with the catalogue; return what there is to say about it.

    Raises
    ------
    InputError
        If the archive contradicts what the catalogue is sure of, or neither knows a digest.
    """
    certain = entry.certain("sha256")
    if remote.sha256 is None and remote.etag is None and certain is None:
        raise InputError(f"{host} states no digest of {entry.name}, so it could not be verified; try again tomorrow")
    agreed, notes = [], []
    for name, title in (("bytes", "size"), ("sha256", "SHA-256")):
        ours, theirs = getattr(entry, name), getattr(remote, name)
        if None in (ours, theirs):
            continue
        if ours == theirs:
            agreed.append(title)
        elif name in entry.uncertain:
            notes.append(f"the catalogue's {title}, {ours}, was uncertain and is not the archive's, {theirs}")
        else:
            raise InputError(f"expected {title} {ours} of {entry.name}, {host} has {theirs}; nothing was fetched")
    if remote.sha256 is not None or certain is None:
        kind = "SHA-256" if remote.sha256 else "DANDI etag (the archive has no SHA-256 yet)"
        same = f"; the catalogue has the same {' and '.join(agreed)}" if agreed else ""
        return (f"verified by size and {kind} as the archive states them{same}", *notes)
    return ("verified by the catalogue's SHA-256: the archive states none yet", *notes)


def _verify(file: Path, remote: RemoteFile) -> tuple[str, str | None]:
    """Return the file's SHA-256, and what is wrong with its content if something is."""
    sha256 = sha256_of(file)
    if remote.sha256 is not None:
        wrong = sha256 != remote.sha256
        return sha256, f"expected SHA-256 {remote.sha256}, found {sha256}" if wrong else None
    from dandischema.digests.dandietag import DandiETag

    etag = DandiETag.from_file(file).as_str()
    return sha256, f"expected DANDI etag {remote.etag}, found {etag}" if etag != remote.etag else None


def _check_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size + _SPARE:
        raise InputError(
            f"expected room for {size:,} more bytes in {folder}, found {free:,}; free some, or choose another folder "
            "(--dest or NEUROCOMPARE_DATA)"
        )


def _direct_line(entry: CatalogueEntry, url: str) -> str:
    """Say how to get the file without the client, if the catalogue knows enough."""
    if entry.asset is None:
        return ""
    name = shlex.quote(entry.path.rpartition("/")[2])
    line = f"curl -fL -C - -o {name} {shlex.quote(url.rstrip('/') + f'/assets/{entry.asset}/download/')}"
    sure = " (uncertain)" if "sha256" in entry.uncertain else ""
    return f", or get the file without it: {line} and compare: sha256sum must say {entry.sha256}{sure}"
