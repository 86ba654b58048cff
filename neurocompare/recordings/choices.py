"""What a user may choose about a recording instead of leaving it to the layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from neurocompare.errors import InputError
from neurocompare.recordings.segment import DEFAULT_SEGMENTS, MOVEMENT_ONLY, Segment

TARGETS = ("hand", "cursor", "emg")
LISTS = ("condition", "event", "target_position", "relative")
"""Choices of several columns."""


@dataclass(frozen=True)
class Choices:
    """Choices about a recording; what is None or empty is left to its layout.

    Attributes
    ----------
    layout : str, optional
        Name of the layout (``"maze"``, ``"rtt"``, ...); recognised by the file's columns where None.
    area : str, optional
        Only units of this brain area, such as ``"M1"``.
    target : str, optional
        What networks are to produce: ``"hand"`` or ``"cursor"`` velocity, or muscles, ``"emg"``.
    behavior : str, optional
        Name of a stored series to produce, instead of `target`.
    condition : tuple of str
        Trial columns whose values together say what a trial was.
    event : tuple of str
        Trial columns that hold the events which spikes are aligned to, in the order they happen.
    window : tuple of (float, float)
        Of each event, from and to in s relative to it.
    valid : str, optional
        Which trials count, as a query on the table of trials (`pandas.DataFrame.query`): ``"result == 'R'"``.
    target_onset : str, optional
        Trial column with the time when the target appears.
    go : str, optional
        Trial column with the time of the go cue.
    movement_onset : str, optional
        Trial column with the time when movement begins; computed from speed after the go cue where none is stored.
    direction : str, optional
        Trial column with the direction of the target, in degrees where it exceeds a turn in radians, else in radians;
        says what a trial was where no condition is chosen.
    target_position : tuple of str
        Trial column with the position of the target, x and y, or two columns with one each; says what a trial was where
        no condition is chosen.
    relative : tuple of str
        Trial columns whose times count from the start of their trial.
    trials : str, optional
        Table of intervals that are the trials, by its name or path, where they are not in ``intervals/trials``.
    units : str, optional
        Table of units with spike times, by its path, where they are not in ``units``.
    good_units : str, optional
        Which units count, as a query on the table of units: ``"quality == 'good'"``.

    Raises
    ------
    InputError
        If target and behavior are both given, the target is unknown, or events and windows do not pair.

    Examples
    --------
    >>> Choices(event=("go_cue_time",), window=((-0.1, 0.3),)).segments(DEFAULT_SEGMENTS)
    (Segment(event='go_cue_time', start=-0.1, stop=0.3),)
    """

    layout: str | None = None
    area: str | None = None
    target: str | None = None
    behavior: str | None = None
    condition: tuple[str, ...] = ()
    event: tuple[str, ...] = ()
    window: tuple[tuple[float, float], ...] = ()
    valid: str | None = None
    target_onset: str | None = None
    go: str | None = None
    movement_onset: str | None = None
    direction: str | None = None
    target_position: tuple[str, ...] = ()
    relative: tuple[str, ...] = ()
    trials: str | None = None
    units: str | None = None
    good_units: str | None = None

    def __post_init__(self) -> None:
        if self.target is not None and self.behavior is not None:
            message = f"expected a target or a behaviour, found both {self.target!r} and {self.behavior!r}; drop one"
            raise InputError(message)
        if self.target is not None and self.target not in TARGETS:
            message = f"expected a target among {', '.join(TARGETS)}, found {self.target!r}"
            raise InputError(message)
        if self.event and self.window and len(self.event) != len(self.window):
            message = f"expected one window for each event, found {len(self.window)} for {len(self.event)}"
            raise InputError(message)
        if len(self.target_position) > 2:
            message = f"expected one column of target positions or two, found {len(self.target_position)}"
            raise InputError(message)
        self.segments(DEFAULT_SEGMENTS if len(self.window) == len(DEFAULT_SEGMENTS) else MOVEMENT_ONLY)

    @classmethod
    def saved(cls, made: Mapping[str, Any] | None) -> Choices:
        """Return the choices that a ``run.json`` holds; none where it holds none.

        Examples
        --------
        >>> Choices.saved({"area": "M1", "event": ["go_cue_time"], "window": [[-0.1, 0.3]]})
        Choices(layout=None, area='M1', target=None, behavior=None, condition=(), event=('go_cue_time',),
                window=((-0.1, 0.3),), valid=None, ...)
        """
        made = dict(made or {})
        pairs = tuple((float(start), float(stop)) for start, stop in made.pop("window", ()))
        lists = {name: tuple(made.pop(name, ())) for name in LISTS}
        return cls(**made, **lists, window=pairs)

    def segments(self, default: tuple[Segment, ...]) -> tuple[Segment, ...]:
        """Windows around events: those chosen, filled up from `default`.

        Events without windows get the default window of that event, or that of movement onset. Windows without events
        go to the last of the default's events.

        Raises
        ------
        InputError
            If there are more windows than the default has events, or one ends before it starts.
        """
        usual = {segment.event: (segment.start, segment.stop) for segment in (*MOVEMENT_ONLY, *default)}
        movement = (MOVEMENT_ONLY[0].start, MOVEMENT_ONLY[0].stop)
        if not self.event and not self.window:
            return default
        events = self.event or tuple(segment.event for segment in default[-len(self.window) :])
        if self.window and len(events) != len(self.window):
            message = f"expected at most {len(events)} windows, found {len(self.window)}; say which events they are of"
            raise InputError(message)
        windows = self.window or tuple(usual.get(event, movement) for event in events)
        return tuple(Segment(event, *window) for event, window in zip(events, windows, strict=True))
