"""The page of an exploration: what it says, and that nothing of its files reaches it unescaped."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from explorations import exploration_of

from neurocompare.account import Account, Comparison, Recorded, Used
from neurocompare.errors import InputError
from neurocompare.ranking.exploration import Inferred, InferredSetting, Unlike
from neurocompare.recordings import Provenance
from neurocompare.records import save_record
from neurocompare.report import figures, write_exploration_report
from neurocompare.report.figures.style import GammaAxis
from neurocompare.settings import Exploring
from neurocompare.workflows.explore import open_exploration

EVIL = "<script>alert('$x_$')</script>"


@pytest.fixture(scope="module")
def found():
    made = exploration_of(lambda place, point: 0.5 - (place - 0.5) ** 2 + 0.1 * point.g, Exploring(points=16))
    return replace(made, recording=EVIL, planted_gamma=0.3)


def record(found, folder, *, quick=False):
    """Leave what a page is made of."""
    folder.mkdir(exist_ok=True)
    save_record(found, folder / "exploration.json")
    asked = Comparison("mine.nwb", exploring=Exploring(points=16), quick=quick)
    save_record(
        Account(asked, Recorded(EVIL, Provenance()), Used(8, (), (), {}, {}), "reach", 160), folder / "run.json"
    )


def leave(found, folder, *, quick=False):
    record(found, folder, quick=quick)
    return write_exploration_report(folder).read_text(encoding="utf-8")


def test_the_page_says_the_answer_its_conditions_and_what_was_varied(found, tmp_path):
    page = leave(found, tmp_path)
    assert found.headline in page.replace("\u00a0", " ")
    assert "<script" not in page
    assert "the high end of its range: the best may lie beyond" in page
    assert "None of these networks reaches the ceiling" in page
    assert "50 ms to 300 ms, log-uniform" in page
    assert "0.8 to 2, uniform" in page
    assert "A quick run" not in page
    assert sorted(path.name for path in (tmp_path / "figures").glob("*.svg")) == [
        "dependence-0-toy.svg",
        "profile-0-toy.svg",
    ]
    assert "A quick run" in leave(found, tmp_path, quick=True)


GAMMAS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
MADE = Inferred(
    settings=(
        InferredSetting("gamma", 0.2, (0.1, 0.4), coverage=0.94, gain=1.1),
        InferredSetting("tau", 0.1, (0.08, 0.21), coverage=0.95, gain=0.4),
    ),
    gammas=GAMMAS, before=(0.1, 0.15, 0.15, 0.15, 0.15, 0.15, 0.15), chances=(0, 0, 0.05, 0.6, 0.3, 0.05, 0),
    recordings=128, odd=0.3, unlike=(Unlike("kurtosis, 50 %", 1.0, 2.5),),
)  # fmt: skip


def test_the_settings_of_what_made_it_are_told_and_their_gamma_drawn(found, tmp_path):
    page = leave(replace(found, inferred=MADE), tmp_path)
    assert "its gamma is between 0.1 and 0.4 (95 %)" in page
    assert "80 ms to 210 ms" in page
    assert "1.1 nats" in page
    assert len(list((tmp_path / "figures").glob("inferred-0-*.svg"))) == 1
    odd = leave(replace(found, inferred=replace(MADE, odd=0.01)), tmp_path / "odd")
    assert "No network of this design made the recording" in odd
    assert "kurtosis, 50 % is 2.5 standard deviations higher" in odd


def test_gamma_alone_depends_on_nothing_and_has_its_profile(tmp_path):
    alone = Exploring(points=16, only=("gamma",))
    page = leave(exploration_of(lambda place, point: 0.5 - (place - 0.5) ** 2, alone), tmp_path)
    assert "<h2>Profile</h2>" in page
    assert "Which settings does the answer depend on?" not in page


def test_a_curve_ends_at_one_and_the_interval_is_marked():
    axis = figures.inferred_gamma(MADE, planted=0.2)[0, 0]
    drawn = {line.get_label(): line.get_xydata() for line in axis.lines}
    assert drawn["given the recording"][:, 1] == pytest.approx(np.cumsum(MADE.chances))
    assert drawn["before it was seen"][-1, 1] == pytest.approx(1)
    (span,) = axis.patches
    edges = span.get_x(), span.get_x() + span.get_width()
    places = drawn["given the recording"][:, 0]
    assert edges == pytest.approx((places[GAMMAS.index(0.1)], places[GAMMAS.index(0.4)]))
    low, high = axis.get_xlim()
    assert low < places[0]
    assert high > places[-1]


def test_a_metric_that_could_not_be_computed_has_no_figure(found, tmp_path):
    toy = found.metrics["toy"]
    nothing = replace(toy.ranking, scores=(), adjusted=(), best_gamma=None, gamma_interval=None)
    missing = replace(toy, ranking=nothing, factors=(), points=(), emulated=None, adequacy=None)
    page = leave(replace(found, metrics={"toy": missing}), tmp_path)
    assert "<h2>Profile</h2>" not in page
    assert not list((tmp_path / "figures").glob("*"))


def _last(document, *path):
    for name in path[:-1]:
        document = document[name]
    return document, path[-1]


TOY = ("metrics", "toy")
BROKEN = {
    "a list is shorter": (lambda lists, name: lists[name].pop(), (*TOY, "points"), "a score by toy of every point"),
    "a setting is not answered": (
        lambda lists, name: lists[name].pop(), (*TOY, "factors"), "an answer by toy of every setting"
    ),
    "another gamma": (
        lambda scores, name: scores.update({name: 9.0}), (*TOY, "ranking", "scores", 2, "gamma"), "gammas that ascend"
    ),
    "fewer gammas": (lambda lists, name: lists[name].pop(), (*TOY, "ranking", "adjusted"), "one set of gammas"),
    "a key is missing": (lambda record, name: record.pop(name), ("points", 3, "tau"), "missing required field `tau`"),
    "no surface": (lambda record, name: record.pop(name), (*TOY, "emulated"), "a surface where points are scored"),
    "a negative count": (lambda counts, name: counts.update({name: -80}), ("sampling", "units"), ">= 0"),
    "a negative tau": (lambda point, name: point.update({name: -0.1}), ("points", 3, "tau"), "> 0"),
    "p above 1": (lambda null, name: null.update({name: 7}), (*TOY, "ranking", "contrasts", 0, "p"), "<= 1"),
    "chances of fewer gammas": (
        lambda lists, name: lists[name].pop(), ("inferred", "chances"), "as many probabilities"
    ),
    "a mean beyond its interval": (
        lambda score, name: score.update({name: -9.0}), (*TOY, "ranking", "adjusted", 2, "mean"), "holds the mean"
    ),
    "chances that are none": (
        lambda lists, name: lists[name].__setitem__(0, 0.5), ("inferred", "chances"), "add up to 1"
    ),
    "no quarters": (lambda record, name: record[name].clear(), (*TOY, "factors", 0, "quarters"), "four quarters"),
    "no points": (lambda record, name: record[name].clear(), ("points",), "points of a design"),
}  # fmt: skip
"""What is done to a document, where, and what is said of it."""


@pytest.mark.parametrize("change", BROKEN)
def test_a_broken_record_is_one_line_and_no_page(found, tmp_path, change):
    record(replace(found, inferred=MADE), tmp_path)
    path = tmp_path / "exploration.json"
    document = json.loads(path.read_text())
    done, where, said = BROKEN[change]
    done(*_last(document, *where))
    path.write_text(json.dumps(document))
    for read in open_exploration, write_exploration_report:
        with pytest.raises(InputError, match=r"expected a readable exploration\.json") as caught:
            read(tmp_path)
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_what_is_no_finite_number_is_one_line(found, tmp_path, number):
    record(found, tmp_path)
    path = tmp_path / "exploration.json"
    path.write_text(path.read_text().replace('"loss": 0.1', f'"loss": {number}', 1))
    with pytest.raises(InputError, match=r"expected a readable exploration\.json"):
        open_exploration(tmp_path)


def test_without_a_record_it_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="found no exploration"):
        write_exploration_report(tmp_path)


def test_every_point_and_the_profile_are_drawn_where_they_are(found):
    toy = found.metrics["toy"]
    axis = figures.profile_curve("toy", toy, found.points)[0, 0]
    grid = GammaAxis(tuple(score.gamma for score in toy.ranking.judged))
    drawn = {line.get_label(): line.get_xydata() for line in axis.lines}
    points = drawn["points of the design"]
    assert points[:, 0] == pytest.approx(grid.at([point.gamma for point in found.points]))
    assert points[:, 1] == pytest.approx(toy.points)
    rows = figures.dependence("toy", toy)[0, 0]
    assert len(rows.get_yticks()) == 5 * 4
