"""``neurocompare recover [RUN]``: would a ranking have named the true gamma? Planted networks say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.options import Seed, argument, option, with_options
from neurocompare.cli.tables import show_table
from neurocompare.errors import InputError
from neurocompare.settings import Choices, Planting, Scoring, Workers

if TYPE_CHECKING:
    from neurocompare.ranking.recovery import Recovery

_RECORDING = "Recording and networks"


@with_options
def recover(
    planting: Planting,
    choices: Choices,
    scoring: Scoring,
    workers: Workers,
    run: Annotated[
        Path | None,
        argument(
            "Folder of a finished `neurocompare run` or `rank`: its recording, networks and settings; the "
            "recovery goes there too, and its report then quotes it.",
            "[RUN]",
        ),
    ] = None,
    recording: Annotated[
        str | None,
        option(
            "Record like this: 'synthetic', a catalogue name, or the path of an NWB file. Default: synthetic.",
            "LIKE",
            panel=_RECORDING,
        ),
    ] = None,
    zoo: Annotated[
        Path | None, option("Networks to rank. Default: those of a default run, made first.", "DIR", panel=_RECORDING)
    ] = None,
    out: Annotated[
        Path | None, option("Folder for what is left behind, without a RUN. Default: neurocompare-recovery.", "DIR")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="One run each with short chains: to see the path, not to trust a share.")
    ] = False,
    seed: Seed = 0,
    debug: Debug = False,
) -> None:
    """Plant networks of known gamma, record and rank each like a recording, and count how often the truth is named.

    Running the same command again continues where it stopped. For example, after a run:

    neurocompare recover neurocompare-run
    """
    if run is not None:
        settled = {"--recording": recording, "--zoo": zoo, "--out": out, "a choice about the recording": None}
        if choices != Choices():
            settled["a choice about the recording"] = choices
        for name, value in settled.items():
            if value is not None:
                message = f"expected nothing that the run has settled, found {name}; drop it, or drop the run's folder"
                raise InputError(message)
    from neurocompare.workflows.recovery import recover as plant
    from neurocompare.workflows.recovery import recover_run
    from neurocompare.workflows.recovery.recover import DEFAULT_RECOVERY

    shared = {"planting": planting, "scoring": scoring, "seed": seed, "quick": quick, "workers": workers}
    folder = run or out or DEFAULT_RECOVERY
    if run is not None:
        recovery = recover_run(run, **shared)
    else:
        recovery = plant(recording or "synthetic", zoo=zoo, out=folder, choices=choices, **shared)
    _show(recovery, folder)
    if run is not None:
        typer.echo(f"Report: {run / 'report.html'}")


def _show(recovery: Recovery, folder: Path) -> None:
    """Print a row a metric, what it means, and where the rest is."""
    titles = ["metric", "within a step", "interval holds it", "in ceiling", "verdicts"]
    rows = []
    for name, recovered in recovery.metrics.items():
        here = recovered.sizes[0]
        rows.append((name, here.within_step, here.coverage, here.own_in_ceiling, here.verdicts_given))
    show_table(titles, rows)
    for sentence in (*recovery.sentences, *recovery.notes):
        typer.echo(sentence)
    typer.echo(f"Recovery: {folder / 'recovery.json'}")
