"""Does an exploration bound the gamma that is least unlike a recording? Recordings of which the answer is known.

Run with

    python tests/benchmarks/planted_explorations.py FOLDER [--recordings 20] [--first 0] [--metric cka]
        [--outside | --zoo FOLDER | --twice]

where FOLDER is what `neurocompare run --explore --out FOLDER` left. One network after the other, of points in the order
of the design, is recorded with the units, rates and trials of the recording, and explored with the networks of all
other points: the settings it was made with are unknown then, as a circuit's are. The right gamma is its own. With
--outside, the populations of `outside_populations` that are made beside it take its place, which no network of the
family is: the right gamma is that of an exploration of the same population with all units and eight times the trials.
With --zoo, the networks of that folder do, made for the same task in another way (`neurocompare zoo synthetic --method
gradient-descent`, or `--nonlinearity relu`). With --twice, each network is recorded twice, with other units and trials:
the two are pooled, and their gammas, which are the same, compared at settings that they share.

A row a recording goes to FOLDER/exploration/planted-METRIC.csv (or outside, the zoo's name, twice); what is there is
not computed again. At the end the shares are printed whose interval, and whose bounds, hold the right gamma, of how
many a gamma is named, or bounded, wrongly, and how often two recordings of one network are told apart. Bounds are told
on the grid: a truth between two of its gammas counts as held where the nearer one is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
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
from neurocompare.ranking.pool import Scored
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

    def scored(self, planted: Trials, without: int, *, draws: int = DRAWS, name: str = "planted") -> Scored:
        """Score the networks of all points but one against a recording."""
        candidates = [
            replace(each, gamma=float(number))
            for number, other in enumerate(self.others(without))
            for each in self.networks[other]
        ]
        metric, plans = get_metric(self.metric), make_draws(planted, candidates, draws=draws, seed=without)
        scores = pd.concat([score_draw(plan, planted, candidates, [metric]) for plan in plans], ignore_index=True)
        return Scored(name, scores, sampling_of(planted))

    def explore(self, recordings: Sequence[Scored], without: int) -> Exploration:
        """Explore recordings, or one, with the networks of all points but one."""
        points = [self.points[other] for other in self.others(without)]
        return explored(recordings, points, self.exploring, metrics=[get_metric(self.metric)], seed=without)

    def answer(self, planted: Trials, without: int, *, draws: int = DRAWS) -> MetricExploration:
        """Return what the metric says of one recording."""
        return self.explore([self.scored(planted, without, draws=draws)], without).metrics[self.metric]

    def others(self, without: int) -> list[int]:
        """Return the places of all points but one."""
        return [at for at in range(len(self.points)) if at != without]

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


def rows(
    design: Design, session: Session, place: int, seed: int, beyond: Mapping[str, Responses]
) -> Iterator[dict[str, object]]:
    """Explore the network of a place, recorded, or populations beyond the family."""
    trials, network = session.trials, design.networks[place][0]

    def recorded(responses: Responses, **more: object) -> Trials:
        return as_recorded(responses, trials, rng=stream(Purpose.PLANTED_RECORDING, seed, place), **more)

    if not beyond:
        yield design.row(design.answer(recorded(network.responses), place), design.points[place].gamma)
        return
    repeats = MANY * trials.trials_per_condition
    for kind, responses in beyond.items():
        full = recorded(responses, units=responses.sizes["unit"], repeats=repeats)
        right = design.answer(full, place, draws=FEW).ranking.best_gamma
        answer = design.answer(recorded(responses), place)
        if right is None:
            yield {"kind": kind, "verdict": answer.ranking.verdict, "wrong": False}
        else:
            yield {"kind": kind, **design.row(answer, right)}


def twice(design: Design, session: Session, place: int, seed: int) -> dict[str, object]:
    """Record the network of a place twice, and compare the gammas of the two recordings at settings that they share."""
    network, recordings = design.networks[place][0], []
    for which in (1, 2):
        rng = stream(Purpose.PLANTED_RECORDING, seed, place, which)
        planted = as_recorded(network.responses, session.trials, rng=rng)
        recordings.append(design.scored(planted, place, name=f"session {which}"))
    pooled = design.explore(recordings, place)
    (shift,) = pooled.pooled.shifts if pooled.pooled else ()
    said = {"difference": shift.difference, "shift_low": shift.low, "shift_high": shift.high, "shift_sure": shift.sure}
    return design.row(pooled.metrics[design.metric], design.points[place].gamma) | said


def main() -> None:
    """Plant, explore, and count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--recordings", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="point of the design that comes first")
    parser.add_argument("--metric", default="cka")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--outside", action="store_true", help="populations that no network of the family is")
    which.add_argument("--zoo", type=Path, help="networks made in another way")
    which.add_argument("--twice", action="store_true", help="each network recorded twice, pooled and compared")
    asked = parser.parse_args()
    folder = RunFolder(asked.folder).explored
    settings = read_account(folder.path).settings
    points = load_record(Exploration, folder.exploration).points
    design = Design(settings.exploring or Exploring(), points, networks_at(folder), asked.metric)
    session = open_session(settings.recording, settings.choices)
    others = candidates_of(load_zoo(asked.zoo)) if asked.zoo else ()
    kind = "outside" if asked.outside else asked.zoo.name if asked.zoo else "twice" if asked.twice else "planted"
    table = folder.path / f"{kind}-{asked.metric}.csv"
    done = pd.read_csv(table).to_dict("records") if table.exists() else []
    begun = {row["place"] for row in done}
    last = min(asked.first + asked.recordings, len(others) or len(points))
    for place in sorted(set(range(asked.first, last)) - begun):
        if asked.twice:
            found = [twice(design, session, place, settings.seed)]
        else:
            beyond = outside(design.networks[place][0], session.task, seed=place) if asked.outside else {}
            if others:
                beyond = {f"{kind}, gamma {others[place].gamma:g}": others[place].responses}
            found = rows(design, session, place, settings.seed, beyond)
        for row in found:
            done.append({"place": place, **row})
            print(done[-1], flush=True)
        pd.DataFrame(done).to_csv(table, index=False)
    counted = pd.DataFrame(done)
    for name, those in counted.groupby("kind") if asked.outside else [(f"networks: {kind}", counted)]:
        print(f"{name}: {those['verdict'].value_counts().to_dict()}")
        for what in ("held", "within", "bounded", "wrong", *(("shift_sure",) if asked.twice else ())):
            print(f"  {what}: {share(int(those[what].sum()), len(those))}")


if __name__ == "__main__":
    with one_thread():
        main()
