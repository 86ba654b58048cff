"""``neurocompare datasets [NAME]``: the recordings known by name, what is in them, and which are here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.options import argument

if TYPE_CHECKING:
    from neurocompare.recordings.entry import CatalogueEntry, Experiment

_UNCERTAIN = " (?)"


def datasets(
    name: Annotated[str | None, argument("One of them, with everything known of it.", "[NAME]")] = None,
    debug: Debug = False,
) -> None:
    """Show the recordings known by name: size, licence, what they contain, whether they are here.

    (?) marks what is uncertain. Nothing is asked of the network.
    """
    from neurocompare.recordings.catalogue import experiments, find, find_experiment

    if name is None:
        typer.echo("\n".join(_summary(experiment) for experiment in experiments()))
        typer.echo(
            "\n'neurocompare datasets NAME' tells all about one, 'neurocompare fetch NAME' gets it; (?) is uncertain."
        )
        return
    experiment = find_experiment(name.partition("-")[0])
    entry = experiment.entries[0] if name == experiment.name else find(name)
    typer.echo(describe_entry(entry, experiment, all_sessions=name == experiment.name))


def _summary(experiment: Experiment) -> str:
    """Describe an experiment in two lines that fit a narrow terminal: what it costs to have, and what it is."""
    first = experiment.entries[0]
    here = sum(_is_here(entry) for entry in experiment.entries)
    size = f"{sum(entry.bytes or 0 for entry in experiment.entries) / 1e6:,.1f} MB{_mark(first, 'bytes')}"
    count = len(experiment.entries)
    sessions = f"{count} sessions{' and more' if experiment.pattern else ''}" if count > 1 else ""
    there = "here" if here == count else f"{here} of them here" if here else "not here"
    title = first.title if first.motor_cortex else f"{first.title} (not motor cortex)"
    return f"{experiment.name:<19} {size:<15} {first.licence:<12}  {there:<12}  {sessions}".rstrip() + f"\n    {title}"


def describe_entry(entry: CatalogueEntry, experiment: Experiment, *, all_sessions: bool) -> str:
    """Describe a recording, or all sessions of its experiment, in lines of a title and a value.

    Parameters
    ----------
    entry : CatalogueEntry
        The recording; any of the experiment's where `all_sessions`.
    experiment : Experiment
    all_sessions : bool
        Whether to describe the experiment and list its sessions.

    Examples
    --------
    >>> from neurocompare.recordings.catalogue import find, find_experiment
    >>> described = describe_entry(find("synthetic"), find_experiment("synthetic"), all_sessions=True)
    >>> for line in described.splitlines()[:4]:
    ...     print(line)
    synthetic: A simulated session of delayed reaches by a network of known structure, ...
      licence     BSD-3-Clause
      citation    Made by neurocompare; no animal was recorded.
      version     2, comes with neurocompare
    """
    from neurocompare.recordings.layouts import LAYOUTS

    several = all_sessions and len(experiment.entries) > 1
    lines = [f"{experiment.name if all_sessions else entry.name}: {entry.title}"]

    def line(title: str, value: str | None, *attributes: str) -> None:
        if value:
            lines.append(f"  {title:<11} {value}{_mark(entry, *attributes)}")

    if not entry.motor_cortex:
        line("beware", "not motor cortex")
    line("licence", entry.licence)
    line("citation", entry.citation)
    line("DOI", entry.doi)
    if entry.shipped:
        line("version", f"{entry.version}, comes with neurocompare")
    else:
        line("dandiset", f"{entry.dandiset}, version {entry.version}", "version")
    if not several:
        line("file", entry.path, "path")
        line("bytes", f"{entry.bytes:,}" if entry.bytes is not None else "unknown until fetched", "bytes")
        line("SHA-256", entry.sha256 or "unknown: verified against what the archive says", "sha256")
        line("subject", entry.subject)
    line("area", ", ".join(entry.area), "area")
    line("contains", _contents(entry), "units", "trials", "conditions", "behavior")
    line("layout", entry.layout)
    line("reading", str(entry.reading), "bin_width", "smoothing", "lag")
    for title, text in (pair for task in LAYOUTS[entry.layout or "generic"].conventions for pair in task.described()):
        line(title, text)
    for note in entry.notes:
        line("note", note)
    if several:
        lines.append("  sessions")
        for one in experiment.entries:
            here = ", here" if _is_here(one) else ""
            lines.append(f"    {one.name:<32} {(one.bytes or 0) / 1e6:>9,.1f} MB{_mark(one, 'bytes')}{here}")
        if experiment.example:
            like = f"{experiment.name}-{experiment.example}"
            lines.append(f"    and more, named like {like}: neurocompare fetch {experiment.name} --list")
    else:
        from neurocompare.recordings.catalogue import whereabouts

        line("here", str(whereabouts(entry) or f"no: neurocompare fetch {entry.experiment}{_session(entry)}"))
    return "\n".join(lines)


def _contents(entry: CatalogueEntry) -> str:
    counts = ((entry.units, "units"), (entry.trials, "trials"), (entry.conditions, "conditions"))
    return ", ".join([f"{count} {title}" for count, title in counts if count is not None] + list(entry.behavior))


def _mark(entry: CatalogueEntry, *attributes: str) -> str:
    return _UNCERTAIN if set(attributes) & set(entry.uncertain) else ""


def _session(entry: CatalogueEntry) -> str:
    return f" --session {entry.session}" if entry.session else ""


def _is_here(entry: CatalogueEntry) -> bool:
    from neurocompare.recordings.catalogue import whereabouts

    return whereabouts(entry) is not None
