"""Imports run one way, from what was measured to what is reported."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import neurocompare

PACKAGE = Path(neurocompare.__file__).parent
ORDER = [
    "errors",
    "shown",
    "untrusted",
    "streams",
    "files",
    "lock",
    "settings",
    "records",
    "worker",
    "dask_cluster",
    "parallel",
    "run_folder",
    "stages",
    "progress",
    "responses",
    "recordings",
    "tasks",
    "models",
    "theory",
    "dynamics",
    "metrics",
    "ranking",
    "account",
    "earlier",
    "report",
    "workflows",
    "cli",
]
# metrics know nothing of where responses come from.
METRICS_MAY_READ = {"errors", "streams", "files", "settings", "responses", "metrics"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported_rooms(path: Path, *, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    rooms = set()
    for node in tree.body if top_level_only else ast.walk(tree):
        names = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative imports hide where a name comes from"
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        rooms |= {name.split(".")[1] for name in names if name and name.startswith("neurocompare.")}
    return rooms


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_from_rooms_before_it(path):
    room = room_of(path)
    if room.startswith("__"):
        return
    allowed = set(ORDER[: ORDER.index(room) + 1])
    if room == "metrics":
        allowed = METRICS_MAY_READ
    assert imported_rooms(path) <= allowed


def test_every_room_is_in_the_order():
    assert {room_of(path) for path in MODULES} - {"__init__", "__main__"} <= set(ORDER)
