"""Networks that are trained one by one: by Langevin dynamics and by gradient descent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from neurocompare.errors import InputError
from neurocompare.models.samplers.sampler import OneByOne
from neurocompare.models.training import Training
from neurocompare.settings import kind, setting

if TYPE_CHECKING:
    from neurocompare.models.job import Job
    from neurocompare.models.made import Made
    from neurocompare.models.posterior import WeightPosterior


@dataclass(frozen=True)
class TrainedSampler(OneByOne):
    """Every network is a training of its own, which goes on where it was cut short.

    Attributes
    ----------
    training : Training
    NOISE : bool
        Whether it is with thermal noise, whatever `training` says of that.
    """

    NOISE: ClassVar[bool]

    training: Training = setting(Training(), "How long and how networks are trained.")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "training", replace(self.training, noise=self.NOISE))

    @property
    def settings(self) -> Training:
        """Its training."""
        return self.training

    @property
    def trace(self) -> tuple[str, ...]:
        """The history of the training."""
        from neurocompare.models.langevin import HISTORY

        return HISTORY

    def runs(self, chains: int, members: int) -> tuple[tuple[int, int], ...]:
        """Return as many trainings as there are to be networks: of each only its end is kept."""
        return tuple((run, 1) for run in range(chains * members))

    def cost(self, gamma: float) -> float:
        """Return that of any training."""
        return 50.0

    def networks(self, job: Job, posterior: WeightPosterior) -> Iterator[Made]:
        """Train one, from the state that an earlier call left where it can be used."""
        import torch

        from neurocompare.models.langevin import train
        from neurocompare.models.made import Made, rows_of

        job.folder.mkdir(parents=True, exist_ok=True)
        state = job.unfinished
        resumed, dropped = state.exists(), ""
        options = {
            "training": self.training,
            "checkpoint": state,
            "device": job.device,
            "dtype": getattr(torch, job.dtype),
        }
        try:
            trained = train(job.task, job.family, job.gamma, generator=job.generator("cpu"), **options)
        except InputError as error:
            if not resumed:
                raise
            dropped = f"the training in {state} could not go on: {error}"
            state.unlink(missing_ok=True)  # damaged, or of another device
            trained = train(job.task, job.family, job.gamma, generator=job.generator("cpu"), **options)
        network = trained.network.cpu()
        parts = [network.J.detach(), network.U.detach()]
        if trained.private_noise is not None:
            parts.append(trained.private_noise.cpu().transpose(0, 1) / job.family.private_noise)
        weights = torch.cat([part.double().ravel() for part in parts])
        yield Made(
            network, weights, step=trained.step, converged=bool(trained.equilibrated), why=trained.why,
            trace=rows_of(trained.history), dropped=dropped,
        )  # fmt: skip


@dataclass(frozen=True)
class Descent(TrainedSampler):
    """Plain gradient descent: ordered by gamma like the family, but no sample of it.

    Attributes
    ----------
    training : Training
        Without noise, whatever it says of that.

    Examples
    --------
    >>> from neurocompare.models import Training
    >>> descent = Descent(Training(steps=100))
    >>> descent.training.noise, descent.settings.method
    (False, 'gradient-descent')
    """

    NOISE: ClassVar[bool] = False

    name: str = kind("gradient-descent")


@dataclass(frozen=True)
class Langevin(TrainedSampler):
    """Noisy training: the law that `Draw` samples, by the paper's way, and the check on it.

    Attributes
    ----------
    training : Training
        With noise, whatever it says of that.

    Examples
    --------
    >>> from neurocompare.models import Training
    >>> Langevin(Training(steps=100, noise=False)).training.noise
    True
    """

    NOISE: ClassVar[bool] = True

    name: str = kind("langevin")
