"""Solutions of the theory: which one leads where there are two, and what each is called in a table."""

from __future__ import annotations

from collections.abc import Sequence

from neurocompare.theory import MeanField


def leading(fields: Sequence[MeanField]) -> tuple[MeanField, ...]:
    """Return one solution a gamma, ascending: of two branches the one of lower F, which is what large networks do."""
    best: dict[float, MeanField] = {}
    for field in sorted(fields, key=lambda each: (each.gamma, each.free_energy)):
        best.setdefault(field.gamma, field)
    return tuple(best.values())


def name_of(field: MeanField) -> str:
    """Name a solution: what its rows in a table of scores have under ``network``."""
    return f"infinite network, gamma {field.gamma!r}" + ("" if field.branch == "only" else f", {field.branch}")
