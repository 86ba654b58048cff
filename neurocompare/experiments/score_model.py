"""Score a model of the user's own against a recording, beside baselines and the recording's zoo."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from neurocompare.errors import InputError
from neurocompare.experiments.as_recorded import as_recorded
from neurocompare.experiments.gather import gather
from neurocompare.experiments.model_score import ModelScore
from neurocompare.experiments.session import DEFAULT_RUN, Session, open_session
from neurocompare.files import atomic, check_writable
from neurocompare.lock import locks
from neurocompare.metrics import METRICS
from neurocompare.metrics.metric import Metric
from neurocompare.models import Family, Zoo, draw_reservoir, external_model, load_zoo, respond
from neurocompare.models.external.model import check_model
from neurocompare.parallel import Workers, keep_workers, one_thread, spread
from neurocompare.ranking import Candidate, check_halves, kinematic_candidates, make_draws
from neurocompare.ranking.batches import BATCH, candidates_of, read_scores, score_batch, score_batches, write_scores
from neurocompare.recordings import Choices, Recording, Trials, average
from neurocompare.report import write_score_report
from neurocompare.responses import Responses, save_responses
from neurocompare.tasks.task import task_digest

STAGES = ("recording", "model", "scores", "networks scored", "nearest", "report")
"""Of a score, in order; what `progress` is called with."""

RESERVOIRS = 3
"""Untrained networks that the model is compared with."""

# First word of a seed, apart from those of the ranking.
_SUBSET = 101


@locks("out")
@keep_workers()
def score(
    model: Any,
    recording: str | os.PathLike[str] | Recording = "synthetic",
    *,
    run: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] | None = None,
    draws: int | None = None,
    time_step: float | None = None,
    choices: Choices | None = None,
    lead: float | None = None,
    bin_width: float | None = None,
    smoothing: float | None = None,
    metrics: Sequence[Metric] = METRICS,
    name: str | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    progress: Callable[[str, float, float], None] | None = None,
) -> ModelScore:
    """Say how a model does against a recording: scores with ceiling, nulls and intervals, and where it is on gamma.

    The model is seen as the recording would have seen it (`neurocompare.ranking.observe`), against the halves of the
    recording that its run uses, by the metrics of a run. Beside it are units that only follow the movement
    (`kinematic_candidates`), untrained networks (gamma 0), and the networks of the recording's zoo. Its nearest gamma
    is the answer of a ranking in which the model takes the place of the recording: as many units, trials and spikes of
    it. The interval of its score is over units and trials of the recording: of the model there is only one.

    Parameters
    ----------
    model : object
        An array (condition, time, unit) or a file of one (``.npy``, ``.npz``, ``.nc``, ``.mat``), an
        `xarray.DataArray`, a pynapple TsdTensor or TsdFrame, the folder of a zoo's network, a torch module (``nn.RNN``,
        ``GRU``, ``LSTM`` as they are; see `neurocompare.wrap`), a function from inputs (condition, time, channel) to
        activity (condition, time, unit), or ``"package.module:name"`` of one.
    recording : str, path-like or Recording
        ``"synthetic"``, a name of the catalogue, the path of an NWB file, or an opened recording.
    run : path-like, optional
        Folder of a run of this recording, or of a zoo for it. ``neurocompare-run`` in the working folder where None, if
        it is of this recording; without one, there is no nearest gamma.
    out : path-like, optional
        Folder for score.json, scores.csv, model.nc, recording.nc and report.html.
    draws : int, optional
        Resamples of units and trials, at least 20; as many as the run has where None.
    time_step : float, optional
        Of the task that a module is run on, s: what it was trained at. The run's where None.
    choices : Choices, optional
        What of the recording is read, where neither its layout nor its run is to say.
    lead, bin_width, smoothing : float, optional
        How it is read, in s; as the run did where None.
    metrics : sequence of Metric
    name : str, optional
        What to call the model.
    jobs : int, optional
        Processes, one thread each; all processors where None.
    dask : str, optional
        Address of a Dask scheduler whose workers do it instead, see `Workers`.
    progress : callable, optional
        Called as ``progress(stage, done, total)`` with a stage of `STAGES`.

    Returns
    -------
    ModelScore
        ``print`` shows it as a table.

    Raises
    ------
    InputError
        If the model or the recording cannot be used; the message says what is missing, and what to do.
    """
    workers = Workers(jobs, dask)
    say = progress or (lambda stage, done, total: None)

    def stage(of: str) -> Callable[[float, float], None]:
        say(of, 0, 1)
        return lambda done, total: say(of, done, total)

    if out is not None:
        check_writable(out)
    check_model(model)
    stage("recording")
    session = open_session(
        recording, run=run, time_step=time_step, choices=choices, lead=lead, bin_width=bin_width, smoothing=smoothing
    )
    draws, seed = session.settings["draws"] if draws is None else draws, session.settings["seed"]
    if draws < 20:
        message = f"expected at least 20 draws, found {draws}; with fewer no p is below 0.05"
        raise InputError(message)
    zoo = _zoo_of(session)
    say("recording", 1, 1)

    stage("model")
    counts = session.trials.counts
    found = external_model(
        model, session.task, time=counts["time"].values, bin_width=session.trials.bin_width, name=name, seed=seed
    )
    trials, notes = sized(session.trials, found.responses, seed=seed)
    check_halves(trials)
    candidates = [Candidate("model", np.nan, 0, 0, found.responses), *_baselines(session, seed)]
    say("model", 1, 1)

    scored = _score_candidates(trials, candidates, metrics, draws, seed, workers, stage("scores"))
    zoo_scores = near = None
    seen = as_recorded(found.responses, trials, seed=seed)
    if zoo is not None:
        folder = (session.run or zoo.folder) / "scores"
        settings = {"draws": draws, "seed": seed, "workers": workers}
        networks = candidates_of(zoo)
        zoo_scores = score_batches(trials, networks, metrics, folder, progress=stage("networks scored"), **settings)
        with tempfile.TemporaryDirectory() as temporary:
            kept = temporary if out is None else Path(out) / "scores"
            near = score_batches(seen, networks, metrics, kept, progress=stage("nearest"), **settings)

    result = gather(
        scored,
        zoo_scores,
        near,
        metrics=metrics,
        trials=(trials, seen),
        model=found.name,
        recording=session.recording.name,
        planted_gamma=dict(session.recording.planted).get("gamma"),
        model_units=found.responses.sizes["unit"],
        settings=_settings(session, draws),
        notes=(*found.notes, *notes, *session.notes, *_without_zoo(zoo, recording)),
        seed=seed,
    )
    if out is not None:
        stage("report")
        write_score(result, out, model=found.responses, recording=average(trials))
        say("report", 1, 1)
    return result


def write_score(result: ModelScore, folder: str | os.PathLike[str], *, model: Responses, recording: Responses) -> Path:
    """Leave a score in a folder, each file whole or not at all; returns the path of the report.

    Parameters
    ----------
    result : ModelScore
    folder : path-like
    model, recording : Responses
        What is drawn side by side.
    """
    folder = Path(folder)
    save_responses(model, folder / "model.nc")
    save_responses(recording, folder / "recording.nc")
    write_scores(result.table, folder / "scores.csv")
    with atomic(folder / "score.json") as temporary:
        temporary.write_text(json.dumps(result.to_json(), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return write_score_report(folder)


def _zoo_of(session: Session) -> Zoo | None:
    """Read the networks that the session's run scored, or those of a bare zoo."""
    if session.zoo is None:
        return None
    zoo = load_zoo(session.zoo)
    if session.run is not None:
        try:
            table = read_scores(session.run / "scores.csv")
        except OSError as error:
            message = (
                f"expected a finished run in {session.run}, found {error}; run the same command again to finish it"
            )
            raise InputError(message) from error
        return zoo.select(hash=sorted(set(table.loc[table["kind"] == "model", "network"])))
    if any(not task_digest(session.network_task).startswith(card.task) for card in zoo.cards):
        message = (
            f"expected networks for the task of {session.recording.name} in {session.zoo}, found some for another; "
            "make a zoo of this recording, or give the folder of its run"
        )
        raise InputError(message)
    return zoo


def _without_zoo(zoo: Zoo | None, recording: object) -> tuple[str, ...]:
    if zoo is not None:
        return ()
    called = recording if isinstance(recording, str | os.PathLike) else "RECORDING"
    return (
        f"There is no zoo to place the model on the gamma axis: `neurocompare run {called} --out {DEFAULT_RUN}` makes "
        "one in minutes; then score again.",
    )


def sized(trials: Trials, responses: Responses, *, seed: int) -> tuple[Trials, tuple[str, ...]]:
    """Leave out recorded units where the model has fewer than half of them: a draw sees as many of both.

    Parameters
    ----------
    trials : Trials
    responses : Responses
        Of the model; of several, the one of fewest units.
    seed : int
        Of which units are left out.

    Returns
    -------
    trials : Trials
    notes : tuple of str
        What was left out, in a sentence.
    """
    recorded, own = trials.counts.sizes["unit"], responses.sizes["unit"]
    if own >= recorded // 2:
        return trials, ()
    kept = np.sort(np.random.default_rng([_SUBSET, seed]).choice(recorded, 2 * own, replace=False))
    note = (
        f"The model has {own} units, fewer than half of the recording's {recorded}: everything was compared with "
        f"{2 * own} recorded units, chosen at random."
    )
    return replace(trials, counts=trials.counts.isel(unit=kept)), (note,)


@one_thread()
def _baselines(session: Session, seed: int) -> list[Candidate]:
    """Make the units that only follow the movement and the untrained networks, at the settings of the run."""
    settings = session.settings
    family = Family(g=settings["g"], tau=settings["tau"], beta=settings["beta"], n_units=settings["units"])
    reservoirs = []
    for index in range(RESERVOIRS):
        generator = torch.Generator().manual_seed(1000 * seed + index)
        network = draw_reservoir(session.network_task, family, generator=generator)
        responses = respond(network, session.network_task, source="untrained reservoir")[0]
        # Chains of their own: the nulls are computed for the network of chain 0, which is the model.
        reservoirs.append(Candidate("reservoir", np.nan, 1 + index, 0, responses))
    (kinematic,) = kinematic_candidates(session.network_task, reservoirs[:1], seed=seed)
    return [replace(kinematic, network="kinematic"), *reservoirs]


def _score_candidates(
    trials: Trials,
    candidates: Sequence[Candidate],
    metrics: Sequence[Metric],
    draws: int,
    seed: int,
    workers: Workers,
    progress: Callable[[float, float], None],
) -> pd.DataFrame:
    plans = make_draws(trials, candidates[:1], draws=draws, seed=seed)
    batches = [plans[first : first + BATCH] for first in range(0, draws, BATCH)]
    scoring = partial(score_batch, trials=trials, candidates=candidates, metrics=metrics)
    tables, done = {}, 0
    for batch, table in spread(scoring, batches, workers=workers):
        tables[batch[0].index] = table
        done += len(batch)
        progress(done, draws)
    return pd.concat([table for _, table in sorted(tables.items())], ignore_index=True)


def _settings(session: Session, draws: int) -> dict[str, Any]:
    from importlib.metadata import version

    named = ("g", "tau", "beta", "units", "lead", "bin_width", "smoothing", "min_rate", "seed")
    return {
        **{name: session.settings[name] for name in named},
        "from_catalogue": list(session.recording.reading.catalogued),
        "time_step": session.task.time_step,
        "draws": draws,
        "run": None if session.run is None else str(session.run),
        "recording_sha256": session.recording.provenance.sha256,
        "recording_version": session.recording.provenance.version,
        "recording_licence": session.recording.provenance.licence,
        "recording_citation": session.recording.provenance.citation,
        "versions": {name: version(name) for name in ("neurocompare", "numpy", "scipy", "torch", "xarray")},
    }
