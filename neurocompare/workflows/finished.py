"""Finished rankings: what `neurocompare run` and `neurocompare rank` left of one recording, read to be pooled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import pandas as pd

from neurocompare.account import Account, PooledAccount, made_now, read_account
from neurocompare.errors import InputError
from neurocompare.ranking import Axis, Ranking
from neurocompare.ranking.batches import read_scores
from neurocompare.recordings import Trials
from neurocompare.records import load_record
from neurocompare.run_folder import RunFolder
from neurocompare.settings import digest_of
from neurocompare.workflows.session import open_session


@dataclass(frozen=True)
class Finished:
    """A finished ranking of one recording: its folder, ranking.json, run.json and scores.csv."""

    folder: Path
    ranking: Ranking
    account: Account
    scores: pd.DataFrame

    @property
    def name(self) -> str:
        """Of the recording."""
        return self.ranking.recordings[0]


def finished_in(folder: Path) -> Finished:
    """Read a finished ranking of one recording.

    Raises
    ------
    InputError
        If something is missing, or the ranking is of several recordings.
    """
    ranking = load_record(Ranking, RunFolder(folder).ranking)
    if ranking.pooled is not None or len(ranking.recordings) != 1:
        message = f"expected rankings of one recording each, found one of several in {folder}; give what it was made of"
        raise InputError(message)
    return Finished(folder, ranking, read_account(folder), finished_scores(RunFolder(folder), "ranking"))


def finished_scores(files: RunFolder, kind: str) -> pd.DataFrame:
    """Read scores.csv of a finished run, ranking or exploration, as `kind` says.

    Raises
    ------
    InputError
        If there is none, or it cannot be read.
    """
    try:
        scores = read_scores(files.scores)
        _ = scores["gamma"], scores["kind"]
    except (OSError, ValueError, KeyError) as error:
        reason = "no scores.csv" if isinstance(error, FileNotFoundError) else error
        message = f"expected a finished {kind} in {files.path}, found {reason}; run the same command again to finish it"
        raise InputError(message) from error
    return scores


def axis_of_all(finished: Sequence[Finished]) -> Axis:
    """Return what all were ranked along.

    Raises
    ------
    InputError
        If there are fewer than two rankings, or axes differ.
    """
    if len(finished) < 2:
        raise InputError(f"expected at least two finished rankings to pool, found {len(finished)}")
    axes = [each.ranking.axis for each in finished]
    names = [axis.name for axis in axes]
    if len(set(names)) > 1:
        raise InputError(f"expected rankings along one axis, found {', '.join(dict.fromkeys(names))}")
    return axes[0]


class OfRecording(Protocol):
    """What lies in a folder and is of one recording: a finished ranking, or an exploration."""

    @property
    def folder(self) -> Path:
        """Where it lies."""
        ...

    @property
    def account(self) -> Account:
        """How it was made."""
        ...

    @property
    def name(self) -> str:
        """Of the recording."""
        ...


def pooled_account(finished: Sequence[OfRecording], resamples: int, seed: int) -> PooledAccount:
    """Give the account of what is being pooled of finished rankings, or explorations."""
    return PooledAccount(
        rankings=tuple(str(each.folder) for each in finished),
        recordings=tuple(each.account.recording for each in finished),
        resamples=resamples,
        seed=seed,
        quick=any(each.account.quick for each in finished),
        made=made_now(),
    )


def names_of(finished: Sequence[OfRecording]) -> list[str]:
    """Name each recording once.

    Raises
    ------
    InputError
        If one is there twice, read in the same way: it would count as two.
    """
    seen: dict[str, Path] = {}
    for each in finished:
        made_from, choices = each.account.recording.provenance, each.account.settings.choices
        key = digest_of([made_from.sha256 or made_from.path or each.name, choices.selected])
        if key in seen:
            raise InputError(
                f"expected every recording once, found {each.name} in {seen[key]} and in {each.folder}; counted "
                "twice it would look surer than it is"
            )
        seen[key] = each.folder
    names = [each.name for each in finished]
    return [
        name if names.count(name) == 1 else f"{name} ({_label(each.folder)})"
        for name, each in zip(names, finished, strict=True)
    ]


def _label(folder: Path) -> str:
    return folder.parent.name if folder == RunFolder(folder.parent).explored.path else folder.name


@dataclass(frozen=True)
class NamedMetric:
    """What a ranking must know of a metric: a user's own function is known to a file by no more."""

    name: str
    range: tuple[float, float] | None


def metrics_of(finished: Sequence[Finished]) -> list[NamedMetric]:
    """Return the metrics that all rankings have, in the order of the first.

    Raises
    ------
    InputError
        If they have none in common.
    """
    first, *others = (each.ranking.metrics for each in finished)
    common = [NamedMetric(name, entry.range) for name, entry in first.items() if all(name in each for each in others)]
    if not common:
        listed = "; ".join(f"{each.folder} has {', '.join(each.ranking.metrics)}" for each in finished)
        raise InputError(f"expected rankings with a metric in common, found none: {listed}")
    return common


def reopened(finished: Mapping[str, Finished]) -> tuple[dict[str, Trials], list[str]]:
    """Read the recordings once more, as they were ranked; says which could not be."""
    trials, notes = {}, []
    for name, each in finished.items():
        source, settings = each.account.recording.provenance.path, each.account.settings
        choices = replace(settings.choices, stream=source.startswith("http"))
        try:
            trials[name] = open_session(source, choices).trials
        except InputError as error:
            notes.append(f"{name} could not be read again to be the model of another recording: {error}.")
    return trials, notes
