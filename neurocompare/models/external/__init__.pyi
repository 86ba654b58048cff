from .model import ExternalModel as ExternalModel
from .model import external_model as external_model
from .modules import Wrapped as Wrapped
from .modules import wrap as wrap
