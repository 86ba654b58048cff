"""A record is also its file: what is written is read back equal, and nothing else passes for it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.records import load_record, save_record
from neurocompare.settings import Checked, setting


@dataclass(frozen=True)
class Pace(Checked):
    tau: float = setting(0.1, "Membrane time constant.", unit="s", above=0)


@dataclass(frozen=True)
class Walk:
    SCHEMA: ClassVar[int] = 2
    FORMER: ClassVar = {1: lambda document: document | {"pace": {"tau": document["tau"]}}}
    AGAIN: ClassVar[str] = "walk again"

    name: str
    pace: Pace
    steps: tuple[tuple[float, float], ...] = ()
    kind: Literal["slow", "fast"] = "slow"
    why: str | None = None
    settings: dict[str, Any] | None = None


WALK = Walk("a", Pace(0.3), ((0.0, 1.5),), "fast", None, {"g": 1.5, "areas": ["M1"]})


def test_what_is_written_is_read_back_equal(tmp_path):
    save_record(WALK, tmp_path / "walk.json")
    assert load_record(Walk, tmp_path / "walk.json") == WALK
    assert json.loads((tmp_path / "walk.json").read_text())["schema"] == 2


def test_numbers_of_numpy_are_numbers(tmp_path):
    save_record(Walk("a", Pace(), ((np.float64(0), np.float32(1.5)),)), tmp_path / "walk.json")
    assert load_record(Walk, tmp_path / "walk.json").steps == ((0.0, 1.5),)


def test_a_number_that_is_not_finite_is_never_written(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        save_record(Walk("a", Pace(), ((0.0, float("nan")),)), tmp_path / "walk.json")
    assert not (tmp_path / "walk.json").exists()


def test_keys_may_be_added(tmp_path):
    save_record(WALK, tmp_path / "walk.json")
    document = json.loads((tmp_path / "walk.json").read_text())
    (tmp_path / "walk.json").write_text(json.dumps(document | {"later": [1, 2]}))
    assert load_record(Walk, tmp_path / "walk.json") == WALK


def test_an_older_schema_is_read(tmp_path):
    (tmp_path / "walk.json").write_text('{"schema": 1, "name": "a", "tau": 0.3}')
    assert load_record(Walk, tmp_path / "walk.json") == Walk("a", Pace(0.3))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "walk again"),
        ("[]", "a list in place of an object"),
        ('{"schema": 3, "name": "a"}', "schema 3, which this version (it knows up to 2) cannot read"),
        ('{"schema": "x"}', "schema 'x'"),
        ('{"name": "a"}', "schema 0, which is read no more"),
        ('{"schema": 1, "name": "a"}', "'tau'"),
        ('{"schema": 2, "name": 3, "pace": {}}', "$.name"),
        ('{"schema": 2, "name": "a", "pace": {"tau": -1}}', "tau to be a number above 0 s, found -1"),
        ('{"schema": 2, "name": "a", "pace": {}, "kind": "__import__"}', "$.kind"),
        ('{"schema": 2, "name": "a", "pace": {}, "steps": [[0, "1"]]}', "$.steps[0][1]"),
        ("[" * 100_000, "walk again"),
        ('{"schema": 2, "name": "a", "pace": ' + '{"tau":' * 50_000, "walk again"),
    ],
)
def test_anything_else_is_one_line_that_says_what_to_do(tmp_path, text, said):
    (tmp_path / "walk.json").write_text(text)
    with pytest.raises(InputError) as refused:
        load_record(Walk, tmp_path / "walk.json")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_no_plain_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "walk.json")
    with pytest.raises(InputError, match="not a plain file"):
        load_record(Walk, tmp_path / "walk.json")
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    with pytest.raises(InputError, match="not a plain file"):
        load_record(Walk, tmp_path / "zero.json")
    with pytest.raises(InputError, match=r"found no none\.json"):
        load_record(Walk, tmp_path / "none.json")
