"""One writer a layout: files with its columns and its known traps, made of sessions whose every number is known."""

from __future__ import annotations

import numpy as np
from nwb_files import write_nwb
from sessions import REACH, make_session, reach

ONSET = 0.5 * (1 - np.sqrt(1 - 4 * np.sqrt(0.2 / 16))) * REACH
"""When a minimum-jerk reach passes a fifth of its peak speed: s (1 - s) = sqrt(0.2 / 16), with s = time / REACH."""


def spikes_of(session):
    """One array of spike times a unit."""
    return np.split(session.spike_times, session.spike_ends[:-1])


def column(session, name):
    """A trial column as an array."""
    return session.trials[name].to_numpy()


def utah(n_units, groups, *, shift=0):
    """Electrodes of two arrays of 96, and units that alternate between them."""
    rows = [96 * (unit % 2) + unit + shift for unit in range(n_units)]
    return {"rows": rows, "group_name": np.repeat(groups, 96).tolist()}


def write_falcon(path, session=None, *, muscles=("APL", "BCPs", "ECU"), objects=2, shuffled=True, emg=None):
    """FALCON M1: unsorted spikes, a condition id without meaning, and muscles stamped at the end of their bins.

    A condition of the session is an object with a location; its muscles' activity, unless `emg` gives it, is the
    muscle's number times the speed of the reach.
    """
    session = make_session(n_conditions=4, n_repeats=4) if session is None else session
    rng = np.random.default_rng(5)
    spikes = spikes_of(session)
    if shuffled:
        spikes = [np.concatenate([each[::2], each[1::2]]) for each in spikes]
    kind = column(session, "trial_type") - 1
    names = np.array(["Coaxial", "Perpendicular", "Sphere", "Button"])
    start, stop = column(session, "start_time"), column(session, "stop_time")
    stamps = 0.02 * np.arange(int(start[0] / 0.02), int(stop[-1] / 0.02) + 2)
    # A sample stands for the bin that ends at its stamp: its value is that of the bin's middle.
    middle = stamps - 0.01
    if emg is None:
        speed = sum(reach(middle - move)[1] for move in column(session, "move_onset_time"))
        emg = np.stack([(number + 1) * speed for number in range(len(muscles))], axis=1)
    else:
        emg = emg(middle)
    places = {}
    for number, muscle in enumerate(muscles):
        places[f"acquisition/preprocessed_emg/{muscle}"] = {
            "data": emg[:, number],
            "timestamps": stamps if number == 0 else f"acquisition/preprocessed_emg/{muscles[0]}",
            "unit": "mV",
        }
    places["acquisition/eval_mask"] = {"data": np.ones(len(stamps), bool), "timestamps": stamps}
    n = len(start)
    return write_nwb(
        path,
        ids=np.arange(len(spikes)),
        spikes=spikes,
        electrodes={"rows": np.arange(len(spikes)), "group_name": ["H"] * len(spikes)},
        groups={"H": "floating microelectrode array"},
        trials={
            "start_time": start,
            "stop_time": stop,
            "gocue_time": column(session, "go_cue_time"),
            "move_onset_time": column(session, "move_onset_time"),
            "contact_time": column(session, "move_onset_time") + 0.4,
            "reward_time": stop - 0.1,
            "result": ["R"] * n,
            "tgt_loc": 45.0 * (kind // objects),
            "tgt_obj": names[kind % objects].tolist(),
            "condition_id": rng.integers(0, 9, n),
        },
        series=places,
    )


def write_centre_out(path, *, warned=False):
    """Perich centre-out: cm, cursor only at 100 Hz, aborted trials, repeated time stamps, no movement onset."""
    session = make_session(n_conditions=4, n_repeats=5)
    n = len(session.trials)
    kind = column(session, "trial_type") - 1
    result = np.array(["R"] * n)
    result[[0, 7]] = ["A", "I"]
    target = kind.astype(float)
    target[3] = np.nan
    position, velocity = session.series("hand_pos"), session.series("hand_vel")
    tenth = slice(None, None, 10)
    times = np.insert(position.times[tenth], 50, position.times[tenth][50])
    return session, write_nwb(
        path,
        session_description="Warning: This session with Monkey C." if warned else "centre-out",
        ids=np.arange(8),
        spikes=spikes_of(session),
        electrodes=utah(8, ["electrode_group_M1", "electrode_group_PMd"]),
        trials={
            "start_time": column(session, "start_time"),
            "stop_time": column(session, "stop_time"),
            "target_on_time": column(session, "target_on_time"),
            "go_cue_time": column(session, "go_cue_time"),
            "target_dir": np.pi / 2 * kind,
            "target_id": target,
            "target_corners": [np.zeros(4)] * n,
            "result": result.tolist(),
        },
        series={
            "processing/behavior/Position/cursor_pos": {
                "data": np.insert(position.values[tenth], 50, position.values[tenth][50], axis=0) / 10,
                "timestamps": times,
                "unit": "cm",
            },
            "processing/behavior/Velocity/cursor_vel": {
                "data": np.insert(velocity.values[tenth], 50, velocity.values[tenth][50], axis=0) / 10,
                "timestamps": "processing/behavior/Position/cursor_pos",
                "unit": "cm/s",
            },
        },
    )


def continuous(*, n_reaches, seed=0, pause=0.3, places=None):
    """Reaches from one target to the next: when each appears, when it is reached for, the targets, and the hand."""
    rng = np.random.default_rng(seed)
    if places is None:
        steps = 80 * np.exp(1j * np.pi / 4 * rng.integers(0, 8, n_reaches))
        places = np.stack([np.cumsum(steps).real, np.cumsum(steps).imag], axis=1)
        places = 300 * np.sin(places / 300)  # within reach, whatever the walk does
    places = np.concatenate([[[0.0, 0.0]], places])
    on = 2.0 + np.cumsum(rng.uniform(0.9, 1.1, n_reaches)).round(3)
    times = np.round(np.arange(1.0, on[-1] + 2.0, 1e-3), 3)
    position, speed = np.tile(places[0], (len(times), 1)), np.zeros((len(times), 2))
    for k in range(n_reaches):
        progress, rate = reach(times - (on[k] + pause))
        position += progress[:, None] * (places[k + 1] - places[k])
        speed += rate[:, None] * (places[k + 1] - places[k])
    shown = places[np.searchsorted(on, times, side="right")]
    return on, on + pause, places, times, position, speed, shown


def poisson(times, *, n_units=6, seed=1, rate=15.0):
    """Spikes of units that fire all the time."""
    rng = np.random.default_rng(seed)
    length = times[-1] - times[0]
    return [np.sort(times[0] + length * rng.random(rng.poisson(rate * length))) for _ in range(n_units)]


def write_random_targets(path):
    """Perich random targets: four go cues a trial, targets' positions that are garbage, failed trials."""
    n = 24
    on, move, places, times, position, speed, _ = continuous(n_reaches=4 * n)
    go = on.reshape(n, 4)
    result = ["R"] * n
    result[2] = "F"
    attempted = np.full(n, 4)
    attempted[5] = 3
    tenth = slice(None, None, 10)
    written = write_nwb(
        path,
        ids=np.arange(6),
        spikes=poisson(times),
        electrodes=utah(6, ["electrode_group_M1", "electrode_group_PMd"]),
        trials={
            "start_time": go[:, 0] - 0.05,
            "stop_time": np.append(go[1:, 0] - 0.06, on[-1] + 0.9),
            "go_cue_time_array": go,
            "target_id": np.zeros((n, 4)),
            "num_targets": np.full(n, 4),
            "num_attempted": attempted,
            "target_dir": np.zeros(n),
            "target_1_x_position": np.full(n, 1e23),
            "result": result,
        },
        series={
            "processing/behavior/Position/cursor_pos": {
                "data": position[tenth] / 10,
                "timestamps": times[tenth],
                "unit": "meters",
            },
            "processing/behavior/Velocity/cursor_vel": {
                "data": speed[tenth] / 10,
                "timestamps": "processing/behavior/Position/cursor_pos",
                "unit": "meters",
            },
        },
    )
    return (go, move.reshape(n, 4), places), written


def write_rtt(path, *, stamped):
    """MC_RTT: pieces of 0.6 s as trials, a test period cut out, tracker drop-outs, one series in three columns."""
    on, move, places, times, position, speed, shown = continuous(n_reaches=60)
    cut = (times > on[30] + 0.1) & (times < on[33] + 0.2)
    dropped = (times > move[10]) & (times < move[10] + 0.1)
    finger = np.concatenate([position, np.zeros((len(times), 1))], axis=1)
    speed = speed.copy()
    speed[dropped] = np.nan
    if stamped:
        kept, clock = ~cut, {"timestamps": times[~cut]}
    else:
        kept, clock = np.ones(len(times), bool), {"rate": 1000.0, "start": times[0]}
        finger[cut], speed[cut], shown = np.nan, np.nan, np.where(cut[:, None], np.nan, shown)
    metres = {"unit": "m", "conversion": 1e-3}
    starts = np.arange(times[0], times[-1] - 0.6, 0.6)
    written = write_nwb(
        path,
        ids=np.array([201, 202, 401, 801, 9501, 9502]),
        spikes=poisson(times),
        unit_columns={"heldout": np.zeros(6, bool)},
        electrodes={"rows": np.arange(6), "group_name": ["electrode_group"] * 96},
        trials={"start_time": starts, "stop_time": starts + 0.6, "split": ["train"] * len(starts)},
        series={
            "processing/behavior/cursor_pos": {"data": position[kept], **clock, **metres},
            "processing/behavior/finger_pos": {"data": finger[kept], **clock, **metres},
            "processing/behavior/finger_vel": {"data": speed[kept], **clock, "unit": "m/s", "conversion": 1e-3},
            "processing/behavior/target_pos": {"data": shown[kept], **clock, **metres},
        },
    )
    return (on, move, places, cut, dropped, times), written


def write_area2(path):
    """Area2_Bump: cm, passive trials, aborted ones in the split none, many other series."""
    session = make_session(n_conditions=4, n_repeats=6)
    n = len(session.trials)
    kind = column(session, "trial_type") - 1
    passive = np.arange(n) % 6 == 0
    split = np.array(["train", "val"] * (n // 2))
    split[4] = "none"
    result = np.array(["R"] * n)
    result[4] = "A"
    position, velocity = session.series("hand_pos"), session.series("hand_vel")
    written = write_nwb(
        path,
        ids=np.arange(8),
        spikes=spikes_of(session),
        unit_columns={"heldout": np.zeros(8, bool)},
        trials={
            "start_time": column(session, "start_time"),
            "stop_time": column(session, "stop_time"),
            "target_on_time": column(session, "target_on_time"),
            "go_cue_time": np.where(passive, np.nan, column(session, "go_cue_time")),
            "move_onset_time": column(session, "move_onset_time"),
            "cond_dir": 90.0 * kind,
            "target_dir": 90.0 * kind,
            "ctr_hold_bump": passive,
            "result": result.tolist(),
            "split": split.tolist(),
        },
        series={
            "processing/behavior/hand_pos": {"data": position.values / 10, "timestamps": position.times, "unit": "cm"},
            "processing/behavior/hand_vel": {
                "data": velocity.values / 10,
                "timestamps": "processing/behavior/hand_pos",
                "unit": "cm/s",
            },
            "processing/behavior/muscle_len": {
                "data": np.zeros((len(position.times), 39)),
                "timestamps": "processing/behavior/hand_pos",
            },
        },
    )
    return (session, passive), written


def write_churchland(path, *, restarted=True, optional=True, overlap=True):
    """Churchland 2012: a clock that restarts, trials that overlap, conversions that are NaN, columns that come and go.

    The second half of the session is on a clock that started anew. Unit 3 is silent in it.
    """
    session = make_session(n_conditions=4, n_repeats=8)
    trials = session.trials
    n = len(trials)
    start, stop = column(session, "start_time"), column(session, "stop_time")
    second = np.arange(n) >= n // 2
    back = np.where(second, start[n // 2] - 2.5, 0.0) if restarted else np.zeros(n)
    hand = session.series("hand_pos")
    of_sample = np.searchsorted(start, hand.times + 1e-9, side="right") - 1
    spikes = []
    for unit, times in enumerate(spikes_of(session)):
        own = np.searchsorted(start, times, side="right") - 1
        keep = np.ones(len(times), bool) if unit != 3 else ~second[own]
        spikes.append((times - back[own])[keep])
    discard = np.zeros(n, np.uint8)
    discard[1] = 1
    success = np.ones(n, np.uint8)
    success[2] = 0
    ends = stop - back
    if overlap:
        ends[4] = start[5] - back[5] + 0.4
    kind = column(session, "trial_type")
    more = {}
    if optional:
        novel = np.zeros(n, np.uint8)
        novel[6] = 1
        more = {
            "trial_version": np.zeros(n, int),
            "maze_condition": kind.astype(int),
            "correct_reach": np.ones(n, np.uint8),
            "novel_maze": novel,
        }
    written = write_nwb(
        path,
        ids=np.arange(1, 9),
        spikes=spikes,
        electrodes=utah(8, ["1", "2"]),
        groups={"1": "device implanted at PMd", "2": "device implanted at M1"},
        trials={
            "start_time": start - back,
            "stop_time": ends,
            "target_presentation_time": column(session, "target_on_time") - back,
            "go_cue_time": column(session, "go_cue_time") - back,
            "move_begins_time": column(session, "move_onset_time") - back,
            "reaction_time": column(session, "move_onset_time") - column(session, "go_cue_time"),
            "discard_trial": discard,
            "task_success": success,
            "trial_type": kind,
            "target_positions": [np.array([[200, 56]], np.uint8)] * n,
            **more,
        },
        series={
            "processing/behavior/Position/Cursor": {
                "data": hand.values,
                "timestamps": hand.times - back[of_sample],
                "conversion": np.nan,
            },
            "processing/behavior/Position/Eye": {
                "data": hand.values,
                "timestamps": "processing/behavior/Position/Cursor",
                "conversion": np.nan,
            },
            "processing/behavior/Position/Hand": {
                "data": hand.values,
                "timestamps": "processing/behavior/Position/Cursor",
                "conversion": np.nan,
            },
        },
    )
    return session, written


def write_even_chen(path):
    """Even-Chen 2019: hand in x, y, z, no movement onset, limits that look like events, areas the other way round."""
    session = make_session(n_conditions=3, n_repeats=6)
    n = len(session.trials)
    hand = session.series("hand_pos")
    success = np.ones(n, np.uint8)
    success[5] = 0
    start, go = column(session, "start_time"), column(session, "go_cue_time")
    written = write_nwb(
        path,
        ids=np.arange(8),
        spikes=[*spikes_of(session)[:7], np.zeros(0)],
        electrodes=utah(8, ["1", "2"]),
        groups={"1": "device implanted at M1", "2": "device implanted at PMd"},
        trials={
            "start_time": start,
            "stop_time": column(session, "stop_time"),
            "task_id": np.ones(n),
            "version_id": column(session, "trial_type"),
            "target_shown_time": column(session, "target_on_time"),
            "go_cue_time": go,
            "target_held_time": column(session, "move_onset_time") + 0.6,
            "is_successful": success,
            "target_pos": [np.zeros(3)] * n,
            "reach_time": start + 0.9,
        },
        series={
            "processing/behavior/Position/Hand": {
                "data": np.concatenate([hand.values, np.zeros((len(hand.times), 1))], axis=1),
                "timestamps": hand.times,
                "conversion": np.nan,
            },
            "processing/behavior/Position/DecodePos": {
                "data": hand.values,
                "timestamps": "processing/behavior/Position/Hand",
                "conversion": np.nan,
            },
        },
    )
    return session, written
