"""Former forms of the files of this room, brought up to today's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

VALUES = {
    "value": "gamma",
    "values": "gammas",
    "best_value": "best_gamma",
    "value_interval": "gamma_interval",
    "value_star": "gamma_star",
    "planted_value": "planted_gamma",
}
"""What schema 1 of ranking.json called gamma along another axis."""


def ranking_of_schema_1(document: dict[str, Any]) -> dict[str, Any]:
    """Bring a ranking.json of schema 1 up to schema 2.

    There, keys spoke of values where the axis was not gamma, ceilings were four fields, and a metric's entry did not
    repeat its name.
    """
    document = _renamed(document)
    for section in (document, *document.get("pooled", {}).get("by_recording", ())):
        for block in ("metrics", "centred"):
            for name, entry in section.setdefault(block, {}).items():
                _bring_up(name, entry)
    return document


def ranking_of_schema_2(document: dict[str, Any]) -> dict[str, Any]:
    """Bring a ranking.json of schema 2 up to schema 3: it named files in which it was repeated at other settings."""
    document.pop("confounds", None)
    return document


def model_score_of_schema_1(document: dict[str, Any]) -> dict[str, Any]:
    """Bring a score.json of schema 1 up to schema 2.

    There, a metric's entry did not repeat its name and held its score in a field of its own, and the ceiling of the
    nearest networks was a pair.
    """
    document["sentence"] = document["summary"]["sentence"]
    for block in ("metrics", "centred"):
        for name, entry in document[block].items():
            entry |= {"metric": name, **(entry.pop("score") or {})}
            nearest = entry["nearest"] or {}
            if nearest.get("ceiling"):
                low, high = nearest["ceiling"]
                nearest["ceiling"] = {"low": low, "high": high}
    return document


def model_score_of_schema_2(document: dict[str, Any]) -> dict[str, Any]:
    """Bring a score.json of schema 2 up to schema 3: lag was called lead."""
    settings = document.get("settings") or {}
    if "lead" in settings:
        settings["lag"] = settings.pop("lead")
    return document


def model_comparison_of_schema_1(document: dict[str, Any]) -> dict[str, Any]:
    """Bring a comparison.json of schema 1, with scores of schema 2, up to schema 2."""
    document["scores"] = {name: model_score_of_schema_2(one) for name, one in document["scores"].items()}
    return document


def theory_of_schema_1(document: dict[str, Any]) -> dict[str, Any]:
    """Bring a theory.json of schema 1 up to schema 2: its ranking was of schema 1, its scores beside other columns."""
    if document["ranking"] is not None:
        document["ranking"] = ranking_of_schema_1(document["ranking"])
    named = {*(document["ranking"] or {"metrics": ()})["metrics"], *(each["metric"] for each in document["kernels"])}
    for row in document["solutions"]:
        row["scores"] = {name: row[name] for name in row if name in named}
    return document


def theory_of_schema_2(document: dict[str, Any]) -> dict[str, Any]:
    """Bring a theory.json of schema 2 up to schema 3: the error of a kernel was not kept."""
    for row in document["solutions"]:
        row["kernel_error"] = None
    return document


def theory_of_schema_3(document: dict[str, Any]) -> dict[str, Any]:
    """Bring a theory.json of schema 3, with a ranking of schema 2, up to schema 4."""
    if document["ranking"] is not None:
        document["ranking"] = ranking_of_schema_2(document["ranking"])
    return document


def _bring_up(name: str, entry: dict[str, Any]) -> None:
    entry["metric"] = name
    if entry["ceiling"] is not None:
        extrapolated = {"whole": "ceiling_whole", "limit": "ceiling_limit", "reliability": "reliability"}
        entry["ceiling"] |= {now: _pair(entry.get(then)) for now, then in extrapolated.items()}


def _pair(bounds: Mapping[str, float] | None) -> list[float] | None:
    return None if bounds is None else [bounds["low"], bounds["high"]]


def _renamed(tree: Any) -> Any:
    """Rename keys of nested mappings and lists, but for settings, which are the user's."""
    if isinstance(tree, dict):
        return {VALUES.get(key, key): tree[key] if key == "settings" else _renamed(tree[key]) for key in tree}
    return [_renamed(item) for item in tree] if isinstance(tree, list) else tree
