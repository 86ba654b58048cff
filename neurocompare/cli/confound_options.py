"""The options of every command that ranks: what else could explain the answer, taken into account."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

PANEL = "What else could explain the answer"


class Matched(StrEnum):
    """What is made equal across gamma."""

    FIT = "fit"


class Protocol(StrEnum):
    """How others compared."""

    PAPER = "paper"


def _option(text: str, metavar: str | None = None) -> object:
    return typer.Option(help=text, rich_help_panel=PANEL, metavar=metavar, show_default=False)


Match = Annotated[
    Matched | None,
    _option("fit: rank once more networks whose beta is chosen, for each gamma, so that all solve the task as well."),
]
Nuisance = Annotated[
    str | None,
    _option(
        "star, or some of g,tau,input-scale,beta,lag: rank once more with each a step up and down; a zoo a step.",
        "star|NAME,NAME,...",
    ),
]
PaperProtocol = Annotated[
    Protocol | None,
    _option("paper: score once more as the paper likely did, in sample and on muscles where there are: optimistic."),
]


def names_of(nuisance: str | None) -> list[str] | None:
    """Turn ``"g,input-scale"`` into names; what they may be is for the star to say.

    Examples
    --------
    >>> names_of("g, input-scale"), names_of(None)
    (['g', 'input_scale'], None)
    """
    return None if nuisance is None else [name.strip().replace("-", "_") for name in nuisance.split(",")]
