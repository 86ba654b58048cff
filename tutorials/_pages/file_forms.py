"""The forms of files that people script against, from the records that write them.

``.. file-form:: neurocompare.ranking.Ranking ranking.json`` gives a table a record: its keys, their types, and what the
record's docstring says of each. The same as JSON Schema goes to ``schemas/ranking.schema.json`` of the built pages.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from docutils import nodes
from numpydoc.docscrape import NumpyDocString
from public_names import import_named
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from neurocompare.records import OneOf

SIMPLE = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path", type(None): "null"}


def keys_of(record: type) -> dict[str, Any]:
    """Return the types of a record's keys in its file, by key."""
    hints = typing.get_type_hints(record)
    kept = [field for field in dataclasses.fields(record) if field.metadata.get("kept") is not False]
    return {field.name: hints[field.name] for field in kept}


def inside(kind: Any) -> Iterator[Any]:
    """Give the types that a type is made of, itself when it is made of none."""
    parts = typing.get_args(kind)
    if typing.get_origin(kind) is typing.Literal or not parts:
        yield kind
    else:
        for part in parts:
            yield from inside(part)


def records_of(record: type) -> list[type]:
    """Return a record and all records within it, in the order in which they are met."""
    records, ahead = [], [record]
    while ahead:
        first = ahead.pop(0)
        if first in records:
            continue
        records.append(first)
        for kind in keys_of(first).values():
            for part in inside(kind):
                if inspect.isclass(part) and issubclass(part, OneOf):
                    ahead += part.kinds().values()
                elif dataclasses.is_dataclass(part):
                    ahead.append(part)
    return records


def in_words(kind: Any) -> str:
    """Return a type as a reader of JSON knows it."""
    if kind in SIMPLE:
        return SIMPLE[kind]
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return " or ".join(f"``{json.dumps(part)}``" for part in parts)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(in_words(part) for part in parts)
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return f"object of {in_words(parts[1])}"
    if inspect.isclass(origin) and issubclass(origin, Sequence):
        listed = [part for part in parts if part is not Ellipsis]
        return "list of " + (in_words(listed[0]) if len(set(listed)) == 1 else ", ".join(map(in_words, listed)))
    if inspect.isclass(kind) and issubclass(kind, OneOf):
        return " or ".join(f"`{each.__name__}`" for each in kind.kinds().values())
    return f"`{kind.__name__}`" if dataclasses.is_dataclass(kind) else "anything"


def said_of(record: type) -> dict[str, str]:
    """Return what a record's docstring says of its keys, and their settings' help where that is all there is."""
    meanings = {
        field.name: about.help for field in dataclasses.fields(record) if (about := field.metadata.get("about"))
    }
    for entry in NumpyDocString(inspect.getdoc(record) or "")["Attributes"]:
        for name in entry.name.split(","):
            meanings[name.strip()] = " ".join(entry.desc) or meanings.get(name.strip(), "")
    return meanings


def schema_of(record: type) -> dict[str, Any]:
    """Return the JSON Schema of a record's file."""

    def others(kind: type) -> dict[str, Any]:
        if issubclass(kind, OneOf):
            return {"anyOf": [{"type": "object", "properties": {"name": {"const": name}}} for name in kind.kinds()]}
        return {"type": "string"} if kind is Path else {"description": "anything"}

    schema = msgspec.json.schema(record, schema_hook=others)
    number = {"schema": {"const": record.SCHEMA, "description": "of the file's form"}}
    definition = schema["$defs"][record.__name__]
    kept = keys_of(record)
    definition["properties"] = number | {key: of for key, of in definition["properties"].items() if key in kept}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


class FileForm(SphinxDirective):
    """Write the tables of one file."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Return a table for the record and each record within it."""
        record, file = import_named(self.arguments[0]), self.arguments[1]
        lines = []
        for each in records_of(record):
            title = f"{file}: {each.__name__}, schema {record.SCHEMA}" if each is record else each.__name__
            meanings, keys = said_of(each), keys_of(each)
            about = (inspect.getdoc(each) or "").split("\n\n")[0]
            lines += ["", f".. rubric:: {title}", "", " ".join(about.split()), ""]
            lines += [".. list-table::", "   :header-rows: 1", "   :widths: 20 25 55", "   :class: keys", ""]
            lines += ["   * - key", "     - type", "     - what it is"]
            for name, kind in keys.items():
                lines += [f"   * - ``{name}``", f"     - {in_words(kind)}", f"     - {meanings.get(name, '')}"]
        name = file.removesuffix(".json")
        self.env.file_forms = getattr(self.env, "file_forms", {}) | {name: self.arguments[0]}
        schema = nodes.reference(
            "", f"The same as JSON Schema: {name}.schema.json", refuri=f"schemas/{name}.schema.json"
        )
        return [nodes.paragraph("", "", schema), *self.parse_text_to_nodes("\n".join(lines) + "\n")]


def write_schemas(app: Sphinx, failed: Exception | None) -> None:
    """Write the schemas of the files shown beside the pages."""
    if failed is None and app.builder.name == "html":
        folder = Path(app.outdir) / "schemas"
        folder.mkdir(exist_ok=True)
        for name, full in getattr(app.env, "file_forms", {}).items():
            (folder / f"{name}.schema.json").write_text(json.dumps(schema_of(import_named(full)), indent=1) + "\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive, and what writes the schemas."""
    app.add_directive("file-form", FileForm)
    app.connect("build-finished", write_schemas)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
