"""Score a model of the user's own against a recording, beside baselines and the recording's zoo."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from neurocompare.account import PACKAGES
from neurocompare.errors import InputError
from neurocompare.files import check_writable
from neurocompare.lock import locks
from neurocompare.metrics import get_metric
from neurocompare.metrics.metric import Metric
from neurocompare.models import Zoo, draw_reservoir, external_model, load_zoo, respond
from neurocompare.models.external.model import check_model
from neurocompare.parallel import Workers, keep_workers, one_thread
from neurocompare.ranking import Candidate, check_halves, kinematic_candidates
from neurocompare.ranking.batches import candidates_of, read_scores, score_batches, write_scores
from neurocompare.ranking.model_score import ModelScore
from neurocompare.recordings import Trials, average
from neurocompare.records import save_record
from neurocompare.report import write_score_report
from neurocompare.responses import Responses, save_responses
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Choices, Family, Scoring
from neurocompare.stages import Progress
from neurocompare.streams import Purpose, stream, torch_stream
from neurocompare.tasks.task import task_digest
from neurocompare.workflows.as_recorded import as_recorded
from neurocompare.workflows.gather import gather
from neurocompare.workflows.session import DEFAULT_RUN, Beside, Source, open_beside

STAGES = ("recording", "model", "scores", "networks scored", "nearest", "report")
"""Of a score, in order; what `progress` is called with."""

RESERVOIRS = 3
"""Untrained networks that the model is compared with."""

# First word of a seed, apart from those of the ranking.
_SUBSET = 101


@locks("out")
@keep_workers()
@locks("out")
def score(
    model: Any,
    recording: Source = "synthetic",
    *,
    run: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] | None = None,
    choices: Choices | None = None,
    scoring: Scoring | None = None,
    metrics: Sequence[Metric] | None = None,
    name: str | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
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
    choices : Choices, optional
        What of the recording is read, where neither the file nor its run is to say. Its time step is that of the task
        which a module is run on: what it was trained at.
    scoring : Scoring, optional
        What is left open is as in the run.
    metrics : sequence of Metric, optional
        In place of those of `scoring`: for metrics of one's own.
    name : str, optional
        What to call the model.
    workers : Workers, optional
        Where the work is done.
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
    say, workers = progress or (lambda stage, done, total: None), workers or Workers()

    def stage(of: str) -> Callable[[float, float], None]:
        say(of, 0, 1)
        return lambda done, total: say(of, done, total)

    if out is not None:
        check_writable(out)
    check_model(model)
    stage("recording")
    beside = open_beside(recording, choices, run=None if run is None else Path(run))
    session, made = beside.session, None if beside.account is None else beside.account.settings
    scoring = (scoring or Scoring()).over(None if made is None else made.scoring)
    chosen = tuple(get_metric(each) for each in scoring.metrics) if metrics is None else tuple(metrics)
    draws, seed = scoring.draws, 0 if made is None else made.seed
    family = (made and made.family) or Family()
    zoo = _zoo_of(beside)
    say("recording", 1, 1)

    stage("model")
    counts = session.trials.counts
    found = external_model(
        model, session.task, time=counts["time"].values, bin_width=session.trials.bin_width, name=name, seed=seed
    )
    trials, notes = sized(session.trials, found.responses, seed=seed)
    check_halves(trials)
    own = [Candidate("model", np.nan, 0, 0, found.responses)]
    baselines = _baselines(beside, family, seed)
    say("model", 1, 1)

    networks = () if zoo is None else candidates_of(zoo)
    seen = as_recorded(found.responses, trials, rng=stream(Purpose.AS_RECORDED, seed))
    settings = {"draws": draws, "seed": seed, "noise": not scoring.noise_free, "workers": workers}
    zoo_scores = near = None
    with tempfile.TemporaryDirectory() as temporary:
        kept = Path(temporary) if out is None else RunFolder(Path(out)).batches
        scored = score_batches(
            trials, [*own, *baselines], chosen, kept, disturbed=own, progress=stage("scores"), **settings
        )
        if zoo is not None:
            of_run = RunFolder(beside.run or zoo.folder).batches
            zoo_scores = score_batches(trials, networks, chosen, of_run, progress=stage("networks scored"), **settings)
            near = score_batches(seen, networks, chosen, kept, progress=stage("nearest"), **settings)

    result = gather(
        scored,
        zoo_scores,
        near,
        metrics=chosen,
        trials=(trials, seen),
        model=found.name,
        recording=session.recording.name,
        planted_gamma=dict(session.recording.planted).get("gamma"),
        model_units=found.responses.sizes["unit"],
        settings=_settings(beside, family, draws, seed),
        notes=(*found.notes, *notes, *beside.notes, *_without_zoo(zoo, recording)),
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
    if result.table is not None:
        write_scores(result.table, folder / "scores.csv")
    save_record(result, folder / "score.json")
    return write_score_report(folder)


def _zoo_of(beside: Beside) -> Zoo | None:
    """Read the networks that the run scored, or those of a bare zoo."""
    if beside.zoo is None:
        return None
    zoo = load_zoo(beside.zoo)
    if beside.run is not None:
        try:
            table = read_scores(RunFolder(beside.run).scores)
        except OSError as error:
            message = f"expected a finished run in {beside.run}, found {error}; run the same command again to finish it"
            raise InputError(message) from error
        return zoo.select(hash=sorted(set(table.loc[table["kind"] == "model", "network"])))
    if any(not task_digest(beside.network_task).startswith(card.task) for card in zoo.cards):
        message = (
            f"expected networks for the task of {beside.session.recording.name} in {beside.zoo}, found some for "
            "another; make a zoo of this recording, or give the folder of its run"
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
    kept = np.sort(stream(Purpose.FEWER_UNITS, seed).choice(recorded, 2 * own, replace=False))
    note = (
        f"The model has {own} units, fewer than half of the recording's {recorded}: everything was compared with "
        f"{2 * own} recorded units, chosen at random."
    )
    return replace(trials, counts=trials.counts.isel(unit=kept)), (note,)


@one_thread()
def _baselines(beside: Beside, family: Family, seed: int) -> list[Candidate]:
    """Make the units that only follow the movement and the untrained networks, at the settings of the run."""
    task, reservoirs = beside.network_task, []
    for index in range(RESERVOIRS):
        generator = torch_stream(Purpose.UNTRAINED, seed, index)
        network = draw_reservoir(task, family, generator=generator)
        responses = respond(network, task, source="untrained reservoir")[0]
        # Chains of their own: the nulls are computed for the network of chain 0, which is the model.
        reservoirs.append(Candidate("reservoir", np.nan, 1 + index, 0, responses))
    (kinematic,) = kinematic_candidates(task, reservoirs[:1], seed=seed)
    return [replace(kinematic, network="kinematic"), *reservoirs]


def _settings(beside: Beside, family: Family, draws: int, seed: int) -> dict[str, Any]:
    from importlib.metadata import version

    choices, recording = beside.session.choices, beside.session.recording
    return {
        **{name: getattr(family, name) for name in ("g", "tau", "beta")},
        "units": family.n_units,
        **{name: getattr(choices, name) for name in ("lead", "bin_width", "smoothing", "min_rate")},
        "seed": seed,
        "from_catalogue": list(recording.reading.catalogued),
        "time_step": beside.session.task.time_step,
        "draws": draws,
        "run": None if beside.run is None else str(beside.run),
        **{f"recording_{name}": getattr(recording.provenance, name)
           for name in ("sha256", "version", "licence", "citation")},
        "versions": {name: version(name) for name in PACKAGES},
    }  # fmt: skip
