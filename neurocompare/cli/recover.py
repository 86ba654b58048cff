"""``neurocompare recover [RUN]``: would a ranking have named the true gamma? Planted networks say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.numbers import numbers

if TYPE_CHECKING:
    from neurocompare.ranking.recovery import Recovery

_PLANTING, _RECORDING = "Planting", "Recording and networks"


def _option(text: str, panel: str, *names: str, metavar: str | None = None) -> object:
    return typer.Option(*names, help=text, rich_help_panel=panel, metavar=metavar)


def _absent(text: str, panel: str, *names: str, metavar: str | None = None) -> object:
    return typer.Option(*names, help=text, rich_help_panel=panel, metavar=metavar, show_default=False)


def recover(
    context: typer.Context,
    run: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of a finished `neurocompare run` or `rank`: its recording, networks and settings; the "
            "recovery goes there too, and its report then quotes it.",
            metavar="[RUN]",
            show_default=False,
        ),
    ] = None,
    recording: Annotated[
        str,
        _option(
            "Record like this: 'synthetic', a catalogue name, or the path of an NWB file.",
            _RECORDING,
            metavar="LIKE",
        ),
    ] = "synthetic",
    zoo: Annotated[
        Path | None,
        _absent("Networks to rank. Default: those of a default run, made first.", _RECORDING, metavar="DIR"),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Folder for recovery.json, recovery.csv and the figure, without a RUN.", metavar="DIR")
    ] = Path("neurocompare-recovery"),
    runs: Annotated[int, _option("Recordings of each planted gamma and setting, at each size.", _PLANTING)] = 5,
    sizes: Annotated[
        str, _option("Factors on units and trials; 1 is always among them.", _PLANTING, metavar="F,F,...")
    ] = "0.5,1,2,4",
    gammas: Annotated[
        str | None,
        _absent("Gammas to plant. Default: the grid's, and those halfway between.", _PLANTING, metavar="G,G,..."),
    ] = None,
    nuisance: Annotated[
        bool,
        _option(
            "Plant networks with g, tau, input scale, beta or lag one step off too.",
            _PLANTING,
            "--nuisance/--no-nuisance",
        ),
    ] = True,
    metrics: Annotated[
        str | None,
        _absent(
            "Metrics to rank by. Default: the run's, or procrustes,cca,cka,single_unit.",
            _PLANTING,
            metavar="NAME,NAME,...",
        ),
    ] = None,
    draws: Annotated[
        int | None, _absent("Resamples in every ranking, at least 20. Default: the run's, or 80.", _PLANTING)
    ] = None,
    chains: Annotated[int, _option("Independent chains of each planted gamma and setting.", _PLANTING)] = 4,
    members: Annotated[int, _option("Networks taken from each of them.", _PLANTING)] = 2,
    units: Annotated[int | None, _absent("Record so many units. Default: as many as LIKE has.", _PLANTING)] = None,
    trials: Annotated[
        int | None, _absent("Record so many trials a condition. Default: as many as LIKE has.", _PLANTING)
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="One run each with short chains: to see the path, not to trust a share.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of units, spikes, trials and draws.")] = 0,
    jobs: Annotated[int | None, typer.Option(help="Worker processes. Default: one a core.", show_default=False)] = None,
    debug: Debug = False,
) -> None:
    """Plant networks of known gamma, record and rank each like a recording, and count how often the truth is named.

    Running the same command again continues where it stopped. For example, after a run:

    neurocompare recover neurocompare-run
    """
    settings: dict[str, Any] = {
        "runs": runs,
        "sizes": numbers(sizes, "sizes"),
        "gammas": None if gammas is None else numbers(gammas),
        "nuisance": nuisance,
        "metrics": None if metrics is None else tuple(name.strip() for name in metrics.split(",")),
        "chains": chains,
        "members": members,
        "units": units,
        "trials": trials,
        "seed": seed,
        "jobs": jobs,
        "quick": quick,
    }
    if run is not None:
        _refuse_given(context, {"recording", "zoo", "out"})
    if draws is not None:
        settings["draws"] = draws
    from neurocompare.cli.progress import progress
    from neurocompare.experiments import recovery as maker

    with progress() as hook:
        if run is not None:
            found = maker.recover_run(run, progress=hook, **settings)
        else:
            found = maker.recover(recording, zoo=zoo, out=out, progress=hook, **settings)
    _show(found, out if run is None else run)
    if run is not None:
        typer.echo(f"Report: {run / 'report.html'}")


def _refuse_given(context: typer.Context, settled: set[str]) -> None:
    """Refuse what was typed beside a run and is settled by it."""
    from neurocompare.errors import InputError

    for name in sorted(settled):
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            message = f"expected nothing that the run has settled, found --{name}; drop it, or drop the run's folder"
            raise InputError(message)


def _show(recovery: Recovery, folder: Path) -> None:
    """Print a row a metric, what it means, and where the rest is."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from neurocompare.report.recovery import recovery_rows

    table = Table("metric", "within a step", "interval holds it", "in ceiling", "verdicts", box=None, pad_edge=False)
    for row in recovery_rows(recovery):
        table.add_row(
            *(Text(text) for text in (row.metric, row.within_step, row.coverage, row.own_in_ceiling, row.verdicts))
        )
    console = Console(highlight=False)
    console.print(table)
    console.print()
    for sentence in (*recovery.sentences, *recovery.notes):
        console.print(sentence, markup=False, soft_wrap=True)
    console.print(f"Recovery: {folder / 'recovery.json'}", markup=False, soft_wrap=True)
