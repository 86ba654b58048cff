"""The gallery: every figure that the notebooks store, beneath the heading it belongs to.

``{gallery}`` gives a grid of them, each linked to its place in its notebook; the pictures go to ``gallery/`` of the
built pages.
"""

from __future__ import annotations

import base64
import re
from html import escape
from pathlib import Path

import nbformat
from docutils import nodes
from docutils.nodes import make_id
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


def shots_of(path: Path) -> list[tuple[str, bytes]]:
    """Return each stored picture of a notebook with the heading above it."""
    heading, shots = "", []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            heading = (re.findall(r"^#+ (.+)$", cell.source, flags=re.MULTILINE) or [heading])[-1].replace("`", "")
        pictures = [
            each["data"]["image/png"] for each in cell.get("outputs", []) if "image/png" in each.get("data", {})
        ]
        shots += [(heading, base64.b64decode(picture)) for picture in pictures]
    return shots


class Gallery(SphinxDirective):
    """Write the grid."""

    def run(self) -> list[nodes.Node]:
        """Return a section's heading and pictures for every notebook."""
        made: list[nodes.Node] = []
        for path in sorted(Path(self.env.srcdir).glob("*.ipynb")):
            self.env.note_dependency(str(path))
            title = nbformat.read(path, as_version=4).cells[0].source.splitlines()[0].removeprefix("# ")
            section = nodes.section(ids=[make_id(title)])
            section += nodes.title(title, title)
            cards = "".join(
                f'<a class="shot" href="{path.stem}.html#{make_id(heading)}">'
                f'<img loading="lazy" src="gallery/{path.stem[:2]}-{number}.png" alt="{escape(heading)}">'
                f"<span>{escape(heading)}</span></a>"
                for number, (heading, _) in enumerate(shots_of(path))
            )
            section += nodes.raw("", f'<div class="shots">{cards}</div>', format="html")
            made.append(section)
        return made


def write_pictures(app: Sphinx, failed: Exception | None) -> None:
    """Write the pictures beside the pages."""
    if failed is None and app.builder.name == "html":
        folder = Path(app.outdir) / "gallery"
        folder.mkdir(exist_ok=True)
        for path in sorted(Path(app.srcdir).glob("*.ipynb")):
            for number, (_, picture) in enumerate(shots_of(path)):
                (folder / f"{path.stem[:2]}-{number}.png").write_bytes(picture)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive, and what writes the pictures."""
    app.add_directive("gallery", Gallery)
    app.connect("build-finished", write_pictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
