"""Citations: whom to name with a result, for its data, its model, its metrics and its program."""

from __future__ import annotations

from collections.abc import Iterable

from neurocompare import __version__
from neurocompare.metrics import NAMED
from neurocompare.recordings import Provenance

MODEL = (
    "D. G. Clark, B. Bordelon, J. A. Zavatone-Veth and C. Pehlevan, “Structure, disorder, and dynamics in task-trained "
    "recurrent neural circuits”, bioRxiv 2026.03.02.708943 (2026)."
)
"""The family of networks and its theory."""


def citations(
    recording: Provenance, metrics: Iterable[str], *, simulated: bool, of_zoo: bool = True
) -> list[tuple[str, str]]:
    """Return rows of what and whom.

    Parameters
    ----------
    recording : Provenance
    metrics : iterable of str
        Names; those that are not of this package are left out.
    simulated : bool
        Whether the recording was made from a network.
    of_zoo : bool
        Whether what was ranked is of the family along gamma, and not models of somebody's own.

    Examples
    --------
    >>> from_archive = Provenance(version="0.2", licence="CC-BY-4.0", citation="A et al.")
    >>> rows = citations(from_archive, ["cka"], simulated=False)
    >>> [what for what, _ in rows]
    ['data', 'model and theory', 'cka', 'program']
    >>> rows[0][1]
    'A et al; version 0.2; licence CC-BY-4.0.'
    """
    known = {metric.name: metric.citation for metric in NAMED}
    return [
        ("data", "Simulated by neurocompare; no animal was recorded." if simulated else _data(recording)),
        *([("model and theory", MODEL)] if of_zoo else []),
        *((name, known[name]) for name in metrics if name in known),
        ("program", f"neurocompare {__version__}"),
    ]


def _data(recording: Provenance) -> str:
    cited = recording.citation or "The file is none of the catalogue's: whom to cite, its source says"
    for name in ("version", "licence"):
        if getattr(recording, name):
            cited = f"{cited.rstrip('.')}; {name} {getattr(recording, name)}"
    return f"{cited.rstrip('.')}."
