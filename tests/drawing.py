"""Pages whose figures are drawn once, for tests of what else a command does."""

from __future__ import annotations

import contextlib
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from neurocompare.files import atomic
from neurocompare.report import html
from neurocompare.report.figures import figure_of


def unsettled(drawn: Figure) -> None:
    drawn.set_layout_engine("none")


def empty(drawn: Figure, path: Path) -> None:
    with atomic(path) as temporary:
        temporary.touch()


@contextlib.contextmanager
def drawing_once(*, settled: bool = False) -> Iterator[None]:
    """Render a page's figures as its SVG, and neither find the places of their parts nor render them as PNG.

    That is half of what a page costs. Tests of what figures look like draw all, and so do commands in processes of
    their own; where the page alone is looked at, its figures are settled.
    """
    with pytest.MonkeyPatch.context() as patch:
        if not settled:
            patch.setattr(html, "settle", unsettled)
        patch.setattr(html, "figures", types.SimpleNamespace(figure_of=figure_of, save=empty))
        yield


@pytest.fixture(autouse=True, scope="module")
def drawn_once() -> Iterator[None]:
    with drawing_once():
        yield
