"""Configuration of the pages: ``sphinx-build -W -n tutorials FOLDER``."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

from numpydoc.xref import DEFAULT_LINKS

sys.path.insert(0, str(Path(__file__).parent / "_pages"))

project = "neurocompare"
author = "The neurocompare developers"
copyright = f"2026, {author}"
release = version = version_of("neurocompare")

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "sphinx_design",
    # Of this folder, in _pages/.
    "public_names",
    "file_forms",
    "gallery",
    "mathml",
]
exclude_patterns = ["_pages", "**/.ipynb_checkpoints"]
source_suffix = {".rst": "restructuredtext", ".md": "myst-nb", ".ipynb": "myst-nb"}

# Notebooks show what `store_outputs.py` stored; nothing is run here.
nb_execution_mode = "off"
nb_merge_streams = True
# Cells that only the tests need.
nb_remove_code_source = False
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# One page a room, written from the docstrings; nothing is generated beside the sources.
autodoc_typehints = "none"  # the docstrings have them, with shapes and units
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
# Types that are documented here are links; Python's own would lead to another site, and are words.
numpydoc_xref_param_type = True
numpydoc_xref_aliases = {name: name for name in DEFAULT_LINKS}
WORDS = ("of", "or", "and", "to", "from", "shape", "optional", "mapping", "iterable", "callable", "record")
numpydoc_xref_ignore = {*DEFAULT_LINKS, *WORDS}
default_role = "py:obj"

html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_title = "neurocompare"
html_static_path = ["_pages/static"]
html_css_files = ["pages.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
# No list of pages beside those that stand alone.
html_sidebars = dict.fromkeys(("index", "start", "gallery"), ())
copybutton_exclude = ".linenos, .gp, .go"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
