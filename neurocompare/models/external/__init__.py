"""Models made elsewhere: arrays, files, torch modules and functions, as `Responses` on a recording's conditions.

`external_model` takes any of them; `wrap` says where the activity of a torch module's units is to be found.
"""

from neurocompare.models.external.model import ExternalModel, external_model
from neurocompare.models.external.modules import Wrapped, wrap

__all__ = ["ExternalModel", "Wrapped", "external_model", "wrap"]
