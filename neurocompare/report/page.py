"""The page: one self-contained HTML file from the folder of a finished run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from neurocompare.ranking import GAMMA
from neurocompare.records import plain
from neurocompare.report import figures
from neurocompare.report.beside import panels_beside
from neurocompare.report.cautions import accord, cautions
from neurocompare.report.citations import citations
from neurocompare.report.contents import RunContents, load_contents
from neurocompare.report.html import Panel, panels_of, write_page
from neurocompare.report.html import panel as _panel
from neurocompare.report.plots import RunPlots
from neurocompare.report.tables import account_rows, verdict_rows
from neurocompare.report.up_to_date import made_of
from neurocompare.stages import Advance


def write_report(
    folder: str | os.PathLike[str], *, zoo: str | os.PathLike[str] | None = None, progress: Advance | None = None
) -> Path:
    """Write ``report.html`` into the folder of a finished run, and its figures into ``figures/``, as PNG and SVG.

    See `neurocompare.report.html.write_page`.

    Parameters
    ----------
    folder : path-like
        What `neurocompare run` or `neurocompare rank` wrote into; see `load_contents`.
    zoo : path-like, optional
        Where the networks are, if not in ``folder/zoo``.
    progress : callable, optional
        Called with (share of the time that is over, 1).

    Returns
    -------
    Path
        Of ``report.html``.

    Raises
    ------
    InputError
        If a file of the run is missing or cannot be read.

    Examples
    --------
    >>> write_report("my-run").name  # of a run, which takes minutes  # doctest: +SKIP
    'report.html'
    >>> write_report("nowhere")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a readable ranking.json in nowhere, found no ranking.json; ...
    """
    contents = load_contents(folder, zoo=zoo)
    made = made_of(contents.folder, contents.run, zoo=zoo)
    plot = RunPlots(contents)
    drawn: dict[str, object] = {}
    # With the share of the time that is over then: figures are not alike.
    for part, share in ((_along_gamma, 0.35), (_recovered, 0.35), (_beside_the_data, 0.7), (_task, 0.8)):
        drawn |= part(plot)
        if progress:
            progress(share, 1.0)
    simulated, of_zoo = contents.ranking.planted_gamma is not None, contents.axis == GAMMA
    shown = {
        "ranking": contents.ranking,
        "recording": contents.recording,
        "task": contents.task,
        "axis": contents.axis,
        "of_zoo": of_zoo,
        "verdicts": verdict_rows(contents.ranking.metrics, contents.axis.label),
        "accord": accord(contents.ranking.metrics, contents.ranking.centred),
        "cautions": cautions(contents),
        "citations": citations(
            contents.run.recording.provenance, contents.ranking.metrics, simulated=simulated, of_zoo=of_zoo
        ),
        "winner": contents.winner,
        "quick": contents.run.quick,
        "adjusted": any(result.adjusted for result in contents.ranking.metrics.values()),
        "account": _account(contents),
        "made_of": made,
    }
    return write_page(contents.folder / "report.html", "report.html.jinja", shown | drawn)


def _account(contents: RunContents) -> list[tuple[str, list[tuple[str, str]]]]:
    """How the run was made, by heading: rows of name and value, without those that nobody set."""
    noted = {str(name): value for name, value in contents.recording.attrs.items()}
    return account_rows({"condition averages": noted} | plain(contents.run))


def _along_gamma(plot: RunPlots) -> dict[str, object]:
    contents, axis = plot.contents, plot.contents.axis
    drawn = {name: plot.curve(name) for name in plot.computed}
    curves = panels_of("curve", drawn, f"METRIC score against {axis.name}")
    agreement = []
    if plot.computed:
        agreement = [
            _panel(plot.agreement(), "agreement", f"best {axis.noun} and its interval by metric and centring"),
            _panel(plot.shares(), "shares", f"share of resamples in which each {axis.noun} is best"),
        ]
    fit = _panel(plot.fit(), "fit", f"loss of the networks against {axis.name}") if contents.ranking.fit else None
    return {"curves": curves, "agreement": agreement, "fit": fit}


def _recovered(plot: RunPlots) -> dict[str, object]:
    recovery = plot.contents.recovery
    if recovery is None:
        return {"recovery": None}
    matrices = []
    for place, (name, recovered) in enumerate(recovery.metrics.items()):
        drawn = figures.confusion(name, recovered.sizes[0], recovery.gammas)
        matrices.append(_panel(drawn, f"confusion-{place}", f"gamma named by {name} for each planted gamma", "small"))
    return {"recovery": recovery, "confusions": matrices}


def _beside_the_data(plot: RunPlots) -> dict[str, object]:
    contents = plot.contents
    units = [("recorded units", plot.units()), ("network units", plot.units(contents.winner or contents.networks[0]))]
    drawn = panels_beside(plot, units)
    return drawn | {
        "fits": tuple(zip((network.gamma for network in contents.contrasted), plot.plane.fits, strict=True)),
        "spectra": [*drawn["spectra"], *_eigenvalues(plot)],
    }


def _eigenvalues(plot: RunPlots) -> Iterator[Panel]:
    first, best = plot.contents.networks[0], plot.contents.winner
    shown = (first, *((best,) if best and best is not first else ()))
    for place, network in enumerate((each for each in shown if each.connectivity is not None), start=1):
        label = f"eigenvalues of the connectivity, {plot.called(network.gamma)}, and the circle of radius g"
        yield _panel(plot.eigenvalues(network), f"eigenvalues-{place}", label, "small")


def _task(plot: RunPlots) -> dict[str, object]:
    outputs = []
    for place, network in enumerate(plot.contents.networks):
        if network.readout is not None:
            label = f"target and output of a network at gamma {network.gamma:g}"
            outputs.append(_panel(plot.outputs(network), f"outputs-{place}", label, "small"))
    inputs = _panel(plot.inputs(), "inputs", "inputs of the task over time, by condition")
    return {"inputs": inputs, "outputs": outputs}
