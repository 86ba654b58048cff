"""The card of a network on disk, and the files it vouches for: nothing of a folder is used before they are verified."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from neurocompare.errors import InputError
from neurocompare.models.card import CARD, LARGEST_FILE, RESPONSES, WEIGHTS, Card, Digests
from neurocompare.records import load_record
from neurocompare.responses import Responses, load_responses
from neurocompare.untrusted.plain_file import open_plain


def is_whole(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder holds a network that `load_card` accepts."""
    try:
        load_card(folder)
    except InputError:
        return False
    return True


def load_card(folder: str | os.PathLike[str]) -> Card:
    """Read a network's card and verify the files it vouches for.

    Parameters
    ----------
    folder : path-like
        Of one network, in a zoo.

    Returns
    -------
    Card

    Raises
    ------
    InputError
        If the folder, the card or a file is missing, unreadable, a link, a pipe or a device, too large, or not what the
        card says.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import ZooPlan, make_zoo
    >>> from neurocompare.settings import Family, Workers
    >>> from neurocompare.tasks import oscillation
    >>> plan, folder = ZooPlan((0.0,), chains=2), tempfile.mkdtemp()
    >>> zoo = make_zoo(oscillation(), Family(n_units=12), folder, plan, workers=Workers(1))
    >>> load_card(zoo.folder / zoo.cards[0].hash).gamma
    0.0
    """
    folder = Path(folder)
    try:
        card = load_record(Card, folder / CARD, links=False)
        digests = digests_in(folder)
    except OSError as error:
        raise InputError(f"expected a network in {folder}, found {error}; {Card.AGAIN}") from error
    if digests != card.sha256 or card.hash != folder.absolute().name:
        raise InputError(f"the network in {folder} is not what its card says; {Card.AGAIN}")
    return card


def load_activity(folder: str | os.PathLike[str], card: Card) -> Responses:
    """Read the responses of a network whose card was read.

    Raises
    ------
    InputError
        If they are damaged, or not of the units that the card says.
    """
    path = Path(folder) / RESPONSES
    responses = load_responses(path)
    if responses.sizes["unit"] != card.family.n_units:
        n_units = responses.sizes["unit"]
        raise InputError(f"expected responses of {card.family.n_units} units in {path}, found {n_units}; {Card.AGAIN}")
    return responses


def digests_in(folder: Path) -> Digests:
    """Return the digests of a network's files as they are.

    Raises
    ------
    OSError
        If one is missing, unreadable, a link, a pipe or a device.
    ValueError
        If one is too large.
    """
    return Digests(_sha256_of(folder / WEIGHTS), _sha256_of(folder / RESPONSES))


def _sha256_of(path: Path) -> str:
    with open_plain(path, most=LARGEST_FILE, links=False) as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
