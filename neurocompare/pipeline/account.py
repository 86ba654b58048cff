"""The account of a run: how it was made, and what it cost."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from neurocompare.recordings import Recording, Trials
from neurocompare.stages import Stages
from neurocompare.tasks import Task


def account(settings: Any, recording: Recording, trials: Trials, task: Task, stages: Stages) -> dict[str, Any]:
    """How the run was made: what ``run.json`` holds."""
    from importlib.metadata import version

    selection = trials.selection
    per_condition = zip(trials.conditions.index, trials.trials_per_condition.tolist(), strict=True)
    return {
        "settings": asdict(settings),
        "recording": asdict(recording.provenance) | {"name": recording.name, "planted": dict(recording.planted)},
        "read": {
            "segments": [str(segment) for segment in recording.segments],
            "target": recording.target,
            "from_catalogue": [name for name in recording.reading.catalogued if hasattr(settings, name)],
            "notes": list(recording.notes),
        },
        "units": {
            "kept": len(selection.kept),
            "dropped_low_rate": [str(unit) for unit in selection.low_rate],
            "dropped_duplicates": [str(unit) for unit in selection.duplicates],
        },
        "trials": {
            "per_condition": {str(condition): count for condition, count in per_condition},
            "dropped": dict(trials.dropped),
        },
        "task": {"name": task.name, "samples": task.n_samples, "notes": list(task.notes)},
        "stages": stages.account(),
        "versions": {name: version(name) for name in ("neurocompare", "numpy", "scipy", "torch", "xarray", "pynwb")},
    }
