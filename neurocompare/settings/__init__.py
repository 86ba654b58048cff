"""Settings: every one the product has, each a field of one record, declared once and light to import.

`declare` says how a setting is declared, checked and digested; most other files are one record: what is read of a
recording (`Choices`), what all networks share (`Family`), how they are made (`Networks`) and scored (`Scoring`),
and which settings are explored together (`Exploring`); how the theory is solved (`Solving`), and what is planted to see
whether a truth would be named (`Planting`); how dynamics are measured (`Measuring`); and where the work is done
(`Workers`). `nuisance` says which settings of a family may be varied, and `held` by what names the files of results
have settings.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
