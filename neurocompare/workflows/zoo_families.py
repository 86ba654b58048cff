"""The families of a zoo: its networks by nuisance setting, and those whose beta was chosen for equal fit."""

from __future__ import annotations

from dataclasses import dataclass

from neurocompare.errors import InputError
from neurocompare.models import Zoo
from neurocompare.models.card import Card
from neurocompare.models.equal_fit import MATCHES, load_matches
from neurocompare.settings.nuisance import NUISANCES


@dataclass(frozen=True, eq=False)
class ZooFamily:
    """The networks of a zoo at one nuisance setting.

    Attributes
    ----------
    name : str
        What sets it apart in this zoo, such as ``"g = 1.2, tau = 0.1"``.
    values : mapping of str to float
        Of every nuisance; without beta where that differs from gamma to gamma.
    zoo : Zoo
    """

    name: str
    values: dict[str, float]
    zoo: Zoo

    @property
    def folder(self) -> str:
        """Name of the folder that its scores go to."""
        return self.name.replace(" ", "")


def families_in(zoo: Zoo) -> tuple[ZooFamily, ...]:
    """Take a zoo apart by nuisance setting, the middle one first.

    The middle has the middle value of every nuisance; where a zoo lacks that combination, its first family leads.

    Parameters
    ----------
    zoo : Zoo

    Returns
    -------
    tuple of ZooFamily

    Raises
    ------
    InputError
        If there is one family only, or families differ in their gammas.
    """
    names = tuple(name for name in NUISANCES if name != "beta") if beta_follows_gamma(zoo) else tuple(NUISANCES)
    keys = sorted({_key(card, names) for card in zoo.cards})
    varied = [place for place in range(len(names)) if len({key[place] for key in keys}) > 1]
    if not varied:
        raise InputError(
            f"expected a zoo of several nuisance settings, found one in {zoo.folder}; make others with "
            "`neurocompare zoo --grid g=1.2,1.5,1.8`, or rank it without --nuisance"
        )
    values = [sorted({key[place] for key in keys}) for place in range(len(names))]
    middle = tuple(each[(len(each) - 1) // 2] for each in values)
    ordered = sorted(keys, key=lambda key: key != middle)
    families = []
    for key in ordered:
        part = zoo.select(hash=[card.hash for card in zoo.cards if _key(card, names) == key])
        if part.gammas != zoo.gammas:
            raise InputError(
                f"expected every nuisance setting at gammas {_numbers(zoo.gammas)}, found only "
                f"{_numbers(part.gammas)} at {_named(names, key, varied)}; make the missing networks, or choose with "
                "--where"
            )
        families.append(ZooFamily(_named(names, key, varied), dict(zip(names, key, strict=True)), part))
    return tuple(families)


def beta_follows_gamma(zoo: Zoo) -> bool:
    """Whether beta differs, and every gamma of a family has one of its own, as in a zoo of equal fit."""
    by_family: dict[tuple[float, ...], dict[float, set[float]]] = {}
    for card in zoo.cards:
        own = _key(card, tuple(name for name in NUISANCES if name != "beta"))
        by_family.setdefault(own, {}).setdefault(card.gamma, set()).add(card.family.beta)
    families = by_family.values()
    return all(len(betas) == 1 for by_gamma in families for betas in by_gamma.values()) and any(
        len(set.union(*by_gamma.values())) > 1 for by_gamma in families
    )


def betas_of(zoo: Zoo) -> list[dict[str, float]]:
    """Return the beta of each gamma, in a zoo in which every gamma has one."""
    pairs = sorted({card.gamma: card.family.beta for card in zoo.cards}.items())
    return [{"gamma": gamma, "beta": beta} for gamma, beta in pairs]


def is_matched(zoo: Zoo) -> bool:
    """Whether every network of a zoo has a beta that was chosen for equal fit."""
    try:
        return matched_networks(zoo).cards == zoo.cards
    except InputError:
        return False


def matched_networks(zoo: Zoo) -> Zoo:
    """Return the networks whose beta was chosen for equal fit, of a zoo that may hold others too.

    Raises
    ------
    InputError
        If none was chosen so: the zoo's ``match.json`` is missing, cannot be read, or is of other networks.
    """
    try:
        wanted = {(entry.match.family, entry.match.gamma) for entry in load_matches(zoo.folder).matches}
    except InputError as error:
        raise InputError(
            f"expected {MATCHES} in {zoo.folder}, found {error}; make networks of equal fit with "
            "`neurocompare zoo --match fit`"
        ) from error
    chosen = [card.hash for card in zoo.cards if (card.family, card.gamma) in wanted]
    part = zoo.select(hash=chosen) if chosen else zoo
    if not chosen or part.gammas != zoo.gammas:
        raise InputError(
            f"expected networks of equal fit at gammas {_numbers(zoo.gammas)} in {zoo.folder}, found them at "
            f"{_numbers(part.gammas) if chosen else 'none'}; make them with `neurocompare zoo --match fit`"
        )
    return part


def _key(card: Card, names: tuple[str, ...]) -> tuple[float, ...]:
    return tuple(getattr(card.family, name) for name in names)


def _named(names: tuple[str, ...], key: tuple[float, ...], varied: list[int]) -> str:
    return ", ".join(f"{names[place]} = {key[place]:g}" for place in varied)


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)
