"""What a ranking is repeated with, to see what else could explain its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from neurocompare.errors import InputError
from neurocompare.settings.declare import Checked, setting
from neurocompare.settings.nuisance import STEPPED

STAR = "star"
"""All of `STEPPED`."""

_OPTIONS = ",".join(each.option for each in STEPPED.values())


@dataclass(frozen=True)
class Checks(Checked):
    """What a ranking is repeated with; every repetition takes networks of its own.

    Raises
    ------
    InputError
        If a nuisance is unknown or named twice.

    Examples
    --------
    >>> Checks(nuisance=("star",)).nuisance
    ('g', 'tau', 'input_scale', 'beta', 'lag')
    >>> Checks(nuisance=("lag", "input-scale")).nuisance
    ('input_scale', 'lag')
    """

    PANEL: ClassVar[str] = "What else could explain the answer"

    match: Literal["fit"] | None = setting(
        None, "fit: rank once more networks whose beta is chosen, for each gamma, so that all solve the task as well."
    )
    nuisance: tuple[str, ...] = setting(
        (),
        f"star, or some of {_OPTIONS}: rank once more with each a step up and down; a zoo a step.",
        metavar="star|NAME,NAME,...",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        given = [name.strip().replace("-", "_") for name in self.nuisance]
        names = list(STEPPED) if given == [STAR] else given
        unknown = [name for name in names if name not in STEPPED]
        if unknown or len(set(names)) < len(names):
            listed = repr(unknown[0]) if unknown else ", ".join(names)
            raise InputError(f"expected nuisances '{STAR}', or some of {', '.join(STEPPED)}, each once; found {listed}")
        object.__setattr__(self, "nuisance", tuple(name for name in STEPPED if name in names))
