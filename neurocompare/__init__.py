"""Ask how much of a brain circuit's connectivity is learned structure, and how much is disorder.

`run` does a whole comparison, `score` compares a model of your own; the rooms hold their parts:
`neurocompare.recordings`, `tasks`, `models`, `theory`, `dynamics`, `metrics`, `ranking` and `report`.
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"

# Where each public name lives. They are imported when first used: a command that only reads files need not load torch.
_HOMES = {
    "Checks": "settings",
    "Choices": "settings",
    "Family": "settings",
    "Draw": "models",
    "FinishedRun": "workflows.finished_run",
    "InputError": "errors",
    "Networks": "settings",
    "Planting": "settings",
    "Recording": "recordings",
    "Responses": "responses",
    "Scoring": "settings",
    "Solving": "settings",
    "Task": "tasks",
    "Trials": "recordings",
    "Workers": "settings",
    "ZooPlan": "models",
    "average": "recordings",
    "datasets": "recordings.catalogue",
    "export_task": "tasks",
    "fetch": "recordings",
    "ideal_reach": "tasks",
    "load_responses": "responses",
    "load_zoo": "models",
    "make_responses": "responses",
    "make_task": "tasks",
    "make_zoo": "models",
    "mean_field": "theory",
    "muscles": "tasks",
    "open_recording": "recordings",
    "open_run": "workflows.finished_run",
    "oscillation": "tasks",
    "pool_rankings": "workflows.pool",
    "rank_family": "workflows.rank_family",
    "rank_zoo": "workflows.rank_zoo",
    "reach_task": "tasks",
    "recover": "workflows.recovery",
    "run": "workflows.run",
    "stream_recording": "recordings",
    "save_responses": "responses",
    "score": "workflows.score",
    "thin_task": "tasks",
    "trials_of": "recordings",
    "wrap": "models",
}

_ROOMS = ("dynamics", "metrics", "models", "ranking", "recordings", "report", "settings", "tasks", "theory")

__all__ = ["__version__", *_HOMES, *_ROOMS]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(f"neurocompare.{_HOMES[name]}"), name)
    if name in _ROOMS:
        return import_module(f"neurocompare.{name}")
    message = f"module 'neurocompare' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted(__all__)
