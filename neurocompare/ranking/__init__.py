"""Which gamma is most similar to a recording, and how surely.

Networks are seen as the recording would have seen them (`observe`), scored against halves of it (`make_draws`,
`score_draw`), and ranked with intervals, a ceiling, nulls and a verdict (`rank`); a `Ranking` is its ranking.json.
"""

from neurocompare.ranking.axis import GAMMA, Axis, axis_of
from neurocompare.ranking.batches import candidates_of
from neurocompare.ranking.candidate import Candidate
from neurocompare.ranking.ceiling import Ceiling
from neurocompare.ranking.compare import compare
from neurocompare.ranking.contrast import Contrast
from neurocompare.ranking.curve import Curve
from neurocompare.ranking.draws import Draw, Sampling, check_halves, make_draws, sampling_of
from neurocompare.ranking.kinematic import kinematic_candidates
from neurocompare.ranking.metric_ranking import GammaScore, MetricRanking
from neurocompare.ranking.normalise import soft_normalise
from neurocompare.ranking.nuisance import Nuisance, nuisance_of
from neurocompare.ranking.null import Null
from neurocompare.ranking.observe import Observation, observation_of, observe
from neurocompare.ranking.paper_protocol import paper_protocol
from neurocompare.ranking.ranking import Fit, Ranking, rank
from neurocompare.ranking.score import score_draw
from neurocompare.ranking.sentence import Summary
from neurocompare.ranking.surrogate import surrogate

__all__ = [
    "GAMMA",
    "Axis",
    "Candidate",
    "Ceiling",
    "Contrast",
    "Curve",
    "Draw",
    "Fit",
    "GammaScore",
    "MetricRanking",
    "Nuisance",
    "Null",
    "Observation",
    "Ranking",
    "Sampling",
    "Summary",
    "axis_of",
    "candidates_of",
    "check_halves",
    "compare",
    "kinematic_candidates",
    "make_draws",
    "nuisance_of",
    "observation_of",
    "observe",
    "paper_protocol",
    "rank",
    "sampling_of",
    "score_draw",
    "soft_normalise",
    "surrogate",
]
