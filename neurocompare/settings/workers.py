"""Where the work is done: processes of this computer, or a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from neurocompare.errors import InputError
from neurocompare.settings.declare import Checked, setting


@dataclass(frozen=True)
class Workers(Checked):
    """Where the work is done; workers have one thread each.

    Raises
    ------
    InputError
        If there is less than one job, or both are given.

    Examples
    --------
    >>> Workers(jobs=2).count
    2
    """

    PANEL: ClassVar[str] = "Where the work is done"

    jobs: int | None = setting(None, "Worker processes. Default: one a core.", least=1, most=10_000)
    dask: str | None = setting(
        None,
        "Address of a Dask scheduler, such as tcp://10.0.0.1:8786, whose workers (one thread each) do it instead. They "
        "must see the folders that are written to by the same path.",
        metavar="ADDRESS",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.jobs is not None and self.dask is not None:
            raise InputError("expected --jobs or --dask, found both; a cluster has as many workers as it has")

    @property
    def count(self) -> int:
        """How many processes of this computer: as many as it has processors where nothing is said."""
        from joblib import cpu_count

        return self.jobs or cpu_count()
