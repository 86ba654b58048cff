"""The dynamics of a zoo on disk: measured, tabulated and drawn."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from neurocompare.dynamics import Entry, Measuring, describe_zoo
from neurocompare.dynamics.table import FAMILY, family_names, summary_table, tidy_table
from neurocompare.dynamics.zoo import as_json
from neurocompare.files import write_table, write_text
from neurocompare.lock import locked
from neurocompare.models import Zoo, load_zoo
from neurocompare.parallel import Workers
from neurocompare.progress import shows_progress
from neurocompare.report.figures import dynamics_overview, gain_curves, save, spectra_by_gamma
from neurocompare.run_folder import networks_in
from neurocompare.stages import Stages, Watch
from neurocompare.tasks import Continuation, Task, load_task
from neurocompare.workflows.zoo import task_of_zoo

MOST_PANELS = 12
"""Spectra on one figure."""


@dataclass(frozen=True, eq=False)
class ZooDynamics:
    """What was measured and where it lies.

    Attributes
    ----------
    folder : Path
        With dynamics.json, dynamics.csv and the figures.
    entries : tuple of Entry
    table, summary : pandas.DataFrame
        See `tidy_table` and `summary_table`.
    figures : tuple of Path
    damaged : tuple of str
        Networks of the zoo that were left out, and why.
    """

    folder: Path
    entries: tuple[Entry, ...]
    table: pd.DataFrame
    summary: pd.DataFrame
    figures: tuple[Path, ...]
    damaged: tuple[str, ...]


@shows_progress()
def zoo_dynamics(
    folder: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    task: str | os.PathLike[str] | None = None,
    continuation: str | None = None,
    measuring: Measuring | None = None,
    workers: Workers | None = None,
    progress: Watch = None,
) -> ZooDynamics:
    """Measure the dynamics of every network of a zoo and write them down.

    Parameters
    ----------
    folder : path-like
        A zoo (of `build_zoo` or `make_zoo`), or the folder of a run, which has one.
    out : path-like, optional
        Where results go; ``dynamics`` inside `folder` where None.
    task : path-like, optional
        The task's file; ``task.nc`` in the zoo's folder or beside it where None.
    continuation : str, optional
        How targets go on after the trial, as `Continuation.read` takes it; as the task says where None.
    measuring : Measuring, optional
    workers : Workers, optional
    progress : callable or bool, optional
        Shown where None, silent where False; else called as ``progress("dynamics", done, total)``.

    Returns
    -------
    ZooDynamics

    Raises
    ------
    InputError
        If there are no networks, no task, they do not belong together, or another process is at work in `out`.

    Notes
    -----
    dynamics.json (schema 1; keys may be added, not changed)::

        {"schema": 1, "zoo": str, "task": str, "continuation": str|null, "measuring": {...},
         "summary": [{<settings of the family>, "gamma": g, "quantity": str, "unit": str,
                      "mean": x, "error": x|null, "networks": n}],
         "verdicts": [{<settings of the family>, "gamma": g, "networks": n,
                       "lyapunov": {"positive"|"not positive"|"undecided": n}, "ends": {"limit cycle"|...: n}}],
         "networks": [{"hash": str, "settings": {...}, "quantities": [{"quantity", "value", "error", "unit"}],
                       "lyapunov_verdict": str, "lyapunov_why": str, "ends": [str a condition],
                       "outliers": [[real, imaginary]], "spectrum_edge": x,
                       "amplification": [[Hz, gain, gain of a random network|null]], "notes": [str]}],
         "damaged": [str]}

    Errors are standard errors; in the summary over chains. Eigenvalues are in ``networks/<hash>-<digest>.json``.
    """
    out = Path(folder) / "dynamics" if out is None else Path(out)
    goes_on = None if continuation is None else Continuation.read(continuation)
    measuring = measuring or Measuring()
    zoo = load_zoo(networks_in(Path(folder)))
    asked = task_of_zoo(zoo) if task is None else load_task(task)
    with locked(out):
        with Stages(progress).stage("dynamics") as advance:
            kept = out / "networks"
            entries = describe_zoo(
                zoo, asked, kept, measuring=measuring, continuation=goes_on, workers=workers, progress=advance
            )
        table = tidy_table(entries)
        summary = summary_table(table)
        write_table(table, out / "dynamics.csv")
        contents = _contents(zoo, asked, goes_on or asked.continuation, measuring, entries, summary)
        write_text(json.dumps(contents, indent=1, allow_nan=False), out / "dynamics.json")
        return ZooDynamics(out, entries, table, summary, tuple(_draw(out, entries, table, summary)), zoo.damaged)


def _contents(
    zoo: Zoo,
    task: Task,
    continuation: Continuation | None,
    measuring: Measuring,
    entries: Sequence[Entry],
    summary: pd.DataFrame,
) -> dict[str, Any]:
    groups: dict[tuple, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(tuple(entry.settings[name] for name in (*FAMILY, "gamma")), []).append(entry)
    verdicts = [
        dict(zip((*FAMILY, "gamma"), key, strict=True))
        | {
            "networks": len(group),
            "lyapunov": dict(Counter(entry.lyapunov_verdict for entry in group if entry.lyapunov_verdict)),
            "ends": dict(Counter(end for entry in group for end in entry.ends)),
        }
        for key, group in groups.items()
    ]
    rows = summary.astype(object).where(summary.notna(), None).replace([np.inf, -np.inf], None).to_dict("records")
    return {
        "schema": 1,
        "zoo": str(zoo.folder),
        "task": task.name,
        "continuation": None if continuation is None else str(continuation),
        "measuring": asdict(measuring),
        "summary": rows,
        "verdicts": verdicts,
        "networks": [
            {key: value for key, value in as_json(entry).items() if key != "eigenvalues"} for entry in entries
        ],
        "damaged": list(zoo.damaged),
    }


def _draw(out: Path, entries: Sequence[Entry], table: pd.DataFrame, summary: pd.DataFrame) -> list[Path]:
    named, summed = (each.assign(family=family_names(each)) for each in (table, summary))
    drawn = [*save(dynamics_overview(named, summed), out / "dynamics")]
    shown = _shown(entries)
    first = shown[0]
    families = dict(zip(named["hash"], named["family"], strict=True))
    spectra = [(_name(entry, families[entry.hash]), entry.eigenvalues) for entry in shown[:MOST_PANELS]]
    figure = spectra_by_gamma(spectra, g=first.settings["g"], edge=first.spectrum_edge)
    drawn += save(figure, out / "spectra")
    linear = [entry for entry in shown if entry.amplification and entry.amplification[0][2] is not None]
    if linear:
        curves = [(_name(entry), *np.array(entry.amplification).T[:2].astype(float)) for entry in linear[:8]]
        frequencies, _, random = np.array(linear[0].amplification, dtype=float).T
        drawn += save(gain_curves(curves, (frequencies, random)), out / "amplification")
    return drawn


def _shown(entries: Sequence[Entry]) -> list[Entry]:
    """Of each gamma of the last family, the network of (lower) median largest eigenvalue."""
    family = tuple(entries[-1].settings[name] for name in FAMILY if name != "method")
    groups: dict[float, list[Entry]] = {}
    for entry in entries:
        if tuple(entry.settings[name] for name in FAMILY if name != "method") == family:
            groups.setdefault(entry.settings["gamma"], []).append(entry)
    chosen = []
    for gamma in sorted(groups):
        ordered = sorted(groups[gamma], key=lambda entry: float(np.abs(entry.eigenvalues).max()))
        chosen.append(ordered[(len(ordered) - 1) // 2])
    return chosen


def _name(entry: Entry, family: str = "") -> str:
    return f"γ = {entry.settings['gamma']:.3g}" + (f", {family}" if family else "")
