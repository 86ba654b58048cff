"""A ranking of networks that are there already: an existing zoo against a recording."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from neurocompare.comparisons.reading import check_settings
from neurocompare.experiments.zoo_families import (
    ZooFamily,
    beta_follows_gamma,
    betas_of,
    families_in,
    is_matched,
    matched_networks,
)
from neurocompare.experiments.zoo_task import networks_folder, task_of_zoo
from neurocompare.files import atomic, write_json
from neurocompare.metrics import METRICS, Metric, get_metric
from neurocompare.models import Zoo, load_zoo
from neurocompare.models.states import listed
from neurocompare.pipeline import account, end_workers
from neurocompare.pipeline.settings import check_repetitions
from neurocompare.ranking import (
    Candidate,
    Nuisance,
    Ranking,
    check_halves,
    compare,
    nuisance_of,
    observation_of,
    observe,
    paper_protocol,
    ranking_json,
    sampling_of,
)
from neurocompare.ranking.batches import candidates_of, read_scores
from neurocompare.ranking.confounded import NUISANCE, PAPER, confounded
from neurocompare.ranking.nuisance import RankedSetting
from neurocompare.ranking.nuisance_json import nuisance_json
from neurocompare.ranking.paper_protocol import paper_json
from neurocompare.recordings import Choices, Trials, average, open_named, trials_of
from neurocompare.report import write_report
from neurocompare.responses import save_responses
from neurocompare.stages import Stages
from neurocompare.tasks import Task, save_task

_PAPER_NOTE = "Networks are those of the zoo, and produce what they were made for."


@dataclass(frozen=True)
class Settings:
    """Everything a ranking depends on beside zoo and recording; what ``run.json`` holds under ``settings``."""

    zoo: str
    recording: str
    metrics: tuple[str, ...]
    where: tuple[tuple[str, float], ...]
    draws: int
    seed: int
    bin_width: float | None
    smoothing: float | None
    min_rate: float
    choices: Choices
    match: str | None = None
    nuisance: bool = False
    protocol: str | None = None


def rank_zoo(
    zoo: str | os.PathLike[str],
    recording: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] = "neurocompare-ranking",
    metrics: Iterable[str] | None = None,
    where: Mapping[str, float] | None = None,
    draws: int = 80,
    seed: int = 0,
    jobs: int | None = None,
    bin_width: float | None = None,
    smoothing: float | None = None,
    min_rate: float = 1.0,
    choices: Choices | None = None,
    stream: bool = False,
    match: str | None = None,
    nuisance: bool = False,
    protocol: str | None = None,
    progress: Callable[[str, float, float], None] | None = None,
) -> Path:
    """Rank the gammas of an existing zoo against a recording; no network is made.

    A second call with the same arguments continues where the first stopped.

    Parameters
    ----------
    zoo : path-like
        A folder that `neurocompare zoo` or `neurocompare run` wrote. Its task must have the recording's conditions.
    recording : str or path-like
        ``"synthetic"``, a name of the catalogue, or the path of an NWB file; with `stream`, a name of the catalogue or
        the address of a file.
    out : path-like
        Folder for scores.csv, ranking.json, run.json, zoo.csv, recording.nc, task.nc and report.html.
    metrics : iterable of str, optional
        Names that `get_metric` knows, in order of preference; those of a run where None.
    where : mapping of str to float, optional
        Settings to choose networks by, where the zoo has several, such as ``{"g": 1.5}``.
    draws, seed, jobs, bin_width, smoothing, min_rate, choices, stream
        As those of `pipeline.run`.
    match : str, optional
        ``"fit"``: of a zoo that holds others too, rank the networks whose beta was chosen for equal fit.
    nuisance : bool
        Rank over all nuisance settings that the zoo has, and put them together in ``nuisance.json``; the middle one is
        the ranking itself.
    protocol : str, optional
        ``"paper"``: score the networks once more in sample, see `paper_protocol`.
    progress : callable, optional
        Called as ``progress(stage, done, total)``.

    Returns
    -------
    pathlib.Path
        The report, ``out/report.html``.

    Raises
    ------
    InputError
        If the zoo holds no networks, several families or no task, a metric is unknown, or the recording does not fit.
    """
    chosen = METRICS if metrics is None else tuple(get_metric(name) for name in dict.fromkeys(metrics))
    settings = Settings(
        zoo=os.fspath(zoo),
        recording=os.fspath(recording),
        metrics=tuple(metric.name for metric in chosen),
        where=tuple((where or {}).items()),
        draws=draws,
        seed=seed,
        bin_width=bin_width,
        smoothing=smoothing,
        min_rate=min_rate,
        choices=choices or Choices(),
        match=match,
        nuisance=nuisance,
        protocol=protocol,
    )
    check_settings(
        metrics=settings.metrics,
        draws=draws,
        jobs=jobs,
        seed=seed,
        bin_width=bin_width,
        smoothing=smoothing,
        min_rate=min_rate,
    )
    check_repetitions(match, protocol)
    out, stages = Path(out), Stages(progress)
    with stages.stage("zoo"):
        found = load_zoo(networks_folder(zoo)).select(**dict(settings.where))
        found = matched_networks(found) if match else found
        task = task_of_zoo(found)
        families = families_in(found) if nuisance else ()
        found = families[0].zoo if families else found
        candidates = candidates_of(found)
    with stages.stage("recording"):
        opened = open_named(settings.recording, settings.choices, stream=stream)
        opened = opened.read_with(bin_width=bin_width, smoothing=smoothing)
        settings = replace(settings, bin_width=opened.reading.bin_width, smoothing=opened.reading.smoothing)
        trials = trials_of(opened, min_rate=min_rate)
        check_halves(trials)
        _check_fits(candidates[0], trials)
    with stages.stage("scores") as advance:
        save_responses(average(trials), out / "recording.nc")
        save_task(task, out / "task.nc")
        with atomic(out / "zoo.csv") as temporary:
            listed(found).to_csv(temporary, index=False)

        def rank_in(folder: Path, networks: Zoo, advance: Callable[[float, float], None]) -> Ranking:
            return compare(
                trials,
                candidates_of(networks),
                chosen,
                folder,
                task=task,
                settings=_held_at(settings, networks, task),
                recordings=[opened.name],
                planted_gamma=dict(opened.planted).get("gamma"),
                fit=networks.fit(),
                draws=draws,
                seed=seed,
                jobs=jobs,
                progress=advance,
            )

        ranking = rank_in(out, found, advance)
        end_workers()
    over = _over_families(families, ranking, rank_in, chosen, out, stages, seed) if families else None
    if protocol:
        with stages.stage("paper scores"):
            scores = paper_protocol(trials, candidates, chosen, seed=seed)
            write_json(paper_json(scores, target=None, note=_PAPER_NOTE), out / PAPER)
    if over or protocol:
        ranking = confounded(ranking, nuisance=over, paper=bool(protocol))
        write_json(ranking_json(ranking), out / "ranking.json")
    with stages.stage("report"):
        write_json(account(settings, opened, trials, task, stages), out / "run.json")
        report = write_report(out, zoo=found.folder)
    write_json(account(settings, opened, trials, task, stages), out / "run.json")
    return report


def _over_families(
    families: Sequence[ZooFamily],
    ranking: Ranking,
    rank_in: Callable[[Path, Zoo, Callable[[float, float], None]], Ranking],
    metrics: Sequence[Metric],
    out: Path,
    stages: Stages,
    seed: int,
) -> Nuisance:
    """Rank every family but the first, which is ranked already, and put all together in ``nuisance.json``."""
    ranked = [RankedSetting(families[0].name, families[0].values, ranking, read_scores(out / "scores.csv"))]
    with stages.stage("nuisance scores") as advance:
        for place, family in enumerate(families[1:]):
            folder = out / "nuisance" / family.folder

            def part(done: float, total: float, place: int = place) -> None:
                advance(place + done / total, len(families) - 1)

            found = rank_in(folder, family.zoo, part)
            ranked.append(RankedSetting(family.name, family.values, found, read_scores(folder / "scores.csv")))
        end_workers()
    nuisance = nuisance_of(ranked, metrics=metrics, seed=seed)
    write_json(nuisance_json(nuisance), out / NUISANCE)
    return nuisance


def _check_fits(network: Candidate, trials: Trials) -> None:
    """Refuse networks that cannot be seen as the recording is, before anything is written."""
    observe(network.responses, like=observation_of(trials), units=sampling_of(trials).units_drawn, seed=0, noise=False)


def _held_at(settings: Settings, zoo: Zoo, task: Task) -> dict[str, Any]:
    """Return what the ranking holds at: what all networks share, and how the recording was read."""
    shared = {}
    for name in ("g", "tau", "beta", "input_scale", "private_noise", "n_units"):
        values = {getattr(card, name) for card in zoo.cards if card.gamma > 0} or {getattr(zoo.cards[0], name)}
        if len(values) == 1:
            shared["units" if name == "n_units" else name] = values.pop()
    if beta_follows_gamma(zoo):
        shared = {name: value for name, value in shared.items() if name != "beta"}
        shared |= {"match": "fit" if is_matched(zoo) else None, "betas": betas_of(zoo)}
    read = {name: getattr(settings, name) for name in ("bin_width", "smoothing", "min_rate", "seed", "draws")}
    scale = {"target_scale": task.target_scale, "target_unit": task.target_unit, "time_step": task.time_step}
    return shared | scale | read
