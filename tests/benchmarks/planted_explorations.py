"""Does an exploration bound the gamma that is least unlike a recording? Recordings of which the answer is known.

Run with

    python tests/benchmarks/planted_explorations.py FOLDER [--recordings 20] [--first 0] [--metric cka] [--outside]

where FOLDER is what `neurocompare run --explore --out FOLDER` left. One network after the other, of points in the
order of the design, is recorded with the units, rates and trials of the recording, and explored with the networks of
all other points: the settings it was made with are unknown then, as a circuit's are. The right gamma is its own. With
--outside, the populations of `outside_populations` that are made beside it take its place, which no network of the
family is: the right gamma is that of an exploration of the same population with all units and eight times the trials.

A row a recording goes to FOLDER/exploration/planted-METRIC.csv (outside-METRIC.csv); what is there is not computed
again. At the end the shares are printed whose interval, and whose bounds, hold the right gamma, and of how many a
gamma is named, or bounded, wrongly. Bounds are told on the grid: a truth between two of its gammas counts as held where
the nearer one is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from neurocompare.account import read_account
from neurocompare.metrics import get_metric
from neurocompare.models import load_zoo
from neurocompare.parallel import one_thread
from neurocompare.ranking import Candidate, candidates_of, make_draws, sampling_of, score_draw
from neurocompare.ranking.exploration import Exploration, MetricExploration, PointTried
from neurocompare.ranking.explored import explored
from neurocompare.recordings import Trials
from neurocompare.records import load_record
from neurocompare.responses import Responses
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Exploring
from neurocompare.streams import Purpose, stream
from neurocompare.workflows.as_recorded import as_recorded
from neurocompare.workflows.session import Session, open_session

sys.path.insert(0, str(Path(__file__).parents[1]))

from outside_populations import outside
from shares import share

DRAWS, FEW = 20, 5
"""Draws of an exploration, and of one that has all units and many trials, whose draws hardly differ."""

MANY = 8
"""Times the trials of the recording that the right answer of a population outside the family is taken from."""


@dataclass(frozen=True)
class Design:
    """What a recording is explored with."""

    exploring: Exploring
    points: Sequence[PointTried]
    networks: list[list[Candidate]]
    metric: str

    def explore(self, planted: Trials, without: int, draws: int = DRAWS) -> MetricExploration:
        """Explore a recording with the networks of all points but one."""
        metric, others = get_metric(self.metric), [at for at in range(len(self.points)) if at != without]
        candidates = [
            replace(each, gamma=float(number)) for number, other in enumerate(others) for each in self.networks[other]
        ]
        plans = make_draws(planted, candidates, draws=draws, seed=without)
        scores = pd.concat([score_draw(plan, planted, candidates, [metric]) for plan in plans], ignore_index=True)
        return explored(
            scores, [self.points[other] for other in others], self.exploring, metrics=[metric],
            sampling=sampling_of(planted), recording=str(without), seed=without,
        ).metrics[self.metric]  # fmt: skip

    def row(self, answer: MetricExploration, truth: float) -> dict[str, object]:
        """Compare an answer with the right gamma."""
        ranking = answer.ranking
        low, high = ranking.gamma_interval or (np.nan, np.nan)
        grid = np.array([score.gamma for score in ranking.judged])
        least = self.exploring.gamma[0]
        nearest = float(grid[np.abs(np.log(grid + least) - np.log(truth + least)).argmin()])
        bounds = ranking.bounds
        held = bool(low <= truth <= high)
        within = (bounds.low or 0) <= nearest <= (np.inf if bounds.high is None else bounds.high)
        return {
            "gamma": truth, "best": ranking.best_gamma, "low": low, "high": high, "verdict": ranking.verdict,
            "held": held, "within": within, "bounded": bounds != type(bounds)(),
            "wrong": not within or (ranking.verdict == "resolved" and not held),
            "explained": answer.emulated and answer.emulated.explained,
        }  # fmt: skip


def networks_at(folder: RunFolder) -> list[list[Candidate]]:
    """Return the first network of each chain, of every point."""
    zoo = load_zoo(folder.zoo)
    listed = pd.read_csv(folder.path / "design.csv")["networks"]
    found = [candidates_of(zoo.select(hash=names.split())) for names in listed]
    return [[each for each in candidates if each.member == 0] for candidates in found]


def rows(design: Design, session: Session, place: int, seed: int, *, beyond: bool) -> Iterator[dict[str, object]]:
    """Explore the network of a place, recorded, or the populations beside it."""
    trials, network = session.trials, design.networks[place][0]

    def recorded(responses: Responses, **more: object) -> Trials:
        return as_recorded(responses, trials, rng=stream(Purpose.PLANTED_RECORDING, seed, place), **more)

    if not beyond:
        yield design.row(design.explore(recorded(network.responses), place), design.points[place].gamma)
        return
    every, repeats = network.responses.sizes["unit"], MANY * trials.trials_per_condition
    for kind, responses in outside(network, session.task, seed=place).items():
        right = design.explore(recorded(responses, units=every, repeats=repeats), place, FEW).ranking.best_gamma
        answer = design.explore(recorded(responses), place)
        if right is None:
            yield {"kind": kind, "verdict": answer.ranking.verdict, "wrong": False}
        else:
            yield {"kind": kind, **design.row(answer, right)}


def main() -> None:
    """Plant, explore, and count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--recordings", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="point of the design that comes first")
    parser.add_argument("--metric", default="cka")
    parser.add_argument("--outside", action="store_true")
    asked = parser.parse_args()
    folder = RunFolder(asked.folder).explored
    settings = read_account(folder.path).settings
    points = load_record(Exploration, folder.exploration).points
    design = Design(settings.exploring or Exploring(), points, networks_at(folder), asked.metric)
    session = open_session(settings.recording, settings.choices)
    table = folder.path / f"{'outside' if asked.outside else 'planted'}-{asked.metric}.csv"
    done = pd.read_csv(table).to_dict("records") if table.exists() else []
    begun = {row["place"] for row in done}
    for place in sorted(set(range(asked.first, min(asked.first + asked.recordings, len(points)))) - begun):
        for row in rows(design, session, place, settings.seed, beyond=asked.outside):
            done.append({"place": place, **row})
            print(done[-1], flush=True)
        pd.DataFrame(done).to_csv(table, index=False)
    counted = pd.DataFrame(done)
    for kind, those in counted.groupby("kind") if asked.outside else [("networks of the family", counted)]:
        print(f"{kind}: {those['verdict'].value_counts().to_dict()}")
        for what in ("held", "within", "bounded", "wrong"):
            print(f"  {what}: {share(int(those[what].sum()), len(those))}")


if __name__ == "__main__":
    with one_thread():
        main()
