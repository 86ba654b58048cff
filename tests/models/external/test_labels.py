"""Conditions and times matched by label, and what is said where they cannot be."""

from dataclasses import replace

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.models.external.labels import labelled, matched


def labels_of(task):
    return {dim: task.inputs[dim].values for dim in ("condition", "time")}


def test_permuted_conditions_are_put_in_order_by_their_labels(task, bins, activity):
    conditions, time = labels_of(task).values()
    straight, _ = matched(labelled(activity, **labels_of(task)), task, **bins)
    order = [2, 0, 1]
    permuted, notes = matched(labelled(activity[order], condition=conditions[order], time=time), task, **bins)
    np.testing.assert_array_equal(permuted.values, straight.values)
    np.testing.assert_array_equal(straight.values, activity)
    assert permuted["condition"].values.tolist() == conditions.tolist()
    assert "target_angle" in permuted.coords
    assert any("order of the recording, by their labels" in note for note in notes)


def test_without_labels_the_order_is_the_tasks_and_this_is_said(task, bins, activity):
    responses, notes = matched(labelled(activity), task, **bins, where="mine.npy")
    np.testing.assert_array_equal(responses.values, activity)
    assert "mine.npy gives no condition labels: they are taken to be in the order of the task." in notes
    assert any("gives no times: its steps are taken to be the task's, of 50 ms" in note for note in notes)


def test_dims_may_come_in_any_order(task, bins, activity):
    array = labelled(activity, **labels_of(task)).transpose("unit", "time", "condition")
    np.testing.assert_array_equal(matched(array, task, **bins)[0].values, activity)


def test_numbers_and_their_text_are_one_label(task, bins, activity):
    task = replace(task, inputs=task.inputs.assign_coords(condition=["1", "2", "3"]))
    for labels in ([3.0, 1.0, 2.0], [3, 1, 2], [b"3", b"1", b"2"], ["3", " 1", "2"]):
        responses, _ = matched(labelled(activity, condition=labels), task, **bins)
        np.testing.assert_array_equal(responses.values, activity[[1, 2, 0]])


def test_extra_conditions_are_left_out_and_named(task, bins, activity):
    conditions, time = labels_of(task).values()
    more = np.concatenate([activity[:1] + 9, activity])
    responses, notes = matched(labelled(more, condition=["rest", *conditions], time=time), task, **bins)
    np.testing.assert_array_equal(responses.values, activity)
    assert "Conditions that the recording does not have were left out: rest." in notes


def test_fine_steps_are_averaged_in_bins(task, bins):
    """The mean of a ramp over a bin is its value at the centre, to rounding; a fast oscillation averages away."""
    time = np.arange(0, 0.9501, 0.001)
    ramp, fast = time, np.cos(2 * np.pi * time / 0.02)
    activity = np.broadcast_to(np.stack([ramp, fast, ramp, fast], axis=-1), (3, len(time), 4))
    responses, notes = matched(labelled(activity, time=time), task, **bins)
    np.testing.assert_allclose(responses.values[0, :, 0], bins["time"], atol=1e-9)
    assert np.abs(responses.values[0, :, 1]).max() < 0.06  # 21 samples of a period of 20: the ends count twice
    np.testing.assert_allclose(responses["time"].values, bins["time"])
    assert "Steps of 1 ms were averaged in the recording's bins of 20 ms." in notes


def test_coarse_steps_are_kept_and_said_to_be_interpolated(task, bins, activity):
    responses, notes = matched(labelled(activity, **labels_of(task)), task, **bins)
    np.testing.assert_array_equal(responses["time"].values, task.inputs["time"].values)
    assert "Steps of 50 ms were interpolated linearly to the recording's 20 ms." in notes


def spoiled(activity, value):
    activity = activity.copy()
    activity[1, 2, 3] = value
    return activity


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda a, c, t: labelled(a[0]), r"expected activity \(condition, time, unit\).*found shape \(20, 6\)"),
        (lambda a, c, t: labelled(a.transpose(1, 0, 2)), r"it looks like \(time, condition, unit\): transpose it"),
        (lambda a, c, t: labelled(a[:2]), r"= \(3, 20, any\) from the model, as it has no condition labels"),
        (lambda a, c, t: labelled(a[:, ::2], condition=c), "as it has no time labels"),
        (lambda a, c, t: labelled(a, condition=c[:2]), "expected one label a condition .* found 2 labels for 3"),
        (
            lambda a, c, t: labelled(a, condition=[*c[:2], "up"], time=t),
            "found none for 240 deg.*task RECORDING --export",
        ),
        (lambda a, c, t: labelled(a, condition=[c[0], c[1], c[0]], time=t), "each condition once"),
        (lambda a, c, t: labelled(a, condition=c, time=t[::-1]), "ascending sample times in s"),
        (lambda a, c, t: labelled(a, condition=c, time=t / 2), "from 0.01 to 0.89 s .* found 0 to 0.475 s"),
        (lambda a, c, t: labelled(a, condition=c, time=100 + t), "found 100 to 100.95 in steps of 0.05; convert"),
        (lambda a, c, t: labelled(a[:, :, :3], condition=c, time=t), "at least 4 units .* found 3"),
        (
            lambda a, c, t: labelled(spoiled(a, np.nan)),
            r"found 1 values that are not \(first at condition 1, 0.1 s, unit 3",
        ),
        (lambda a, c, t: labelled(spoiled(a, np.inf), condition=c), "first at condition 120 deg, 0.1 s, unit 3"),
        (lambda a, c, t: labelled(a.astype(str)), "expected real numbers"),
        (lambda a, c, t: labelled(a + 1j), "expected real numbers"),
        (lambda a, c, t: labelled(a).rename(unit="where"), r"expected dims .* found .*where"),
    ],
)
def test_a_mismatch_is_one_clear_line(task, bins, activity, change, said):
    conditions, time = labels_of(task).values()
    with pytest.raises(InputError, match=said):
        matched(change(activity, conditions, time), task, **bins)


@pytest.mark.parametrize(
    ("factor", "said"),
    [(1e3, "ms"), (1e6, "µs"), (1e9, "ns"), (30_000, "samples at 30 kHz"), (1 / 60, "minutes"), (20, "sample numbers")],
)
def test_times_that_cannot_be_seconds_are_refused_with_what_they_look_like(task, bins, activity, factor, said):
    conditions, time = labels_of(task).values()
    with pytest.raises(InputError, match=f"from 0.01 to 0.89 s .*, which look like {said}; "):
        matched(labelled(activity, condition=conditions, time=np.round(time * factor, 6)), task, **bins)


def test_declared_units_of_time_are_converted(task, bins, activity):
    conditions, time = labels_of(task).values()
    plain, _ = matched(labelled(activity, condition=conditions, time=time), task, **bins)
    in_ms = labelled(activity, condition=conditions, time=1000 * time)
    in_ms["time"].attrs["units"] = "ms"
    differences = labelled(activity, condition=conditions, time=(time * 1e9).round().astype("timedelta64[ns]"))
    for array in (in_ms, differences):
        found, notes = matched(array, task, **bins)
        np.testing.assert_allclose(found["time"].values, plain["time"].values, atol=1e-12)
        np.testing.assert_array_equal(found.values, plain.values)
        assert any("were converted to s" in note for note in notes)
    dates = labelled(activity, condition=conditions, time=np.datetime64("2020") + differences["time"].values)
    with pytest.raises(InputError, match="times in s from the model, found dates"):
        matched(dates, task, **bins)


def test_labels_match_by_the_numbers_they_say(task, bins, activity):
    task = replace(task, inputs=task.inputs.assign_coords(condition=["000", "045", "090"]))
    for labels in (["45", "0", "90"], [45, 0, 90], ["45.0", "0.0", "90.0"]):
        responses, notes = matched(labelled(activity, condition=labels), task, **bins)
        np.testing.assert_array_equal(responses.values, activity[[1, 0, 2]])
        assert "Conditions were matched by the numbers that their labels say." in notes
    for labels in (["45", "0", "9"], ["45", "045.0", "0"], ["a", "b", "c"]):
        with pytest.raises(InputError, match=r"found none for|each condition once"):
            matched(labelled(activity, condition=labels), task, **bins)


def test_another_order_of_dims_is_named(task, bins, activity):
    for order, named in (((2, 1, 0), r"\(unit, time, condition\)"), ((2, 0, 1), r"\(unit, condition, time\)")):
        with pytest.raises(InputError, match=f"it looks like {named}: transpose it"):
            matched(labelled(activity.transpose(order)), task, **bins)
