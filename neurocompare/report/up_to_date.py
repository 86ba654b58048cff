"""Up to date: whether the page in a folder shows what lies there now, so that it need not be drawn again."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import neurocompare
from neurocompare.account import Account, Made, read_account
from neurocompare.errors import InputError
from neurocompare.records import plain
from neurocompare.run_folder import RunFolder
from neurocompare.settings import digest_of

MARK = re.compile(r'<meta name="made-of" content="([0-9a-f]{64})">')
"""What a page says of what it was made of; in its head."""

HEAD = 10_000
"""Characters in which the mark is looked for."""

PACKAGE = Path(neurocompare.__file__).parent
CODE = (".py", ".jinja", ".css")
"""Endings of what draws: in a checkout it changes while the version stays."""

FIGURE = '<svg role="img"'
"""How an element of a page begins that lies in ``figures/`` as well."""


def is_up_to_date(
    folder: str | os.PathLike[str], account: Account, *, zoo: str | os.PathLike[str] | None = None
) -> bool:
    """Whether a folder's page and ``run.json`` are what writing them now would make, but for date and cost.

    Parameters
    ----------
    folder : path-like
        Of a run, all but page and account as they are to be shown.
    account : Account
        As it would be written now.
    zoo : path-like, optional
        Where the networks are, if not in ``folder/zoo``.

    Returns
    -------
    bool
        False wherever something is missing, of other content, or made by other code.

    Examples
    --------
    >>> is_up_to_date("nowhere", read_account("my-run"))  # of a run, which takes minutes  # doctest: +SKIP
    False
    """
    here = RunFolder(Path(folder))
    try:
        stored, page = read_account(here.path), here.report.read_text(encoding="utf-8")
    except (InputError, OSError, ValueError):
        return False
    mark = MARK.search(page[:HEAD])
    drawn = min(len(list(here.figures.glob(ending))) for ending in ("*.svg", "*.png"))
    return (
        mark is not None
        and _settled(stored) == _settled(account)
        and drawn >= page.count(FIGURE)
        and mark[1] == made_of(folder, stored, zoo=zoo)
    )


def made_of(folder: str | os.PathLike[str], account: Account, *, zoo: str | os.PathLike[str] | None = None) -> str:
    """Digest what a run's page is made of: its files, its account without date and cost, and the code that draws.

    Parameters
    ----------
    folder : path-like
    account : Account
    zoo : path-like, optional
        Where the networks are, if not in ``folder/zoo``.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    here = RunFolder(Path(folder))
    networks = here.zoo if zoo is None else Path(zoo)
    # Neither the account's bytes, which hold date and cost, nor the page and its figures.
    files = sorted({*here.path.glob("*.*"), *here.path.glob("shown/*")} - {here.account, here.report})
    parts = {
        "files": [
            (path.name, _sha256(path)) for path in sorted(files) if path.is_file() and not path.name.startswith(".")
        ],
        "networks": [
            (path.relative_to(networks).as_posix(), _sha256(path))
            for path in sorted(networks.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        ],
        "account": plain(_settled(account)),
        "code": _sha256(*(path for path in sorted(PACKAGE.rglob("*")) if path.suffix in CODE)),
        "matplotlib": version("matplotlib"),
    }
    return digest_of(parts)


def _settled(account: Account) -> Account:
    """Return what of an account stays the same however often the same is asked for."""
    return replace(account, stages=(), made=replace(Made(), versions=account.made.versions))


def _sha256(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()
