"""``neurocompare theory RECORDING|TASK``: infinite networks over gammas, and how well each matches a recording."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.family_options import Beta, G, InputScale, Noise, Nonlinearity, Tau
from neurocompare.cli.numbers import numbers
from neurocompare.cli.recording_options import (
    Area,
    Behavior,
    BinWidth,
    Condition,
    Event,
    Layout,
    Lead,
    Smoothing,
    Target,
    Valid,
    Window,
    choices_of,
)

if TYPE_CHECKING:
    from rich.console import Console

    from neurocompare.experiments.theory import Theory
    from neurocompare.experiments.theory_scores import TheoryScores

_SOLVING, _RECORDING = "Solving", "Recording and task"


def _option(text: str, panel: str, *names: str, metavar: str | None = None) -> object:
    return typer.Option(*names, help=text, rich_help_panel=panel, metavar=metavar)


def theory(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            help="A recording as `run` takes it ('synthetic', a catalogue name, an NWB file), a task by name "
            "('oscillation', 'ideal_reach', 'muscles'), or a task.nc file.",
            metavar="[RECORDING|TASK]",
        ),
    ] = "synthetic",
    gammas: Annotated[
        str,
        typer.Option(help="Structure parameters, separated by commas; 0 is the exact reservoir.", metavar="G,G,..."),
    ] = "0,0.05,0.07,0.1,0.14,0.2,0.28,0.4,0.57,0.8,1.13,1.6",
    out: Annotated[
        Path, typer.Option(help="Folder for theory.json, theory.csv, theory.nc and theory.svg.", metavar="DIR")
    ] = Path("neurocompare-theory"),
    run: Annotated[
        Path | None,
        typer.Option(
            "--run",
            help="Folder of a finished `neurocompare run`: its recording, task and family, whose report then shows "
            "the theory beside the networks. Instead of a source and of --out.",
            metavar="DIR",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print theory.json instead of the table.")] = False,
    jobs: Annotated[int | None, typer.Option(help="Worker processes. Default: one a core.", show_default=False)] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random. Same seed, same result.")] = 0,
    g: G = 1.5,
    tau: Tau = 0.1,
    beta: Beta = 400.0,
    input_scale: InputScale = 1.0,
    noise: Noise = 0.0,
    nonlinearity: Nonlinearity = "tanh",
    points: Annotated[int, _option("Points that carry the single-unit law; best a power of two.", _SOLVING)] = 4096,
    rank: Annotated[int, _option("Directions along which the single-unit law is tilted.", _SOLVING)] = 10,
    max_samples: Annotated[
        int | None,
        typer.Option(
            help="Thin the task to at most so many samples (conditions x time steps); the cost grows with their cube.",
            rich_help_panel=_SOLVING,
            show_default=False,
        ),
    ] = None,
    draws: Annotated[int, _option("Resamples of units and trials, at least 20.", _RECORDING)] = 24,
    drawn_units: Annotated[int, _option("Units drawn of each infinite network.", _RECORDING)] = 4000,
    time_step: Annotated[
        float | None,
        typer.Option(
            help="Time step of the task, in s. Default: 0.05 for a recording, the task's own otherwise.",
            rich_help_panel=_RECORDING,
            show_default=False,
        ),
    ] = None,
    lead: Lead = None,
    bin_width: BinWidth = None,
    smoothing: Smoothing = None,
    min_rate: Annotated[float, _option("Units firing less than this are left out, in spikes/s.", _RECORDING)] = 1.0,
    area: Area = None,
    target: Target = None,
    behavior: Behavior = None,
    event: Event = None,
    window: Window = None,
    condition: Condition = None,
    valid: Valid = None,
    layout: Layout = None,
    debug: Debug = False,
) -> None:
    """Solve the limit of infinitely many units over a fine grid of gammas; rank it where there is a recording.

    For example: neurocompare theory FILE.nwb --gammas 0,0.1,0.2,0.4 --out DIR, or, after a run,
    neurocompare theory --run neurocompare-run
    """
    settings = {"gammas": numbers(gammas), "points": points, "rank": rank, "draws": draws}
    settings |= {"drawn_units": drawn_units, "max_samples": max_samples, "jobs": jobs}
    if run is not None:
        _refuse_given(context, set(settings) | {"run", "as_json", "debug"})
    else:
        settings |= {
            "out": out,
            "g": g,
            "tau": tau,
            "beta": beta,
            "input_scale": input_scale,
            "noise": noise,
            "nonlinearity": nonlinearity,
            "seed": seed,
            "time_step": time_step,
            "lead": lead,
            "bin_width": bin_width,
            "smoothing": smoothing,
            "min_rate": min_rate,
            "choices": choices_of(
                layout=layout, area=area, target=target, behavior=behavior, condition=condition, event=event,
                window=window, valid=valid,
            ),
        }  # fmt: skip
    from neurocompare.cli.progress import progress
    from neurocompare.experiments import theory as maker

    with progress() as hook:
        if run is not None:
            found = maker.theory_of_run(run, progress=hook, **settings)
        else:
            found = maker.theory(source, progress=hook, **settings)
    if as_json:
        typer.echo((found.folder / "theory.json").read_text(encoding="utf-8"), nl=False)
    else:
        _show(found)


def _refuse_given(context: typer.Context, allowed: set[str]) -> None:
    """Refuse what was typed beside --run and belongs to the run itself."""
    from neurocompare.errors import InputError

    for name in context.params:
        source = context.get_parameter_source(name)
        if name not in allowed and source is not None and source.name == "COMMANDLINE":
            shown = "a recording or task" if name == "source" else f"--{name.replace('_', '-')}"
            message = f"expected nothing that the run in --run has settled, found {shown}; drop it, or drop --run"
            raise InputError(message)


def _show(found: Theory) -> None:
    """Print a row a solution, its scores, what could not be trusted, and where to look."""
    from rich.console import Console

    from neurocompare.experiments.theory_files import solution_table

    rows = solution_table(found.task, found.fields, found.scores)
    rows["verdict"] = [_verdict(row) for row in rows.to_dict("records")]
    # Below the table of solutions a second one of scores: together they are wider than a terminal.
    titles = {
        "gamma": "gamma", "free_energy": "F", "kl": "KL", "loss": "loss", "activity": "activity",
        "participation_ratio": "PR", "excess_kurtosis": "kurtosis", "outliers": "outliers", "verdict": "verdict",
    }  # fmt: skip
    console = Console(highlight=False)
    _print_table(console, list(titles.values()), rows[list(titles)].to_numpy().tolist())
    if found.scores is not None:
        metrics = list(rows.columns[list(rows.columns).index("why") + 1 : -1])
        # A space lets a long name break into two lines.
        _print_table(
            console,
            ["gamma", *(name.replace("-", " ") for name in metrics)],
            rows[["gamma", *metrics]].to_numpy().tolist(),
        )
        _print_ranking(console, found.scores)
    for row in rows[~rows["converged"]].to_dict("records"):
        branch = "" if row["branch"] == "only" else f" ({row['branch']})"
        console.print(f"Not converged at gamma {row['gamma']:g}{branch}: {row['why']}", markup=False, soft_wrap=True)
    console.print(f"Theory: {found.folder / 'theory.json'}", markup=False, soft_wrap=True)


def _verdict(row: dict) -> str:
    words = [] if row["branch"] == "only" else [row["branch"]]
    if not row["leading"]:
        words.append("higher F")
    if row["converged"]:
        words.append("converged")
    else:
        words.append("not converged" + (", upper bound" if "upper bound" in row["why"] else ""))
    return ", ".join(words)


def _print_ranking(console: Console, scores: TheoryScores) -> None:
    """Print what each score says about gamma, each unit's mean removed."""
    console.print(scores.ranking.summary.sentence, markup=False, soft_wrap=True)
    console.print()
    rows = [(each, each.verdict) for each in scores.ranking.metrics]
    rows += [(each, "from the kernel") for each in scores.kernel_rankings if each.centring == "unit"]
    cells = []
    for each, verdict in rows:
        # A metric that could not be computed has neither.
        best = "-" if each.best_gamma is None else f"{each.best_gamma:g}"
        interval = "-" if each.gamma_interval is None else "{:.3g} to {:.3g}".format(*each.gamma_interval)
        cells.append([each.metric, best, interval, verdict])
    _print_table(console, ["score", "best gamma", "95 % interval", "verdict"], cells)


def _print_table(console: Console, titles: list[str], rows: list[list]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(*titles, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(f"{cell:.3g}" if isinstance(cell, (int, float)) else str(cell)) for cell in row))
    console.print(table)
    console.print()
