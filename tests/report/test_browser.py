"""The pages in a real browser: alone, quiet, complete, within the window, readable in any light and on paper."""

from __future__ import annotations

import json

import pytest
from browser import FAINT, GROUND, STICKING_OUT
from drawing import drawing_once

from neurocompare.report import write_report, write_score_report

WIDTHS = (360, 768, 1024, 1440)
SCHEMES = ("light", "dark")
LONGEST = (
    "every null is beaten (largest p = 0.0123), the best gamma beats the reservoir and the largest gamma and units "
    "that only follow the movement (largest p = 0.00123) and the 95 % interval of the best gamma leaves out both ends"
)
VERDICTS = ("resolved", "edge", "tied", "unreliable")
HARM = "<img src=http://127.0.0.1:9/x onerror=alert(1)><script>fetch('http://127.0.0.1:9')</script>"


def wordy(ranking):
    """Make numbers and reasons as long as they get, and let every verdict come up."""
    for verdict, result in zip(VERDICTS, ranking["metrics"].values(), strict=True):
        result["verdict"] = verdict
        result["why"] = LONGEST
        null = {"mean": -0.00142, "high": 0.692, "p": 0.0123}
        result["nulls"] = dict.fromkeys(("conditions", "time-shift", "surrogates"), null)
        result["contrasts"] = [
            {"against": rival, "difference": 0.0376, "low": -0.00142, "high": 0.0766, "p": 0.00025}
            for rival in ("reservoir", "largest", "kinematic")
        ]
        result["gamma_interval"] = [0.351, 0.703]


@pytest.fixture(scope="module")
def pages(tmp_path_factory, new_run, new_score):
    """Pages of a run, of a ranking of a zoo elsewhere whose names are made to do harm, and of a scored model."""
    run, rank, score = (tmp_path_factory.mktemp(name) for name in ("run", "rank", "score"))
    elsewhere = tmp_path_factory.mktemp("zoo") / "networks"
    for folder in (run, rank):
        ranking = json.loads((new_run(folder) / "ranking.json").read_text())
        wordy(ranking)
        if folder is rank:
            (folder / "zoo").rename(elsewhere)
            (elsewhere / "zoo.csv").rename(folder / "zoo.csv")
            ranking["recordings"] = [HARM + "unbroken" * 40]
            ranking["metrics"][HARM] = ranking["metrics"].pop("cka")
        (folder / "ranking.json").write_text(json.dumps(ranking))
    with drawing_once(settled=True):
        return {
            "run": write_report(run),
            "rank": write_report(rank, zoo=elsewhere),
            "score": write_score_report(new_score(score)),
        }


PAGES = ("run", "rank", "score")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_and_says_nothing_on_the_console(browser, pages, name):
    browser.open(pages[name])
    assert browser.requested() == [pages[name].as_uri()]
    assert browser.console() == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_sticks_out_and_all_text_can_be_read(browser, pages, name):
    browser.open(pages[name])
    for width in WIDTHS:
        for scheme in SCHEMES:
            browser.look(width, scheme)
            assert browser.run(FAINT) == [], (width, scheme)
        assert browser.run(STICKING_OUT) == [], width


def test_a_page_is_dark_in_the_dark_and_white_on_paper(browser, pages):
    browser.open(pages["run"])
    grounds = []
    for scheme, medium in (("light", "screen"), ("dark", "screen"), ("dark", "print")):
        browser.look(768, scheme, medium)
        grounds.append(browser.run(GROUND))
    assert grounds == ["rgb(255, 255, 255)", "rgb(20, 24, 29)", "rgb(255, 255, 255)"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints_on_a_few_sheets_of_which_nothing_sticks_out(browser, pages, name):
    browser.open(pages[name])
    assert 3 <= browser.pages_printed() <= 15
    browser.look(718, medium="print")  # A4 less the margins
    assert browser.run(STICKING_OUT) == []
    assert "Similarity" in browser.text(), "what is folded away on a screen is there on paper"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["run", "rank"])
def test_the_answer_and_how_sure_it_is_can_be_seen(browser, pages, name, width):
    ranking = json.loads((pages[name].parent / "ranking.json").read_text())
    browser.open(pages[name])
    browser.look(width)
    text = browser.text()
    assert ranking["summary"]["sentence"] in text
    table = browser.run("return document.querySelector('table').innerText")
    for metric, result in ranking["metrics"].items():
        assert metric in table
        low, high = result["gamma_interval"]
        assert f"{low:g} to {high:g}" in table
        assert f"{result['best_gamma']:g}" in table
        assert result["verdict"] in table
    # In the first window: the answer itself.
    assert browser.run("return document.querySelector('h1').getBoundingClientRect().bottom") < 450


@pytest.mark.parametrize("width", WIDTHS)
def test_a_models_score_and_how_sure_it_is_can_be_seen(browser, pages, width):
    result = json.loads((pages["score"].parent / "score.json").read_text())
    browser.open(pages["score"])
    browser.look(width)
    text = browser.text()
    assert result["sentence"] in text
    for metric, one in result["metrics"].items():
        assert metric in text
        if "mean" in one:
            assert "0.543" in text
            assert "0.51 to 0.58" in text
            assert "0.2 to 0.8" in text  # of the nearest gamma


def test_these_questions_can_be_answered_no(browser, tmp_path):
    """A page that does all that the others must not."""
    page = tmp_path / "bad.html"
    page.write_text(
        "<!doctype html><meta name=viewport content='width=device-width'><img src='http://127.0.0.1:9/x.png'>"
        "<p style='color: #999'>faint</p><p style='width: 500px'>wide</p><script>console.error('said')</script>"
        "<svg width=50 height=20><text x=30 y=15>beyond its figure</text></svg>"
    )
    browser.open(page)
    assert "http://127.0.0.1:9/x.png" in browser.requested()
    assert any("said" in message for message in browser.console())
    browser.look(360)
    (faint,) = browser.run(FAINT)
    assert faint.endswith("faint")
    assert faint.startswith("2.8")  # #999 on white: 2.85
    stuck = browser.run(STICKING_OUT)
    assert any("wide" in each for each in stuck)
    assert any("cut off" in each for each in stuck)


def test_sections_are_found_and_figures_have_names_for_those_who_cannot_see_them(browser, pages):
    browser.open(pages["run"])
    named = browser.run("return [...document.querySelectorAll('svg[role=img]')].map(each => each.ariaLabel)")
    assert len(named) > 15
    assert all(named)
    assert browser.run("return document.querySelectorAll('main > section > h2').length") >= 6
