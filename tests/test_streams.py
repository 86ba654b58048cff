"""No two purposes, seeds or indices share a stream, and everything random in the package comes from one."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import numpy as np
import pytest

import neurocompare
from neurocompare.streams import Purpose, one_seed, stream, torch_stream

PACKAGE = Path(neurocompare.__file__).parent


def test_what_differs_in_anything_is_another_stream():
    keys = [
        (purpose, seed, *index)
        for purpose in Purpose
        for seed in (0, 1, 2**32, 2**62, "ff", "00ff")
        for index in ((), (0,), (1,), (0, 0), (0, 1), (1, 0), (0, 0, 0))
    ]
    # A digest is a number: "ff" and "00ff" are one, and 255 is not among the seeds.
    distinct = {(key[0], int(key[1], 16) if isinstance(key[1], str) else key[1], *key[2:]) for key in keys}
    first = {key: stream(*key).integers(2**63, size=2).tobytes() for key in distinct}
    assert len(set(first.values())) == len(distinct)


def test_numbers_of_purposes_are_used_once():
    assert len({purpose.value for purpose in Purpose}) == len(Purpose.__members__)


def test_streams_of_torch_differ_as_those_of_numpy():
    words = {
        torch_stream(Purpose.NETWORK, seed, *index).initial_seed() for seed in (0, 1) for index in ((), (0,), (1,))
    }
    assert len(words) == 6
    assert one_seed(Purpose.SESSION, 1) != one_seed(Purpose.SESSION, 2)


def test_neighbouring_streams_are_uncorrelated():
    draws = np.array([stream(Purpose.OBSERVED, 0, index).standard_normal(2000) for index in range(40)])
    correlations = [np.corrcoef(a, b)[0, 1] for a, b in itertools.combinations(draws, 2)]
    # 780 correlations of standard error 1 / sqrt(2000): their largest stays below 4.5 of them but once in 200.
    assert max(map(abs, correlations)) < 4.5 / np.sqrt(2000)


@pytest.mark.parametrize(("seed", "index"), [(-1, ()), (0, (-1,)), (0, (2**32,))])
def test_what_would_wrap_around_is_refused(seed, index):
    with pytest.raises(ValueError, match="expected a seed"):
        stream(Purpose.HALVES, seed, *index)


def test_nothing_in_the_package_seeds_a_generator_of_its_own():
    found = []
    for path in PACKAGE.rglob("*.py"):
        if path.name == "streams.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = node.func.attr
                seeded = name in ("manual_seed", "SeedSequence", "RandomState", "seed")
                # default_rng takes what a caller gives: a seed of theirs, or a stream.
                seeded |= name == "default_rng" and not (
                    len(node.args) == 1 and isinstance(node.args[0], ast.Name) and node.args[0].id in ("seed", "rng")
                )
                if seeded:
                    found.append(f"{path.relative_to(PACKAGE)}:{node.lineno} {name}")
    # A guest's module draws from torch's own generator, which is set for it and put back.
    assert [each for each in found if not each.startswith("models/external/modules.py")] == []
