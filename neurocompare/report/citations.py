"""Citations: whom to name with a result, for its data, its model, its metrics and its program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from neurocompare import __version__
from neurocompare.metrics import NAMED

MODEL = (
    "D. G. Clark, B. Bordelon, J. A. Zavatone-Veth and C. Pehlevan, “Structure, disorder, and dynamics in task-trained "
    "recurrent neural circuits”, bioRxiv 2026.03.02.708943 (2026)."
)
"""The family of networks and its theory."""


def citations(
    recording: Mapping[str, object], metrics: Iterable[str], *, simulated: bool, of_zoo: bool = True
) -> list[tuple[str, str]]:
    """Return rows of what and whom.

    Parameters
    ----------
    recording : mapping
        Its version, licence and citation as far as they are known: fields of `Provenance`.
    metrics : iterable of str
        Names; those that are not of this package are left out.
    simulated : bool
        Whether the recording was made from a network.
    of_zoo : bool
        Whether what was ranked is of the family along gamma, and not models of somebody's own.

    Examples
    --------
    >>> rows = citations({"version": "0.2", "licence": "CC-BY-4.0", "citation": "A et al."}, ["cka"], simulated=False)
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


def _data(recording: Mapping[str, object]) -> str:
    cited = str(recording.get("citation") or "The file is none of the catalogue's: whom to cite, its source says")
    for name in ("version", "licence"):
        if recording.get(name):
            cited = f"{cited.rstrip('.')}; {name} {recording[name]}"
    return f"{cited.rstrip('.')}."
