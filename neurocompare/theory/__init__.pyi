from .kernels import cka as cka
from .kernels import kernel_of as kernel_of
from .kernels import population_root as population_root
from .kernels import root_of as root_of
from .mean_field import MeanField as MeanField
from .mean_field import mean_field as mean_field
from .single_unit import UnitLaw as UnitLaw
