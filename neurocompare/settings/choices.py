"""What a user may choose about a recording instead of leaving it to the file and its layout."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from neurocompare.errors import InputError
from neurocompare.settings.declare import Checked, setting
from neurocompare.untrusted.query import parse


@dataclass(frozen=True)
class Choices(Checked):
    """What is read of a recording, and how; what is None or empty is left to the file, its layout and the catalogue.

    Raises
    ------
    InputError
        If target and behavior are both given, events and windows do not pair, a window ends before it starts, there
        are more than two columns of target positions, or `valid` or `good_units` is no query.

    Examples
    --------
    >>> Choices(event=("go_cue_time",), window=((-0.1, 0.3),)).window
    ((-0.1, 0.3),)
    >>> Choices(target="hand", behavior="cursor_pos")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a target or a behaviour, found both 'hand' and 'cursor_pos'; drop one
    """

    PANEL: ClassVar[str] = "What is read of a recording"
    LATE: ClassVar[tuple[str, ...]] = ("bin_width", "smoothing", "lag", "min_rate", "time_step")
    """Settings that can still be chosen of a recording that is opened already: how it is read, not what."""
    CUES: ClassVar[tuple[str, ...]] = ("cue", "trigger")
    """Settings of the task alone: when networks are told what."""

    layout: str | None = setting(
        None,
        "falcon, area2, churchland, even_chen, perich, rtt, maze or generic. Default: by the file's columns.",
        metavar="NAME",
    )
    area: str | None = setting(None, "Only units of this brain area, such as M1 or PMd.", metavar="AREA")
    target: Literal["hand", "cursor", "emg"] | None = setting(
        None, "What networks are to produce: hand or cursor (velocity), or emg (muscles). Default: the first there is."
    )
    behavior: str | None = setting(
        None, "A series of the file to produce, by its name, instead of --target.", metavar="NAME"
    )
    condition: tuple[str, ...] = setting(
        (), "Trial column that says what a trial was; repeat for several together.", metavar="COLUMN"
    )
    event: tuple[str, ...] = setting(
        (), "Trial column of the event to align to; repeat for several, in their order in time.", metavar="COLUMN"
    )
    window: tuple[tuple[float, float], ...] = setting(
        (),
        "From and to around the event, in s; repeat for each --event. Alone: of the layout's last events.",
        metavar="FROM,TO",
    )
    valid: str | None = setting(None, "Which trials count, as in \"result == 'R'\".", metavar="QUERY")
    target_onset: str | None = setting(None, "Trial column with the time when the target appears.", metavar="COLUMN")
    go: str | None = setting(None, "Trial column with the time of the go cue.", metavar="COLUMN")
    movement_onset: str | None = setting(
        None,
        "Trial column with the time when movement begins. Default: as stored, else computed from speed after the go "
        "cue.",
        metavar="COLUMN",
    )
    direction: str | None = setting(
        None,
        "Trial column with the direction of the target, in degrees where it exceeds a turn in radians, else in "
        "radians; says what a trial was where no --condition is given.",
        metavar="COLUMN",
    )
    target_position: tuple[str, ...] = setting(
        (),
        "Trial column with the position of the target, x and y; twice for two columns with one each. Says what a trial "
        "was where no --condition is given.",
        metavar="COLUMN",
    )
    relative: tuple[str, ...] = setting(
        (), "Trial column whose times count from the start of their trial; repeat for several.", metavar="COLUMN"
    )
    trials: str | None = setting(
        None,
        "Table of intervals that are the trials, by its name or path. Default: intervals/trials.",
        metavar="TABLE",
        option="trials-table",
    )
    units: str | None = setting(
        None,
        "Table of units with spike times, by its name or path. Default: units.",
        metavar="TABLE",
        option="units-table",
    )
    good_units: str | None = setting(
        None, "Which units count, as in \"quality == 'good'\".", metavar="QUERY", option="good-units"
    )
    file_bin: float | None = setting(
        None,
        "Width of the bins in a file of binned trials (.npz, .mat), where it does not say it itself.",
        unit="s",
        least=0.001,
        most=10,
        option="file-bin",
    )
    bin_width: float | None = setting(
        None,
        "Width of a spike-count bin. Default: the catalogue's for this recording, else 0.02.",
        unit="s",
        least=0.001,
        most=10,
    )
    smoothing: float | None = setting(
        None,
        "Standard deviation of the Gaussian that smooths rates. Default: the catalogue's for this recording, else "
        "0.04.",
        unit="s",
        least=0,
        most=10,
    )
    lag: float | None = setting(
        None,
        "How far the hand lags behind the neural activity that moves it: positive where activity comes first, negative "
        "where it follows. Default: the catalogue's for this recording, else 0.1.",
        unit="s",
        least=-1,
        most=1,
    )
    min_rate: float | None = setting(
        None, "Units firing less than this are left out. Default: 1.", unit="spikes/s", least=0, most=1e6
    )
    time_step: float | None = setting(
        None,
        "Time step of the task that is made of it. Default: 0.05, or that of the run that is gone by.",
        unit="s",
        least=1e-4,
        most=10,
    )
    cue: Literal["until-go", "until-movement", "pulse"] | None = setting(
        None,
        "When networks are told their condition: from target on until go, until movement, or for 0.1 s. Default: until "
        "go; without a delay, from go until movement.",
    )
    trigger: bool = setting(False, "Give networks a pulse of 0.1 s at go, too, the same in all conditions.")
    stream: bool = setting(
        False, "Read only what is needed of a remote file: a recording's name, or the address of an NWB file."
    )

    @property
    def selected(self) -> Choices:
        """Those that select what is read, with all others left open.

        Examples
        --------
        >>> Choices(area="M1", lag=0.2, stream=True).selected == Choices(area="M1")
        True
        """
        return self.without("stream", *self.CUES, *self.LATE)

    def without(self, *names: str) -> Choices:
        """Return the same with these left open.

        Examples
        --------
        >>> Choices(area="M1", lag=0.2, trigger=True).without("lag", "trigger") == Choices(area="M1")
        True
        """
        return replace(self, **{name: getattr(Choices, name) for name in names})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.target is not None and self.behavior is not None:
            message = f"expected a target or a behaviour, found both {self.target!r} and {self.behavior!r}; drop one"
            raise InputError(message)
        if self.event and self.window and len(self.event) != len(self.window):
            counts = f"{len(self.window)} for {len(self.event)}"
            raise InputError(f"expected one window for each event, found {counts}; give an event with each window")
        if not self.event and len(self.window) > 2:
            raise InputError(f"expected at most 2 windows, found {len(self.window)}; say which events they are of")
        if len(self.target_position) > 2:
            raise InputError(f"expected one column of target positions or two, found {len(self.target_position)}")
        for query in (self.valid, self.good_units):
            if query is not None:
                parse(query)
        for start, stop in self.window:
            if not start < stop:
                raise InputError(f"expected a window that ends after it starts, found {start:g} to {stop:g} s")
