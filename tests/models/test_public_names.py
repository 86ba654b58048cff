"""Public names of models/ come from where they are said to, and records of settings need no torch."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from neurocompare import models


def test_names_are_the_same_to_people_to_checkers_and_at_run_time():
    tree = ast.parse(Path(models.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    told = {alias.name: node.module for node in block.body for alias in node.names}
    assert told == {name: f"neurocompare.models.{home}" for name, home in models._HOMES.items()}
    assert sorted([*told, "DEFAULT_GAMMAS", "Family"]) == sorted(models.__all__)  # those two are settings
    for name in models.__all__:
        # A file of the same name as what it holds would take its place once imported.
        assert not isinstance(getattr(models, name), type(sys)), name


def test_records_of_settings_need_no_torch():
    code = "import sys, neurocompare.models.zoo_plan, neurocompare.models.grid; sys.exit(int('torch' in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
