"""Finished explorations, and which compare: of one recording under several tasks, or of several under one design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pandas as pd

from neurocompare.account import Account, read_account
from neurocompare.errors import InputError, first_few
from neurocompare.ranking.exploration import Exploration
from neurocompare.ranking.score_arrays import used_rows
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Choices, Family, Networks, declared
from neurocompare.tasks.task import task_digest
from neurocompare.workflows.explore import open_exploration
from neurocompare.workflows.finished import finished_scores
from neurocompare.workflows.session import TIME_STEP, Session

OF_TASK = ("target", "behavior", *Choices.CUES, "lag", "time_step", "stream")
"""Choices that say what networks are to do, or where a recording is read from: all others must be the same."""


@dataclass(frozen=True)
class Explored:
    """A finished exploration: where it lies, what came of it, how it was made, and every score."""

    folder: Path
    exploration: Exploration
    account: Account
    scores: pd.DataFrame

    @property
    def name(self) -> str:
        """Of the recording."""
        return self.exploration.recording


def finished_exploration(folder: Path) -> Explored:
    """Read what an exploration left.

    Raises
    ------
    InputError
        If something is missing, or it is of several recordings.
    """
    exploration, files = open_exploration(folder), RunFolder(folder).holding_exploration
    if exploration.pooled is not None:
        message = (
            f"expected an exploration of one recording, found one of several in {folder}; give what it was made of"
        )
        raise InputError(message)
    scores = finished_scores(files, "exploration")
    return Explored(folder, exploration, read_account(files.path), scores)


def common_metrics(explored: Sequence[Explored]) -> tuple[str, ...]:
    """Return the metrics that all explorations have, in the order of the first.

    Raises
    ------
    InputError
        If there is none by which points of all were scored.
    """
    names = [{name for name, each in one.exploration.metrics.items() if each.points} for one in explored]
    common = tuple(name for name in explored[0].exploration.metrics if all(name in each for each in names))
    if not common:
        raise InputError("expected explorations with a metric in common that could be computed, found none")
    return common


def check_read_alike(explored: Sequence[Explored]) -> None:
    """Refuse explorations that are not of the same units, trials and windows of one recording.

    Raises
    ------
    InputError
    """
    first, *others = explored
    for other in others:
        if differs := differs_in(first.account, other.account):
            raise InputError(
                f"expected explorations of one recording, read in one way, found another {differs} in "
                f"{other.folder} than in {first.folder}; explore again with the same"
            )


def check_whole(explored: Sequence[Explored], metrics: Sequence[str]) -> None:
    """Refuse tables of scores that are not those of their exploration, such as half of one.

    Raises
    ------
    InputError
    """
    for each, name in product(explored, metrics):
        adequacy = each.exploration.metrics[name].adequacy
        rows = used_rows(each.scores, name, "unit").rows
        highest = rows[rows["kind"] == "model"].groupby("gamma")["score"].mean().max()
        if adequacy is not None and not abs(highest - adequacy.score) < 1e-6:
            raise InputError(
                f"expected the scores by {name} of the exploration in {each.folder}, found others in scores.csv; run "
                "the same command again to write it anew"
            )


def check_one_design(explored: Sequence[Explored]) -> None:
    """Refuse explorations whose points are not at the same settings: nothing could be shared between them.

    Raises
    ------
    InputError
    """
    first, *others = explored
    for other in others:
        here, there = (_settings_of(each.exploration) for each in (first, other))
        if here != there:
            raise InputError(
                f"expected explorations of one design, found other points in {other.folder} than in {first.folder}; "
                "explore both with the same --explore options and --seed"
            )


def _settings_of(exploration: Exploration) -> list[object]:
    names = ("gamma", *(each.setting for each in exploration.over))
    points = [tuple(getattr(point, name) for name in names) for point in exploration.points]
    return [exploration.over, exploration.gammas, points]


def check_tasks_differ(explored: Sequence[Explored], sessions: Sequence[Session | None]) -> None:
    """Refuse two explorations of one task, be it by its default in one and by its name in the other.

    Raises
    ------
    InputError
    """
    tasks: dict[tuple[object, ...], Path] = {}
    lag = next((session.choices.lag for session in sessions if session is not None), None)
    for each, session in zip(explored, sessions, strict=True):
        choices = each.account.settings.choices
        task = (each.account.recording.target, choices.cue, choices.trigger)
        if session is not None:  # with everything the same that a design varies of a task
            task = (task_digest(session.task_at(lag=lag, time_step=TIME_STEP)),)
        if task in tasks:
            raise InputError(
                f"expected a task of its own of each exploration, found one in {tasks[task]} and in {each.folder}; "
                "explore one of them with another --target, --behavior or --cue, or with --trigger"
            )
        tasks[task] = each.folder


def differs_in(one: Account, other: Account) -> str:
    """Say in what two accounts are not of the same units, trials and windows; nothing where they are."""
    here, there = one.recording, other.recording
    if (here.provenance.sha256 or here.name) != (there.provenance.sha256 or there.name):
        return "recording"
    if here.segments != there.segments:
        return "window"
    if (one.used.units, one.used.low_rate, one.used.duplicates) != (
        other.used.units, other.used.low_rate, other.used.duplicates
    ):  # fmt: skip
        return "choice of units"
    if one.used.trials != other.used.trials:
        return "choice of trials"
    mine, yours = (each.settings.choices.without(*OF_TASK) for each in (one, other))
    names = [name for name in vars(mine) if getattr(mine, name) != getattr(yours, name)]
    if names:
        return names[0].replace("_", " ")
    scored, too = one.settings.scoring, other.settings.scoring
    if (scored.draws, scored.noise_free, one.settings.seed) != (too.draws, too.noise_free, other.settings.seed):
        return "number of resamples, noise or seed"
    return ""


def cautions_on(explored: Sequence[Explored]) -> list[str]:
    """Say what else than their tasks may make explorations differ."""
    cautions = []
    if any(each.account.quick for each in explored):
        cautions.append("Some are quick explorations, to see the path: no number here is to be trusted.")
    designs = [each.account.settings.exploring for each in explored]
    if any(design != designs[0] for design in designs):
        cautions.append("Designs differ in size or ranges: one with more of them has more chances to be alike.")
    settings = [each.account.settings for each in explored]
    made = ([each.family or Family() for each in settings], [each.networks or Networks() for each in settings])
    names = [
        about.option or name for records in made for name, (_, about) in declared(type(records[0])).items()
        if name != "device" and len({getattr(record, name) for record in records}) > 1
    ]  # fmt: skip
    if names:
        named = first_few([name.replace("_", " ") for name in names], 4)
        cautions.append(f"Networks differ in more than their task ({named}): so may likenesses, for that reason alone.")
    return cautions
