"""A small finished run, written file by file as a run's contract says."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from PIL import Image
from safetensors.numpy import save_file

from neurocompare.account import Account, Comparison, Made, Recorded, Used
from neurocompare.ranking import MetricRanking, Ranking
from neurocompare.ranking.theory_result import Solution, TheoryResult
from neurocompare.recordings import Provenance
from neurocompare.records import from_plain, load_record, save_record
from neurocompare.responses import make_responses, save_responses
from neurocompare.settings import Family, Networks
from neurocompare.stages import StageCost
from neurocompare.tasks.task import make_task, save_task

EVIL = "<script>alert('$x_$')</script>"
METRICS = {"procrustes": [-1, 1], "cca": [0, 1], "cka": None, "single_unit": [-1, 1]}


def simulate(connectivity, drive, inputs, *, g, rate=0.5):
    """phi (condition, time, unit) of tanh units with Euler steps of half a time constant."""
    n_units = len(connectivity)
    state = np.zeros((inputs.shape[0], n_units))
    activity = np.zeros((*inputs.shape[:2], n_units))
    for step in range(inputs.shape[1] - 1):
        activity[:, step] = np.tanh(state)
        current = g / np.sqrt(n_units) * activity[:, step] @ connectivity.T + inputs[:, step] @ drive.T
        state = (1 - rate) * state + rate * current
    activity[:, -1] = np.tanh(state)
    return activity


def reach(directions):
    """A delayed reach: angles, inputs and hand velocities over condition x time x channel."""
    angles = 2 * np.pi * np.arange(directions) / directions
    time = np.arange(0.0, 0.95, 0.05)
    waiting = (time < 0.35).astype(float)
    code = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    inputs = np.concatenate(
        [np.broadcast_to(waiting[:, None], (directions, len(time), 1)), code[:, None] * waiting[:, None]], axis=2
    )
    speed = np.exp(-(((time - 0.65) / 0.1) ** 2)) * (time > 0.4)
    return angles, time, inputs, code[:, None] * speed[:, None]


def metric_entry(name, gammas, best, bounds, rng, resamples=40):
    """A metric's entry in ranking.json, with a peak at `best`."""
    places = np.log2(np.maximum(gammas, 0.02))
    mean = 0.8 - 0.03 * (places - np.log2(max(best, 0.02))) ** 2
    theta = mean + 0.02 * rng.standard_normal((resamples, len(gammas)))
    winners = theta.argmax(axis=1)
    low, high = np.quantile(theta, [0.025, 0.975], axis=0)
    chosen = int(mean.argmax())
    return {
        "metric": name,
        "range": bounds,
        "scores": [
            dict(zip(("gamma", "mean", "low", "high"), map(float, row), strict=True))
            for row in zip(gammas, mean, low, high, strict=True)
        ],
        "best_gamma": float(gammas[chosen]),
        "p_best": [{"gamma": float(gamma), "p": float((winners == i).mean())} for i, gamma in enumerate(gammas)],
        "gamma_interval": [float(gammas[winners.min()]), float(gammas[winners.max()])],
        "gamma_star": best,
        "curve": [{"gamma": float(gamma), "score": float(score)} for gamma, score in zip(gammas, mean, strict=True)],
        "calibrated": [
            {"gamma": float(gamma), "mean": float(score), "low": float(score - 0.1), "high": float(score + 0.1)}
            for gamma, score in zip(gammas, mean, strict=True)
        ],
        "ceiling": {
            "low": 0.86,
            "high": 0.91,
            "mean": 0.88,
            "whole": [0.91, 0.95],
            "limit": [0.96, 1.0],
            "reliability": [0.93, 0.94],
        },
        "above_ceiling": [],
        "nulls": {
            "conditions": {"mean": 0.3, "high": 0.42, "p": 0.0123, "says": True},
            "time-shift": {"mean": 0.35, "high": 0.47, "p": 0.0123, "says": True},
        },
        "contrasts": [{"against": "reservoir", "difference": 0.15, "low": 0.1, "high": 0.2, "p": 0.004}],
        "verdict": "resolved",
        "why": "every null is beaten (largest p = 0.012) and the 95 % interval of the best gamma leaves out both ends",
        "draws": resamples,
        "dropped_draws": 0,
    }


def write_run(
    folder, *, gammas=(0.0, 0.1, 0.4, 1.6), units=24, recorded=10, directions=4, members=1, planted=0.4, seed=0
):
    """Write a whole run; returns its folder. What the numbers are is not meant to be true, only to hang together."""
    rng = np.random.default_rng(seed)
    angles, time, inputs, velocity = reach(directions)
    condition = [f"reach {np.degrees(angle):.0f}" for angle in angles]
    coords = {"condition": condition, "time": time, "target_angle": ("condition", angles)}
    task = make_task(
        xr.DataArray(
            inputs, dims=("condition", "time", "channel"), coords=coords | {"channel": ["hold", "cos", "sin"]}
        ),
        xr.DataArray(300 * velocity, dims=("condition", "time", "output"), coords=coords | {"output": ["x", "y"]}),
        name="reach",
        target_unit="mm/s",
        notes=("hand velocity is zero before go", "activity leads the hand by 100 ms"),
    )
    save_task(task, folder / "task.nc")
    wanted = task.targets.values.reshape(-1, 2)

    zoo, rows = [], []
    for gamma in gammas:
        for chain in (0, 1):
            for member in range(members):
                drive = rng.standard_normal((units, 3))
                connectivity = rng.standard_normal((units, units))
                # Learned structure: the drive of each direction is held on to.
                connectivity += 1.2 * gamma / (0.3 + gamma) / np.sqrt(units) * drive[:, 1:] @ drive[:, 1:].T
                phi = simulate(connectivity, drive, inputs, g=1.5)
                flat = phi.reshape(-1, units)
                readout = np.linalg.solve(flat.T @ flat + np.eye(units), flat.T @ wanted).T.copy()
                loss = 0.5 * float(((flat @ readout.T - wanted) ** 2).mean())
                name = f"{len(zoo):08d}"
                member_folder = folder / "zoo" / name
                member_folder.mkdir(parents=True)
                save_file({"J": connectivity, "U": drive, "R": readout}, member_folder / "weights.safetensors")
                (member_folder / "card.json").write_text(json.dumps({"gamma": gamma, "loss": loss}))
                save_responses(make_responses(phi, condition=condition, time=time), member_folder / "responses.nc")
                converged = not (gamma == gammas[-1] and chain == 1)
                zoo.append((name, gamma, seed, chain, "hmc", 1.5, 0.1, 400.0, 1.0, loss, converged))
                rows += [
                    ("model", metric, "unit", gamma, name, chain, member, draw, 0.5)
                    for metric in METRICS
                    for draw in range(2)
                ]
                if gamma == planted and chain == 0:
                    source = phi
    table = pd.DataFrame(
        zoo,
        columns=["hash", "gamma", "seed", "chain", "method", "g", "tau", "beta", "input_scale", "loss", "converged"],
    )
    table.to_csv(folder / "zoo" / "zoo.csv", index=False)
    scores = pd.DataFrame(
        rows, columns=["kind", "metric", "centring", "gamma", "network", "chain", "member", "resample", "score"]
    )
    scores.to_csv(folder / "scores.csv", index=False)

    event_time = np.concatenate([np.arange(0.01, 0.35, 0.02), np.arange(-0.19, 0.35, 0.02)])
    segment = np.repeat(["target_on_time", "move_onset_time"], [17, len(event_time) - 17])
    bins = event_time + np.where(segment == "move_onset_time", 0.58, 0.0)
    gains = rng.lognormal(2.5, 0.5, recorded)
    rates = np.stack([[np.interp(bins, time, row[:, unit]) for row in source] for unit in range(recorded)], axis=-1)
    rates = np.maximum(12 + gains * rates + 0.8 * rng.standard_normal(rates.shape), 0)
    recording = make_responses(
        rates,
        condition=condition,
        time=bins,
        unit=[f"u{unit}" for unit in range(recorded)],
        activity_unit="spikes/s",
        source="synthetic: a network at gamma 0.4, 120 units",
        coords={
            "target_angle": ("condition", angles),
            "segment": ("time", segment),
            "event_time": ("time", event_time),
        },
    )
    save_responses(
        recording.assign_attrs(selection="10 units kept, 2 below 1 spikes/s left out"), folder / "recording.nc"
    )

    fit = table.groupby("gamma")["loss"].mean() / 0.5
    ranking = {
        "schema": 2,
        "recordings": ["synthetic"],
        "planted_gamma": planted,
        "gammas": list(gammas),
        "settings": {"g": 1.5, "tau": 0.1, "beta": 400.0, "lag": 0.1},
        "sampling": {"units": recorded, "units_drawn": recorded // 2, "trials": [20, 20], "trials_drawn": [10, 10]},
        "fit": [{"gamma": float(gamma), "loss": float(loss)} for gamma, loss in fit.items()],
        "metrics": {name: metric_entry(name, gammas, 0.4, bounds, rng) for name, bounds in METRICS.items()},
        "centred": {name: metric_entry(name, gammas, 0.4, bounds, rng) for name, bounds in METRICS.items()},
        "summary": {
            "best_gamma": 0.4,
            "gamma_interval": [0.1, 0.4],
            "sentence": (
                "By procrustes, networks at gamma = 0.4 (95 % interval 0.1 to 0.4) are most similar to the recording "
                "synthetic, at g = 1.5, tau = 100 ms, beta = 400, lag = 100 ms."
            ),
        },
    }
    (folder / "ranking.json").write_text(json.dumps(ranking))
    save_record(
        Account(
            Comparison("synthetic", family=Family(g=1.5), networks=Networks(gammas=tuple(gammas)), seed=seed),
            Recorded("synthetic", Provenance(), planted={"gamma": 0.4}),
            Used(units=40, low_rate=(), duplicates=(), trials={}, dropped={}),
            task="reach",
            samples=152,
            stages=(StageCost("recording", 1.25, 300, 0), StageCost("networks", 61.5, 410, 380)),
            made=Made(versions={"neurocompare": "0.1.0"}),
        ),
        folder / "run.json",
    )
    return folder


def score_entry(name, *, nearest=True, score=True):
    """A metric's entry in score.json."""
    base = {"name": "kinematic", "gamma": None, "mean": 0.41, "low": 0.35, "high": 0.47}
    base |= {"difference": 0.123, "difference_low": 0.07, "difference_high": 0.18}
    near = {
        "gamma": 0.4,
        "interval": [0.2, 0.8],
        "verdict": "resolved",
        "why": "every null is beaten",
        "similarity": 0.55,
        "ceiling": {"low": 0.9, "high": 0.95},
        "shares": [{"gamma": gamma, "p": p} for gamma, p in ((0.0, 0.1), (0.4, 0.7), (1.6, 0.2))],
    }
    return {
        "metric": name,
        "range": [-1, 1],
        **({"mean": 0.5432, "low": 0.51, "high": 0.58} if score else {}),
        "ceiling": {"low": 0.8, "high": 0.9},
        "nulls": {"conditions": {"mean": 0.1, "high": 0.2, "p": 0.0123}},
        "reliable": score,
        "why": "" if score else "it could not be computed",
        "draws": 20,
        "dropped_draws": 0,
        "baselines": [base] if score else [],
        "zoo": [base | {"name": "gamma 0.4", "gamma": 0.4}] if nearest and score else [],
        "scores_like": [],
        "nearest": near if nearest and score else None,
    }


def write_score(folder, *, nearest=True, model=EVIL):
    """Write a scored model; returns its folder."""
    rng = np.random.default_rng(0)
    labels = {"condition": ["a", "b", "c"], "time": np.arange(0, 0.5, 0.05)}
    save_responses(make_responses(rng.standard_normal((3, 10, 8)), **labels), folder / "model.nc")
    rates = make_responses(rng.uniform(0, 30, (3, 10, 9)), activity_unit="spikes/s", **labels)
    save_responses(rates, folder / "recording.nc")
    score = {
        "schema": 2,
        "model": model,
        "recording": "monkey & co",
        "planted_gamma": None,
        "units": {"model": 8, "recording": 9},
        "settings": {
            "g": 1.5,
            "run": None,
            "recording_version": "1",
            "recording_licence": "CC-BY-4.0",
            "recording_citation": None,
        },
        "notes": ["Conditions were put into order."],
        "metrics": {
            "cka": score_entry("cka", nearest=nearest),
            "flow": score_entry("flow", nearest=nearest, score=False),
        },
        "centred": {},
        "sentence": f"By cka, {model} is alike",
    }
    (folder / "score.json").write_text(json.dumps(score))
    return folder


@pytest.fixture(scope="session")
def read_figures():
    """What reads a folder of figures: the texts of each by its name, once SVG and PNG are as they should be."""

    def read(folder):
        found = {}
        for path in sorted(folder.iterdir()):
            if path.suffix == ".svg":
                drawn = ElementTree.parse(path).getroot()
                assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
                found[path.stem] = ["".join(each.itertext()) for each in drawn.iter(f"{drawn.tag[:-3]}text")]
                inches = [float(drawn.get(side).removesuffix("pt")) / 72 for side in ("width", "height")]
                with Image.open(path.with_suffix(".png")) as picture:
                    assert picture.size == pytest.approx([200 * side for side in inches], abs=1)
                    assert min(picture.size) >= 100
                    assert max(picture.size) <= 2400
                    assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
                    low, high = picture.convert("L").getextrema()
                    assert low < 150 < high, "something is drawn"
            else:
                assert path.suffix == ".png"
                assert path.with_suffix(".svg").exists()
        return found

    return read


@pytest.fixture(scope="session")
def new_run():
    """What writes a finished run into a folder, for those that need several."""
    return write_run


@pytest.fixture(scope="session")
def new_score():
    """What writes a scored model into a folder."""
    return write_score


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    """A finished run that no test changes."""
    return write_run(tmp_path_factory.mktemp("run"))


@pytest.fixture
def own_run_folder(tmp_path):
    """A finished run that a test may change."""
    return write_run(tmp_path)


@pytest.fixture
def put_theory(own_run_folder):
    """Put a theory beside the run: scores of infinite networks, the last one not converged."""

    def put(*, gammas=(0.0, 0.1, 0.2, 0.4), **settings):
        rng = np.random.default_rng(1)
        entries = {name: metric_entry(name, gammas, 0.2, bounds, rng) for name, bounds in METRICS.items()}
        ranking = load_record(Ranking, own_run_folder / "ranking.json")
        ranking = replace(ranking, metrics=from_plain(dict[str, MetricRanking], entries), centred={})
        nothing = dict.fromkeys(
            ("free_energy", "kl", "loss", "activity", "participation_ratio", "excess_kurtosis", "kernel_error")
        )
        theory = TheoryResult(
            settings={"source": "synthetic", "g": 1.5, **settings},
            notes=(),
            solutions=tuple(
                Solution(
                    gamma=gamma,
                    branch="only",
                    leading=True,
                    outliers=(),
                    largest_outlier=None,
                    rank=8,
                    converged=gamma < gammas[-1],
                    why="",
                    **nothing,
                )
                for gamma in gammas
            ),
            ranking=ranking,
        )
        save_record(theory, own_run_folder / "theory.json")
        return theory

    return put
