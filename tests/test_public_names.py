"""Public names: a stub beside each `__init__.py` says once, to people and checkers, where each one lives."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import neurocompare

PACKAGE = Path(neurocompare.__file__).parent
STUBS = sorted(PACKAGE.rglob("__init__.pyi"))


@pytest.mark.parametrize("stub", STUBS, ids=lambda stub: stub.parent.name)
def test_each_name_is_what_its_file_holds(stub):
    package = ".".join(("neurocompare", *stub.parent.relative_to(PACKAGE).parts))
    said = {
        alias.name: node.module
        for node in ast.parse(stub.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    room = import_module(package)
    assert sorted(said) == sorted(room.__all__)
    for name, home in said.items():
        held = getattr(room, name)
        if home is None:  # a room of the package, loaded when it is first asked for
            assert held is import_module(f"{package}.{name}")
            continue
        assert held is getattr(import_module(f"{package}.{home}"), name)
        assert not isinstance(held, type(sys)), name


@pytest.mark.parametrize(("room", "name"), [("recordings", "describe"), ("ranking", "compare"), ("tasks", "muscles")])
def test_a_file_does_not_take_the_place_of_the_function_it_is_named_after(room, name):
    code = f"import neurocompare.{room}.{name}; from neurocompare.{room} import {name}; assert callable({name})"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "code",
    ["import neurocompare; neurocompare.Family", "import neurocompare.models.zoo_plan, neurocompare.settings.nuisance"],
)
def test_records_of_settings_need_no_torch(code):
    code = f"import sys; {code}; sys.exit(int('torch' in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_windows_is_refused_in_a_line():
    code = "import sys; sys.platform = 'win32'; import neurocompare"
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("ImportError: expected Linux or macOS, found Windows")
