"""Figures of activity: trajectories, single units, the task, and what a network produces."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from neurocompare.report.contents import ShownNetwork
from neurocompare.report.figures.style import INK, MUTED, Given, angle_colours, panels, shorten, title
from neurocompare.responses import Responses
from neurocompare.tasks.task import Task

_MOST_ROWS = 4


def condition_colours(described: xr.DataArray) -> np.ndarray:
    """Colour of each condition: by target angle, going round, where it is known; else in order.

    Parameters
    ----------
    described : xarray.DataArray
        With a dimension condition, and a coordinate target_angle (rad) along it where known.

    Returns
    -------
    array, shape (condition, 3)

    Examples
    --------
    >>> described = xr.DataArray([0.0, 1.0, 2.0], dims="condition", coords={"condition": ["left", "up", "right"]})
    >>> condition_colours(described).shape
    (3, 3)
    >>> round_the_clock = described.assign_coords(target_angle=("condition", [0.0, np.pi, 2 * np.pi]))
    >>> first, _, last = condition_colours(round_the_clock)
    >>> bool(np.allclose(first, last))
    True
    """
    n_conditions = described.sizes["condition"]
    if "target_angle" in described.coords and np.isfinite(described["target_angle"].values).all():
        return angle_colours(described["target_angle"].values)
    # Three quarters of the ring: an order has two ends.
    return angle_colours(np.linspace(0, 1.5 * np.pi, n_conditions))


def condition_key(described: xr.DataArray, *, axes: Given = None) -> np.ndarray:
    """Draw the directions in their colours where target angles are known; else a line a condition with its name.

    Parameters
    ----------
    described : xarray.DataArray
        As in `condition_colours`.
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> angles = {"condition": ["right", "up"], "target_angle": ("condition", [0.0, np.pi / 2])}
    >>> axes = condition_key(xr.DataArray([0.0, 1.0], dims="condition", coords=angles))
    >>> [text.get_text() for text in axes[0, 0].texts]
    ['0°', '90°']
    """
    colours = condition_colours(described)
    if "target_angle" in described.coords and np.isfinite(described["target_angle"].values).all():
        _, axes = panels(width=2.0, height=2.0, axes=axes)
        axis = axes[0, 0]
        for angle, colour in zip(described["target_angle"].values, colours, strict=True):
            end = np.array([np.cos(angle), np.sin(angle)])
            axis.plot(*(np.outer([0.25, 1.0], end).T), color=colour, lw=4, solid_capstyle="round")
            named = f"{np.rad2deg(angle) % 360:.0f}°"
            axis.text(*(1.28 * end), named, color=INK, fontsize=8, ha="center", va="center")
        axis.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), aspect="equal")
    else:
        labels = described["condition"].values[:12]
        _, axes = panels(width=2.6, height=0.3 + 0.2 * len(labels), axes=axes)
        axis = axes[0, 0]
        for row, (label, colour) in enumerate(zip(labels, colours, strict=False)):
            axis.plot([0, 1], [-row, -row], color=colour, lw=3)
            axis.text(1.3, -row, shorten(label), color=INK, fontsize=8, va="center", parse_math=False)
        axis.set_xlim(0, 6)
    axis.set_axis_off()
    return axes


def trajectories(
    values: np.ndarray, time: np.ndarray, described: Responses, *, name: str, limit: float, axes: Given = None
) -> np.ndarray:
    """Condition-averaged trajectories in a plane; a dot marks where each begins.

    Parameters
    ----------
    values : array, shape (condition, time, 2)
    time : array, shape (time,)
        In s.
    described : Responses
        Whose conditions, and segments where it has them, these are.
    name : str
    limit : float
        Half the width of the square shown, in what is plotted; the same in figures to be compared.
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> values = np.array([[[0.0, 1], [1, 2]], [[0, 1], [-1, 0]]])  # two conditions, two times, two units
    >>> activity = make_responses(values, condition=["left", "right"], time=[0.0, 0.1])
    >>> axes = trajectories(values, np.array([0.0, 0.1]), activity, name="monkey", limit=2.0)
    >>> axes[0, 0].get_xlabel(), len(axes[0, 0].lines)  # a path and a dot for each of two conditions
    ("data's PC 1", 4)
    """
    _, axes = panels(width=2.7, height=2.8, axes=axes)
    axis = axes[0, 0]
    for path, colour in zip(values, condition_colours(described), strict=True):
        for piece in _segments(described, len(time)):
            axis.plot(path[piece, 0], path[piece, 1], color=colour, lw=1.5)
        axis.plot(*path[0], "o", ms=3.5, color=colour)
    axis.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", xticks=[], yticks=[])
    axis.set_xlabel("data's PC 1")
    axis.set_ylabel("data's PC 2")
    title(axis, name)
    return axes


def example_units(
    responses: Responses, *, name: str, described: Responses, most: int = 6, axes: Given = None
) -> np.ndarray:
    """Draw single units, a line a condition: from the most modulated to the one halfway down, evenly spaced.

    Parameters
    ----------
    responses : Responses
    name : str
    described : Responses
        Conditions whose angles give the colours.
    most : int
        Units shown.
    axes : Axes or sequence of Axes, optional
        To draw in, one a unit; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> values = np.array([[[0.0, 1], [1, 2]], [[0, 1], [-1, 0]]])  # two conditions, two times, two units
    >>> activity = make_responses(values, condition=["left", "right"], time=[0.0, 0.1])
    >>> axes = example_units(activity, name="monkey", described=activity, most=1)
    >>> axes[0, 0].get_title(loc="left"), len(axes[0, 0].lines)
    ('unit 0', 2)
    """
    order = np.argsort(-responses.values.std(axis=(0, 1)), kind="stable")
    chosen = order[np.unique(np.linspace(0, (len(order) - 1) // 2, most).round().astype(int))]
    rows = (len(chosen) + 1) // 2
    own = axes is None
    figure, axes = panels(rows, 2, width=4.2, height=0.7 + 1.15 * rows, axes=axes)
    colours = condition_colours(described)
    for place, axis in enumerate(axes.flat):
        if place >= len(chosen):
            axis.set_axis_off()
            continue
        unit = chosen[place]
        _by_condition(axis, responses.isel(unit=unit), colours)
        title(axis, shorten(f"unit {responses['unit'].values[unit]}"), size=8)
    unit_name = str(responses.attrs.get("unit", "1"))
    if own:  # another's figure has a title of its own
        figure.suptitle(shorten(name, 50), x=0.01, ha="left", fontsize=9.5, color=INK, parse_math=False)
    axes[rows // 2, 0].set_ylabel("activity" if unit_name == "1" else shorten(unit_name), parse_math=False)
    for axis in axes[-1]:
        axis.set_xlabel("time (s)")
    return axes


def task_inputs(task: Task, described: Responses, *, axes: Given = None) -> np.ndarray:
    """Draw what every network receives, one row a channel (four at most), one line a condition.

    Parameters
    ----------
    task : Task
    described : Responses
        Conditions whose angles give the colours.
    axes : Axes or sequence of Axes, optional
        To draw in, one a row; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> from neurocompare.tasks import oscillation
    >>> task = oscillation()
    >>> axes = task_inputs(task, task.targets)
    >>> [axis.get_ylabel() for axis in axes.flat], axes[-1, 0].get_xlabel()
    (['cos', 'sin'], 'time (s)')
    """
    return _stacked(task.inputs, "channel", described, name="inputs", axes=axes)


def network_outputs(
    network: ShownNetwork, task: Task, described: Responses, *, limit: float, axes: Given = None
) -> np.ndarray:
    """Target (dashed) and what one network produces (solid), one row an output, one line a condition.

    Parameters
    ----------
    network : ShownNetwork
    task : Task
    described : Responses
        Conditions whose angles give the colours.
    limit : float
        Half the height of each row, in the unit of the targets; the same in figures to be compared.
    axes : Axes or sequence of Axes, optional
        To draw in, one an output, four at most; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> from neurocompare.report import ShownNetwork
    >>> from neurocompare.responses import make_responses
    >>> from neurocompare.tasks import oscillation
    >>> task = oscillation()
    >>> phi = make_responses(
    ...     np.zeros((*task.targets.shape[:2], 5)),
    ...     condition=task.targets["condition"].values,
    ...     time=task.targets["time"].values,
    ... )
    >>> silent = ShownNetwork("a1b2", 0.4, 1.0, phi, connectivity=np.eye(5), readout=np.zeros((1, 5)))
    >>> axes = network_outputs(silent, task, phi, limit=2.0)
    >>> axes[0, 0].get_title(loc="left"), len(axes[0, 0].lines)  # an output and its target for each of two conditions
    ('γ = 0.4, loss 1', 4)
    """
    produced = task.targets.copy(data=_matched(network, task))
    name = f"γ = {network.gamma:g}, loss {network.loss:.2g}"
    axes = _stacked(produced, "output", described, name=name, width=2.8, axes=axes)
    colours = condition_colours(_ordered(described, task))
    for row, axis in enumerate(axes.flat):
        _by_condition(axis, task.targets.isel(output=row), colours, lw=0.9, ls=(0, (4, 2)))
        axis.set_ylim(-limit, limit)
    return axes


def _matched(network: ShownNetwork, task: Task) -> np.ndarray:
    """Return outputs in the task's order of conditions."""
    labels = list(network.responses["condition"].values)
    return network.outputs[[labels.index(label) for label in task.targets["condition"].values]]


def _ordered(described: Responses, task: Task) -> Responses:
    return described.sel(condition=task.targets["condition"].values)


def _stacked(
    values: xr.DataArray, dim: str, described: Responses, *, name: str, width: float = 4.2, axes: Given = None
) -> np.ndarray:
    rows = min(values.sizes[dim], _MOST_ROWS)
    _, axes = panels(rows, width=width, height=0.75 + 0.8 * rows, axes=axes)
    colours = condition_colours(described.sel(condition=values["condition"].values))
    for row, axis in enumerate(axes[:, 0]):
        _by_condition(axis, values.isel({dim: row}), colours)
        label = values[dim].values[row] if dim in values.coords else row
        axis.set_ylabel(shorten(label, 14), parse_math=False)
        if row < rows - 1:
            axis.tick_params(labelbottom=False)
    hidden = values.sizes[dim] - rows
    title(axes[0, 0], name + (f" (first {rows} of {rows + hidden})" if hidden else ""))
    axes[-1, 0].set_xlabel("time (s)")
    return axes


def _by_condition(axis: Axes, values: xr.DataArray, colours: np.ndarray, **style: Any) -> None:
    """Draw (condition, time) values, not joined across the gap between two segments."""
    time = values["time"].values
    for row, colour in zip(values.values, colours, strict=True):
        for piece in _segments(values, len(time)):
            axis.plot(time[piece], row[piece], **({"lw": 1.1, "color": colour} | style))
    for event in _events(values):
        axis.axvline(event, color=MUTED, lw=0.8, ls=":")


def _segments(values: xr.DataArray, length: int) -> Sequence[slice]:
    """Stretches of time between which activity was cut out."""
    if "segment" not in values.coords:
        return [slice(0, length)]
    names = values["segment"].values.astype(str)
    cuts = [0, *(np.nonzero(names[1:] != names[:-1])[0] + 1), length]
    return [slice(*ends) for ends in itertools.pairwise(cuts)]


def _events(values: xr.DataArray) -> list[float]:
    """Where the events that segments are aligned to lie on the time axis, in s."""
    if "segment" not in values.coords or "event_time" not in values.coords:
        return []
    starts = (values["time"] - values["event_time"]).values
    return [float(starts[piece].mean()) for piece in _segments(values, len(starts))]
