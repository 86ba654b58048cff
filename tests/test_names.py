"""A variable is named for what it holds; some names say only that there is something."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import neurocompare

PACKAGE = Path(neurocompare.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
PROJECT = PACKAGE.parent
PAGES = sorted([PROJECT / "README.md", *(PROJECT / "tutorials").rglob("*.md")])
SHOWN = [*sorted((PROJECT / "tutorials").rglob("*.py")), *sorted((PROJECT / "tutorials").glob("*.ipynb")), *PAGES]
"""What users read and copy from."""

SAY_NOTHING = {"found", "told", "said", "whole"}
LEFT = {
    "ranking/ceiling.py": {"whole"},  # a key of ranking.json, and of every file that holds a ceiling
}


def names_in(text: str) -> Iterator[str]:
    """Names that a module gives: to variables, parameters, attributes, functions, classes and imports."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
                yield name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_name_says_what_it_holds(path):
    left = LEFT.get(path.relative_to(PACKAGE).as_posix(), set())
    assert SAY_NOTHING & set(names_in(path.read_text(encoding="utf-8"))) <= left


def code_in(path: Path) -> str:
    """Return the Python in a module, a notebook (without its magic commands) or a page."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = (cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code")
        return re.sub(r"^%.*$", "", "\n".join("".join(cell["source"]) for cell in cells), flags=re.MULTILINE)
    if path.suffix == ".md":
        return "\n".join(re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    return text


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_name_that_users_copy_says_what_it_holds(path):
    assert not SAY_NOTHING & set(names_in(code_in(path)))


@pytest.mark.parametrize(
    "text",
    [
        "found = 1", "found: int", "for _, found in (): pass", "(found := 1)", "[0 for found in ()]", "self.found = 1",
        "def f(found): pass", "def f(*, found): pass", "lambda found: 0", "def found(): pass", "class found: pass",
        "import math as found", "with f() as found: pass", "try: pass\nexcept OSError as found: pass",
        "match 1:\n    case found: pass",
    ],
)  # fmt: skip
def test_names_are_seen_wherever_they_are_given(text):
    assert "found" in set(names_in(text))


def test_names_that_are_only_used_and_words_in_texts_are_not_given():
    assert set(names_in('f"found {a}"; b(found=0); a.found; found')) == set()
