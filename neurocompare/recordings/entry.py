"""What the catalogue says of a recording, and of the recordings of one experiment together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from neurocompare.recordings.reading import Reading


@dataclass(frozen=True)
class CatalogueEntry:
    """A recording known by name: one file of one session.

    What nobody could look up is None or empty. What stands in `uncertain` has one weak source, or was read from a
    manifest of another version than the one pinned.

    Attributes
    ----------
    name : str
        ``"mc_maze"``; where an experiment has several sessions, both: ``"falcon_m1-20120924"``.
    title, licence, citation : str
    experiment, session : str
        What all sessions of an experiment share, and the name of this one; `session` is empty where there is only one.
    doi : str, optional
        Of the published version; drafts have none.
    version : str
        The archive's pinned version (or ``"draft"``); the number in the name of a file that comes with the package.
    path : str
        The archive's asset path, or a name in the folder ``data``.
    dandiset : str, optional
        Where it lies in the DANDI archive; None where it comes with the package.
    asset, blob : str, optional
        The archive's identifier of the asset, and the key of its bytes in the archive's public bucket.
    bytes : int, optional
        File size.
    sha256 : str, optional
        Of the file, in hexadecimal.
    subject : str, optional
    area : tuple of str
        Such as ``("M1", "PMd")``.
    motor_cortex : bool
        False where the recording is known by name but is not of motor cortex.
    units, trials, conditions : int, optional
        How many the file holds.
    behavior : tuple of str
        Names of the behavioural series in the file.
    layout : str, optional
        Which adapter reads it, and so what are its windows, conditions and valid trials: see `layouts.conventions`.
    bin_width, smoothing, lag : float, optional
        In s, see `Reading`: what a run by this name uses unless a user chooses otherwise.
    uncertain : tuple of str
        Names of the attributes above whose value is uncertain.
    notes : tuple of str
        What a user should know, a sentence or two each.

    Examples
    --------
    >>> from neurocompare.recordings import find
    >>> entry = find("synthetic")
    >>> entry.units, entry.licence, entry.shipped
    (160, 'BSD-3-Clause', True)
    """

    name: str
    title: str
    licence: str
    citation: str
    experiment: str
    version: str
    path: str
    session: str = ""
    doi: str | None = None
    dandiset: str | None = None
    asset: str | None = None
    blob: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    subject: str | None = None
    area: tuple[str, ...] = ()
    motor_cortex: bool = True
    units: int | None = None
    trials: int | None = None
    conditions: int | None = None
    behavior: tuple[str, ...] = ()
    layout: str | None = None
    bin_width: float | None = None
    smoothing: float | None = None
    lag: float | None = None
    uncertain: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def shipped(self) -> bool:
        """Whether the file comes with the package, so that nobody has to fetch it."""
        return self.dandiset is None

    @property
    def reading(self) -> Reading:
        """How a run by this name reads the recording."""
        stated = {name: getattr(self, name) for name in ("bin_width", "smoothing", "lag")}
        known = {name: value for name, value in stated.items() if value is not None}
        return Reading(**known, catalogued=tuple(known))

    def certain(self, name: str) -> Any:
        """Return the attribute called `name`, or None where it is unknown or uncertain."""
        return None if name in self.uncertain else getattr(self, name)


@dataclass(frozen=True)
class Experiment:
    """The recordings of one experiment: what `fetch` takes as NAME.

    Attributes
    ----------
    name : str
    entries : tuple of CatalogueEntry
        Those listed one by one; there may be more, see `pattern`.
    pattern : str, optional
        Regular expression of the names of sessions that are not listed but have a place in the archive.
    path : str, optional
        Asset path of such a session, a template for `re.Match.expand`.
    example : str, optional
        A session that `pattern` matches.

    Examples
    --------
    >>> from neurocompare.recordings import experiments
    >>> (perich,) = (each for each in experiments() if each.name == "perich")
    >>> perich.entry("M-CO-20140203").path, perich.entry("tomorrow") is None
    ('sub-M/sub-M_ses-CO-20140203_behavior+ecephys.nwb', True)
    """

    name: str
    entries: tuple[CatalogueEntry, ...]
    pattern: str | None = None
    path: str | None = None
    example: str | None = None

    def entry(self, session: str) -> CatalogueEntry | None:
        """Return the recording of a session, listed or made from the pattern; None if there is no such session."""
        for entry in self.entries:
            if entry.session == session:
                return entry
        matched = re.fullmatch(self.pattern, session) if self.pattern else None
        if matched is None or self.path is None:
            return None
        shared: dict[str, Any] = {name: getattr(self.entries[0], name) for name in CatalogueEntry.__dataclass_fields__}
        unknown: dict[str, Any] = dict.fromkeys(("asset", "blob", "bytes", "sha256", "units", "trials", "conditions"))
        own: dict[str, Any] = {
            "name": f"{self.name}-{session}",
            "session": session,
            "path": matched.expand(self.path),
            "subject": matched.groupdict().get("subject"),
            "uncertain": tuple(name for name in shared["uncertain"] if name not in unknown),
        }
        return CatalogueEntry(**shared | unknown | own)

    def at(self, path: str) -> CatalogueEntry | None:
        """Return the recording whose asset path that is, listed or made from the pattern; None if there is none."""
        for entry in self.entries:
            if entry.path == path:
                return entry
        # A subject's folder and file name hold what makes a session's name: sub-M/sub-M_ses-CO-20140203_....nwb
        match = re.match(r"sub-[^/]+/sub-([^_]+)_ses-([^_]+)_", path)
        made = self.entry(f"{match[1]}-{match[2]}") if match else None
        return made if made is not None and made.path == path else None
