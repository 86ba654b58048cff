"""Twins of published recordings: files of their size and columns, of simulated sessions with as few trials.

Their spikes are Poisson, at rates that follow a dozen latent time courses of the movement. No network made them, so no
gamma is the right answer.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
from layout_files import write_falcon
from sessions import reach

from neurocompare.recordings import write_maze_nwb
from neurocompare.recordings.layouts.maze import condition_label
from neurocompare.recordings.recording import Provenance, Recording, Series
from neurocompare.recordings.write_nwb import maze_units

STEP = 5e-3
LATENTS = 12

MUSCLES = [
    "APL",
    "BCPs",
    "DLTa",
    "DLTp",
    "ECRB",
    "ECU",
    "EDC",
    "FCR",
    "FCU",
    "FDI",
    "FDPr",
    "FDPu",
    "Hypoth",
    "PECmaj",
    "TCPlat",
    "Thenar",
]


def make_trials(condition, *, delay, rng):
    """Trials one after another: `delay` gives the shortest and longest, in s; without one the target is the go cue."""
    n = len(condition)
    wait = rng.uniform(*delay, n).round(3) if delay else np.zeros(n)
    reaction = rng.uniform(0.24, 0.34, n).round(3)
    length = 1.0 + wait + reaction + 1.0
    start = (2.0 + np.cumsum(length + 0.2) - length).round(3)
    on = start + 1.0
    return pd.DataFrame(
        {
            "start_time": start,
            "stop_time": (start + length).round(3),
            "target_on_time": on,
            "go_cue_time": on + wait,
            "move_onset_time": on + wait + reaction,
        },
        index=pd.RangeIndex(n, name="trial"),
    )


def make_spikes(trials, condition, kinds, *, n_units, rates, rng):
    """Poisson spikes of units that mix latent time courses: bumps around movement whose sizes depend on the condition.

    `kinds`, shape (condition, feature), says how much of each feature a condition has; `rates` is the median rate.
    """
    centres, widths = np.linspace(-0.35, 0.35, LATENTS), np.full(LATENTS, 0.1)
    sizes = kinds @ rng.standard_normal((kinds.shape[1], LATENTS))
    weights = rng.standard_normal((LATENTS, n_units)) / np.sqrt(LATENTS)
    base = rates * np.exp(0.8 * rng.standard_normal(n_units))
    units, times = [], []
    for k, (start, stop, move) in enumerate(
        zip(trials.start_time, trials.stop_time, trials.move_onset_time, strict=True)
    ):
        bins = np.arange(start, stop - STEP, STEP)
        bumps = np.exp(-0.5 * ((bins[:, None] + STEP / 2 - move - centres) / widths) ** 2)
        rate = base * np.exp(np.clip(0.6 * bumps * sizes[condition[k]] @ weights, -2, 2))
        counts = rng.poisson(rate * STEP)
        at, unit = np.nonzero(counts)
        at, unit = np.repeat(at, counts[at, unit]), np.repeat(unit, counts[at, unit])
        times.append(bins[at] + STEP * rng.random(len(at)))
        units.append(unit)
    times, units = np.concatenate(times), np.concatenate(units)
    order = np.lexsort((times, units))
    return times[order], np.cumsum(np.bincount(units, minlength=n_units))


def maze_twin(path, *, n_conditions=27, n_trials=100, n_units=142, n_heldout=35, seed=0, rates=2.2):
    """A session of the size of MC_Maze_Small: 27 conditions of about 3.7 trials, straight and curved reaches."""
    rng = np.random.default_rng(seed)
    condition = rng.permutation(np.arange(n_trials) % n_conditions)
    maze, version = condition // 3, condition % 3
    angle = 2 * np.pi * np.arange(-(-n_conditions // 3)) / -(-n_conditions // 3)
    trials = make_trials(condition, delay=(0.45, 0.9), rng=rng).assign(
        trial_type=maze + 1,
        trial_version=version,
        condition=[condition_label(*row) for row in zip(maze + 1, version, strict=True)],
        split=np.where(rng.permutation(n_trials) < n_trials // 4, "val", "train"),
        target_x=(110 * np.cos(angle[maze])).round(3),
        target_y=(110 * np.sin(angle[maze])).round(3),
    )
    every = np.arange(n_conditions)
    direction = np.stack([np.cos(angle[every // 3]), np.sin(angle[every // 3])], axis=1)
    bend = 0.5 * (every % 3 - 1)[:, None] * direction[:, ::-1] * [-1, 1]
    spike_times, spike_ends = make_spikes(
        trials, condition, np.hstack([direction, bend]), n_units=n_units, rates=rates, rng=rng
    )
    times, position, velocity = [], [], []
    for k, row in enumerate(trials.itertuples()):
        t = row.start_time + 1e-3 * np.arange(round(1000 * (row.stop_time - row.start_time)))
        along, speed = reach(t - row.move_onset_time)
        aside = np.sin(2 * np.pi * along)
        way, turn = direction[condition[k]], bend[condition[k]]
        times.append(t)
        position.append(110 * along[:, None] * way + 40 * aside[:, None] * turn)
        turning = 2 * np.pi * np.cos(2 * np.pi * along) * speed
        velocity.append(110 * speed[:, None] * way + 40 * turning[:, None] * turn)
    times = np.concatenate(times)
    units = maze_units(["PMd"] * (n_units // 2) + ["M1"] * (n_units - n_units // 2))
    recording = Recording(
        name="mc_maze_small-twin",
        spike_times=spike_times,
        spike_ends=spike_ends,
        units=units.assign(heldout=np.arange(n_units) % 4 == 3),
        trials=trials,
        events=("target_on_time", "go_cue_time", "move_onset_time"),
        behavior=(
            Series("hand_pos", times, np.concatenate(position), ("x", "y"), "mm"),
            Series("hand_vel", times, np.concatenate(velocity), ("x", "y"), "mm/s"),
        ),
        condition_columns=("target_x", "target_y"),
        provenance=Provenance(identifier=f"maze-twin-{seed}", subject="nobody", description="Simulated; no animal."),
    )
    return write_maze_nwb(recording, path)


def falcon_twin(path, *, n_trials=414, n_units=64, seed=1, rates=20.0):
    """A session of the size of FALCON M1: 4 objects at 8 locations, 64 channels, 16 muscles at 20 ms."""
    rng = np.random.default_rng(seed)
    condition = rng.permutation(np.arange(n_trials) % 32)
    trials = make_trials(condition, delay=None, rng=rng).assign(trial_type=condition + 1)
    angle = np.radians(45 * (np.arange(32) // 4))
    kinds = np.hstack([np.stack([np.cos(angle), np.sin(angle)], axis=1), np.eye(4)[np.arange(32) % 4]])
    spike_times, spike_ends = make_spikes(trials, condition, kinds, n_units=n_units, rates=rates, rng=rng)
    sizes = 1 + 0.4 * kinds @ rng.standard_normal((6, len(MUSCLES)))
    late = 1 + 0.4 * kinds @ rng.standard_normal((6, len(MUSCLES)))
    gains = np.exp(rng.standard_normal(len(MUSCLES)))

    def emg(middle):
        level = np.tile(0.1 * np.ones(len(MUSCLES)), (len(middle), 1))
        for kind, move in zip(condition, trials.move_onset_time, strict=True):
            near = slice(*np.searchsorted(middle, [move - 0.6, move + 1.2]))
            since = middle[near, None] - move
            level[near] += np.exp(-0.5 * (since / 0.12) ** 2) * sizes[kind]
            level[near] += np.exp(-0.5 * ((since - 0.35) / 0.15) ** 2) * late[kind]
        return gains * (level + 0.05 * rng.standard_normal(level.shape))

    session = Recording("falcon-twin", spike_times, spike_ends, pd.DataFrame(index=range(n_units)), trials, ())
    session = dataclasses.replace(session, trials=trials.drop(columns="target_on_time"))
    return write_falcon(path, session, muscles=MUSCLES, objects=4, emg=emg)
