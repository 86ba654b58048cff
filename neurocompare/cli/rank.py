"""``neurocompare rank MODELS --data RECORDING``: networks that are there already against recordings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.options import Out, Seed, argument, axes, option, with_options
from neurocompare.cli.tables import show_exploration, show_verdicts
from neurocompare.errors import InputError
from neurocompare.settings import Choices, Scoring, Workers
from neurocompare.settings.nuisance import OPTIONS, by_field

_FAMILY = "Your own models"


@with_options
def rank(
    choices: Choices,
    scoring: Scoring,
    workers: Workers,
    models: Annotated[
        list[Path],
        argument(
            "Folder of networks that `neurocompare zoo` or `neurocompare run` wrote; with --axis, a folder of models "
            "of your own and a table of them. Without --data: finished rankings, or explorations, of several "
            "recordings, to be pooled.",
            "MODELS",
        ),
    ],
    data: Annotated[
        list[str] | None,
        option(
            "'synthetic', a catalogue name, or the path of an NWB file. Repeat for several recordings: each is ranked "
            "by itself, then all are pooled.",
            "RECORDING",
        ),
    ] = None,
    axis: Annotated[
        str | None,
        option(
            "Rank your own models along this column of the table (*.csv in the folder: columns file, this one, and "
            "run or seed for repeated trainings, at least two at every value). Names are compared by name.",
            "COLUMN",
            panel=_FAMILY,
        ),
    ] = None,
    scale: Annotated[
        str | None,
        option(
            "Scale of the axis. Default: that on which its values are more evenly spread.", "log|linear", panel=_FAMILY
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        option(f"Where the zoo has several families: the value to rank at of one of {OPTIONS}.", "NAME=VALUE"),
    ] = None,
    out: Out = Path("neurocompare-ranking"),
    seed: Seed = 0,
    debug: Debug = False,
) -> None:
    """Rank the gammas of an existing zoo, or a setting of your own models, against recordings, and write a report.

    Running the same command again continues where it stopped. For example:

    neurocompare rank neurocompare-zoo --data FILE.nwb --metrics procrustes,rsa,predictivity

    neurocompare rank my-models --axis weight_decay --data FILE.nwb

    neurocompare rank run-monkey-j run-monkey-n --out both

    neurocompare rank run-monkey-j/exploration run-monkey-n/exploration --out both
    """
    at = axes(where or (), "--where")
    _check(models, data, axis, scale, choices, at)
    if not data and (choices, scoring.metrics, at) != (Choices(), (), {}):
        message = "expected nothing that the rankings to pool have settled, found a choice about recordings, metrics "
        raise InputError(message + "or networks; rank again with it, or drop it")
    from neurocompare.models.external.several import holds_names
    from neurocompare.ranking.model_comparison import ModelComparison
    from neurocompare.run_folder import RunFolder
    from neurocompare.workflows.pool import pool_rankings, rank_each
    from neurocompare.workflows.pool_explorations import holds_explorations, pool_explorations
    from neurocompare.workflows.rank_family import rank_family
    from neurocompare.workflows.rank_zoo import rank_zoo

    if axis is not None and len(data or ()) > 1 and holds_names(models[0], axis):
        message = f"expected one --data where {axis} holds names, found {len(data or ())}; rankings of names are not "
        raise InputError(message + "pooled: compare them with one recording at a time")
    if not data and holds_explorations(models):
        if scoring.resamples is not None:
            raise InputError("expected no --resamples to pool explorations, which keep their own; drop it")
        pooled, left = pool_explorations(models, out=out, seed=seed), RunFolder(out).explored
        show_exploration(pooled, left.report)
        return
    where_at = {name: values[0] for name, values in by_field(at).items()}
    along = {"where": where_at} if axis is None else {"axis": axis, "scale": scale}
    ranks = cast(Callable[..., Any], rank_zoo if axis is None else rank_family)
    one = partial(ranks, models[0], **along, choices=choices, scoring=scoring, seed=seed, workers=workers)
    if not data:
        result = pool_rankings(models, out=out, resamples=scoring.resamples or 40, seed=seed, workers=workers)
    elif len(data) == 1:
        result = one(data[0], out=out)
    else:
        result = rank_each(one, data, out=out, stream=choices.stream, seed=seed, workers=workers)
    if isinstance(result, ModelComparison):
        typer.echo(f"{result}\n\nReport: {out / 'report.html'}")
    else:
        show_verdicts(result)


def _check(
    models: list[Path],
    data: list[str] | None,
    axis: str | None,
    scale: str | None,
    choices: Choices,
    where: dict[str, tuple[float, ...]],
) -> None:
    """Refuse options that do not go together."""
    if data and len(models) > 1:
        message = f"expected one folder of models with --data, found {len(models)}; without --data, rankings are pooled"
        raise InputError(message)
    if not data and (axis is not None or len(models) < 2):
        message = "expected --data RECORDING, or two finished rankings to pool, found neither; say what to rank against"
        raise InputError(message)
    if any(len(values) > 1 for values in where.values()):
        raise InputError("expected one value for each --where, found several; rank one family at a time")
    if axis is not None and where:
        raise InputError("expected --where with a zoo, found it with --axis; list in the table what is to be ranked")
    of_task = {"time-step": choices.time_step, "lag": choices.lag, "cue": choices.cue}
    for name, value in {"scale": scale, **of_task, "trigger": choices.trigger or None}.items():
        if axis is None and value is not None:
            raise InputError(f"expected --{name} with --axis only, found it without; a zoo has its own")
