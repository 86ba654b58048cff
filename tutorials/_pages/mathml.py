"""Formulas as MathML, which browsers draw themselves: no script, and no server of somebody else's to ask."""

from __future__ import annotations

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

LOGGER = logging.getLogger(__name__)


def drawn(node: nodes.Element, *, block: bool) -> str:
    """Return a formula as MathML, or as it was written where it cannot be read, with a warning."""
    text = node.astext()
    try:
        return tex2mathml(text, as_block=block)
    except MathError as error:
        LOGGER.warning("a formula that cannot be drawn: %s", error, location=node)
        return f"<code>{text}</code>"


def inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    self.body.append(drawn(node, block=False))
    raise nodes.SkipNode


def displayed(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, which scrolls where it is too long."""
    self.body.append(f'<div class="formula">{drawn(node, block=True)}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Offer the renderer; ``html_math_renderer`` chooses it."""
    app.add_html_math_renderer("mathml", (inline, None), (displayed, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
