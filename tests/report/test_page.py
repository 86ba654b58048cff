"""The page: whole, self-contained, escaped, and with the numbers in it."""

import json
import re
from html.parser import HTMLParser

import pytest
from drawing import drawing_once

from neurocompare.report import write_report
from neurocompare.responses import load_responses, save_responses

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Checks that tags close in order, and keeps attributes and text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.attributes, self.texts, self.ids = [], [], [], []
        self.style = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, *pair) for pair in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes += [(tag, *pair) for pair in attrs]
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data
        self.texts.append(data)


@pytest.fixture(scope="module")
def page(run_folder):
    return Page(write_report(run_folder).read_text(encoding="utf-8"))


def drawn_once(folder):
    with drawing_once():
        return Page(write_report(folder).read_text(encoding="utf-8"))


def words(page):
    return re.sub(r"\s+", " ", " ".join(page.texts))


def test_every_figure_is_there_as_files_too(page, run_folder, read_figures):
    """Each figure of the page once: those that a talk wants by what they show."""
    found = read_figures(run_folder / "figures")
    assert {f"{name}-figure_1" for name in found} == {name for name in page.ids if name.endswith("-figure_1")}
    for place, metric in enumerate(json.loads((run_folder / "ranking.json").read_text())["metrics"]):
        texts = found[f"curve-{place}-{metric}"]
        assert {metric, "structure parameter γ", "0 (reservoir)"} <= set(texts)
    for name in (
        "agreement",
        "shares",
        "trajectories-0",
        "units-0",
        "variance",
        "eigenvalues-1",
        "inputs",
        "fit",
        "key",
    ):
        assert name in found


@pytest.fixture(scope="module")
def twice(page, run_folder):
    """The page as it was, written once more where an earlier one had left a figure, and someone else another."""
    before = (run_folder / "report.html").read_bytes()
    for name in ("curve-9-gone.png", "curve-of-mine.png"):
        (run_folder / "figures" / name).write_bytes(b"")
    (run_folder / "figures" / "curve-0-procrustes.png").unlink()
    write_report(run_folder)
    return before


@pytest.mark.usefixtures("twice")
def test_figures_that_an_earlier_page_had_more_of_go_and_others_stay(run_folder):
    figures = run_folder / "figures"
    assert (figures / "curve-0-procrustes.png").stat().st_size
    assert not (figures / "curve-9-gone.png").exists()
    assert (figures / "curve-of-mine.png").exists()
    (figures / "curve-of-mine.png").unlink()


def edit(folder, change):
    path = folder / "ranking.json"
    ranking = json.loads(path.read_text())
    change(ranking)
    path.write_text(json.dumps(ranking))


def test_nothing_is_asked_of_anyone(page):
    """No address but places in the page itself, no script, and a policy that forbids both."""
    for tag, name, value in page.attributes:
        assert tag not in ("script", "link", "iframe", "object", "embed", "base")
        assert not name.startswith("on")
        if name in ("src", "href", "xlink:href", "action", "data"):
            assert value.startswith("#"), (tag, name, value)
        if name == "style":
            assert "url(" not in value.replace("url(#", "")
    assert "--paper" in page.style
    assert "@import" not in page.style
    assert "url(" not in page.style
    assert ("meta", "content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:") in page.attributes


def test_ids_are_unique_and_every_reference_has_one(page):
    assert len(page.ids) == len(set(page.ids))
    for _, name, value in page.attributes:
        if name == "xlink:href":
            assert value[1:] in page.ids
        for target in re.findall(r"url\(#([^)]*)\)", value or ""):
            assert target in page.ids


def test_key_numbers_are_on_the_page(page, run_folder):
    ranking = json.loads((run_folder / "ranking.json").read_text())
    text = words(page)
    assert ranking["summary"]["sentence"] in text.replace("\u00a0", " ")
    for name, result in ranking["metrics"].items():
        assert name in text
        assert result["why"] in text
        best = max(entry["mean"] for entry in result["scores"])
        assert f"{best:.3g}" in text
    assert "higher is more similar; -1 to 1" in text
    assert "conditions 0.3 to 0.42, p = 0.012" in text
    assert "made from a network of γ = 0.4" in text
    assert "hand velocity is zero before go" in text
    assert "10 units kept, 2 below 1 spikes/s left out" in text
    assert "61.5" in text
    assert "1 of 8 networks come from chains that have not converged (gamma 1.6)" in text


def test_sections_come_in_the_order_a_reader_asks(page):
    text = words(page)
    headings = [
        "most similar",
        "How sure",
        "Score against γ",
        "agree?",
        "beside the data",
        "What could be wrong",
        "How it was",
    ]
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)


def test_names_from_files_are_text_and_nothing_else(own_run_folder):
    hostile = "<img src=http://evil.example/x onerror=alert(1)>\"'&{{ 7*7 }}$\\frac{$"
    recording = load_responses(own_run_folder / "recording.nc").drop_vars("target_angle")
    units = [f"{hostile[:20]}{number}" for number in range(recording.sizes["unit"])]
    save_responses(
        recording.assign_coords(unit=units).assign_attrs(source=hostile, unit=hostile), own_run_folder / "recording.nc"
    )

    def change(ranking):
        ranking["recordings"] = [hostile]
        ranking["metrics"][hostile] = ranking["metrics"].pop("cka")
        ranking["metrics"]["cca"]["why"] = hostile
        ranking["metrics"]["cca"]["nulls"] = {hostile: {"mean": 0.1, "high": 0.2, "p": 0.01}}
        ranking["summary"]["sentence"] = hostile

    edit(own_run_folder, change)
    run = json.loads((own_run_folder / "run.json").read_text())
    (own_run_folder / "run.json").write_text(json.dumps(run | {"notes": [hostile], "task": hostile}))
    page = drawn_once(own_run_folder)
    assert not [entry for entry in page.attributes if entry[0] == "img" or "evil" in str(entry[1])]
    assert not [entry for entry in page.attributes if "evil." in str(entry[2]) and entry[1] != "aria-label"]
    assert hostile in page.texts
    assert any(text.startswith("unit <img src=http") for text in page.texts)


NOTHING = {
    "scores": [],
    "p_best": [],
    "best_gamma": None,
    "gamma_interval": None,
    "ceiling": None,
    "nulls": {},
    "contrasts": [],
    "verdict": "unreliable",
    "why": "too few conditions",
}


def test_a_metric_without_scores_has_its_reason_and_no_curve_and_keys_may_be_added(own_run_folder):
    def change(ranking):
        ranking["metrics"]["cca"].update(NOTHING, later=1)
        ranking["later"] = {"key": []}

    edit(own_run_folder, change)
    page = drawn_once(own_run_folder)
    assert len([name for name in page.ids if re.fullmatch(r"curve-\d-\w+-figure_1", name)]) == 3
    assert "cca is unreliable: too few conditions" in words(page)


def test_a_run_in_which_no_metric_could_be_computed(own_run_folder):
    def change(ranking):
        for result in (*ranking["metrics"].values(), *ranking["centred"].values()):
            result.update(NOTHING)
        ranking["summary"].update(best_gamma=None, gamma_interval=None)
        ranking["planted_gamma"] = None

    edit(own_run_folder, change)
    text = words(drawn_once(own_run_folder))
    assert "No metric could be computed" in text
    assert "planted γ " not in text


def test_the_same_run_gives_the_same_page(twice, run_folder):
    assert (run_folder / "report.html").read_bytes() == twice


def test_a_theory_beside_the_run_has_a_line_and_a_place_in_the_legend(own_run_folder, put_theory, page):
    put_theory()
    shown = drawn_once(own_run_folder)

    def named(page):
        return [text for text in page.texts if text.strip() == "infinite networks"]

    assert named(shown)
    assert not named(page)
