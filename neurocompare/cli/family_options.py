"""The options of every command that makes networks or solves for them: what all members of a family share."""

from __future__ import annotations

from typing import Annotated

import typer

PANEL = "Network family"


def _option(text: str, *names: str) -> object:
    return typer.Option(*names, help=text, rich_help_panel=PANEL)


G = Annotated[float, _option("Disorder: radius of the random connectivity's eigenvalue disc (no unit).", "--g")]
Tau = Annotated[float, _option("Time constant of a unit, in s.")]
Beta = Annotated[float, _option("Inverse temperature of the posterior over weights (no unit).")]
Units = Annotated[int, _option("Units in a network.")]
InputScale = Annotated[float, _option("Factor on the task's inputs (no unit).")]
Noise = Annotated[float, _option("Private noise: s.d. of a frozen current in every unit (no unit).")]
Nonlinearity = Annotated[str, _option("tanh, relu or linear.")]
