"""A finished run, opened again: what its folder holds, as objects that show themselves briefly."""

import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import neurocompare as nc
from neurocompare.errors import InputError
from neurocompare.report import figures
from neurocompare.workflows.finished_run import open_run


@pytest.fixture(scope="module")
def opened(run_folder):
    return open_run(run_folder)


def test_everything_in_the_folder_is_an_object(opened, run_folder):
    kept = json.loads((run_folder / "ranking.json").read_text())
    assert opened.ranking.summary.sentence == kept["summary"]["sentence"]
    assert list(opened.ranking.metrics) == list(kept["metrics"])
    table = pd.read_csv(run_folder / "scores.csv")
    assert len(opened.scores) == len(table)
    np.testing.assert_allclose(opened.scores["score"], table["score"])
    assert opened.recording.dims == ("condition", "time", "unit")
    assert opened.task.n_samples > 0
    assert opened.account.settings.seed == json.loads((run_folder / "run.json").read_text())["settings"]["seed"]
    assert opened.report == run_folder / "report.html"


@pytest.mark.parametrize(
    ("draw", "count"),
    [
        ("agreement", 1), ("shares", 4), ("fit", 1), ("key", 1), ("trajectories", 4), ("units", 6), ("variance", 1),
        ("inputs", 3),
    ],
)  # fmt: skip
def test_each_figure_of_the_report_is_a_method_that_draws_in_axes_of_its_own_or_mine(opened, draw, count):
    method = getattr(opened.plot, draw)
    own = method()
    assert own.size == count
    mine = Figure().subplots(1, count, squeeze=False)
    drawn = method(axes=mine)
    assert [one is other for one, other in zip(drawn.flat, mine.flat, strict=True)] == [True] * count
    for one, other in zip(own.flat, drawn.flat, strict=True):
        assert [len(line.get_xdata()) for line in one.lines] == [len(line.get_xdata()) for line in other.lines]


def test_a_curve_is_that_of_its_metric(opened):
    name = list(opened.ranking.metrics)[1]
    scores = [each.mean for each in opened.ranking.metrics[name].scores]
    axis = opened.plot.curve(name).flat[0]
    named = {line.get_label(): line.get_ydata() for line in axis.lines}
    np.testing.assert_allclose(named["score"], scores[1:])
    assert opened.plot.curve().flat[0].get_title(loc="left") == next(iter(opened.ranking.metrics))
    with pytest.raises(InputError, match=r"expected a metric among .*, found 'ccka'"):
        opened.plot.curve("ccka")


def test_a_saved_run_is_the_same_run_without_networks(opened, tmp_path):
    copy = opened.save(tmp_path / "copy")
    again = open_run(copy.folder)
    assert again.ranking == opened.ranking
    pd.testing.assert_frame_equal(again.scores, opened.scores)
    assert again.report.read_bytes() == opened.report.read_bytes() if opened.report.exists() else True
    assert not (copy.folder / "zoo").exists()
    with pytest.raises(InputError, match="expected a new folder, found"):
        opened.save(copy.folder)


def test_reprs_are_short_and_html_is_escaped(opened):
    task = nc.ideal_reach()
    for shown in (opened, opened.ranking, opened.task, task):
        assert len(repr(shown)) < 600, repr(shown)
        assert "\n" not in repr(shown)
        assert len(shown._repr_html_()) < 4000
    assert len(repr(opened.plot)) < 600
    hostile = nc.make_task(
        task.inputs, task.targets, name="<script>alert(1)</script>", trained=task.trained, target_unit="mm/s"
    )
    assert "<script" not in hostile._repr_html_()
    assert "&lt;script" in hostile._repr_html_()


def test_a_folder_without_a_ranking_says_so(tmp_path):
    with pytest.raises(InputError, match=r"ranking\.json"):
        nc.open_run(tmp_path)


def test_a_folder_of_scored_models_is_named_as_such(tmp_path):
    (tmp_path / "comparison.json").write_text("{}")
    with pytest.raises(InputError, match=r"found that of scored models \(comparison\.json\); open it with open_score"):
        nc.open_run(tmp_path)


def test_a_figure_of_a_run_is_written_as_any_other(opened, tmp_path):
    (written,) = figures.save(opened.plot.curve(), tmp_path / "curve.pdf", size="column")
    assert written.stat().st_size > 1000


def test_a_file_in_the_folder_opens_it(run_folder):
    for name in ("ranking.json", "scores.csv"):
        assert nc.open_run(run_folder / name).folder == run_folder
