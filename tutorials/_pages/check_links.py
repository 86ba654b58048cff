"""Look for links of the built pages that lead nowhere: ``python tutorials/_pages/check_links.py FOLDER``.

Links within the pages must lead to a file that is there, and to an anchor where they name one. Other addresses are not
asked, so no network is needed.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The anchors of a page, and what it links to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element's id, and where it leads."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag in ("a", "link", "img", "script"):
            self.links |= {given[name] for name in ("href", "src") if given.get(name)}


def broken(folder: Path) -> list[str]:
    """Return a line for every link that leads nowhere."""
    folder = folder.resolve()
    pages = {path: Page(path) for path in folder.rglob("*.html") if "_static" not in path.parts}
    broken_links = []
    for path, page in pages.items():
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not goal.is_relative_to(folder) or not goal.exists():
                broken_links.append(f"{path.relative_to(folder)}: no {link}")
            elif parts.fragment and goal in pages and unquote(parts.fragment) not in pages[goal].anchors:
                broken_links.append(f"{path.relative_to(folder)}: no place {link}")
    return broken_links


def main() -> None:
    """Check a folder of pages; exit with 1 where a link is broken."""
    links = broken(Path(sys.argv[1]))
    print("\n".join(links) or "every link leads somewhere")
    sys.exit(bool(links))


if __name__ == "__main__":
    main()
