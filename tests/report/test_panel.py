"""Panels: a figure is drawn once for what is text and once for what is pixels, and all of them show the same."""

import re
from xml.etree import ElementTree

import numpy as np
from matplotlib.figure import Figure

from neurocompare.report.figures.style import panels, title
from neurocompare.report.html import panel, save_panels


def a_figure():
    _, axes = panels(1, 2)
    for axis in axes.flat:
        axis.plot([0, 1], [0, 1e4])
        axis.set(xlabel="time (s)", ylabel="rate")
        title(axis, "a unit")
    return axes


def test_a_figure_is_drawn_once_as_text_and_once_as_pixels(tmp_path, monkeypatch):
    drawn, draw = [], Figure.draw
    monkeypatch.setattr(Figure, "draw", lambda figure, renderer: (drawn.append(figure), draw(figure, renderer))[1])
    save_panels({"one": panel(a_figure(), "one", "a figure")}, tmp_path)
    assert len(drawn) == 2


def test_page_and_files_show_the_same_in_the_same_places(tmp_path):
    made = panel(a_figure(), "one", "a figure")
    save_panels({"one": made}, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"one.png", "one.svg"}
    written = (tmp_path / "one.svg").read_text()
    ElementTree.fromstring(written)
    paths = [re.findall(r' d="([^"]*)"', str(text)) for text in (written, made.svg)]
    assert paths[0] == paths[1] != []
    assert 'width="100%" height="100%" fill="#ffffff"' in written
    assert 'fill="#ffffff"' not in made.svg


def test_labels_have_room(tmp_path):
    """Once settled, nothing of a figure lies outside it."""
    figure = panel(a_figure(), "one", "a figure").figure
    inches = figure.get_tightbbox().extents
    assert (inches[:2] > -0.02).all()
    assert (inches[2:] < np.array(figure.get_size_inches()) + 0.02).all()
