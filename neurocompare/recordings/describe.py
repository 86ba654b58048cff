"""Say what is in a recording, and what a comparison would miss."""

from __future__ import annotations

import numpy as np

from neurocompare.errors import InputError
from neurocompare.recordings.behavior import mean_behavior
from neurocompare.recordings.candidates import advice_on_conditions, advice_on_events, advice_on_selection, trouble_with
from neurocompare.recordings.observed import time_to_believe
from neurocompare.recordings.recording import Recording, Series
from neurocompare.recordings.spike_counts import trials_of
from neurocompare.recordings.trials import Trials
from neurocompare.recordings.windows import TIME_STEP, Timeline, movement_event, timeline

NEEDED_EVENTS = {
    "target_on_time": "when the target appears, where preparation starts",
    "go_cue_time": "the go cue, which ends the task's delay",
    "move_onset_time": "movement onset, which the movement is aligned to",
}
LABEL_WIDTH = 13


def describe(recording: Recording) -> str:
    """Describe a recording for people, in lines.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    str
        What is in it, then either what is missing for a comparison or what a comparison would use.

    Examples
    --------
    >>> from neurocompare.recordings import open_recording
    >>> print(describe(open_recording("synthetic")).splitlines()[0])
    synthetic
    """
    about = recording.provenance
    lines = [recording.name]
    for label, text in (
        ("file", about.path),
        ("SHA-256", about.sha256),
        ("subject", about.subject),
        ("session", about.session),
        ("about", about.description),
        ("made from", describe_planted(recording)),
        ("units", describe_units(recording)),
        ("trials", describe_trials(recording)),
        ("conditions", describe_conditions(recording)),
        ("events", describe_events(recording)),
        ("behaviour", describe_behavior(recording)),
        ("version", about.version),
        ("licence", about.licence),
        ("citation", about.citation),
    ):
        if text:
            lines.append(f"  {label:<{LABEL_WIDTH}}{text}")
    if recording.notes:
        lines += ["how it was read", *(f"  - {note}" for note in recording.notes)]
    missing = missing_for_comparison(recording)
    if missing:
        lines += ["missing for a comparison", *(f"  - {sentence}" for sentence in missing)]
    else:
        lines += ["a comparison would use", *(f"  - {sentence}" for sentence in used_for_comparison(recording))]
    if selectable := advice_on_selection(recording):
        lines += ["trials and units can be selected by", *(f"  - {sentence}" for sentence in selectable)]
    return "\n".join(lines)


def missing_for_comparison(recording: Recording) -> tuple[str, ...]:
    """Name, in a sentence each, what a recording lacks for a comparison with networks; empty if nothing.

    Needed are two conditions or more with two trials or more each, the events of the recording's windows,
    behaviour that networks can produce, and windows that leave trials in the conditions and two units or more.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> from neurocompare.recordings import open_recording
    >>> missing_for_comparison(open_recording("synthetic"))
    ()
    """
    missing = []
    if "condition" not in recording.trials:
        missing.append(
            "conditions: no trial column is known to say what each trial was, so trials cannot be averaged by "
            f"condition; {advice_on_conditions(recording)}"
        )
    for segment in recording.segments:
        if segment.event not in recording.events:
            why = NEEDED_EVENTS.get(segment.event, "which spikes are to be aligned to")
            trouble = trouble_with(recording.trials, segment.event)
            missing.append(f"{segment.event}: {why}{trouble}{advice_on_events(recording, segment.event)}")
    if recording.series(recording.target) is None:
        missing.append(
            f"behaviour: the movement or the muscles that networks are to produce{advice_on_behavior(recording)}"
        )
    if not missing:
        try:
            trials = trials_of(recording)
            movement_trials(recording, timeline(recording))
            missing += few_trials(trials)
        except InputError as error:
            missing.append(str(error))
    return tuple(missing)


def advice_on_behavior(recording: Recording) -> str:
    """Say which series of the file could be produced."""
    return f"; choose one with --behavior, of {', '.join(recording.unread)}" if recording.unread else ""


def few_trials(trials: Trials) -> list[str]:
    """Say which conditions have a single usable trial; half the data must be able to predict the other half."""
    alone = trials.conditions.index[trials.trials_per_condition < 2].tolist()
    return [f"trials: a ceiling needs two in every condition, found one in {', '.join(alone)}"] if alone else []


def used_for_comparison(recording: Recording) -> list[str]:
    """Say what `trials_of` and `timeline` make of the recording by default."""
    trials, median = trials_of(recording), timeline(recording)
    each = trials.trials_per_condition
    dropped = "".join(f", {count} left out ({reason})" for reason, count in trials.dropped)
    return [
        f"{trials.counts.sizes['trial']} trials{dropped}; {describe_range(each, '')} a condition",
        str(trials.selection),
        *duplicate_lines(trials),
        f"windows {' and '.join(map(str, recording.segments))}; networks produce {recording.target}",
        *movement_lines(recording, trials, median),
        str(recording.reading),
        describe_timeline(recording, median),
        *place_lines(recording),
    ]


def movement_lines(recording: Recording, trials: Trials, median: Timeline) -> list[str]:
    """Say how many of the trials the movement is not averaged over, since it was not recorded for as long."""
    lacking = int(trials.trials_per_condition.sum() - movement_trials(recording, median).sum())
    if not lacking:
        return []
    return [
        f"movement averaged without {lacking} of these trials, which end, or have a gap, before what networks are to "
        "produce does; a shorter --window or another --lag keeps them"
    ]


def movement_trials(recording: Recording, median: Timeline) -> np.ndarray:
    """Count the trials of each condition in which the movement was recorded at all times that networks produce it.

    Those are the task's, see `neurocompare.tasks.reach_task`, in its usual steps.

    Raises
    ------
    InputError
        If a condition has none.
    """
    first, event = median.go, movement_event(recording, recording.segments)
    if recording.target == "emg":
        first = min(recording.segments[0].start, median.target_on, 0.0)
    times = TIME_STEP * np.arange(np.ceil(first / TIME_STEP), np.floor(median.movement_end / TIME_STEP) + 1)
    lagged = times - median.move + recording.reading.lag
    return mean_behavior(recording, recording.target, lagged, event=event)["n_trials"].values


def place_lines(recording: Recording) -> list[str]:
    """Say what networks are told of conditions where nobody knows in which direction targets are."""
    if "target_angle" in recording.condition_columns:
        return []
    return [
        "not known: where targets are; name the columns (--direction or --target-position), else networks are told "
        "conditions apart by how the movement itself will go"
    ]


def describe_timeline(recording: Recording, median: Timeline) -> str:
    """Say when the median trial's events happen, or that the task must do without them."""
    unknown = [event for event in ("target_on_time", "go_cue_time") if event not in recording.events]
    if unknown:
        named = " and ".join(
            {"target_on_time": "when the target appears", "go_cue_time": "the go cue"}[e] for e in unknown
        )
        return f"not known: {named}; name the columns (--target-onset, --go), else the task is made without"
    return (
        f"median trial: go {median.go - median.target_on:.3f} s, movement {median.move - median.target_on:.3f} s "
        "after the target appears"
    )


def duplicate_lines(trials: Trials) -> list[str]:
    """Name the units that are another one once more."""
    pairs = trials.selection.duplicates if trials.selection is not None else ()
    return [f"duplicates: {', '.join(f'{dropped} of {kept}' for dropped, kept in pairs)}"] if pairs else []


def describe_planted(recording: Recording) -> str:
    """Name the settings of the network that was recorded from, if it was one."""
    settings = ", ".join(f"{name} = {value:g}" for name, value in recording.planted)
    return f"a network with {settings}" if settings else ""


def describe_units(recording: Recording) -> str:
    """Count units by area and spikes; give rates within trials."""
    areas = ", ".join(f"{count} {area}" for area, count in recording.units["area"].value_counts(sort=False).items())
    rates = rates_in_trials(recording)
    binned = "" if recording.binned is None else f" in bins of {1000 * recording.binned:g} ms, no spike times"
    return (
        f"{len(recording.units)} ({areas}); {len(recording.spike_times):,} spikes{binned}; "
        f"median {np.median(rates):.1f} spikes/s within trials ({rates.min():.1f} to {rates.max():.1f})"
    )


def describe_trials(recording: Recording) -> str:
    """Count trials and say how long they last."""
    length = (recording.trials["stop_time"] - recording.trials["start_time"]).to_numpy(dtype=float)
    return f"{len(length)}, {describe_range(length.round(3), ' s')} long"


def describe_conditions(recording: Recording) -> str:
    """Count conditions and trials in each; name the columns that describe them."""
    if "condition" not in recording.trials or recording.trials["condition"].isna().all():
        return "none"
    each = recording.trials["condition"].value_counts()
    columns = ", ".join(recording.condition_columns)
    return f"{len(each)}, {describe_range(each.to_numpy(), '')} trials each" + (f"; {columns}" if columns else "")


def describe_events(recording: Recording) -> str:
    """Name the events, those of equal times together, and in how many trials each is missing."""
    alike: dict[bytes, list[str]] = {}
    for name in recording.events:
        alike.setdefault(recording.trials[name].to_numpy(float).tobytes(), []).append(name)
    parts = []
    for names in alike.values():
        lacking = int(recording.trials[names[0]].isna().sum())
        parts.append(" = ".join(names) + (f" (missing in {lacking} trials)" if lacking else ""))
    return ", ".join(parts) or "none"


def describe_behavior(recording: Recording) -> str:
    """Name the series that were read, and those that were not."""
    read = "; ".join(map(describe_series, recording.behavior)) or "none"
    return read + (f"; not read: {', '.join(recording.unread)}" if recording.unread else "")


def describe_series(series: Series) -> str:
    """Name a behavioural series with its columns and unit."""
    return f"{series.name} ({', '.join(series.columns)}) in {series.unit or 'no declared unit'}"


def describe_range(values: np.ndarray, unit: str) -> str:
    """Give one value where all are equal, else the smallest and the largest.

    Examples
    --------
    >>> describe_range(np.array([3, 3]), ""), describe_range(np.array([0.5, 0.7]), " s")
    ('3', '0.5 to 0.7 s')
    """
    low, high = values.min(), values.max()
    return f"{low:g}{unit}" if low == high else f"{low:g} to {high:g}{unit}"


def rates_in_trials(recording: Recording) -> np.ndarray:
    """Mean firing rate of each unit over trials, while it was observed and times valid, in spikes/s, shape (unit,)."""
    trials = recording.trials[["start_time", "stop_time"]].to_numpy(dtype=float)
    rates = np.zeros(len(recording.units))
    for unit, spikes in enumerate(np.split(recording.spike_times, recording.spike_ends[:-1])):
        observed = trials if recording.observed is None else np.stack(recording.observed.of(unit), axis=1)
        start, stop = time_to_believe(trials, observed, recording.invalid)
        count = np.searchsorted(spikes, stop, side="right") - np.searchsorted(spikes, start)
        rates[unit] = count.sum() / (stop - start).sum() if len(start) else 0.0
    return rates
