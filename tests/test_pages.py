"""What README and the pages show works: Python is run, commands are parsed, files and extras that are named exist.

A block of Python is run after the blocks before it on its page, in an empty folder with a few recordings in it. A block
that begins with the name of a file (``# mymodel.py``) is that file. Commands that score such a file are run, others
only parsed. A comment that readers do not see makes a block small: ``<!-- tests: n_units=400 -> n_units=80; ... -->``.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from drawing import drawn_once  # noqa: F401
from typer.main import get_command
from typer.testing import CliRunner

import neurocompare as nc
from neurocompare.cli.main import app
from neurocompare.files import shipped
from neurocompare.metrics import get_metric
from neurocompare.models import Sampling
from neurocompare.recordings import find

PROJECT = Path(__file__).parents[1]
SOURCES = (PROJECT / "README.md", PROJECT / ".github" / "CONTRIBUTING.md", *(PROJECT / "tutorials").rglob("*.md"))
PAGES = {str(path.relative_to(PROJECT)): path.read_text(encoding="utf-8") for path in SOURCES}
BLOCK = re.compile(
    r"(?:<!-- tests: (?P<mark>.*?) -->\n)?^```(?P<kind>[\w-]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)

FILE = re.compile(r"# (\w+\.py)\n")
"""The first line of a block that is a file."""

# What marks may use.
BRIEF = Sampling(ramp=1, adaptation=4, trajectories=8, segments=1, max_leapfrogs=5)
FEW = {"metrics": [get_metric("cka")], "scoring": nc.Scoring(resamples=20), "workers": nc.Workers(1)}
TINY = {
    "family": nc.Family(n_units=80),
    "networks": nc.Networks(gammas=(0.0, 0.4), method="reservoir", chains=2),
    "scoring": nc.Scoring(resamples=20, metrics=("cka",)),
    "workers": nc.Workers(1),
}


def blocks(page: str, kind: str) -> list[re.Match[str]]:
    return [block for block in BLOCK.finditer(PAGES[page]) if block["kind"] == kind]


def pages_with(kind: str) -> list[str]:
    return [page for page in PAGES if blocks(page, kind)]


def made_small(block: re.Match[str]) -> str:
    """Return a block as its mark wants it; every change has to find its place."""
    text = block["text"]
    for change in (block["mark"] or "").split("; "):
        if change:
            shown, small = change.split(" -> ")
            assert shown in text, f"expected {shown!r} in the block"
            text = text.replace(shown, small)
    return text


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to work in, with recordings by the names that pages use; modules that pages write lie there."""
    for name in ("session.nwb", "a.nwb"):
        shutil.copy(shipped(find("synthetic").path), tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [path.stem for path in tmp_path.glob("*.py")]:
        sys.modules.pop(name, None)


def commands_before(page: str, block: re.Match[str]) -> list[list[str]]:
    """Return the commands that a page gives before a block."""
    earlier = [each for each in blocks(page, "console") if each.start() < block.start()]
    return [words for each in earlier for words in commands(each["text"])]


def scored_files(page: str) -> list[list[str]]:
    """Return the commands of a page that score a module which the page shows before them, as tests want them."""
    written = {name[1]: block.start() for block in blocks(page, "python") if (name := FILE.match(block["text"]))}
    return [
        words[1:]
        for block in blocks(page, "console")
        for words in commands(made_small(block))
        if words[:2] == ["neurocompare", "score"]
        and written.get(f"{words[2].partition(':')[0]}.py", block.end()) < block.start()
    ]


@pytest.mark.parametrize("page", pages_with("python"))
def test_python_runs(page, folder, capsys):
    scope: dict = {"BRIEF": BRIEF, "FEW": FEW, "TINY": TINY}
    for block in blocks(page, "python"):
        if "task.npz" in block["text"]:  # exported by a command of the same page
            assert ["neurocompare", "task", "synthetic", "--export", "task.npz"] in commands_before(page, block)
            nc.export_task(nc.reach_task(nc.open_recording("synthetic")), "task.npz")
        text = made_small(block)
        if name := FILE.match(text):
            (folder / name[1]).write_text(text, encoding="utf-8")
        else:
            exec(compile(text, page, "exec"), scope)
    assert capsys.readouterr().out or "print" not in "".join(block["text"] for block in blocks(page, "python"))
    for words in scored_files(page):
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, result.output
        assert (folder / words[words.index("--out") + 1] / "report.html").exists()


def test_the_model_of_the_start_page_is_scored_by_command():
    assert [words[1] for words in scored_files("tutorials/start.md")] == ["mymodel:model"]


def commands(text: str) -> list[list[str]]:
    """Return the words of each command of a block, one a line; a line that ends in a backslash goes on in the next."""
    lines = text.replace("\\\n", "").splitlines()
    assert all(line.startswith("$ ") for line in lines), "a block of commands holds nothing else"
    split = [part for line in lines for part in shlex.join(shlex.split(line[2:], comments=True)).split(" '&&' ")]
    return [shlex.split(part) for part in split]


def parsed(words: list[str]) -> None:
    """Parse a command of ours as the command line would."""
    command = get_command(app)
    name, *arguments = words
    assert isinstance(command, typer.core.TyperGroup)
    with typer.Context(command) as context:
        command.commands[name].make_context(name, arguments, parent=context)


def check(words: list[str]) -> None:
    """Check whatever can be checked of a command without running it."""
    program = Path(words[0]).name
    if program == "neurocompare":
        parsed(words[1:])
    elif program == "pip":
        extras = re.findall(r"\[([\w,]+)\]", words[-1])
        project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
        assert {each for extra in extras for each in extra.split(",")} <= set(project["optional-dependencies"])
    elif program == "python" and words[1] != "-m":
        assert (PROJECT / words[1]).exists()
    elif program == "python":
        assert words[2] in ("pytest", "sphinx")
        assert all((PROJECT / word).exists() for word in words[3:] if word.split("/")[0] in ("tests", "tutorials"))
    else:
        assert program in ("jupyter", "python3", "source", "ruff"), f"{program} is not known to the tests"


@pytest.mark.parametrize("page", pages_with("console"))
def test_commands_are_understood(page):
    for block in blocks(page, "console"):
        for words in commands(block["text"]):
            check(words)


def test_a_wrong_option_is_noticed():
    with pytest.raises(Exception, match="No such option"):
        check(["neurocompare", "run", "session.nwb", "--fast"])


@pytest.mark.parametrize("page", PAGES)
def test_links_to_files_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+?)(?:#[^)\s]*)?\)", PAGES[page])
    here = (PROJECT / page).parent
    assert not [link for link in links if "://" not in link and not (here / link).exists()]


def test_the_readme_is_short_and_begins_with_what_it_is():
    lines = PAGES["README.md"].splitlines()
    assert len(lines) <= 110
    assert lines[2].startswith("How much of a brain circuit's connectivity is learned structure")
