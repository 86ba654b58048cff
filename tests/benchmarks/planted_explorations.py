"""Does an exploration's interval hold the gamma that was planted? Its own networks, recorded as the recording was.

Run with

    python tests/benchmarks/planted_explorations.py FOLDER [RECORDINGS] [METRIC]

where FOLDER is what `neurocompare run --explore --out FOLDER` left. One network after the other, of points in the
order of the design, is recorded with the units, rates and trials of the recording, and explored with the networks of
all other points: the settings it was made with are unknown then, as a circuit's are. A row a recording goes to
FOLDER/exploration/planted-METRIC.csv; what is there is not computed again. At the end the share is printed whose
interval, and whose bounds, hold the truth. Bounds are told on the grid: a truth between two of its gammas counts as
held where the nearer one is.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from neurocompare.account import read_account
from neurocompare.metrics import get_metric
from neurocompare.models import load_zoo
from neurocompare.parallel import one_thread
from neurocompare.ranking import Candidate, candidates_of, make_draws, sampling_of, score_draw
from neurocompare.ranking.exploration import Exploration
from neurocompare.ranking.explored import explored
from neurocompare.records import load_record
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Exploring
from neurocompare.streams import Purpose, stream
from neurocompare.workflows.as_recorded import as_recorded
from neurocompare.workflows.session import open_session

DRAWS = 20


def networks_at(folder: RunFolder) -> list[list[Candidate]]:
    """Return the first network of each chain, of every point."""
    zoo = load_zoo(folder.zoo)
    listed = pd.read_csv(folder.path / "design.csv")["networks"]
    found = [candidates_of(zoo.select(hash=names.split())) for names in listed]
    return [[each for each in candidates if each.member == 0] for candidates in found]


def main(out: Path, recordings: int, name: str) -> None:
    """Plant, explore, and count."""
    folder = RunFolder(out).explored
    settings = read_account(folder.path).settings
    exploring, metric = settings.exploring or Exploring(), get_metric(name)
    points = load_record(Exploration, folder.exploration).points
    networks = networks_at(folder)
    trials = open_session(settings.recording, settings.choices).trials
    table = folder.path / f"planted-{name}.csv"
    rows = pd.read_csv(table).to_dict("records") if table.exists() else []
    for place in range(len(rows), min(recordings, len(points))):
        rng = stream(Purpose.PLANTED_RECORDING, settings.seed, place)
        planted = as_recorded(networks[place][0].responses, trials, rng=rng)
        others = [other for other in range(len(points)) if other != place]
        candidates = [
            replace(each, gamma=float(number)) for number, other in enumerate(others) for each in networks[other]
        ]
        draws = make_draws(planted, candidates, draws=DRAWS, seed=place)
        scores = pd.concat([score_draw(draw, planted, candidates, [metric]) for draw in draws], ignore_index=True)
        kept = [points[other] for other in others]
        found = explored(
            scores, kept, exploring, metrics=[metric], sampling=sampling_of(planted), recording=str(place), seed=place
        ).metrics[name]
        ranking, gamma = found.ranking, points[place].gamma
        low, high = ranking.gamma_interval or (np.nan, np.nan)
        grid = np.array([score.gamma for score in ranking.judged])
        nearest = float(grid[np.abs(np.log(grid + exploring.gamma[0]) - np.log(gamma + exploring.gamma[0])).argmin()])
        bounds = ranking.bounds
        rows.append(
            {
                "gamma": gamma, "best": ranking.best_gamma, "low": low, "high": high, "verdict": ranking.verdict,
                "held": low <= gamma <= high,
                "within": (bounds.low or 0) <= nearest <= (np.inf if bounds.high is None else bounds.high),
                "bounded": bounds != type(bounds)(), "explained": found.emulated and found.emulated.explained,
            }
        )  # fmt: skip
        pd.DataFrame(rows).to_csv(table, index=False)
        print(rows[-1], flush=True)
    counted = pd.DataFrame(rows)
    print(counted["verdict"].value_counts().to_string())
    for what in ("held", "within", "bounded"):
        print(f"{what}: {int(counted[what].sum())} of {len(counted)}")


if __name__ == "__main__":
    with one_thread():
        main(
            Path(sys.argv[1]),
            int(sys.argv[2]) if len(sys.argv) > 2 else 20,
            sys.argv[3] if len(sys.argv) > 3 else "cka",
        )
