"""Sessions of delayed reaches whose every number is known."""

import numpy as np
import pandas as pd

from neurocompare.recordings.layouts.maze import condition_label
from neurocompare.recordings.recording import Provenance, Recording, Series
from neurocompare.recordings.write_nwb import maze_units

REACH = 0.4


def reach(elapsed):
    """Minimum-jerk position from 0 to 1 and its speed in 1/s, with the reach starting at 0 and lasting `REACH` s."""
    s = np.clip(elapsed / REACH, 0, 1)
    return 10 * s**3 - 15 * s**4 + 6 * s**5, 30 * s**2 * (1 - s) ** 2 / REACH


def make_session(*, n_conditions=4, n_repeats=5, n_units=8, seed=0, rate=20.0, delays=(0.5, 0.7), pause=0.25):
    """Delayed reaches of 100 mm; unit u fires at `rate` (u + 1) / 4 in condition 0 and less in others, all the time."""
    rng = np.random.default_rng(seed)
    condition = rng.permutation(np.tile(np.arange(n_conditions), n_repeats))
    n = len(condition)
    delay, reaction = rng.uniform(*delays, n).round(3), rng.uniform(0.2, 0.3, n).round(3)
    length = (0.3 + delay + reaction + 0.7).round(3)
    start = (1.0 + np.concatenate([[0], np.cumsum(length + pause)[:-1]])).round(3)
    target_on = start + 0.3
    go = target_on + delay
    move = go + reaction
    angle = 2 * np.pi * condition / n_conditions
    trials = pd.DataFrame(
        {
            "start_time": start,
            "stop_time": start + length,
            "target_on_time": target_on,
            "go_cue_time": go,
            "move_onset_time": move,
            "trial_type": condition + 1,
            "trial_version": 0,
            "condition": [condition_label(c + 1, 0) for c in condition],
            "target_x": 100 * np.cos(angle),
            "target_y": 100 * np.sin(angle),
        },
        index=pd.Index(np.arange(n), name="trial"),
    )
    spikes, times, positions, velocities = [], [], [], []
    for u in range(n_units):
        rates = rate * (u + 1) / 4 / (1 + condition * (u % 3))
        spikes.append(
            np.concatenate(
                [
                    np.sort(rng.uniform(a, b, rng.poisson(r * (b - a))))
                    for a, b, r in zip(start, start + length, rates, strict=True)
                ]
            )
        )
    for k in range(n):
        t = start[k] + 1e-3 * np.arange(round(1000 * length[k]))
        progress, speed = reach(t - move[k])
        direction = np.array([np.cos(angle[k]), np.sin(angle[k])])
        times.append(t)
        positions.append(100 * progress[:, None] * direction)
        velocities.append(100 * speed[:, None] * direction)
    times = np.concatenate(times)
    return Recording(
        name="session",
        spike_times=np.concatenate(spikes),
        spike_ends=np.cumsum([len(s) for s in spikes]),
        units=maze_units(["PMd"] * (n_units // 2) + ["M1"] * (n_units - n_units // 2)),
        trials=trials,
        events=("target_on_time", "go_cue_time", "move_onset_time"),
        behavior=(
            Series("hand_pos", times, np.concatenate(positions), ("x", "y"), "mm"),
            Series("hand_vel", times, np.concatenate(velocities), ("x", "y"), "mm/s"),
        ),
        condition_columns=("target_x", "target_y"),
        provenance=Provenance(
            identifier="session-0", subject="nobody", session="test", description="Simulated reaches"
        ),
        planted=(("gamma", 0.4), ("g", 1.5)),
    )
