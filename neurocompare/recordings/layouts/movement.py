"""What every layout does with behaviour: read what networks are to produce, in mm and mm/s, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from neurocompare.errors import InputError
from neurocompare.recordings.contents import Contents
from neurocompare.recordings.kinematics import SMOOTHING, velocity
from neurocompare.recordings.lengths import scale_to_millimetres
from neurocompare.recordings.recording import Series
from neurocompare.recordings.stored_series import StoredSeries
from neurocompare.settings import Choices


@dataclass(frozen=True)
class Stored:
    """Names under which a file stores positions and, unless they are to be computed, velocities."""

    position: str
    velocity: str | None = None


@dataclass(frozen=True)
class Movement:
    """Behaviour as read: positions and velocities, which of them is the target, and what was done to them."""

    series: tuple[Series, ...] = ()
    target: str = ""
    notes: tuple[str, ...] = ()
    read: tuple[str, ...] = ()

    def named(self, ending: str) -> Series:
        """Return the first series whose name ends so, such as ``"_vel"``."""
        return next(series for series in self.series if series.name.endswith(ending))


def read_movement(
    contents: Contents, choices: Choices, offered: Mapping[str, Stored], *, stored: float, required: bool = False
) -> Movement:
    """Read the movement of hand or cursor that networks are to produce.

    Parameters
    ----------
    contents : Contents
    choices : Choices
        Its target or behaviour; the first of `offered` that the file has where neither is chosen.
    offered : mapping of str to Stored
        ``"hand"``, ``"cursor"``: what this layout's files can have.
    stored : float
        mm in one stored unit, where the file does not declare it usably.
    required : bool
        Whether the layout needs the movement of a kind in any case, to find reaches or their onset.

    Returns
    -------
    Movement
        Empty where the file has none.

    Raises
    ------
    InputError
        If the chosen kind is not there, or positions cannot be in mm.
    """
    there = [kind for kind, names in offered.items() if contents.has(names.position)]
    kind = choices.target or next(iter(there), None)
    if choices.behavior is not None and not required:
        return chosen_series(contents, choices.behavior)
    if kind not in there:
        if choices.target is None and not required:
            return Movement()
        raise InputError(f"expected behaviour of the {kind or 'hand or cursor'}, found {' and '.join(there) or 'none'}")
    names = offered[kind]
    raw = contents.series(names.position)
    scale, note = scale_to_millimetres(raw, stored=stored)
    notes = [note, *raw.notes]
    position = scaled(raw, f"{kind}_pos", scale, "mm")
    if names.velocity is not None and contents.has(names.velocity):
        stored_velocity = contents.series(names.velocity)
        moving = scaled(stored_velocity, f"{kind}_vel", scale, "mm/s")
        notes += stored_velocity.notes
        read = (names.position, names.velocity)
    else:
        moving = velocity(position, f"{kind}_vel")
        notes.append(velocity_rule(moving.name))
        read = (names.position,)
    movement = Movement((position, moving), moving.name, tuple(notes), read)
    if choices.behavior is None:
        return movement
    chosen = chosen_series(contents, choices.behavior)
    return Movement((*movement.series, *chosen.series), chosen.target, (*notes, *chosen.notes), (*read, *chosen.read))


def velocity_rule(name: str) -> str:
    """Say how a velocity is computed."""
    return (
        f"{name} is computed: positions smoothed by a Gaussian of {1000 * SMOOTHING:g} ms, then differentiated within "
        "each stretch without a gap."
    )


def chosen_series(contents: Contents, name: str) -> Movement:
    """Read a series by the name a user gave, scaled as the file declares."""
    raw = contents.series(name)
    usable = np.isfinite(raw.conversion)
    series = scaled(raw, raw.name, raw.conversion if usable else 1.0, raw.unit if usable else "")
    return Movement((series,), series.name, raw.notes, (name,))


def scaled(raw: StoredSeries, name: str, scale: float, unit: str) -> Series:
    """Multiply a stored series by a factor, which gives it that unit."""
    return Series(name, raw.times, raw.values if scale == 1.0 else raw.values * scale, raw.columns, unit)


def unread(contents: Contents, read: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the series of a file that have not been read."""
    taken = {path for name in read for path in contents.called(name)}
    names = [path.rsplit("/", 1)[-1] for path in contents.paths]
    return tuple(
        name if names.count(name) == 1 else path
        for name, path in zip(names, contents.paths, strict=True)
        if path not in taken
    )
