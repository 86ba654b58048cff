"""The card of a network: what it is, how it was made, how that went, and the digests of its files.

Cards come with zoos, and zoos from strangers: a card is typed, bounded and checked as it is read, and names no files.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

from neurocompare.errors import InputError
from neurocompare.models.samplers import SAMPLERS, Sampler
from neurocompare.records import Former
from neurocompare.settings import Checked, Family, setting

WEIGHTS, RESPONSES, CARD = "weights.safetensors", "responses.nc", "card.json"

LARGEST_FILE = 64_000_000_000
"""In bytes, of what is read of a network, or of an unfinished one: 90,000 units are more than that."""

MOST = 1_000_000_000
"""Of anything that is counted: seeds, chains, gradients."""

DOUBLING = 8
"""The first recipe by which every segment of a chain doubles it; before, segments were of one length."""

_NAME = frozenset("0123456789abcdefghijklmnopqrstuvwxyz-_")


@dataclass(frozen=True)
class Result(Checked):
    """How the making of a network went.

    Attributes
    ----------
    loss : float
        Of this network: half the mean squared error, with its private noise replayed where it has any.
    expected_loss : float
        E[L | C]: what the loss is on average over readouts.
    zero_loss : float
        Of a network whose output is zero.
    converged : bool
        The verdict of its maker: of the chains of its seed together, or of a training by itself.
    why : str
        The same in a sentence.
    acceptance : float
        Of the chain's last segment; 1 where there is no chain.
    step : float
        Of the chain, radians, or of the training; 0 where there is none.
    segments, gradients : int
        How long the chain is; 0 where there is none.
    trace : tuple of tuple of float
        One row a sample of the chain, or a record of the training, with the columns of `Sampler.trace`; empty for a
        reservoir.

    Raises
    ------
    InputError
        If the trace has rows of unequal length, or the verdict is not one line.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import ZooPlan, make_zoo
    >>> from neurocompare.settings import Family, Workers
    >>> from neurocompare.tasks import oscillation
    >>> plan = ZooPlan((0.0,), chains=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     zoo = make_zoo(oscillation(), Family(n_units=12), folder, plan, workers=Workers(1))
    >>> result = zoo.cards[0].result
    >>> result.loss < result.zero_loss, result.why
    (True, 'drawn directly')
    """

    loss: float = setting(0.0, "Half the mean squared error.", least=0)
    expected_loss: float = setting(0.0, "The same on average over readouts.", least=0)
    zero_loss: float = setting(1.0, "The same of a zero output.", above=0)
    converged: bool = setting(False, "Whether its maker calls it converged.")
    why: str = setting("not judged", "The verdict in a sentence.")
    acceptance: float = setting(1.0, "Of the chain's last segment.", least=0, most=1)
    step: float = setting(0.0, "Of the chain or the training.", least=0)
    segments: int = setting(0, "Of the chain.", least=0, most=MOST)
    gradients: int = setting(0, "Of the chain.", least=0, most=MOST)
    trace: tuple[tuple[float, ...], ...] = setting((), "One row a sample.")

    def __post_init__(self) -> None:
        super().__post_init__()
        if len({len(row) for row in self.trace}) > 1:
            raise InputError("expected a trace with rows of equal length, found others")
        if len(self.why) > 2000 or not self.why.isprintable():
            raise InputError("expected a verdict of one line of at most 2000 characters, found another")


@dataclass(frozen=True)
class Digests:
    """SHA-256 of a network's files, in hexadecimal."""

    weights: str
    responses: str


def _former(document: dict[str, Any]) -> dict[str, Any]:
    """Return a card of version 0.1, which was flat and did not say how a chain or training was set, in today's form."""
    families = ("g", "tau", "beta", "n_units", "nonlinearity", "input_scale", "private_noise")
    results = ("loss", "expected_loss", "zero_loss", "converged", "why", "acceptance", "step", "segments", "gradients")
    own = ("hash", "group", "task", "gamma", "seed", "chain", "member", "members", "method", "dtype", "step_fraction")
    digests = dict(document["sha256"])
    return {
        **{name: document[name] for name in own},
        "recipe": 4,
        "family": {name: document[name] for name in families},
        "sampler": None,
        "result": {name: document[name] for name in (*results, "trace")},
        "sha256": {"weights": digests.pop(WEIGHTS), "responses": digests.pop(RESPONSES)},
    }


@dataclass(frozen=True)
class Card(Checked):
    """What a network is, how it was made, how that went, and the digests of its files.

    Attributes
    ----------
    hash : str
        Name of the network: a digest of everything that determines it.
    group : str
        Digest of everything but seed, chain and member: networks of one group are samples of one law by one method,
        and their chains are judged together.
    task : str
        Beginning of the digest of the task, see `task_digest`.
    gamma : float
    method : str
        Name of the sampler in effect: ``"reservoir"`` whatever was asked for at gamma = 0.
    sampler : Sampler or None
        With its settings; None in cards of version 0.1, which did not keep them.
    family : Family
    result : Result
    seed, chain, member : int
        The zoo's seed, which of its chains, and which state of that chain.
    members : int
        States kept of each chain.
    dtype : str
        Of the gradients it was made with.
    step_fraction : float
        a = time_step / tau.
    recipe : int
        Of the version that made it, see `job.RECIPE`; 4 in version 0.1.
    sha256 : Digests or None
        Of its files; None while they are not written.

    Raises
    ------
    InputError
        If a field is not what it should be; cards are read from files that anyone may have written.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import ZooPlan, make_zoo
    >>> from neurocompare.settings import Family, Workers
    >>> from neurocompare.tasks import oscillation
    >>> plan = ZooPlan((0.0,), chains=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     zoo = make_zoo(oscillation(), Family(n_units=12), folder, plan, workers=Workers(1))
    >>> card = zoo.cards[0]
    >>> card.gamma, card.method, card.family.n_units, card.chain
    (0.0, 'reservoir', 12, 0)
    """

    SCHEMA: ClassVar[int] = 1
    FORMER: ClassVar[Former] = {0: _former}
    AGAIN: ClassVar[str] = "delete the folder and it is made again"

    hash: str
    group: str
    task: str
    gamma: float = setting(0.0, "Structure parameter.", least=0)
    method: str = setting("draw", "Name of the sampler.")
    sampler: Sampler | None = setting(None, "How it was made.")
    family: Family = setting(Family(), "What it shares with networks of other gammas.")
    result: Result = setting(Result(), "How its making went.")
    seed: int = setting(0, "Of the zoo.", least=0, most=2**63)
    chain: int = setting(0, "Of the seed.", least=0, most=MOST)
    member: int = setting(0, "Of the chain.", least=0, most=MOST)
    members: int = setting(1, "Of each chain.", least=1, most=MOST)
    dtype: Literal["float32", "float64"] = setting("float64", "Of the gradients.")
    step_fraction: float = setting(1.0, "Time step over time constant.", above=0, most=1)
    recipe: int = setting(0, "Of the version that made it.", least=0, most=MOST)
    sha256: Digests | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("hash", "group", "task"):
            value = getattr(self, name)
            if not (isinstance(value, str) and 1 <= len(value) <= 64 and _NAME.issuperset(value)):
                raise InputError(f"expected {name} to be a name of letters and digits, found {str(value)[:40]!r}")
        if self.method not in SAMPLERS or (self.sampler is not None and self.sampler.name != self.method):
            message = f"expected a method of {', '.join(SAMPLERS)}, that of the sampler, found {self.method[:40]!r}"
            raise InputError(message)
        if self.member >= self.members:
            raise InputError(f"expected member below {self.members}, found {self.member}")
        self._check_trace()

    def _check_trace(self) -> None:
        maker, trace, segments = SAMPLERS[self.method], self.result.trace, self.result.segments
        most = len(maker().trace)
        if trace and not 1 <= len(trace[0]) <= most:
            raise InputError(f"expected a trace of at most {most} columns, found {len(trace[0])}")
        if maker.JUDGED_TOGETHER and (segments < 1 or len(trace) < 8):
            raise InputError(f"expected a chain of at least 1 segment and 8 samples, found {segments} and {len(trace)}")

    @property
    def burn_in(self) -> float:
        """Share of the chain that is not judged: a quarter, or half of one that had to go on."""
        return 0.25 if self.recipe < DOUBLING or self.result.segments == 1 else 0.5

    def value(self, name: str) -> Any:
        """Return one of `COLUMNS`."""
        holder = self.family if name in _OF_FAMILY else self.result if name in _OF_RESULT else self
        return getattr(holder, name)

    def row(self) -> dict[str, Any]:
        """Return what a table holds of it: every one of `COLUMNS`."""
        return {name: self.value(name) for name in COLUMNS}


_OWN = ("hash", "group", "task", "gamma", "seed", "chain", "member", "members", "method", "dtype", "step_fraction")
_OF_FAMILY = tuple(field.name for field in fields(Family))
_OF_RESULT = tuple(field.name for field in fields(Result) if field.name != "trace")

COLUMNS = (*_OWN, *_OF_FAMILY, *_OF_RESULT)
"""Single values of a card, those of its family and its result among them, by name."""
