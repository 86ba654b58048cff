"""``neurocompare theory [RECORDING|TASK]``: infinitely many units, solved and ranked without any network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.options import RECORDING_OR_TASK, Json, Seed, Without, argument, option, with_options
from neurocompare.cli.tables import show_table
from neurocompare.errors import InputError
from neurocompare.settings import Choices, Family, Solving, Workers

if TYPE_CHECKING:
    from neurocompare.workflows.theory import Theory
    from neurocompare.workflows.theory_scores import TheoryScores


@with_options
def theory(
    choices: Choices,
    family: Annotated[Family, Without("n_units")],
    solving: Solving,
    workers: Workers,
    source: Annotated[str | None, argument(f"{RECORDING_OR_TASK} Default: synthetic.", "[RECORDING|TASK]")] = None,
    out: Annotated[
        Path | None,
        option("Folder for theory.json, theory.csv, theory.nc and theory.svg. Default: neurocompare-theory.", "DIR"),
    ] = None,
    run: Annotated[
        Path | None,
        option(
            "Folder of a finished `neurocompare run`: its recording, task and family, whose report then shows "
            "the theory beside the networks. Instead of a source and of --out.",
            "DIR",
            name="--run",
        ),
    ] = None,
    as_json: Json = False,
    seed: Seed = 0,
    debug: Debug = False,
) -> None:
    """Solve the limit of infinitely many units over a fine grid of gammas; rank it where there is a recording.

    For example: neurocompare theory FILE.nwb --gammas 0,0.1,0.2,0.4 --out DIR, or, after a run,
    neurocompare theory --run neurocompare-run
    """
    if run is not None:
        settled = {
            "a recording or task": source is not None,
            "--out": out is not None,
            "--seed": seed != 0,
            "a choice about the recording": choices != Choices(),
            "a setting of the family": family != Family(),
        }
        for name, given in settled.items():
            if given:
                message = f"expected nothing that the run in --run has settled, found {name}; drop it, or drop --run"
                raise InputError(message)
    from neurocompare.workflows import theory as maker

    if run is not None:
        solved = maker.theory_of_run(run, solving=solving, workers=workers)
    else:
        solved = maker.theory(
            source or "synthetic",
            out=out or maker.DEFAULT_THEORY,
            seed=seed,
            choices=choices,
            family=family,
            solving=solving,
            workers=workers,
        )
    if as_json:
        typer.echo((solved.folder / "theory.json").read_text(encoding="utf-8"), nl=False)
    else:
        _show(solved)


def _show(solved: Theory) -> None:
    """Print a row a solution, its scores, what could not be trusted, and where to look."""
    from neurocompare.workflows.theory_files import solution_table

    rows = solution_table(solved.task, solved.fields, solved.scores)
    rows["verdict"] = [_verdict(row) for row in rows.to_dict("records")]
    # Below the table of solutions a second one of scores: together they are wider than a terminal.
    titles = {
        "gamma": "gamma", "free_energy": "F", "kl": "KL", "loss": "loss", "activity": "activity",
        "participation_ratio": "PR", "excess_kurtosis": "kurtosis", "outliers": "outliers", "verdict": "verdict",
    }  # fmt: skip
    show_table(list(titles.values()), rows[list(titles)].to_numpy().tolist())
    if solved.scores is not None:
        metrics = list(rows.columns[list(rows.columns).index("why") + 1 : -1])
        # A space lets a long name break into two lines.
        show_table(
            ["gamma", *(name.replace("-", " ") for name in metrics)], rows[["gamma", *metrics]].to_numpy().tolist()
        )
        _print_ranking(solved.scores)
    for row in rows[~rows["converged"]].to_dict("records"):
        branch = "" if row["branch"] == "only" else f" ({row['branch']})"
        typer.echo(f"Not converged at gamma {row['gamma']:g}{branch}: {row['why']}")
    typer.echo(f"Theory: {solved.folder / 'theory.json'}")


def _verdict(row: dict) -> str:
    words = [] if row["branch"] == "only" else [row["branch"]]
    if not row["leading"]:
        words.append("higher F")
    words.append("converged" if row["converged"] else "not converged")
    return ", ".join(words)


def _print_ranking(scores: TheoryScores) -> None:
    """Print what each score says about gamma, each unit's mean removed."""
    typer.echo(scores.ranking.summary.sentence + "\n")
    rows = [(each, each.verdict) for each in scores.ranking.metrics.values()]
    rows += [(each, "from the kernel") for each in scores.kernel_rankings if each.centring == "unit"]
    cells = []
    for each, verdict in rows:
        # A metric that could not be computed has neither.
        best = "-" if each.best_gamma is None else f"{each.best_gamma:g}"
        interval = "-" if each.gamma_interval is None else "{:.3g} to {:.3g}".format(*each.gamma_interval)
        cells.append([each.metric, best, interval, verdict])
    show_table(["score", "best gamma", "95 % interval", "verdict"], cells)
