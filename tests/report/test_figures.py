"""Figures hold the numbers they are given, in the places a reader looks for them."""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from neurocompare.errors import InputError
from neurocompare.ranking import Fit, MetricRanking, Ranking
from neurocompare.ranking.theory_result import InfiniteScore
from neurocompare.records import load_record
from neurocompare.report import figures
from neurocompare.report.contents import load_contents
from neurocompare.report.figures.render import svg
from neurocompare.report.figures.style import BLUE, GREEN, INK, ORANGE, PURPLE, THEME, GammaAxis, panels, title

LOSSES = {"gamma": [0.0, 0.0, 0.4], "relative_loss": [0.1, 0.3, 0.1], "converged": [True, False, True]}
NOTHING = MetricRanking("none", None, 0, 80, "unreliable", "too few conditions")


@pytest.fixture(scope="module")
def contents(run_folder):
    return load_contents(run_folder)


@pytest.fixture(scope="module")
def result(run_folder):
    return load_record(Ranking, run_folder / "ranking.json").metrics["procrustes"]


def lines(axis, colour):
    return [line for line in axis.lines if line.get_color() == colour]


def test_gamma_axis_is_logarithmic_with_zero_apart():
    axis = GammaAxis((0.0, 0.05, 0.1, 0.2, 3.2))
    zero, *others = axis.at(axis.gammas)
    np.testing.assert_allclose(np.diff(others), [1, 1, 4])
    assert others[0] - zero == pytest.approx(1.5)
    # a planted gamma need not be on the grid
    assert others[1] < axis.at([0.15])[0] < others[2]


@pytest.mark.parametrize("gammas", [(0.0,), (0.4,), (0.0, 0.4), tuple(np.geomspace(0.01, 10, 40))])
def test_any_grid_can_be_drawn(gammas):
    figure, axes = panels()
    grid = GammaAxis(gammas)
    grid.draw(axes[0, 0], np.ones(len(gammas)))
    grid.dress(axes[0, 0])
    assert len(axes[0, 0].get_xticks()) <= 10
    left, right = axes[0, 0].get_xlim()
    assert left < grid.at(gammas)[0] <= grid.at(gammas)[-1] < right
    svg(figure, name="any", label="any")


def test_score_curve_shows_the_theory_within_the_zoos_range(result):
    grid = GammaAxis(tuple(entry.gamma for entry in result.scores))
    theory = [InfiniteScore(gamma, 0.5 + gamma / 10, 0.4, 1e3, gamma < 0.3) for gamma in (0.0, 0.15, 0.3, 1e3)]
    (axis,) = figures.score_curve("procrustes", result, theory=theory).flat
    drawn = [line for line in axis.lines if line.get_color() == INK and len(line.get_xdata()) == 2]
    line = next(line for line in drawn if np.allclose(line.get_ydata(), [0.515, 0.53]))
    np.testing.assert_allclose(line.get_xdata(), grid.at([0.15, 0.3]))
    crosses = [line for line in axis.lines if line.get_marker() == "x"]
    assert [line.get_ydata()[0] for line in crosses] == [pytest.approx(0.53)]
    dots = [line.get_xdata()[0] for line in axis.lines if line.get_marker() == "."]
    np.testing.assert_allclose(dots, grid.at([0.0, 0.15]))


def test_score_curve_shows_scores_ceiling_nulls_best_and_planted(result):
    centred = replace(
        result, scores=tuple(replace(each, mean=each.mean - 0.2, low=each.low - 0.2) for each in result.scores)
    )
    (axis,) = figures.score_curve("procrustes", result, centred=centred, planted=0.2).flat
    gammas = [entry.gamma for entry in result.scores]
    grid = GammaAxis(tuple(gammas))
    mean = [entry.mean for entry in result.scores]
    solid = lines(axis, BLUE)[0]
    np.testing.assert_allclose(solid.get_xdata(), grid.at(gammas[1:]))
    np.testing.assert_allclose(solid.get_ydata(), mean[1:])
    np.testing.assert_allclose(lines(axis, ORANGE)[0].get_ydata(), np.subtract(mean[1:], 0.2))
    # the way from the reservoir to the rest of the grid is drawn apart
    np.testing.assert_allclose(lines(axis, BLUE)[1].get_ydata(), mean[:2])
    assert lines(axis, BLUE)[1].get_linestyle() == ":"
    assert lines(axis, GREEN)[0].get_ydata()[0] == pytest.approx((0.86 + 0.91) / 2)
    assert lines(axis, PURPLE)[0].get_xdata()[0] == pytest.approx(grid.at([0.2])[0])
    bars = np.array(axis.collections[0].get_segments())
    np.testing.assert_allclose(bars[:, 0, 1], [entry.low for entry in result.scores])
    np.testing.assert_allclose(bars[:, 1, 1], [entry.high for entry in result.scores])
    spans = sorted((patch.get_y(), patch.get_y() + patch.get_height()) for patch in axis.patches)
    np.testing.assert_allclose(spans, [(0.3, 0.42), (0.35, 0.47), (0.86, 0.91)])
    ring = next(line for line in axis.lines if line.get_markersize() == 11)
    assert ring.get_ydata()[0] == pytest.approx(max(mean))


def test_the_adjusted_score_has_a_panel_below_with_everything_about_gamma(result):
    adjusted = tuple(replace(each, mean=each.mean / 2, low=each.low / 2, high=each.high / 2) for each in result.scores)
    axes = figures.score_curve("procrustes", replace(result, adjusted=adjusted, best_gamma=0.1), planted=0.2)
    upper, lower = axes.flat
    assert lower.get_ylabel() == "adjusted score"
    np.testing.assert_allclose(lines(upper, BLUE)[0].get_ydata(), [each.mean for each in result.scores][1:])
    np.testing.assert_allclose(lines(lower, BLUE)[0].get_ydata(), [each.mean for each in adjusted][1:])
    (ring,) = (line for line in lower.lines if line.get_markersize() == 11)
    assert ring.get_ydata()[0] == pytest.approx(adjusted[1].mean)
    assert not [line for line in upper.lines if line.get_markersize() == 11]
    assert all(lines(axis, PURPLE) for axis in (upper, lower))
    assert not lower.patches  # ceiling and nulls are about likeness


def test_best_shares_are_bars_of_p_best(result):
    axes = figures.best_shares({"one": result, "none": NOTHING, "two": result}).flat
    assert len(axes) == 2
    heights = [bar.get_height() for bar in axes[0].patches]
    np.testing.assert_allclose(heights, [entry.p for entry in result.p_best])
    assert sum(heights) == pytest.approx(1)


def test_agreement_has_a_row_a_metric_and_centring_and_names_each_once(result):
    open_result = replace(result, verdict="tied")
    (axis,) = figures.agreement({"one": result, "two": NOTHING}, {"one": open_result, "two": result}).flat
    assert [label.get_text() for label in axis.get_yticklabels()] == ["one", "", "two"]
    markers = [line for line in axis.lines if line.get_marker() in ("o", "s") and len(line.get_xdata())]
    assert [line.get_markerfacecolor() for line in markers] == [BLUE, "none", ORANGE]


def test_fit_curve_marks_every_network_and_those_not_converged_apart():
    fit = [Fit(0.0, 0.2), Fit(0.4, 0.1)]
    (axis,) = figures.fit_curve(fit, pd.DataFrame(LOSSES)).flat
    by_marker = {line.get_marker(): line.get_ydata() for line in axis.lines[1:3]}
    np.testing.assert_allclose(by_marker["o"], [0.1, 0.1])
    np.testing.assert_allclose(by_marker["x"], [0.3])


def test_colours_go_round_with_direction():
    angles = np.linspace(-7, 7, 29)
    np.testing.assert_allclose(figures.angle_colours(angles), figures.angle_colours(angles + 2 * np.pi), atol=1e-12)
    fine = figures.angle_colours(np.linspace(0, 2 * np.pi, 721))
    # no jump anywhere, and opposite directions are told apart
    assert np.abs(np.diff(fine, axis=0)).max() < 0.01
    assert np.abs(fine[:360] - fine[360:-1]).max(axis=1).min() > 0.2


def test_conditions_without_angles_get_colours_of_their_own(contents):
    bare = contents.recording.drop_vars("target_angle")
    colours = figures.condition_colours(bare)
    assert len(np.unique(colours.round(3), axis=0)) == len(colours)
    texts = [text.get_text() for text in figures.condition_key(bare).flat[0].texts]
    assert texts == list(bare["condition"].values)


def test_units_run_from_the_most_modulated_to_the_middle_and_break_between_segments(contents):
    recording = contents.recording
    axes = figures.example_units(recording, name="recorded units", described=recording, most=3)
    spread = recording.std(("condition", "time"))
    order = recording["unit"].values[np.argsort(-spread.values)]
    shown = [axis.get_title(loc="left") for axis in axes.flat[:3]]
    assert shown == [f"unit {order[place]}" for place in (0, 2, 4)]
    # four conditions in two segments, and a mark at each of two events
    pieces = [line.get_xdata() for line in axes.flat[0].lines]
    assert len(pieces) == 4 * 2 + 2
    assert max(piece[-1] for piece in pieces[0:8:2]) < 0.35
    np.testing.assert_allclose([piece[0] for piece in pieces[8:]], [0.0, 0.58])


def test_outputs_are_what_the_readout_gives_in_the_tasks_order(contents):
    network, task = contents.networks[0], contents.task
    axes = figures.network_outputs(network, task, contents.recording, limit=5.0)
    drawn = [line.get_ydata() for line in axes.flat[0].lines]
    solid, dashed = drawn[:4], drawn[4:]
    np.testing.assert_allclose(dashed, task.targets.values[:, :, 0])
    by_hand = np.einsum("ctn,n->ct", network.responses.values, network.readout[0])
    np.testing.assert_allclose(solid, by_hand)


def test_eigenvalues_of_a_known_matrix():
    """g J / sqrt(N) of J = diag(2, -4, 6, 0), N = 4, g = 1.5 has eigenvalues 1.5, -3, 4.5, 0."""
    (axis,) = figures.eigenvalues(np.diag([2.0, -4.0, 6.0, 0.0]), g=1.5, name="known").flat
    (dots,) = (line for line in axis.lines if line.get_marker() == ".")
    np.testing.assert_allclose(np.sort(dots.get_xdata()), [-3, 0, 1.5, 4.5])
    circle = axis.patches[0].get_path().vertices
    np.testing.assert_allclose(np.hypot(*circle.T), 1.5)


def test_svg_is_xml_whose_ids_and_colours_are_the_pages():
    figure, axes = panels()
    title(axes[0, 0], '<script>$x$ & id="a" #1f2328</script>')
    axes[0, 0].plot([0, 1], color=BLUE)
    text = svg(figure, name="first", label='a "label" <b>')
    root = ElementTree.fromstring(text.replace("<svg", '<svg xmlns:xlink="x"', 1))
    assert root.attrib["aria-label"] == 'a "label" <b>'
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert ids
    assert all(name.startswith("first-") for name in ids)
    assert len(ids) == len(set(ids))
    used = [value for element in root.iter() for name, value in element.attrib.items() if name.endswith("href")]
    assert {value.removeprefix("#") for value in used} <= set(ids)
    # what a file's name says stays as it was written
    assert '<script>$x$ & id="a" #1f2328</script>' in [element.text for element in root.iter()]
    assert "<script" not in text
    markup = "".join(ElementTree.tostring(element, encoding="unicode") for element in root.iter() if not element.text)
    assert "var(--blue)" in markup
    assert not any(light in markup for light, _ in THEME.values())
    assert "http" not in text


@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")
def test_svg_is_xml_whatever_a_name_holds(tmp_path):
    figure, axes = panels()
    title(axes[0, 0], "first\x1b[2J\x07 line\nsecond\u202e line")
    axes[0, 0].set_yticks([0, 1], labels=["unit\x00 1", "unit\ufffe 2"])
    (written,) = figures.save(figure, tmp_path / "a.svg")
    for text in (svg(figure, name="a", label="b").replace("<svg", '<svg xmlns:xlink="x"', 1), written.read_text()):
        texts = [element.text for element in ElementTree.fromstring(text).iter() if element.text]
        for line in ("first[2J line", "second line", "unit 1", "unit 2"):
            assert any(line in one for one in texts), line


def test_figures_leave_pyplot_alone():
    script = (
        "import sys\n"
        "import numpy as np\n"
        "from neurocompare.report import figures\n"
        "figures.svg(figures.eigenvalues(np.eye(3), g=1.0, name='x'), name='x', label='x')\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_figures_are_drawn_in_axes_that_are_given(result):
    figure = Figure(figsize=(6, 3))
    given = figure.subplots(1, 2)
    drawn = figures.fit_curve([Fit(0.0, 0.2), Fit(0.4, 0.1)], pd.DataFrame(LOSSES), axes=given[1])
    assert drawn.flat[0] is given[1]
    assert not given[0].lines
    assert figures.figure_of(drawn) is figure
    with pytest.raises(InputError, match=r"expected 1 axes to draw in \(1 x 1\), found 2"):
        figures.score_curve("procrustes", result, axes=given)


def test_every_null_has_a_line_and_a_name_of_its_own(result):
    (axis,) = figures.score_curve("procrustes", result).flat
    nulls = [line for line in axis.lines if str(line.get_label()).startswith("null: ")]
    assert len(nulls) == len([null for null in result.nulls.values() if null.says]) > 1
    assert len({str(line.get_linestyle()) + str(line._dash_pattern) for line in nulls}) == len(nulls)
    named = [text.get_text() for text in axis.get_legend().get_texts()]
    assert {str(line.get_label()) for line in nulls} | {"score", "noise ceiling"} <= set(named)
    assert len(named) == len(set(named))


@pytest.mark.parametrize(("size", "inches"), [("column", 3.5), ("double", 7.2), (None, 4.2)])
def test_files_have_the_size_asked_for_and_text_that_is_text(result, tmp_path, size, inches):
    axes = figures.score_curve("procrustes", result)
    (written,) = figures.save(axes, tmp_path / "curve.svg", size=size)
    root = ElementTree.parse(written).getroot()
    assert float(root.attrib["width"].removesuffix("pt")) == pytest.approx(72 * inches)
    texts = {"".join(element.itertext()).strip() for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"procrustes", "noise ceiling"} <= texts
    (paper,) = figures.save(axes, tmp_path / "curve.pdf", size=size)
    assert paper.read_bytes().startswith(b"%PDF")
    assert figures.figure_of(axes).get_size_inches()[0] == pytest.approx(4.2)


def test_a_legend_fits_into_a_column_and_leaves_the_axes_their_width(result, tmp_path, monkeypatch):
    axes = figures.score_curve("procrustes", result, centred=result, planted=0.4)
    legend, seen = axes[-1, 0].get_legend(), []
    printed = Figure.savefig

    def measured(figure, *args, **kwargs):
        printed(figure, *args, **kwargs)
        figure.draw_without_rendering()
        ends = axes[-1, 0].get_legend().get_window_extent().x1 / figure.dpi
        seen.append((ends / figure.get_size_inches()[0], axes[-1, 0].get_position().width))

    monkeypatch.setattr(Figure, "savefig", measured)
    for size in ("column", "slide", "column"):
        figures.save(axes, tmp_path / "curve.png", size=size)
    for end, share in seen:
        assert end <= 1
        assert share > 0.7
    assert axes[-1, 0].get_legend()._ncols == legend._ncols


def test_endings_and_sizes_nobody_knows_are_refused(tmp_path):
    _, axes = panels()
    with pytest.raises(InputError, match=r"expected a path that ends in \.png, \.svg, \.pdf"):
        figures.save(axes, tmp_path / "curve.tiff")
    with pytest.raises(InputError, match="expected a size among column, double, slide, found 'poster'"):
        figures.save(axes, tmp_path / "curve", size="poster")
    assert not list(tmp_path.iterdir())


def test_a_notebook_shows_axes_as_their_figure_unless_they_were_given():
    formatted = pytest.importorskip("IPython.core.formatters").DisplayFormatter().format
    _, axes = panels(1, 2, width=4.0, height=3.0)
    for shown in (axes, axes[:, 0]):
        data, about = formatted(shown)
        assert data["image/png"].startswith(b"\x89PNG")
        assert about["image/png"] == {"width": 400, "height": 300}
    _, given = panels(axes=Figure().subplots())
    assert set(formatted(given)[0]) == {"text/plain"}
