"""A recovery beside a finished run: what the run's own ranking is worth."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from neurocompare.errors import InputError
from neurocompare.experiments.recovery.extent import Extent, check_extent, checked, in_haste, in_order
from neurocompare.experiments.recovery.recover import recovered
from neurocompare.experiments.zoo_task import networks_folder
from neurocompare.models import Sampling, load_zoo
from neurocompare.recordings import Choices, open_named
from neurocompare.report import write_report
from neurocompare.stages import Stages


def recover_run(
    folder: str | os.PathLike[str],
    *,
    quick: bool = False,
    jobs: int | None = None,
    progress: Callable[[str, float, float], None] | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Put a recovery beside a finished run: its recording, networks, metrics and draws; its report then quotes it.

    Parameters
    ----------
    folder : path-like
        What `neurocompare run` or `neurocompare rank` wrote into.
    quick, jobs, progress
        See `recover`.
    **settings
        ``runs``, ``sizes``, ``gammas``, ``nuisance``, ``metrics``, ``draws``, ``chains``, ``members``, ``units``,
        ``trials`` and ``seed`` of `recover`.

    Returns
    -------
    dict
        What ``folder/recovery.json`` holds.

    Raises
    ------
    InputError
        If there is no finished run in `folder`.
    """
    folder = Path(folder)
    made = _settings_of(folder)
    sampling = Sampling(**made["sampling"]) if "sampling" in made else Sampling()
    given = {name: value for name, value in settings.items() if value is not None}
    if "sizes" in given:
        given["sizes"] = in_order(given["sizes"])
    if "gammas" in given:
        given["gammas"] = checked(given["gammas"])
    names = tuple(given.pop("metrics", made.get("metrics", Extent.metrics)))
    extent = replace(Extent(draws=made["draws"], sampling=sampling, metrics=names), **given)
    if quick:
        extent = in_haste(extent)
    stages = Stages(progress)
    check_extent(extent, jobs, folder)
    with stages.stage("recording"):
        beside = folder / "zoo"
        zoo = load_zoo(beside if beside.is_dir() else networks_folder(made["zoo"])).select(
            **dict(made.get("where", ()))
        )
        reading = {name: made.get(name) for name in ("lead", "bin_width", "smoothing")}
        if "gammas" in made:
            zoo = zoo.select(gamma=made["gammas"])
        opened = open_named(made["recording"], Choices.saved(made.get("choices"))).read_with(**reading)
    recovery = recovered(opened, made.get("min_rate", 1.0), zoo, extent, folder, jobs, stages)
    write_report(folder, zoo=None if beside.is_dir() else zoo.folder)
    return recovery


def _settings_of(folder: Path) -> dict[str, Any]:
    path = folder / "run.json"
    try:
        made = json.loads(path.read_text(encoding="utf-8"))["settings"]
        missing = [name for name in ("recording", "draws", "seed") if name not in made]
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"expected a finished run in {folder}, found no settings in {path} ({error}); give a run's folder"
        raise InputError(message) from error
    if missing or not ((folder / "zoo").is_dir() or "zoo" in made):
        message = f"expected the setting {(missing or ['zoo'])[0]!r} in {path}, found none; run the comparison again"
        raise InputError(message)
    return made
