"""Dynamics: what a finite network does, in its trial and when it runs on.

Every part stands alone (`lyapunov_spectrum` takes any map, `find_limit_cycle` and `participation_ratio` any array);
`describe` makes one record of all of it for a network, `describe_zoo` for many.
"""

from neurocompare.dynamics.amplification import Amplification, amplification
from neurocompare.dynamics.describe import Dynamics, Measuring, describe
from neurocompare.dynamics.dimension import (
    Dimensions,
    dimensions,
    kernel_participation_ratio,
    n_components,
    participation_ratio,
)
from neurocompare.dynamics.gaussianity import (
    Gaussianity,
    Kurtosis,
    NormalityTest,
    excess_kurtosis,
    gaussianity,
    normality_test,
)
from neurocompare.dynamics.generalization import Generalization, generalization
from neurocompare.dynamics.limit_cycle import LimitCycle, find_limit_cycle, limit_cycles
from neurocompare.dynamics.lyapunov import LyapunovSpectrum, lyapunov_spectrum, network_exponents
from neurocompare.dynamics.network_map import NetworkMap, after_trial, network_map, trial
from neurocompare.dynamics.quantities import Quantity, quantities
from neurocompare.dynamics.robustness import Damage, Kick, kick, silence, weight_noise
from neurocompare.dynamics.spectrum import (
    JacobianSpectrum,
    Outlier,
    WeightSpectrum,
    fixed_point,
    jacobian_spectrum,
    outlier,
    weight_spectrum,
)
from neurocompare.dynamics.zoo import Entry, describe_zoo

__all__ = [
    "Amplification",
    "Damage",
    "Dimensions",
    "Dynamics",
    "Entry",
    "Gaussianity",
    "Generalization",
    "JacobianSpectrum",
    "Kick",
    "Kurtosis",
    "LimitCycle",
    "LyapunovSpectrum",
    "Measuring",
    "NetworkMap",
    "NormalityTest",
    "Outlier",
    "Quantity",
    "WeightSpectrum",
    "after_trial",
    "amplification",
    "describe",
    "describe_zoo",
    "dimensions",
    "excess_kurtosis",
    "find_limit_cycle",
    "fixed_point",
    "gaussianity",
    "generalization",
    "jacobian_spectrum",
    "kernel_participation_ratio",
    "kick",
    "limit_cycles",
    "lyapunov_spectrum",
    "n_components",
    "network_exponents",
    "network_map",
    "normality_test",
    "outlier",
    "participation_ratio",
    "quantities",
    "silence",
    "trial",
    "weight_noise",
    "weight_spectrum",
]
