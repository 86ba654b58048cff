"""Settings: every one the product has, each a field of one record, declared once and light to import.

`declare` says how a setting is declared, checked and digested; most other files are one record: what is read of a
recording (`Choices`), what all networks share (`Family`), how they are made (`Networks`) and scored (`Scoring`), and
what a ranking is repeated with (`Checks`), or which settings are explored together (`Exploring`); how the theory is
solved (`Solving`), and what is planted to see whether a truth would be named (`Planting`); how dynamics are measured
(`Measuring`); and where the work is done (`Workers`). `nuisance` says which settings of a family may be varied, and
`held` by what names the files of results have settings.
"""

from neurocompare.settings.checks import Checks
from neurocompare.settings.choices import Choices
from neurocompare.settings.declare import (
    About,
    Checked,
    canonical,
    changed,
    check,
    declared,
    digest_of,
    kind,
    setting,
)
from neurocompare.settings.exploring import Exploring
from neurocompare.settings.family import Family
from neurocompare.settings.held import HELD, of_family, of_reading
from neurocompare.settings.measuring import Measuring
from neurocompare.settings.networks import DEFAULT_GAMMAS, Networks
from neurocompare.settings.nuisance import LAG
from neurocompare.settings.planting import Planting
from neurocompare.settings.scoring import DEFAULT_METRICS, Scoring
from neurocompare.settings.solving import FINE_GAMMAS, Solving
from neurocompare.settings.workers import Workers

__all__ = [
    "DEFAULT_GAMMAS",
    "DEFAULT_METRICS",
    "FINE_GAMMAS",
    "HELD",
    "LAG",
    "About",
    "Checked",
    "Checks",
    "Choices",
    "Exploring",
    "Family",
    "Measuring",
    "Networks",
    "Planting",
    "Scoring",
    "Solving",
    "Workers",
    "canonical",
    "changed",
    "check",
    "declared",
    "digest_of",
    "kind",
    "of_family",
    "of_reading",
    "setting",
]
