"""A file of nobody's layout: what can be chosen, and what is said about what could be."""

from dataclasses import replace

import numpy as np
import pytest
from layout_files import column, spikes_of
from nwb_files import write_nwb
from sessions import make_session

from neurocompare.errors import InputError
from neurocompare.recordings import Choices, describe, missing_for_comparison, open_recording, trials_of
from neurocompare.recordings.condition_labels import condition_labels
from neurocompare.recordings.segment import segments_of
from neurocompare.tasks import reach_task

OBJECTS = np.array(["cup", "ball", "cup", "ball"])
PLACES = np.array([10, 10, 200, 200])


@pytest.fixture(scope="module")
def session():
    return make_session()


@pytest.fixture(scope="module")
def unknown(session, tmp_path_factory):
    kind = column(session, "trial_type") - 1
    outcome = np.array(["good"] * len(kind))
    outcome[3] = "bad"
    return write_nwb(
        tmp_path_factory.mktemp("unknown") / "unknown.nwb",
        ids=np.arange(8),
        spikes=spikes_of(session),
        electrodes={"rows": np.arange(8), "location": ["Primary Motor Cortex"] * 3 + ["Dorsal Premotor Cortex"] * 5},
        trials={
            "start_time": column(session, "start_time"),
            "stop_time": column(session, "stop_time"),
            "lights": column(session, "go_cue_time"),
            "lift": column(session, "move_onset_time"),
            "thing": OBJECTS[kind].tolist(),
            "place": PLACES[kind],
            "outcome": outcome.tolist(),
            "number": np.arange(len(kind)),
        },
        series={
            "processing/behavior/Wrist/wrist_speed": {
                "data": session.series("hand_vel").values,
                "timestamps": session.series("hand_vel").times,
                "unit": "mm/s",
            },
            "acquisition/voltage": {
                "data": np.zeros((10, 96), np.int16),
                "rate": 30000.0,
                "kind": "ElectricalSeries",
            },
        },
    )


def test_what_could_be_used_is_listed(unknown):
    recording = open_recording(unknown)
    assert missing_for_comparison(recording) == (
        "conditions: no trial column is known to say what each trial was, so trials cannot be averaged by condition; "
        "choose them with --condition, of thing (2 values), place (2 values), outcome (2 values); --direction in its "
        "place where place is the target's direction",
        "move_onset_time: movement onset, which the movement is aligned to; name its column with "
        "--movement-onset, or name the go cue with --go, and it is computed from the movement, or choose with --event, "
        "of lights, lift",
        "behaviour: the movement or the muscles that networks are to produce; choose one with --behavior, of "
        "wrist_speed",
    )
    assert recording.events == ("lights", "lift")
    assert "wrist_speed" in describe(recording)
    with pytest.raises(InputError, match=r"choose them with --condition, of thing \(2 values\), place"):
        trials_of(recording)


def test_columns_that_tell_what_counts_are_listed_with_their_values(unknown):
    recording = open_recording(unknown, Choices(condition=("thing",), event=("lift",), behavior="wrist_speed"))
    units = recording.units.assign(quality=["good", "mua"] * 4, snr=np.arange(8.0) + 0.5, kind="same")
    lines = describe(replace(recording, units=units)).splitlines()
    assert any(line.startswith("  - trials, with --valid: ") and "outcome (bad, good)" in line for line in lines)
    assert lines[-1] == "  - units, with --good-units: quality (good, mua), snr (0.5 to 7.5)"


def test_that_directions_are_not_known_is_said_until_they_are(unknown):
    choices = Choices(condition=("place",), event=("lift",), behavior="wrist_speed")
    assert "not known: where targets are; name the columns (--direction" in describe(open_recording(unknown, choices))
    named = replace(choices, condition=(), direction="place")
    assert "where targets are" not in describe(open_recording(unknown, named))


def test_what_is_chosen_is_used(unknown, session):
    choices = Choices(
        condition=("thing", "place"),
        event=("lift",),
        window=((-0.2, 0.3),),
        behavior="wrist_speed",
        valid="outcome == 'good'",
        area="pmd",
    )
    recording = open_recording(unknown, choices)
    kind = column(session, "trial_type") - 1
    assert recording.trials["condition"].tolist() == [f"{OBJECTS[k]}-{PLACES[k]:03d}" for k in kind]
    assert recording.condition_columns == ("place",)
    assert recording.units.index.tolist() == [3, 4, 5, 6, 7]
    assert missing_for_comparison(recording) == ()
    trials = trials_of(recording)
    assert trials.dropped == (("not outcome == 'good'", 1),)
    assert trials.counts["event_time"].values[[0, -1]] == pytest.approx([-0.19, 0.29])
    task = reach_task(recording)
    assert task.target_unit == "mm/s"
    assert dict(task.events) == {"target_on": 0.0, "go": 0.0, "move": 0.0}


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        (
            {"condition": ("colour",)},
            "a trial column 'colour' with one value a trial, found lights, lift, thing",
        ),
        ({"event": ("place",)}, "expected an event 'place', .*, found lights, lift; 95% of place lies outside"),
        ({"behavior": "voltage"}, "expected behaviour called 'voltage', found wrist_speed"),
        ({"target": "hand"}, "expected behaviour called 'hand_vel', found wrist_speed"),
        ({"area": "V1"}, r"expected units in V1, found units in M1 \(3\), PMd \(5\)"),
        (
            {"valid": "luck > 0"},
            "a query on the trial columns lights, .*, found 'luck'; check the name",
        ),
        ({"valid": "place"}, "expected place as a flag"),
        ({"valid": "place >"}, "expected a query"),
    ],
)
def test_what_is_not_there_is_said(unknown, choices, said):
    with pytest.raises(InputError, match=said):
        open_recording(unknown, Choices(**choices))


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"target": "foot"}, "target to be one of hand, cursor, emg, found 'foot'"),
        ({"target": "hand", "behavior": "x"}, "found both"),
        ({"event": ("a", "b"), "window": ((0.0, 1.0),)}, "found 1 for 2"),
        ({"window": ((1.0, 0.0),)}, "ends after it starts"),
        ({"window": ((0.0, 1.0),) * 3}, "say which events they are of"),
    ],
)
def test_choices_that_make_no_sense(choices, said):
    with pytest.raises(InputError, match=said):
        Choices(**choices)


def test_windows_alone_are_of_the_last_events(session):
    segments = segments_of(Choices(window=((-0.1, 0.2),)), session.segments)
    assert [(s.event, s.start) for s in segments] == [("move_onset_time", -0.1)]
    both = segments_of(Choices(window=((0.0, 0.2), (-0.1, 0.2))), session.segments)
    assert [s.event for s in both] == ["target_on_time", "move_onset_time"]
    usual = segments_of(Choices(event=("target_on_time",)), session.segments)
    assert (usual[0].start, usual[0].stop) == (0.0, 0.35)


def test_labels_sort_as_numbers_do(session):
    trials = session.trials.assign(n=np.arange(len(session.trials)) + 1)
    labels = condition_labels(trials, ["n"])
    assert labels == sorted(labels)
    assert labels[0] == "01"


def test_few_conditions_without_trials_are_left_out():
    """One condition of sixteen has a single trial left: it goes, and its going is counted."""
    session = make_session(n_conditions=16, n_repeats=3)
    kind = session.trials["condition"].to_numpy()
    rare = kind == kind[0]
    excluded = np.where(rare & (np.cumsum(rare) > 1), "odd", "")
    trials = trials_of(replace(session, trials=session.trials.assign(excluded=excluded)))
    assert trials.dropped == (("odd", 2), ("condition with fewer than 2 trials left", 1))
    assert kind[0] not in trials.conditions.index
    assert len(trials.conditions) == 15
