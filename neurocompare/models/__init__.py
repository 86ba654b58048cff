"""Finite networks: the family across gamma, drawn from its exact posterior and kept in a zoo on disk."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from neurocompare.settings import DEFAULT_GAMMAS, Family

if TYPE_CHECKING:
    from neurocompare.models.card import Card, Result
    from neurocompare.models.chain import Chain, Listener, sample_chain
    from neurocompare.models.checkpoint import load_card, load_network, load_noise, save_network
    from neurocompare.models.collapsed import TrajectoryPosterior, random_currents
    from neurocompare.models.diagnosis import Diagnosis, diagnose
    from neurocompare.models.draw import DrawnNetwork, draw_from_trajectories
    from neurocompare.models.equal_fit import match_fit
    from neurocompare.models.external import ExternalModel, Wrapped, external_model, wrap
    from neurocompare.models.family import check_gamma, check_gammas, is_reservoir
    from neurocompare.models.find_beta import Match
    from neurocompare.models.langevin import train
    from neurocompare.models.matching import Matching
    from neurocompare.models.networks import Zoo, load_zoo
    from neurocompare.models.posterior import WeightPosterior
    from neurocompare.models.rate_rnn import RateRNN, respond
    from neurocompare.models.reservoir import draw_reservoir
    from neurocompare.models.samplers import SAMPLERS, Descent, Draw, Langevin, Reservoir, Sampler
    from neurocompare.models.sampling import Sampling
    from neurocompare.models.training import Trained, Training
    from neurocompare.models.zoo import make_zoo
    from neurocompare.models.zoo_plan import ZooPlan

# Which file each public name is in. They are imported when first used: records of settings need no torch.
_NAMES = {
    "card": "Card Result",
    "chain": "Chain Listener sample_chain",
    "checkpoint": "load_card load_network load_noise save_network",
    "collapsed": "TrajectoryPosterior random_currents",
    "diagnosis": "Diagnosis diagnose",
    "draw": "DrawnNetwork draw_from_trajectories",
    "external": "ExternalModel Wrapped external_model wrap",
    "family": "check_gamma check_gammas is_reservoir",
    "find_beta": "Match",
    "langevin": "train",
    "equal_fit": "match_fit",
    "matching": "Matching",
    "networks": "Zoo load_zoo",
    "posterior": "WeightPosterior",
    "rate_rnn": "RateRNN respond",
    "reservoir": "draw_reservoir",
    "samplers": "SAMPLERS Descent Draw Langevin Reservoir Sampler",
    "sampling": "Sampling",
    "training": "Trained Training",
    "zoo": "make_zoo",
    "zoo_plan": "ZooPlan",
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}

__all__ = [
    "DEFAULT_GAMMAS",
    "SAMPLERS",
    "Card",
    "Chain",
    "Descent",
    "Diagnosis",
    "Draw",
    "DrawnNetwork",
    "ExternalModel",
    "Family",
    "Langevin",
    "Listener",
    "Match",
    "Matching",
    "RateRNN",
    "Reservoir",
    "Result",
    "Sampler",
    "Sampling",
    "Trained",
    "Training",
    "TrajectoryPosterior",
    "WeightPosterior",
    "Wrapped",
    "Zoo",
    "ZooPlan",
    "check_gamma",
    "check_gammas",
    "diagnose",
    "draw_from_trajectories",
    "draw_reservoir",
    "external_model",
    "is_reservoir",
    "load_card",
    "load_network",
    "load_noise",
    "load_zoo",
    "make_zoo",
    "match_fit",
    "random_currents",
    "respond",
    "sample_chain",
    "save_network",
    "train",
    "wrap",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
