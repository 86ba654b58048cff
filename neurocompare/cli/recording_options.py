"""The options of every command that reads a recording: what not to leave to its layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from neurocompare.cli.numbers import numbers

if TYPE_CHECKING:
    from neurocompare.recordings import Choices

PANEL = "What is read of a recording"


def _option(text: str, metavar: str) -> object:
    return typer.Option(help=text, rich_help_panel=PANEL, metavar=metavar, show_default=False)


Area = Annotated[str | None, _option("Only units of this brain area, such as M1 or PMd.", "AREA")]
Target = Annotated[
    str | None,
    _option(
        "What networks are to produce: hand or cursor (velocity), or emg (muscles). Default: the first there is.",
        "hand|cursor|emg",
    ),
]
Behavior = Annotated[str | None, _option("A series of the file to produce, by its name, instead of --target.", "NAME")]
Event = Annotated[
    list[str] | None,
    _option("Trial column of the event to align to; repeat for several, in their order in time.", "COLUMN"),
]
Window = Annotated[
    list[str] | None,
    _option(
        "From and to around the event, in s; repeat for each --event. Alone: of the layout's last events.", "FROM,TO"
    ),
]
Condition = Annotated[
    list[str] | None, _option("Trial column that says what a trial was; repeat for several together.", "COLUMN")
]
Valid = Annotated[str | None, _option("Which trials count, as in \"result == 'R'\".", "QUERY")]
Layout = Annotated[
    str | None,
    _option(
        "falcon, area2, churchland, even_chen, perich, rtt, maze or generic. Default: by the file's columns.", "NAME"
    ),
]
BinWidth = Annotated[
    float | None,
    _option("Width of a spike-count bin, in s. Default: the catalogue's for this recording, else 0.02.", "S"),
]
Smoothing = Annotated[
    float | None,
    _option(
        "Standard deviation of the Gaussian that smooths rates, in s. Default: the catalogue's for this recording, "
        "else 0.04.",
        "S",
    ),
]
Lead = Annotated[
    float | None,
    _option(
        "How far neural activity runs ahead of the hand, in s; negative where it follows. Default: the catalogue's for "
        "this recording, else 0.1.",
        "S",
    ),
]
Stream = Annotated[
    bool,
    typer.Option(
        "--stream",
        help="Read only what is needed of a remote file: a recording's name, or the address of an NWB file.",
        rich_help_panel=PANEL,
    ),
]


def choices_of(
    *,
    layout: str | None,
    area: str | None,
    target: str | None,
    behavior: str | None,
    condition: list[str] | None,
    event: list[str] | None,
    window: list[str] | None,
    valid: str | None,
) -> Choices | None:
    """Put the options together; None where everything is left to the layout.

    Raises
    ------
    InputError
        If a window is not two numbers, or the options do not go together.
    """
    if all(given in (None, []) for given in (layout, area, target, behavior, condition, event, window, valid)):
        return None
    windows = tuple(numbers(text) for text in window or ())
    for text, pair in zip(window or (), windows, strict=True):
        if len(pair) != 2:
            from neurocompare.errors import InputError

            message = f"expected a window as FROM,TO in s, found {text!r}"
            raise InputError(message)
    from neurocompare.recordings.choices import Choices

    return Choices(
        layout=layout,
        area=area,
        target=target,
        behavior=behavior,
        condition=tuple(condition or ()),
        event=tuple(event or ()),
        window=windows,
        valid=valid,
    )
