"""Binned trials from .npz and .mat: counts and movement exactly as they were put in, and what they cannot tell."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.io import savemat

from neurocompare.errors import InputError
from neurocompare.recordings import average, describe, open_recording, timeline, trials_of
from neurocompare.recordings.segment import Segment
from neurocompare.settings import Choices
from neurocompare.tasks import reach_task

WIDTH, UNITS, REPEATS, ANGLES = 0.01, 6, 5, np.array([0.0, np.pi / 2, np.pi, -np.pi / 2])
SPEED = 300.0


@dataclass
class Session:
    """Trials of their own lengths, and the bins of their events, counted from 0."""

    counts: list
    vel: list
    events: dict
    angle: np.ndarray


def make_session():
    rng = np.random.default_rng(0)
    angle = np.tile(ANGLES, REPEATS)
    counts, vel = [], []
    target, go = rng.integers(20, 30, len(angle)), rng.integers(75, 85, len(angle))
    move = go + rng.integers(20, 30, len(angle))
    for k, each in enumerate(angle):
        bins = int(move[k]) + 70
        rate = 0.3 + 0.25 * np.cos(each - np.arange(UNITS)[None] * np.pi / 3) * np.ones((bins, 1))
        counts.append(rng.poisson(rate))
        since = (np.arange(bins) + 0.5 - move[k]) * WIDTH
        speed = SPEED * np.exp(-0.5 * ((since - 0.2) / 0.08) ** 2)
        vel.append(speed[:, None] * np.array([np.cos(each), np.sin(each)]))
    return Session(counts, vel, {"target_on": target, "go_cue": go, "movement_on": move}, angle)


SESSION = make_session()
IN_CM = {"hand_vel_unit": "cm/s"}


def npz(folder, **others):
    longest = max(map(len, SESSION.counts))
    spikes, vel = (np.full((len(SESSION.counts), longest, width), np.nan) for width in (UNITS, 2))
    for k, (counts, moving) in enumerate(zip(SESSION.counts, SESSION.vel, strict=True)):
        spikes[k, : len(counts)], vel[k, : len(counts)] = counts, moving / 10
    names = {"target_on": "target_on_time", "go_cue": "go_cue_time", "movement_on": "move_onset_time"}
    arrays = {
        "spikes": spikes, "bin_width": WIDTH, "condition": np.char.mod("%.2f", SESSION.angle), "hand_vel": vel,
        "area": ["M1"] * 4 + ["PMd"] * 2, **IN_CM, **{names[n]: bins * WIDTH for n, bins in SESSION.events.items()},
    } | others  # fmt: skip
    np.savez(folder / "session.npz", **{name: one for name, one in arrays.items() if one is not None})
    return folder / "session.npz"


def trial_data(folder, *, change=lambda k, fields: None, drop=()):
    rows = []
    for k, counts in enumerate(SESSION.counts):
        fields = {
            "monkey": "Chewie", "trial_id": k + 1.0, "result": "R", "tgtDir": SESSION.angle[k], "bin_size": WIDTH,
            "M1_spikes": counts[:, :4].astype(float), "PMd_spikes": counts[:, 4:].astype(np.uint8),
            "M1_unit_guide": np.ones((4, 2)), "vel": SESSION.vel[k] / 10, "pos": np.zeros((len(counts), 2)),
            **{f"idx_{name}": bins[k] + 1.0 for name, bins in SESSION.events.items()}, "idx_endTime": len(counts) * 1.0,
        }  # fmt: skip
        change(k, fields)
        rows.append({name: one for name, one in fields.items() if name not in drop})
    structs = np.zeros((1, len(rows)), dtype=[(name, object) for name in rows[0]])
    for k, fields in enumerate(rows):
        structs[0, k] = tuple(fields.values())
    savemat(folder / "session.mat", {"trial_data": structs})
    return folder / "session.mat"


@pytest.mark.parametrize("write", [npz, trial_data])
def test_counts_are_those_of_the_bins_around_the_events(tmp_path, write):
    recording = open_recording(write(tmp_path))
    assert recording.binned == WIDTH
    assert [segment.event for segment in recording.segments] == ["target_on_time", "move_onset_time"]
    trials = trials_of(recording, min_rate=0.0)
    assert trials.bin_width == 0.02
    assert trials.counts.sizes["unit"] == UNITS
    assert trials.counts["area"].values.tolist() == ["M1"] * 4 + ["PMd"] * 2
    for k, counts in enumerate(SESSION.counts):
        first = [SESSION.events["target_on"][k], SESSION.events["movement_on"][k] - 20]
        bins = [35 // 2, 55 // 2]  # of 20 ms: 0 to 0.35 s, and -0.2 to 0.35 s
        expected = [
            counts[begin : begin + 2 * n].reshape(n, 2, UNITS).sum(axis=1) for begin, n in zip(first, bins, strict=True)
        ]
        np.testing.assert_array_equal(trials.counts.values[k], np.concatenate(expected))
    assert len(set(trials.counts["condition"].values)) == len(ANGLES)
    assert timeline(recording).go == pytest.approx(
        WIDTH * np.median(SESSION.events["go_cue"] - SESSION.events["target_on"])
    )


@pytest.mark.parametrize("write", [npz, trial_data])
def test_targets_are_the_velocity_that_was_put_in(tmp_path, write):
    recording = open_recording(write(tmp_path))
    task = reach_task(recording)
    assert task.target_unit == "cm/s"
    time = task.targets["time"].values - timeline(recording).move
    moving = time >= 0
    # The target is the velocity 0.1 s later; after movement onset, to which all trials are aligned, they agree.
    expected = SPEED / 10 * np.exp(-0.5 * ((time + 0.1 - 0.2) / 0.08) ** 2)[moving]
    speed = task.target_scale * np.sqrt((task.targets.values**2).sum(axis=2))[:, moving]
    np.testing.assert_allclose(speed, np.broadcast_to(expected, speed.shape), atol=0.01 * SPEED / 10)


def test_what_it_says_of_itself(tmp_path):
    said = describe(open_recording(trial_data(tmp_path)))
    assert "in bins of 10 ms, no spike times" in said
    assert "Layout: trial_data." in said
    assert "taken to be in cm and cm/s" in said
    assert "a comparison would use" in said


def test_failed_trials_do_not_count(tmp_path):
    def fail(k, fields):
        fields["result"] = "F" if k < 4 else "R"

    trials = trials_of(open_recording(trial_data(tmp_path, change=fail)), min_rate=0.0)
    assert trials.dropped == (("failed", 4),)


def test_the_width_of_bins_is_said_by_the_file_or_by_the_user(tmp_path):
    path = trial_data(tmp_path, drop=("bin_size",))
    with pytest.raises(InputError, match="say it with --file-bin"):
        open_recording(path)
    said = open_recording(path, Choices(file_bin=WIDTH))
    np.testing.assert_array_equal(
        trials_of(said, min_rate=0.0).counts, trials_of(open_recording(trial_data(tmp_path)), min_rate=0.0).counts
    )
    with pytest.raises(InputError, match=r"as wide as the file says, 0.01 s, found 0.02 s; drop --file-bin"):
        open_recording(trial_data(tmp_path), Choices(file_bin=0.02))
    with pytest.raises(InputError, match="are they in ms"):
        open_recording(npz(tmp_path, bin_width=10.0 * 1000))


def test_bins_and_windows_are_of_whole_bins(tmp_path):
    path = npz(tmp_path)
    recording = open_recording(path)
    with pytest.raises(
        InputError, match=r"whole number of the 0.01 s bins .* found 0.025 s; choose a --bin-width such"
    ):
        trials_of(recording, bin_width=0.025)
    with pytest.raises(InputError, match="start on edges"):
        trials_of(recording, segments=(Segment("move_onset_time", -0.105, 0.2),))
    moved = open_recording(path, Choices(event=("move_onset_time",), window=((-0.104, 0.2),)))
    assert any("moved to edges of the file's bins: move_onset_time -0.1 to +0.2 s" in note for note in moved.notes)
    assert trials_of(moved).counts.sizes["time"] == 15


def test_units_with_equal_counts_are_not_called_one_cell_for_coinciding_spikes(tmp_path):
    """A spike a bin in every unit: in one bin they need not coincide."""
    spikes = np.full((20, 200, 4), 1.0)
    path = npz(tmp_path, spikes=spikes, hand_vel=np.zeros((20, 200, 2)), area=None)
    assert trials_of(open_recording(path)).counts.sizes["unit"] == 4


def test_what_needs_spike_times_says_so_in_a_line(tmp_path):
    from neurocompare.recordings import write_maze_nwb

    with pytest.raises(InputError, match=r"expected spike times for an NWB file, found counts in bins of 0.01 s"):
        write_maze_nwb(open_recording(npz(tmp_path)), tmp_path / "out.nwb")


def smoothed(k, fields):
    fields["M1_spikes"] = fields["M1_spikes"] + 0.5


def short(k, fields):
    fields["vel"] = fields["vel"][:-1]


def other_units(k, fields):
    if k == 3:
        fields["M1_spikes"] = fields["M1_spikes"][:, :2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (smoothed, "give counts, not rates or smoothed ones"),
        (short, "expected vel of trial_data to be"),
        (other_units, "expected trials of the same units"),
    ],
)
def test_what_is_not_binned_trials_is_one_line(tmp_path, change, said):
    with pytest.raises(InputError, match=said) as caught:
        open_recording(trial_data(tmp_path, change=change))
    assert "\n" not in str(caught.value)


def test_an_event_that_a_trial_lacks_costs_that_trial(tmp_path):
    def missing(k, fields):
        if k == 0:
            fields["idx_movement_on"] = np.nan
        if k == 4:
            fields["idx_movement_on"] = np.zeros((0, 0))

    trials = trials_of(open_recording(trial_data(tmp_path, change=missing)), min_rate=0.0)
    assert trials.dropped == (("event missing", 2),)


def test_rates_are_those_of_the_counts(tmp_path):
    recording = open_recording(trial_data(tmp_path))
    window = (Segment("go_cue_time", 0.0, 0.2),)
    found = average(trials_of(recording, segments=window, smoothing=0.0, min_rate=0.0))
    rows = [k for k, angle in enumerate(SESSION.angle) if angle == np.pi]
    expected = np.mean(
        [SESSION.counts[k][(go := SESSION.events["go_cue"][k]) : go + 20].sum(axis=0) / 0.2 for k in rows], axis=0
    )
    label = next(c for c, a in zip(found["condition"].values, found["target_angle"].values, strict=True) if abs(a) > 3)
    np.testing.assert_allclose(found.sel(condition=label).values.mean(axis=0), expected)


def test_no_column_of_directions_is_taken_for_times(tmp_path):
    def rename(k, fields):
        fields["target_direction"] = fields.pop("tgtDir")

    recording = open_recording(trial_data(tmp_path, change=rename))
    assert set(recording.events) == {"target_on_time", "go_cue_time", "move_onset_time", "endTime_time"}
    assert recording.trials["condition"].nunique() == len(ANGLES)
