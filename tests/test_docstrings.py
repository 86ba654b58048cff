"""Every public name is documented: each parameter and field, what is returned, and what it is at all."""

from __future__ import annotations

import dataclasses
import doctest
import inspect
import re
from collections.abc import Callable
from importlib import import_module

import pytest

ROOMS = (
    "neurocompare",
    "neurocompare.settings",
    "neurocompare.recordings",
    "neurocompare.tasks",
    "neurocompare.models",
    "neurocompare.theory",
    "neurocompare.dynamics",
    "neurocompare.metrics",
    "neurocompare.ranking",
    "neurocompare.report",
    "neurocompare.report.figures",
    "neurocompare.report.figures.talk",
    "neurocompare.workflows",
)


def public() -> dict[str, object]:
    """Return the classes and functions that rooms offer, once each, by where they are written."""
    found = {}
    for room in map(import_module, ROOMS):
        for thing in (getattr(room, name) for name in room.__all__ if not name.startswith("__")):
            if callable(thing) and str(getattr(thing, "__module__", "")).startswith("neurocompare"):
                found[f"{thing.__module__}.{thing.__qualname__}"] = thing
    return found


THINGS = public()
FUNCTIONS = {name: inspect.unwrap(thing) for name, thing in THINGS.items() if not inspect.isclass(thing)}
OF_A_RUN = (
    "neurocompare.ranking.exploration.Exploration",
    "neurocompare.report.contents.RunContents",
    "neurocompare.report.figures.exploration.dependence",
    "neurocompare.report.figures.exploration.profile_curve",
    "neurocompare.report.plots.RunPlots",
    "neurocompare.workflows.finished_run.FinishedRun",
)
"""What a finished run or exploration alone can give or be given, which takes minutes: shown and not run."""
RECORDS = {name: thing for name, thing in THINGS.items() if dataclasses.is_dataclass(thing)}


def section(text: str, title: str) -> str:
    """Return a section of a numpydoc docstring; empty where it has none."""
    found = re.search(
        rf"^{title}\n-+\n(.*?)(?=\n\n[A-Z]\w+( \w+)?\n-{{3,}}\n|\Z)", text, flags=re.MULTILINE | re.DOTALL
    )
    return found[1] if found else ""


def entries(text: str) -> list[tuple[set[str], str]]:
    """Return the entries of a section: what each is about, and all that is said of it."""
    found = re.findall(r"^(\S[^\n]*\n?(?:[ ]+[^\n]*\n?|\n(?=[ ]))*)", text, flags=re.MULTILINE)
    return [(names_in(entry.splitlines()[0]), entry) for entry in found]


def names_in(text: str) -> set[str]:
    """Return what the entries of a section are about."""
    heads = re.findall(r"^([*\w][\w, *]*?)(?: : .*)?$", text, flags=re.MULTILINE)
    return {name.strip().lstrip("*") for head in heads for name in head.split(",")}


@pytest.mark.parametrize("name", THINGS)
def test_it_says_in_a_sentence_what_it_is(name):
    first = (inspect.getdoc(THINGS[name]) or "").split("\n\n")[0]
    assert first.endswith((".", ":"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_its_parameters_and_what_it_returns(name):
    function, text = FUNCTIONS[name], inspect.getdoc(FUNCTIONS[name]) or ""
    signature = inspect.signature(function)
    assert set(signature.parameters) <= names_in(section(text, "Parameters"))
    if signature.return_annotation not in (None, "None"):
        assert section(text, "Returns") or section(text, "Yields")


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_says_its_fields(name):
    record = RECORDS[name]
    text = inspect.getdoc(record) or ""
    said = names_in(section(text, "Attributes")) | names_in(section(text, "Parameters"))
    # A setting says what it is where it is declared, and a kind's name is the kind.
    told = {field.name for field in dataclasses.fields(record) if {"about", "kind"} & set(field.metadata)}
    assert {field.name for field in dataclasses.fields(record) if field.init} <= said | told


@pytest.mark.parametrize("name", THINGS)
def test_an_example_shows_what_comes_of_it_and_is_run(name):
    examples = doctest.DocTestParser().get_examples(inspect.getdoc(THINGS[name]) or "")
    telling = [each for each in examples if each.want]
    assert telling
    assert all(each.options.get(doctest.SKIP) for each in telling) == (name in OF_A_RUN)


def written_in(thing: type) -> dict[str, Callable[..., object]]:
    """Return the public methods and properties that a class itself defines."""
    kept = {name: held for name, held in vars(thing).items() if not name.startswith("_")}
    plain = {name: getattr(held, "fget", None) or getattr(held, "__func__", held) for name, held in kept.items()}
    return {name: held for name, held in plain.items() if inspect.isfunction(held)}


METHODS = {
    f"{name}.{own}": method
    for name, thing in THINGS.items()
    if inspect.isclass(thing)
    for own, method in written_in(thing).items()
}


@pytest.mark.parametrize("name", [*FUNCTIONS, *METHODS])
def test_what_refuses_something_says_so(name):
    thing = (FUNCTIONS | METHODS)[name]
    text = inspect.getdoc(thing) or ""
    assert text
    if "raise InputError" in inspect.getsource(thing):
        assert "InputError" in section(text, "Raises")


@pytest.mark.parametrize("name", THINGS)
def test_arrays_have_a_shape(name):
    for title in ("Parameters", "Attributes", "Returns", "Yields"):
        for about, entry in entries(section(inspect.getdoc(THINGS[name]) or "", title)):
            if re.search(r"\barray\b", entry.splitlines()[0]) and "Axes" not in entry:
                assert "shape" in entry or "array-like" in entry, about


MEASURED = {
    "tau", "lag", "lags", "smoothing", "bin", "width", "height", "duration", "time", "times", "transient", "period",
    "speed", "velocity", "rate", "rates", "window", "delay", "reaction", "start", "stop", "wait", "settle", "onset",
    "seconds", "frequency", "frequencies", "growth", "exponent", "exponents", "angle", "angles", "direction",
    "distance", "length",
}  # fmt: skip
"""Words of names that stand for times, rates, lengths, angles and frequencies."""

UNIT = (
    r"time constants?|\bm?s\b|[Ss]econds|[Bb]ins\b|\b[Ss]teps\b|\bHz\b|\b1/s\b|spikes/s|mm/s|\bmm\b|inches"
    r"|\brad(ians)?\b|without unit|shape \(time, time\)"
)


def measured(name: str, kind: str) -> bool:
    """Whether something is a number with a unit, by its name and by the line that gives its type."""
    numbers = re.search(r"\bfloats?\b|\barrays?\b(?! of (bool|int|complex))|\bDataArray\b|\btensors?\b", kind)
    return bool(numbers) and bool(MEASURED & set(name.split("_")))


@pytest.mark.parametrize("name", THINGS)
def test_what_is_measured_has_a_unit(name):
    for title in ("Parameters", "Attributes", "Returns", "Yields"):
        for about, entry in entries(section(inspect.getdoc(THINGS[name]) or "", title)):
            needs = any(measured(each, entry.splitlines()[0]) for each in about)
            assert not needs or re.search(UNIT, entry), entry


@pytest.mark.parametrize("name", RECORDS)
def test_a_setting_that_is_measured_has_a_unit(name):
    for field in dataclasses.fields(RECORDS[name]):
        said = field.metadata.get("about")
        if said is not None and measured(field.name, str(field.type)):
            assert said.unit or re.search(UNIT, said.help), field.name


def test_these_questions_can_be_answered_no():
    text = "Parameters\n----------\ntau : float\n    How slow.\nx : array\n    Numbers.\n\nReturns\n-------\nfloat\n"
    (tau, slow), (x, numbers) = entries(section(text, "Parameters"))
    assert (tau, x) == ({"tau"}, {"x"})
    assert measured("tau", slow.splitlines()[0])
    assert not measured("x", numbers.splitlines()[0])
    assert not re.search(UNIT, slow)
    assert "shape" not in numbers
