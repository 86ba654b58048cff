"""Sessions that are valid in many ways: places, units, numbers, flags, labels and gaps as writers choose them.

Rates and movement are known, so what a reader should make of a file is counted here by other means.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from hypothesis import strategies as st
from pynwb import NWBHDF5IO, NWBFile, TimeSeries
from pynwb.behavior import BehavioralTimeSeries, Position, SpatialSeries
from pynwb.epoch import TimeIntervals

from neurocompare.recordings import Choices

RATE = 200.0
"""Of movement, in Hz."""

WINDOW = (-0.2, 0.3)
BIN = 0.05
MILLIMETRES = {"m": 1000.0, "meters": 1000.0, "cm": 10.0, "mm": 1.0}
FLAGS = {
    "bool": (True, False),
    "int": (1, 0),
    "minus": (1, -1),
    "nan": (1.0, np.nan),
    "True": ("True", "False"),
    "hit": ("hit", "miss"),
    "yes": ("yes", ""),
}
MISSING = ("", "nan", "NaN", "n/a", "None")


@dataclass(frozen=True)
class Session:
    """How a session went, and how it is written."""

    seed: int
    n_conditions: int
    n_repeats: int
    n_units: int
    jittered: bool
    gaps: bool
    place: str
    container: str
    kind: str
    unit: str
    number: str
    clock: str
    label: str
    noise: str
    missing: str | None
    flag: str | None
    missing_event: float | None
    relative: bool
    table: str
    invalid: bool
    observed: str
    origin: float


sessions = st.builds(
    Session,
    seed=st.integers(0, 10**6),
    n_conditions=st.integers(2, 8),
    n_repeats=st.integers(5, 8),
    n_units=st.integers(4, 8),
    jittered=st.booleans(),
    gaps=st.booleans(),
    place=st.sampled_from(["behavior", "Behavior", "kinematics", "acquisition"]),
    container=st.sampled_from(["", "container"]),
    kind=st.sampled_from(["velocity", "position"]),
    unit=st.sampled_from(list(MILLIMETRES)),
    number=st.sampled_from(["float64", "float32", "int16", "uint16", "scaled"]),
    clock=st.sampled_from(["timestamps", "rate"]),
    label=st.sampled_from(["text", "whole", "large", "degrees", "radians", "place", "offset place"]),
    noise=st.sampled_from(["none", "rounding", "turns"]),
    missing=st.one_of(st.none(), st.sampled_from(MISSING)),
    flag=st.one_of(st.none(), st.sampled_from(list(FLAGS))),
    missing_event=st.one_of(st.none(), st.sampled_from([np.nan, -1.0, 0.0])),
    relative=st.booleans(),
    table=st.sampled_from(["trials", "reaches"]),
    invalid=st.booleans(),
    observed=st.sampled_from(["unsaid", "always", "partly"]),
    origin=st.sampled_from([1.0, 50.0, 20_000.0]),
)


@dataclass(frozen=True)
class Truth:
    """What was measured: times in s, velocity in mm/s, and which trials are to be used."""

    condition: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    move: np.ndarray
    used: np.ndarray
    lacking: dict[str, int]
    spikes: list[np.ndarray]
    times: np.ndarray
    velocity: np.ndarray

    def counts(self) -> np.ndarray:
        """Spikes in each bin around movement onset, shape (trial, bin, unit)."""
        edges = WINDOW[0] + BIN * np.arange(round((WINDOW[1] - WINDOW[0]) / BIN) + 1)
        return np.array([[np.histogram(each, move + edges)[0] for each in self.spikes] for move in self.move]).swapaxes(
            1, 2
        )

    def movement(self, trial: int, times: np.ndarray) -> np.ndarray:
        """Velocity of one trial at times around movement onset, shape (time, 2)."""
        return np.stack([np.interp(self.move[trial] + times, self.times, each) for each in self.velocity.T], axis=1)


def truth_of(session: Session) -> Truth:
    """Make what was measured in a session."""
    rng = np.random.default_rng(session.seed)
    condition = rng.permutation(np.repeat(np.arange(session.n_conditions), session.n_repeats))
    n = len(condition)
    length = 1.6 + (rng.uniform(0, 0.4, n) if session.jittered else np.zeros(n))
    start = session.origin + np.concatenate([[0.0], np.cumsum(length + 0.25)[:-1]])
    stop = start + length
    move = start + 0.7 + (rng.uniform(0, 0.3, n) if session.jittered else 0.0)
    angle = 2 * np.pi * condition / session.n_conditions
    times = np.arange(round((stop[-1] - start[0] + 1) * RATE)) / RATE + start[0] - 0.5
    velocity = np.zeros((len(times), 2))
    for at, way in zip(move, angle, strict=True):
        near = slice(*np.searchsorted(times, [at - 0.5, at + 0.9]))
        bell = 300.0 * np.exp(-0.5 * ((times[near] - at - 0.2) / 0.08) ** 2)
        velocity[near] += bell[:, None] * [np.cos(way), np.sin(way)]
    spikes = []
    for _ in range(session.n_units):
        rates = rng.uniform(8, 20) * (1 + 0.9 * np.cos(angle - rng.uniform(0, 2 * np.pi)))
        own = [np.sort(rng.uniform(a, b, rng.poisson(r * (b - a)))) for a, b, r in zip(start, stop, rates, strict=True)]
        spikes.append(np.concatenate(own))
    lacking = faults(session, condition)
    used = ~np.isin(np.arange(n), list(lacking.values()))
    if "unobserved" in lacking:
        own = spikes[0]
        spikes[0] = own[own > stop[lacking["unobserved"]] + 0.1]
    return Truth(condition, start, stop, move, used, lacking, spikes, times, velocity)


def faults(session: Session, condition: np.ndarray) -> dict[str, int]:
    """Which trial lacks what, each of the next condition in turn."""
    wanted = {
        "flag": session.flag is not None,
        "missing": session.missing is not None,
        "missing_event": session.missing_event is not None,
        "invalid": session.invalid,
    }
    found: dict[str, int] = {"unobserved": 0} if session.observed == "partly" else {}
    turn = 0
    for what, there in wanted.items():
        if there:
            of = np.nonzero(condition == (condition[0] + 1 + turn) % session.n_conditions)[0]
            found[what] = next(int(trial) for trial in of[::-1] if trial not in found.values())
            turn += 1
    return found


def labels_of(session: Session, truth: Truth, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Columns that say what each trial was."""
    n, c = session.n_conditions, truth.condition
    degrees = 360.0 * c / n
    if session.noise == "turns":
        degrees = degrees - 360.0 * rng.integers(0, 2, len(c))
    x, y = 8 * np.cos(np.radians(degrees)), 8 * np.sin(np.radians(degrees))
    shift = (12.5, -3.0) if session.label == "offset place" else (0.0, 0.0)
    columns = {
        "text": {"target": np.array([f"target {k}" for k in c], object)},
        "whole": {"target": c.astype(float) if session.missing is not None else c},
        "large": {"target": 20_240_100 + (c.astype(float) if session.missing is not None else c)},
        "degrees": {"target_dir": degrees},
        "radians": {"angle": np.radians(degrees)},
    }.get(session.label, {"tx": x + shift[0], "ty": y + shift[1]})
    if session.noise == "rounding" and session.label not in ("text", "whole", "large"):
        half = rng.random(len(c)) < 0.5
        columns = {name: np.where(half, values, np.float32(values)) for name, values in columns.items()}
    if "missing" in truth.lacking:
        for values in columns.values():
            values[truth.lacking["missing"]] = session.missing if values.dtype == object else np.nan
    return columns


def stored_movement(session: Session, truth: Truth) -> dict[str, object]:
    """Movement in the unit, numbers and on the clock that a writer chose."""
    values = truth.velocity / MILLIMETRES[session.unit]
    if session.kind == "position":
        values = np.cumsum(values, axis=0) / RATE + 0.05
    times, more = truth.times, {}
    if session.number in ("int16", "uint16", "scaled"):
        span = np.abs(values).max()
        factor = 2 * span / 30_000
        offset = {"int16": 0.0, "uint16": -span, "scaled": 0.3 * span}[session.number]
        kind = np.float64 if session.number == "scaled" else np.dtype(session.number)
        values = (values - offset) / factor
        values = (values if session.number == "scaled" else np.round(values)).astype(kind)
        more = {"conversion": factor, "offset": offset}
    else:
        values = values.astype(session.number)
    suffix = "/s" if session.kind == "velocity" else ""
    found = {"name": f"hand_{session.kind[:3]}", "unit": session.unit + suffix, **more}
    if session.gaps and session.clock == "timestamps":
        inside = np.zeros(len(times), bool)
        for a, b in zip(truth.start, truth.stop, strict=True):
            inside |= (times >= a - 0.02) & (times <= b + 0.02)
        times, values = times[inside], values[inside]
    clock = {"timestamps": times} if session.clock == "timestamps" else {"rate": RATE, "starting_time": float(times[0])}
    return found | clock | {"data": values}


def write_session(session: Session, path) -> tuple[Truth, Choices]:
    """Write a session, and return what was measured and how it is to be read."""
    truth, rng = truth_of(session), np.random.default_rng([session.seed, 1])
    nwb = NWBFile("random", "random", datetime(2020, 1, 1, tzinfo=UTC))
    columns = labels_of(session, truth, rng)
    lift = truth.move - (truth.start if session.relative else 0.0)
    if "missing_event" in truth.lacking:
        lift[truth.lacking["missing_event"]] = session.missing_event if not session.relative else np.nan
    columns_of = {**columns, "lift": lift}
    if session.flag is not None:
        good = np.arange(len(lift)) != truth.lacking["flag"]
        columns_of["success"] = np.array([FLAGS[session.flag][0 if fine else 1] for fine in good])
    table = TimeIntervals(name=session.table, description="reaches")
    for name in columns_of:
        table.add_column(name, name)
    for k in range(len(lift)):
        row = {name: values[k] for name, values in columns_of.items()}
        table.add_row(start_time=truth.start[k], stop_time=truth.stop[k], **row)
    if session.table == "trials":
        nwb.trials = table
    else:
        nwb.add_time_intervals(table)
    end = truth.stop[-1] + 1
    for u, own in enumerate(truth.spikes):
        since = truth.stop[0] + 0.1 if session.observed == "partly" and u == 0 else session.origin - 1
        more = {} if session.observed == "unsaid" else {"obs_intervals": [[since, end]]}
        nwb.add_unit(spike_times=own, id=7 * u + 3, **more)
    if session.invalid:
        at = truth.move[truth.lacking["invalid"]]
        nwb.add_invalid_time_interval(start_time=at - 0.1, stop_time=at + 0.1)
    add_movement(nwb, session, truth)
    with NWBHDF5IO(str(path), "w") as io:
        io.write(nwb)
    choices = Choices(
        condition=tuple(columns),
        event=("lift",),
        window=(WINDOW,),
        relative=("lift",) if session.relative else (),
        trials=None if session.table == "trials" else session.table,
        behavior=f"hand_{session.kind[:3]}",
    )
    return truth, choices


def add_movement(nwb: NWBFile, session: Session, truth: Truth) -> None:
    """Put movement where a writer would."""
    stored = stored_movement(session, truth)
    position = session.kind == "position"
    series = SpatialSeries(reference_frame="screen", **stored) if position else TimeSeries(**stored)
    if session.container:
        if position:
            series = Position(name="Position", spatial_series=series)
        else:
            series = BehavioralTimeSeries(name="Velocity", time_series=series)
    if session.place == "acquisition":
        nwb.add_acquisition(series)
    else:
        nwb.create_processing_module(session.place, "movement").add(series)
